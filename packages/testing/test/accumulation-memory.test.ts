import { tape } from '@gradus/autograd'
import {
  crossEntropy,
  currentBackend,
  manualSeed,
  randn,
  setBackend,
  setTape,
  tensor,
  tidy,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { Linear, ReLU, Sequential } from '@gradus/nn'
import { GradAccumulator, SGD } from '@gradus/optim'
import { expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

const rows = 256

test('a window of k micro-batches needs the memory of one, for k of 16, 4 and 1', () => {
  const { model, x, y } = tidy(() => {
    manualSeed(0)
    const layers = Array.from({ length: 6 }, () => [new Linear(64, 64), new ReLU()]).flat()
    const labels = Array.from({ length: rows }, (_, i) => i % 64)
    return {
      model: new Sequential(...layers),
      x: randn(rows, 64),
      y: tensor(labels, { dtype: 'int64' }),
    }
  })
  const accumulator = new GradAccumulator(new SGD(model.parameters(), { lr: 1e-3 }))
  const loss = (size: number, at: number): Tensor =>
    tidy(() => crossEntropy(model(x.narrow(0, at, size)), y.narrow(0, at, size)))
  const gradients = model.parameters().reduce((bytes, p) => bytes + 4 * p.numel(), 0)
  const base = currentBackend().memory().live + gradients
  const peak = (): number => currentBackend().memory().peak - base

  // a peak is the highest ever: so the smallest micro-batches come first, and a window after what it is compared with
  const table = [16, 4, 1].map((k) => {
    const size = rows / k
    // twice: the second finds gradients to add to, as all but the first of a window do
    for (const at of [0, 0]) tidy(() => loss(size, at).backward())
    model.zeroGrad()
    const one = peak()
    for (let at = 0; at < rows; at += size) tidy(() => accumulator.backward(loss(size, at)))
    accumulator.step()
    return { one, window: peak() }
  })

  for (const { one, window } of table) expect(window).toBe(one)
  const [sixteenth, quarter, whole] = table.map(({ window }) => window)
  expect(sixteenth).toBeLessThan(0.35 * quarter)
  expect(quarter).toBeLessThan(0.35 * whole)
})

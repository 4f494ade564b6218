import { tape } from '@gradus/autograd'
import { cat, currentBackend, manualSeed, setBackend, setTape, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { functional } from '@gradus/nn'
import { AdamW, countTargets, GradAccumulator, lrScheduler } from '@gradus/optim'
import { expect, test } from 'vitest'
import { drawRows, Gpt, textAsNumbers } from '../src/gpt.ts'

setBackend(referenceBackend())
setTape(tape)

// plain loops would need minutes for the sizes of compiled ones
const sizes =
  currentBackend().name === 'wasm'
    ? { block: 64, width: 64, heads: 4, layers: 2 }
    : { block: 8, width: 16, heads: 2, layers: 1 }
const rows = 32
const { data, characters } = textAsNumbers()

/** Two updates from 32 rows each that end after different lengths, split as told. */
function train(split: readonly number[]) {
  manualSeed(2)
  const model = new Gpt(characters, sizes)
  const before = flat(model)
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3, betas: [0.9, 0.95], weightDecay: 0.1 })
  const scheduler = new lrScheduler.LambdaLR(optimizer, (s) => (s + 1) / 10)
  const accumulator = new GradAccumulator(optimizer, { clipNorm: 1, scheduler })
  const steps = Array.from({ length: 2 }, () => {
    const { x, y } = drawRows(data, rows, sizes.block)
    for (let r = 0; r < rows; r++) {
      const length = 1 + ((5 * r) % sizes.block)
      if (length < sizes.block)
        y.narrow(0, r, 1)
          .narrow(1, length, sizes.block - length)
          .fill_(-100)
    }
    let at = 0
    for (const n of split) {
      const [xs, ys] = [x.narrow(0, at, n), y.narrow(0, at, n)]
      const loss = functional.crossEntropy(model(xs).flatten(0, 1), ys.flatten())
      accumulator.backward(loss, { weight: countTargets(ys) })
      at += n
    }
    return accumulator.step()
  })
  return { steps, update: flat(model).sub(before) }
}

const flat = (model: Gpt): Tensor =>
  cat(model.parameters().map((p) => p.detach().to('float64').flatten())).clone()

const relative = (a: Tensor, b: Tensor): number =>
  a.sub(b).square().sum().sqrt().div(b.square().sum().sqrt()).item()

const whole = train([rows])

test.each([
  ['four parts of eight', [8, 8, 8, 8]],
  ['single rows', new Array<number>(32).fill(1)],
  ['uneven parts', [1, 13, 2, 9, 7]],
])('a GPT is updated from 32 rows of other lengths as from one batch, in %s', (_, split) => {
  const parts = train(split)
  expect(relative(parts.update, whole.update)).toBeLessThan(1e-5)
  parts.steps.forEach((step, i) => {
    expect(Math.abs(step.loss / whole.steps[i].loss - 1)).toBeLessThan(1e-5)
    expect(Math.abs(step.gradNorm / whole.steps[i].gradNorm - 1)).toBeLessThan(1e-5)
  })
})

import { requireGrad } from '@gradus/autograd'
import { full, manualSeed, setBackend, tensor, type Tensor, where } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { GRU, LSTM, RNN, type SequenceOptions } from '../src/index.ts'

setBackend(referenceBackend())

/** What the calls of the three have in common. */
type Padded = (x: Tensor, state: null, options: SequenceOptions) => [Tensor, unknown]

const lengths = [4, 2, 1]
const counts = tensor(lengths.map((length) => [0, 1, 2, 3].map((t) => t < length))) // [n, t]
const filled = (value: number): Tensor => {
  const x = tensor(Array.from({ length: 24 }, (_, i) => Math.sin(i))).reshape([3, 4, 2])
  return where(counts.unsqueeze(2), x, value)
}

describe.each([
  ['RNN', RNN],
  ['GRU', GRU],
  ['LSTM', LSTM],
] as const)('%s', (_, Class) => {
  test.each([NaN, Infinity, -Infinity])('%d in the padding changes no output and no gradient', (value) => {
    for (const options of [{ lengths }, { mask: counts }]) {
      manualSeed(0)
      const layer = new Class(2, 3, { batchFirst: true, numLayers: 2, bidirectional: true })
      const run = (x: Tensor): Tensor[] => {
        layer.zeroGrad()
        const input = requireGrad(x)
        const [y] = (layer as Padded)(input, null, options)
        y.mul(y).sum().backward()
        return [y.detach(), input.grad!, ...layer.parameters().map((p) => p.grad!.clone())]
      }
      const [padded, plain] = [run(filled(value)), run(filled(0))]
      expect(padded.map((x, i) => x.equal(plain[i]))).toEqual(plain.map(() => true))
    }
  })
})

// PyTorch 2.13: pack_padded_sequence(x, [4, 2, 3], batch_first=True, enforce_sorted=False) before
test('dropout between layers draws over a packed sequence', () => {
  manualSeed(3)
  const layer = new RNN(2, 2, { batchFirst: true, numLayers: 2, dropout: 0.5 })
  manualSeed(7)
  const [y] = layer(full([3, 4, 2], 0.5), null, { lengths: [4, 2, 3] })
  const packed = [
    [0.8415, -0.462, 0.6842, -0.07, 0.7797, 0.0008, 0.8083, 0.097],
    [0.6885, -0.7981, 0.5207, -0.3552, 0, 0, 0, 0],
    [0.6885, -0.7981, 0.0223, -0.8269, 0.747, -0.5948, 0, 0],
  ]
  Array.from(y.readSync(), Number).forEach((v, i) => expect(v).toBeCloseTo(packed.flat()[i], 4))
})

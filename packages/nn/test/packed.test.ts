import { readFileSync } from 'node:fs'
import { noGrad, requireGrad } from '@gradus/autograd'
import { arange, cat, manualSeed, setBackend, tensor, type Tensor, tidy, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import {
  GRU,
  LSTM,
  PackedSequence,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  RNN,
  unpackSequence,
} from '../src/index.ts'

const backend = referenceBackend()
setBackend(backend)

interface Case {
  readonly kind: 'RNN' | 'GRU' | 'LSTM'
  readonly options: Record<string, number | boolean>
  readonly lengths: number[]
  readonly enforceSorted: boolean
  readonly state: boolean
  readonly output: number[]
  readonly padded: number[]
  readonly last: number[][]
  readonly gradInput: number[]
  readonly gradState: number[][]
  readonly gradParameters: number[]
}

// PyTorch 2.13, by fixtures/make-packed.py
const cases = JSON.parse(readFileSync(new URL('fixtures/packed.json', import.meta.url), 'utf8')) as Case[]

type State = Tensor | [Tensor, Tensor]
/** What the layers have in common. */
type OverPacked = (x: PackedSequence, state: unknown) => [PackedSequence, State]

const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
const ramp = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: 'float32' },
  )
    .sin()
    .reshape(shape)
const numbers = (x: Tensor): number[] => Array.from(x.contiguous().readSync(), Number)
const close = (x: Tensor, expected: readonly number[], what: string): void => {
  expect(x.numel(), what).toBe(expected.length)
  numbers(x).forEach((value, i) => expect(value, `${what}[${i}]`).toBeCloseTo(expected[i], 5))
}

describe.each(cases)('$kind $options over lengths $lengths, state: $state', (c) => {
  test('gives what PyTorch gives, and its gradients', () => {
    manualSeed(3)
    const options = Object.fromEntries(Object.entries(c.options).map(([k, v]) => [camelCase(k), v]))
    const layer = new { RNN, GRU, LSTM }[c.kind](2, 3, options)
    const batchFirst = c.options['batch_first'] === true
    const x = requireGrad(ramp(4, 4, 2))
    const count = layer.numLayers * (layer.bidirectional ? 2 : 1)
    const states = [ramp(count, 4, layer.projSize > 0 ? 2 : 3), ramp(count, 4, 3).cos()]
      .slice(0, c.kind === 'LSTM' ? 2 : 1)
      .map((s) => requireGrad(s))
    const packed = packPaddedSequence(x, c.lengths, { batchFirst, enforceSorted: c.enforceSorted })
    manualSeed(5)
    const initial = !c.state ? null : c.kind === 'LSTM' ? states : states[0]
    const [output, final] = (layer as OverPacked)(packed, initial)
    const last = Array.isArray(final) ? final : [final]
    close(output.data, c.output, 'output')
    close(padPackedSequence(output, { batchFirst, paddingValue: 7 })[0], c.padded, 'padded')
    last.forEach((s, i) => close(s, c.last[i], `last state ${i}`))
    let loss = output.data.square().sum()
    for (const s of last) loss = loss.add(s.square().mul(s).sum())
    loss.backward()
    close(x.grad!, c.gradInput, 'gradient of the input')
    c.gradState.forEach((grad, i) => close(states[i].grad!, grad, `gradient of state ${i}`))
    close(cat(layer.parameters().map((p) => p.grad!.flatten())), c.gradParameters, 'gradient of parameters')
  })
})

const packed = (): PackedSequence =>
  packPaddedSequence(arange(12, { dtype: 'float32' }).reshape([3, 2, 2]), [2, 3], { enforceSorted: false })

// PyTorch 2.13's numbers and words
describe('a packed sequence', () => {
  test('has the sequences longest first, and prints as PyTorch', () => {
    expect(String(packed())).toBe(
      `PackedSequence(data=tensor([[ 2.,  3.],
        [ 0.,  1.],
        [ 6.,  7.],
        [ 4.,  5.],
        [10., 11.]]), batch_sizes=tensor([2, 2, 1]), sorted_indices=tensor([1, 0]), unsorted_indices=tensor([1, 0]))`,
    )
  })

  test('is undone in the order that there was', () => {
    const [x, lengths] = padPackedSequence(packed(), { totalLength: 4, paddingValue: 9 })
    expect(x.tolist()).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [4, 5],
        [6, 7],
      ],
      [
        [9, 9],
        [10, 11],
      ],
      [
        [9, 9],
        [9, 9],
      ],
    ])
    expect([lengths.dtype, lengths.tolist()]).toEqual(['int64', [2, 3]])
    expect(unpackSequence(packed()).map((s) => s.shape)).toEqual([
      [2, 2],
      [3, 2],
    ])
  })

  test('of sequences passes gradients to each', () => {
    const [a, b] = [requireGrad(tensor([1, 2])), requireGrad(tensor([3]))]
    packSequence([a, b])
      .data.mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    expect([a.grad!.tolist(), b.grad!.tolist()]).toEqual([[1, 100], [10]])
    packSequence([b, a], { enforceSorted: false }).to('float64').data.sum().backward()
    expect([a.grad!.tolist(), b.grad!.tolist()]).toEqual([[2, 101], [11]])
  })

  test('keeps its tensors where it is returned, and nothing else is left', () => {
    const own = referenceBackend()
    setBackend(own)
    const layer = new LSTM(2, 64, { bidirectional: true })
    const x = packPaddedSequence(zeros(16, 8, 2), [16, 15, 10, 8, 8, 8, 2, 1])
    const run = (): PackedSequence => tidy(() => layer(x)[0])
    noGrad(run)
    const before = own.memory().live
    const output = noGrad(run)
    const left = own.memory().live - before
    setBackend(backend)
    expect(left - output.data.storage.bytes).toBeLessThan(2048)
    expect(output.data.shape).toEqual([68, 128])
    expect(output.batchSizes.shape).toEqual([16])
  })
})

test.each<[string, () => unknown]>([
  ['Expected `len(lengths)` to be equal to batch_size, but got 1 (batch_size=2)', () => pack([3])],
  ['array must be sorted in decreasing order when `enforceSorted` is true', () => pack([2, 3])],
  ["greater than 0, but found an element in 'lengths' that is <= 0", () => pack([3, 0])],
  ["at most that of the input, 3, but found 4 in 'lengths'", () => pack([4, 2])],
  ['Cannot pack empty tensors.', () => packPaddedSequence(zeros(0, 2), [1, 1])],
  ['at least 2 dimensions', () => packPaddedSequence(zeros(3), [3])],
  ['received an empty list of sequences', () => packSequence([])],
  [
    'Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=2 and max sequence length being 3',
    () => padPackedSequence(packed(), { totalLength: 2 }),
  ],
  ['input.size(-1) must be equal to input_size. Expected 3, got 2', () => new GRU(3, 3)(packed())],
  ['Expected hidden size (1, 2, 3), got [1, 3, 3]', () => new GRU(2, 3)(packed(), zeros(1, 3, 3))],
  [
    'Expected hidden[1] size (1, 2, 3), got [1, 2, 2]',
    () => new LSTM(2, 3)(packed(), [zeros(1, 2, 3), zeros(1, 2, 2)]),
  ],
  ['input must have 2 dimensions, got 1', () => new GRU(2, 3)(new PackedSequence(zeros(3), [2, 1]))],
  ['a row for each of the 3 steps', () => new PackedSequence(zeros(4, 2), [2, 1])],
  ['positive and do not increase, got [1, 2]', () => new PackedSequence(zeros(3, 2), tensor([1, 2]))],
  [
    'takes neither lengths nor a mask',
    () => new RNN(2, 3).forward(packed() as unknown as Tensor, null, { lengths: [1, 2] }),
  ],
])('%s', (message, call) => expect(call).toThrow(message))

function pack(lengths: number[]): PackedSequence {
  return packPaddedSequence(zeros(3, 2, 2), lengths)
}

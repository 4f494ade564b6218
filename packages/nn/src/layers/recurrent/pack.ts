import { cat, full, indexSelect, ShapeError, Tensor, tensor, ValueError } from '@gradus/core/functions'
import {
  checkCapacity,
  defineOptions,
  flag,
  integer,
  kind,
  listOf,
  nullable,
  real,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { tensor as tensorKind } from '../../module/arguments.ts'
import { PackedSequence, sizesOf } from './packed-sequence.ts'
import { padSequence, unpadSequence } from './pad-sequence.ts'

/** Options of {@link packSequence}. */
export interface PackSequenceOptions {
  /** Refuses sequences that are not given longest first; true by default. */
  enforceSorted?: boolean
}

/** Options of {@link packPaddedSequence}. */
export interface PackPaddedSequenceOptions extends PackSequenceOptions {
  /** Whether the batch is the first axis; false by default. */
  batchFirst?: boolean
}

const packOptions = /* @__PURE__ */ defineOptions<PackSequenceOptions>({ enforceSorted: flag })
const packPaddedOptions = /* @__PURE__ */ defineOptions<PackPaddedSequenceOptions>({
  enforceSorted: flag,
  batchFirst: flag,
})
const lengthsKind = /* @__PURE__ */ listOf(/* @__PURE__ */ integer())

/**
 * Leaves out the padding of sequences.
 *
 * @param input - `[t, n, ...]`, or `[n, t, ...]` with `batchFirst`
 * @param lengths - of each sequence, from 1 to t, longest first unless `enforceSorted` is false
 * @throws ShapeError for an input with fewer than 2 axes or another number of lengths; ValueError for lengths out of range
 *   or order, and for an empty input
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
 * @example
 * const x = g.tensor([[1, 2, 0], [3, 4, 5]])
 * const packed = g.nn.utils.rnn.packPaddedSequence(x, [2, 3], { batchFirst: true, enforceSorted: false })
 * packed.data.tolist() // => [3, 1, 4, 2, 5]
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  options?: PackPaddedSequenceOptions,
): PackedSequence {
  const name = 'packPaddedSequence'
  const { batchFirst = false, enforceSorted = true } = takeOptions(name, packPaddedOptions, options)
  takeArgument(name, 'input', tensorKind, input)
  if (input.ndim < 2)
    throw new ShapeError(`${name}: input has to have at least 2 dimensions, got ${input.ndim}`)
  const list =
    lengths instanceof Tensor
      ? Array.from<number | bigint, number>(lengths.readSync(), (n) => Math.trunc(Number(n)))
      : takeArgument(name, 'lengths', lengthsKind, lengths)
  const [time, n] = batchFirst ? [input.shape[1], input.shape[0]] : input.shape
  if (input.numel() === 0) throw new ValueError('Cannot pack empty tensors.')
  checkLengths(list, time, n)
  const order = list.map((_, i) => i)
  if (!enforceSorted) order.sort((a, b) => list[b] - list[a])
  else if (list.some((length, i) => i > 0 && length > list[i - 1])) {
    throw new ValueError(
      `\`lengths\` array must be sorted in decreasing order when \`enforceSorted\` is true. You can pass \`enforceSorted: false\` to packPaddedSequence and/or packSequence to sidestep this requirement.`,
    )
  }
  const sizes = Array.from({ length: list[order[0]] }, (_, t) => order.filter((i) => t < list[i]).length)
  const rows = sizes.flatMap((count, t) =>
    order.slice(0, count).map((i) => (batchFirst ? i * time + t : t * n + i)),
  )
  const flat = input.reshape([time * n, ...input.shape.slice(2)])
  const data = indexSelect(flat, 0, tensor(Int32Array.from(rows)))
  return new PackedSequence(data, sizes, enforceSorted ? null : tensor(order, { dtype: 'int64' }))
}

function checkLengths(list: readonly number[], time: number, n: number): void {
  if (list.length !== n) {
    throw new ShapeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${list.length} (batch_size=${n})`,
    )
  }
  if (list.some((length) => length <= 0)) {
    throw new ValueError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    )
  }
  const over = list.find((length) => length > time)
  if (over !== undefined) {
    throw new ValueError(
      `Length of all samples has to be at most that of the input, ${time}, but found ${over} in 'lengths'`,
    )
  }
}

/**
 * Packs sequences of different lengths: {@link packPaddedSequence} of {@link padSequence}.
 *
 * @param sequences - `[t, ...]` each, alike after the first axis, longest first unless `enforceSorted` is false
 * @throws ValueError without sequences, and for sequences out of order
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_sequence.html
 * @example
 * const packed = g.nn.utils.rnn.packSequence([g.tensor([1, 2, 3]), g.tensor([4, 5]), g.tensor([6])])
 * packed.data.tolist() // => [1, 4, 6, 2, 5, 3]
 */
export function packSequence(sequences: readonly Tensor[], options?: PackSequenceOptions): PackedSequence {
  const { enforceSorted } = takeOptions('packSequence', packOptions, options)
  const padded = padSequence(sequences)
  return packPaddedSequence(
    padded,
    sequences.map((x) => x.shape[0]),
    { enforceSorted },
  )
}

/** Options of {@link padPackedSequence}. */
export interface PadPackedSequenceOptions {
  /** Gives `[n, t, ...]` rather than `[t, n, ...]`; false by default. */
  batchFirst?: boolean
  /** What fills sequences that are shorter; 0 by default. */
  paddingValue?: number
  /** The length of the result; that of the longest sequence by default. */
  totalLength?: number | null
}

const packedKind = /* @__PURE__ */ kind<PackedSequence>(
  'a PackedSequence',
  (x) => x instanceof PackedSequence,
)
const padPackedOptions = /* @__PURE__ */ defineOptions<PadPackedSequenceOptions>({
  batchFirst: flag,
  paddingValue: real,
  totalLength: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

/**
 * Undoes {@link packPaddedSequence}: sequences with padding, in the order that they had before they were packed.
 *
 * @returns `[t, n, ...]`, or `[n, t, ...]` with `batchFirst`, and the lengths, int64 `[n]`
 * @throws ValueError for a `totalLength` that is less than the longest sequence's
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html
 * @example
 * const { packSequence, padPackedSequence } = g.nn.utils.rnn
 * const packed = packSequence([g.tensor([1]), g.tensor([2, 3])], { enforceSorted: false })
 * const [x, lengths] = padPackedSequence(packed, { batchFirst: true })
 * x.tolist() // => [[1, 0], [2, 3]]
 * lengths.tolist() // => [1, 2]
 */
export function padPackedSequence(
  sequence: PackedSequence,
  options?: PadPackedSequenceOptions,
): [Tensor, Tensor] {
  const name = 'padPackedSequence'
  takeArgument(name, 'sequence', packedKind, sequence)
  const {
    batchFirst = false,
    paddingValue = 0,
    totalLength = null,
  } = takeOptions(name, padPackedOptions, options)
  const sizes = sizesOf(sequence)
  const time = totalLength ?? sizes.length
  checkCapacity(name, [sizes[0], time])
  if (time < sizes.length) {
    throw new ValueError(
      `Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=${time} and max sequence length being ${sizes.length}`,
    )
  }
  const n = sizes[0]
  const { data, unsortedIndices } = sequence
  // the place of each sequence among the packed ones
  const places =
    unsortedIndices === null
      ? Array.from({ length: n }, (_, i) => i)
      : Array.from<number | bigint, number>(unsortedIndices.readSync(), Number)
  let before = 0
  const starts = sizes.map((count) => (before += count) - count)
  const padding = data.shape[0]
  const rowOf = (t: number, i: number): number =>
    t < sizes.length && places[i] < sizes[t] ? starts[t] + places[i] : padding
  const [outer, inner] = batchFirst ? [n, time] : [time, n]
  const rows = Array.from({ length: outer * inner }, (_, k) => {
    const [a, b] = [Math.floor(k / inner), k % inner]
    return batchFirst ? rowOf(b, a) : rowOf(a, b)
  })
  const rest = data.shape.slice(1)
  const filled = cat([data, full([1, ...rest], paddingValue, { dtype: data.dtype })], 0)
  const padded = indexSelect(filled, 0, tensor(Int32Array.from(rows))).reshape([outer, inner, ...rest])
  const lengths = places.map((place) => sizes.filter((count) => place < count).length)
  return [padded, tensor(lengths, { dtype: 'int64' })]
}

/**
 * The sequences of a packed sequence, in the order that they had before they were packed.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpack_sequence.html
 * @example
 * const { packSequence, unpackSequence } = g.nn.utils.rnn
 * const packed = packSequence([g.tensor([1]), g.tensor([2, 3])], { enforceSorted: false })
 * unpackSequence(packed).map((x) => x.tolist()) // => [[1], [2, 3]]
 */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  takeArgument('unpackSequence', 'packed', packedKind, packed)
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true })
  return unpadSequence(padded, lengths, { batchFirst: true })
}

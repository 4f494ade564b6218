import { full, ShapeError, stack, Tensor, tensor, ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  integer,
  kind,
  listOf,
  oneOf,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'

/** Options of {@link padSequence}. */
export interface PadSequenceOptions {
  /** Gives `[n, t, ...]` rather than `[t, n, ...]`; false by default. */
  batchFirst?: boolean
  /** What fills sequences that are shorter; 0 by default. */
  paddingValue?: number
  /** Where it stands; 'right' by default. */
  paddingSide?: 'left' | 'right'
}

const padOptions = /* @__PURE__ */ defineOptions<PadSequenceOptions>({
  batchFirst: flag,
  paddingValue: real,
  paddingSide: /* @__PURE__ */ oneOf('left', 'right'),
})

const sequencesKind = /* @__PURE__ */ listOf(
  /* @__PURE__ */ kind<Tensor>('a tensor', (x) => x instanceof Tensor),
)

/**
 * Sequences of different lengths as one tensor, the shorter ones padded.
 *
 * @param sequences - `[t, ...]` each, alike after the first axis
 * @returns `[t, n, ...]` for the longest t, or `[n, t, ...]`
 * @throws ValueError without sequences; ShapeError for shapes that differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 * @example
 * const x = [g.tensor([1, 2]), g.tensor([3])]
 * g.nn.utils.rnn.padSequence(x, { batchFirst: true }).tolist() // => [[1, 2], [3, 0]]
 */
export function padSequence(sequences: readonly Tensor[], options?: PadSequenceOptions): Tensor {
  const {
    batchFirst = false,
    paddingValue = 0,
    paddingSide = 'right',
  } = takeOptions('padSequence', padOptions, options)
  takeArgument('padSequence', 'sequences', sequencesKind, sequences)
  if (sequences.length === 0) throw new ValueError('received an empty list of sequences')
  const time = Math.max(...sequences.map((x) => x.shape[0] ?? 0))
  const [first] = sequences
  const rest = first.shape.slice(1)
  const padded = sequences.map((x, i) => {
    if (x.ndim === 0 || x.shape.slice(1).join() !== rest.join()) {
      throw new ShapeError(
        `sequences are alike after their first axis: [${x.shape.join(', ')}] at index ${i} is not [*, ${rest.join(', ')}]`,
      )
    }
    const whole = full([time, ...rest], paddingValue, { dtype: x.dtype })
    const n = x.shape[0]
    whole.narrow(0, paddingSide === 'right' ? 0 : time - n, n).copy_(x)
    return whole
  })
  return stack(padded, batchFirst ? 0 : 1)
}

/** Options of {@link unpadSequence}. */
export interface UnpadSequenceOptions {
  /** Whether the batch is the first axis; false by default. */
  batchFirst?: boolean
}
const unpadOptions = /* @__PURE__ */ defineOptions<UnpadSequenceOptions>({ batchFirst: flag })
const lengthsKind = /* @__PURE__ */ listOf(/* @__PURE__ */ integer(0))

/**
 * Undoes {@link padSequence}: the sequences without their padding, as views.
 *
 * @param padded - `[t, n, ...]`, or `[n, t, ...]` with `batchFirst`
 * @param lengths - of each sequence
 * @throws ShapeError for another number of lengths than sequences
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html
 * @example
 * const x = g.tensor([[1, 2], [3, 0]])
 * const [a, b] = g.nn.utils.rnn.unpadSequence(x, [2, 1], { batchFirst: true })
 * b.tolist() // => [3]
 */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  options?: UnpadSequenceOptions,
): Tensor[] {
  takeTensor('unpadSequence', 'padded', padded)
  const { batchFirst = false } = takeOptions('unpadSequence', unpadOptions, options)
  const list =
    lengths instanceof Tensor ? Array.from<number | bigint, number>(lengths.readSync(), Number) : lengths
  takeArgument('unpadSequence', 'lengths', lengthsKind, list)
  const batch = padded.shape[batchFirst ? 0 : 1]
  if (list.length !== batch) {
    throw new ShapeError(
      `Expected lengths to have ${batch} elements, one for each sequence, got ${list.length}`,
    )
  }
  return list.map((n, i) => padded.select(batchFirst ? 0 : 1, i).narrow(0, 0, n))
}

/**
 * The permutation that undoes another.
 *
 * @param permutation - each position once, [n], integers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 * @example
 * g.nn.utils.rnn.invertPermutation(g.tensor([2, 0, 1], { dtype: 'int64' })).tolist() // => [1, 2, 0]
 */
export function invertPermutation(permutation: Tensor): Tensor {
  takeTensor('invertPermutation', 'permutation', permutation)
  const order = Array.from<number | bigint, number>(permutation.readSync(), Number)
  const inverse = new Array<number>(order.length)
  order.forEach((from, to) => (inverse[from] = to))
  return tensor(inverse, { dtype: permutation.dtype })
}

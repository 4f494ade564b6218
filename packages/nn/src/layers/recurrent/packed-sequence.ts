import { type DType, ShapeError, Tensor, tensor, ValueError } from '@gradus/core/functions'
import { carriesTensors, integer, listOf, takeArgument } from '@gradus/core/internal'
import { optionalTensor, tensor as tensorKind } from '../../module/arguments.ts'
import { invertPermutation } from './pad-sequence.ts'

/** The numbers in {@link PackedSequence.batchSizes}. Set by the class, which alone sees its private fields. */
export let sizesOf: (packed: PackedSequence) => readonly number[]

const sizesKind = /* @__PURE__ */ listOf(/* @__PURE__ */ integer(1))

/**
 * Sequences of different lengths without padding: the first steps of all, then the second steps of those that have one, and
 * so on, the longest sequence first. `packPaddedSequence` and `packSequence` make it; recurrent layers take and give it.
 *
 * @param data - the steps, `[sum of batchSizes, ...]`
 * @param batchSizes - how many sequences have each step, `[t]`, positive and not increasing
 * @param sortedIndices - the sequences in the order in which they are packed, `[n]`; null, the default, if it is their own
 * @param unsortedIndices - the inverse of that; computed by default
 * @throws ShapeError if the sizes are not those of `data`; ValueError if they increase
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 * @example
 * const { packSequence } = g.nn.utils.rnn
 * const packed = packSequence([g.tensor([1, 2]), g.tensor([3])])
 * packed.data.tolist() // => [1, 3, 2]
 * packed.batchSizes.tolist() // => [2, 1]
 */
export class PackedSequence {
  readonly data: Tensor
  readonly batchSizes: Tensor
  readonly sortedIndices: Tensor | null
  readonly unsortedIndices: Tensor | null
  readonly #sizes: readonly number[]

  /** @internal */
  get [carriesTensors](): true {
    return true
  }

  static {
    sizesOf = (packed) => packed.#sizes
  }

  constructor(
    data: Tensor,
    batchSizes: Tensor | readonly number[],
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    this.data = takeArgument('PackedSequence', 'data', tensorKind, data)
    this.#sizes = Object.freeze(
      batchSizes instanceof Tensor
        ? Array.from<number | bigint, number>(batchSizes.readSync(), Number)
        : [...takeArgument('PackedSequence', 'batchSizes', sizesKind, batchSizes)],
    )
    checkSizes(data, this.#sizes)
    this.batchSizes = batchSizes instanceof Tensor ? batchSizes : tensor([...this.#sizes], { dtype: 'int64' })
    this.sortedIndices = takeArgument('PackedSequence', 'sortedIndices', optionalTensor, sortedIndices)
    this.unsortedIndices =
      takeArgument('PackedSequence', 'unsortedIndices', optionalTensor, unsortedIndices) ??
      (sortedIndices && invertPermutation(sortedIndices))
  }

  /** The same with its data converted. */
  to(dtype: DType): PackedSequence {
    return withData(this, this.data.to(dtype))
  }

  /** `to('float32')`. */
  float(): PackedSequence {
    return this.to('float32')
  }

  /** `to('float64')`. */
  double(): PackedSequence {
    return this.to('float64')
  }

  /** `to('float16')`. */
  half(): PackedSequence {
    return this.to('float16')
  }

  /** `to('int64')`. */
  long(): PackedSequence {
    return this.to('int64')
  }

  /** `to('int32')`. */
  int(): PackedSequence {
    return this.to('int32')
  }

  /** This itself: memory is the processor's. */
  cpu(): PackedSequence {
    return this
  }

  toString(): string {
    const { data, batchSizes, sortedIndices, unsortedIndices } = this
    return `PackedSequence(data=${data}, batch_sizes=${batchSizes}, sorted_indices=${sortedIndices ?? 'None'}, unsorted_indices=${unsortedIndices ?? 'None'})`
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Other values for the steps of a packed sequence. */
export const withData = (packed: PackedSequence, data: Tensor): PackedSequence =>
  new PackedSequence(data, sizesOf(packed), packed.sortedIndices, packed.unsortedIndices)

function checkSizes(data: Tensor, sizes: readonly number[]): void {
  const sum = sizes.reduce((a, b) => a + b, 0)
  if (data.ndim === 0 || data.shape[0] !== sum) {
    throw new ShapeError(
      `PackedSequence: data has a row for each of the ${sum} steps that batchSizes count, got shape [${data.shape.join(', ')}]`,
    )
  }
  if (sizes.some((n, t) => n <= 0 || n > (sizes[t - 1] ?? Infinity))) {
    throw new ValueError(
      `PackedSequence: batchSizes are positive and do not increase, got [${sizes.join(', ')}]`,
    )
  }
}

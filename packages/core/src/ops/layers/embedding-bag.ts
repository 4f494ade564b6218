import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, integer, nullable, oneOf } from '../../base/kinds.ts'
import { isInteger } from '../../base/dtype.ts'
import { internals } from '../../op/internals.ts'
import { hostNumbers, readsValues } from '../../op/host-values.ts'
import { DTypeError, IndexError, ValueError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { embedding } from './embedding.ts'
import { filledAs } from '../../op/fill.ts'
import { indexAdd, indexSelect } from '../index/index-along.ts'
import { scatterReduce } from '../index/scatter-reduce.ts'

/** Options of {@link embeddingBag}. */
export interface EmbeddingBagOptions {
  /** Where each bag begins in a vector of indices; integers, the first 0. */
  offsets?: Tensor | null
  /** The reduction of the rows of a bag; 'mean' by default. */
  mode?: 'sum' | 'mean' | 'max'
  /** Multiplies each row before they are added: of the shape of the indices; 'sum' only. */
  perSampleWeights?: Tensor | null
  /** The last offset is the number of indices; false by default. */
  includeLastOffset?: boolean
  /** A row that counts for nothing; negative counts from the end. */
  paddingIdx?: number | null
}
/** The kinds of {@link EmbeddingBagOptions}. */
export const embeddingBagOptions = /* @__PURE__ */ defineOptions<EmbeddingBagOptions>({
  offsets: /* @__PURE__ */ nullable(aTensor),
  mode: /* @__PURE__ */ oneOf('sum', 'mean', 'max'),
  perSampleWeights: /* @__PURE__ */ nullable(aTensor),
  includeLastOffset: flag,
  paddingIdx: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

/** Which index goes where. */
interface Bags {
  /** Positions of the indices that count. */
  kept: Int32Array
  /** The bag of each of them. */
  of: Int32Array
  /** How many there are in each bag. */
  counts: Float64Array
}

/**
 * Sums, means or maxima of rows of a matrix, one per bag of indices; zeros for an empty bag.
 *
 * @param index - integers: `[bags, length]`, or a vector with `offsets`
 * @param weight - `[rows, d]`
 * @returns `[bags, d]`
 * @throws ValueError, DTypeError with PyTorch's messages; IndexError for an index that is no row
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 * @example
 * const index = g.tensor([0, 1, 1], { dtype: 'int32' })
 * const offsets = g.tensor([0, 1], { dtype: 'int32' })
 * g.embeddingBag(index, g.tensor([[1], [5]]), { offsets, mode: 'sum' }).tolist() // => [[1], [10]]
 */
export function embeddingBag(index: Tensor, weight: Tensor, options?: EmbeddingBagOptions): Tensor {
  takeTensor('embeddingBag', 'index', index)
  takeTensor('embeddingBag', 'weight', weight)

  options = takeOptions('embeddingBag', embeddingBagOptions, options)
  const { mode = 'mean', perSampleWeights = null, paddingIdx = null } = options
  check(index, weight, options)
  const rows = weight.shape[0]
  if (paddingIdx !== null && (paddingIdx >= rows || paddingIdx < -rows))
    throw new ValueError('padding_idx must be within the number of embeddings')
  const padding = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + rows : paddingIdx
  const { kept, of, counts } = bagsOf(index, padding, options)
  const flat = index.reshape([index.numel()])
  const at = indexOn(weight, kept)
  const bags = indexOn(weight, of)
  const picked = embedding(indexSelect(flat, 0, at), weight)
  const weighted = perSampleWeights
    ? picked.mul(indexSelect(perSampleWeights.reshape([flat.numel()]), 0, at).unsqueeze(1))
    : picked
  const zeros = filledAs(weighted, [counts.length, weight.shape[1]], 0)
  if (mode === 'max') {
    return scatterReduce(zeros, 0, bags.unsqueeze(1).expand(weighted.shape), weighted, 'amax', {
      includeSelf: false,
    })
  }
  const sums = indexAdd(zeros, 0, bags, weighted)
  if (mode === 'sum') return sums
  const divisor = internals(weighted).make([counts.length, 1], 'float64')
  divisor.backend.write(
    divisor.storage.block,
    counts.map((n) => Math.max(n, 1)),
  )
  return sums.div(divisor.to(sums.dtype))
}

function indexOn(like: Tensor, positions: Int32Array): Tensor {
  const index = internals(like).make([positions.length], 'int32')
  index.backend.write(index.storage.block, positions)
  return index
}

function check(index: Tensor, weight: Tensor, options: EmbeddingBagOptions): void {
  const { offsets = null, perSampleWeights = null, mode = 'mean' } = options
  const size = (x: Tensor): string => `[${x.shape.join(', ')}]`
  if (perSampleWeights && perSampleWeights.shape.join() !== index.shape.join()) {
    throw new ValueError(
      `embedding_bag: If per_sample_weights (${size(perSampleWeights)}) is not None, then it must have the same shape as the input (${size(index)})`,
    )
  }
  if (weight.ndim !== 2)
    throw new ValueError(`weight has to be a 2D Tensor, but got Tensor of dimension ${weight.ndim}`)
  if (!isInteger(index.dtype)) {
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${index.dtype} instead (while checking arguments for embedding_bag)`,
    )
  }
  if (index.ndim === 2 && offsets) {
    throw new ValueError(
      'if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor',
    )
  }
  if (index.ndim === 1 && offsets?.ndim !== 1) {
    throw new ValueError(`offsets has to be a 1D Tensor${offsets ? '' : ' but got None'}`)
  }
  if (index.ndim !== 1 && index.ndim !== 2)
    throw new ValueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${index.ndim}`)
  if (!['sum', 'mean', 'max'].includes(mode)) throw new ValueError('mode has to be one of sum, mean or max')
  if (perSampleWeights && mode !== 'sum') {
    throw new ValueError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
    )
  }
}

const bagValues = /* @__PURE__ */ readsValues('embeddingBag')

function bagsOf(index: Tensor, padding: number | null, options: EmbeddingBagOptions): Bags {
  const values = hostNumbers(bagValues, index)
  const { offsets = null, includeLastOffset = false } = options
  const length = index.ndim === 2 ? index.shape[1] : 0
  const starts = offsets
    ? hostNumbers(bagValues, offsets)
    : Array.from({ length: index.shape[0] }, (_, bag) => bag * length)
  if (offsets && includeLastOffset) starts.pop()
  if (offsets && starts.length > 0 && starts[0] !== 0) {
    throw new IndexError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    )
  }
  const counts = new Float64Array(starts.length)
  const kept: number[] = []
  const of: number[] = []
  let bag = -1
  values.forEach((value, i) => {
    while (bag + 1 < starts.length && starts[bag + 1] <= i) bag++
    if (value === padding) return
    kept.push(i)
    of.push(bag)
    counts[bag]++
  })
  return { kept: Int32Array.from(kept), of: Int32Array.from(of), counts }
}

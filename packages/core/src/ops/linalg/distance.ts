import { takeTensor } from '../../tensor/kind.ts'
import { integer } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, promoteTypes } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { broadcastShapes, normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { clampMin } from '../elementwise/ternary.ts'
import { vectorNorm } from './vector-norm.ts'

interface Similarity {
  axis: number
  eps: number
}
const cosineSimilarityOp = /* @__PURE__ */ defineOp({
  name: 'cosineSimilarity',
  inputs: ['x1', 'x2'],
  attrs: attributes<Similarity>(),
  autocast: 'fp32',
  decompose({ x1, x2 }, { axis, eps }) {
    const shape = broadcastShapes(x1.shape, x2.shape)
    // an axis of length 1 stands for as many elements as the other operand has: its norm is over all of them
    const whole = (x: Tensor): Tensor => (x.shape.at(axis) === shape.at(axis) ? x : x.expand(shape))
    const unit = (x: Tensor): Tensor => x.div(clampMin(vectorNorm(x, 2, axis, { keepdim: true }), eps))
    return unit(whole(x1))
      .mul(unit(whole(x2)))
      .sum(shape.length === 0 ? undefined : axis)
  },
})

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** Smallest norm that a vector is divided by; 1e-8 by default. */
  eps?: number
}
const cosineSimilarityOptions = /* @__PURE__ */ defineOptions<CosineSimilarityOptions>({ eps: real })

/**
 * The cosine of the angle between vectors along an axis: `x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps))`.
 *
 * @param axis - 1 by default
 * @param options - `eps` is 1e-8 by default
 * @throws DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 * @example
 * g.cosineSimilarity(g.tensor([1, 0]), g.tensor([2, 0]), 0).item() // => 1
 */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  axis = 1,
  options?: CosineSimilarityOptions,
): Tensor {
  takeTensor('cosineSimilarity', 'x1', x1)
  takeTensor('cosineSimilarity', 'x2', x2)

  const { eps = 1e-8 } = takeOptions('cosineSimilarity', cosineSimilarityOptions, options)
  const dtype = promoteTypes(x1.dtype, x2.dtype)
  if (!isFloat(dtype)) {
    throw new DTypeError(`expected common dtype to be floating point, yet common dtype is ${dtype}`)
  }
  const rank = Math.max(x1.ndim, x2.ndim)
  // counted from the end, so that it means the same axis of both
  return cosineSimilarityOp(
    { x1: x1.to(dtype), x2: x2.to(dtype) },
    { axis: normalizeAxis(axis, rank) - rank, eps },
  )
}

/** Options of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** The order of the norm; 2 by default. */
  p?: number
  /** Added to every difference; 1e-6 by default. */
  eps?: number
  /** Leaves the last axis with length 1; false by default. */
  keepdim?: boolean
}
/** The kinds of {@link PairwiseDistanceOptions}. */
export const pairwiseDistanceOptions = /* @__PURE__ */ defineOptions<PairwiseDistanceOptions>({
  p: real,
  eps: real,
  keepdim: flag,
})

/**
 * `‖x1 - x2 + eps‖` over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 */
export const pairwiseDistance = (x1: Tensor, x2: Tensor, options?: PairwiseDistanceOptions): Tensor => {
  takeTensor('pairwiseDistance', 'x1', x1)
  takeTensor('pairwiseDistance', 'x2', x2)

  const {
    p = 2,
    eps = 1e-6,
    keepdim = false,
  } = takeOptions('pairwiseDistance', pairwiseDistanceOptions, options)
  return vectorNorm(x1.sub(x2).add(eps), p, -1, { keepdim })
}

/** Options of {@link normalize}. */
export interface NormalizeOptions {
  /** Exponent of the norm; 2 by default. */
  p?: number
  /** Axis of the vectors; 1 by default. */
  dim?: number
  /** Smallest norm that a vector is divided by; 1e-12 by default. */
  eps?: number
}
const normalizeOptions = /* @__PURE__ */ defineOptions<NormalizeOptions>({
  p: real,
  dim: /* @__PURE__ */ integer(),
  eps: real,
})

/**
 * Vectors along an axis divided by their norm, or by `eps` where it is smaller.
 *
 * @param options - `p`, 2 by default, is the order of the norm; `dim` 1, `eps` 1e-12
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
 * @example
 * g.normalize(g.tensor([[3, 4]])).tolist() // ≈ [[0.6, 0.8]]
 */
export const normalize = (x: Tensor, options?: NormalizeOptions): Tensor => {
  takeTensor('normalize', 'x', x)

  const { p = 2, dim = 1, eps = 1e-12 } = takeOptions('normalize', normalizeOptions, options)
  return x.div(clampMin(vectorNorm(x, p, dim, { keepdim: true }), eps).expand(x.shape))
}

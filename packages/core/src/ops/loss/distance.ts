import { integer } from '../../base/kinds.ts'
import { functionKind, nullable } from '../../base/kinds.ts'
import { marginOptions } from './margin-loss.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { minimum } from '../elementwise/binary.ts'
import { eq } from '../elementwise/compare.ts'
import { reduceLoss } from './cross-entropy.ts'
import type { MarginOptions } from './margin-loss.ts'
import { clampMin, where } from '../elementwise/ternary.ts'
import { vectorNorm } from '../linalg/vector-norm.ts'

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
    const unit = (x: Tensor): Tensor => x.div(clampMin(vectorNorm(x, 2, axis, { keepdim: true }), eps))
    return unit(x1).mul(unit(x2)).sum(axis)
  },
})

/** What {@link cosineSimilarity} takes. */
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
  const { eps = 1e-8 } = takeOptions('cosineSimilarity', cosineSimilarityOptions, options)
  if (!isFloat(x1.dtype) || !isFloat(x2.dtype)) {
    throw new DTypeError(`expected common dtype to be floating point, yet common dtype is ${x1.dtype}`)
  }
  const rank = Math.max(x1.ndim, x2.ndim)
  // counted from the end, so that it means the same axis of both
  return cosineSimilarityOp({ x1, x2 }, { axis: normalizeAxis(axis, rank) - rank, eps })
}

/** What {@link pairwiseDistance} takes. */
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
  const {
    p = 2,
    eps = 1e-6,
    keepdim = false,
  } = takeOptions('pairwiseDistance', pairwiseDistanceOptions, options)
  return vectorNorm(x1.sub(x2).add(eps), p, -1, { keepdim })
}

/** What {@link normalize} takes. */
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
  const { p = 2, dim = 1, eps = 1e-12 } = takeOptions('normalize', normalizeOptions, options)
  return x.div(clampMin(vectorNorm(x, p, dim, { keepdim: true }), eps).expandAs(x))
}

const cosineEmbeddingOp = /* @__PURE__ */ defineOp({
  name: 'cosineEmbeddingLoss',
  inputs: ['x1', 'x2', 'target'],
  attrs: attributes<number>(),
  autocast: 'fp32',
  decompose({ x1, x2, target }, margin) {
    // PyTorch's constant in place of eps
    const EPSILON = 1e-12
    const dot = x1.mul(x2).sum(-1)
    const square = (x: Tensor): Tensor => x.mul(x).sum(-1).add(EPSILON)
    const cosine = dot.div(square(x1).mul(square(x2)).sqrt())
    const together = where(eq(target, 1), cosine.mul(-1).add(1), 0)
    return together.add(where(eq(target, -1), clampMin(cosine.sub(margin), 0), 0))
  },
})

/**
 * `1 - cos(x1, x2)` of pairs that belong together (target 1), `max(0, cos(x1, x2) - margin)` of others (-1).
 *
 * @param x1 - `[n, d]` or `[d]`
 * @param target - `[n]` or `[]`
 * @param options - `margin` is 0 by default
 * @throws ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 */
export function cosineEmbeddingLoss(x1: Tensor, x2: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const { margin = 0, reduction = 'mean' } = takeOptions('cosineEmbeddingLoss', marginOptions, options)
  const list = (x: Tensor): string => `[${x.shape.join(', ')}]`
  if (target.ndim > 1) {
    throw new ShapeError('0D or 1D target tensor expected, multi-target not supported')
  }
  if (x1.ndim !== target.ndim + 1 || x2.ndim !== target.ndim + 1) {
    throw new ShapeError(
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with sizes ${list(x1)} and ${list(x2)}.`,
    )
  }
  return reduceLoss(cosineEmbeddingOp({ x1, x2, target }, margin), reduction)
}

/** What {@link tripletMarginLoss} takes. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** The order of the norm; 2 by default. */
  p?: number
  /** Added to every difference; 1e-6 by default. */
  eps?: number
  /** Takes the distance of positive and negative instead where it is smaller than that of anchor and negative. */
  swap?: boolean
}
/** The kinds of {@link TripletMarginLossOptions}. */
export const tripletMarginLossOptions = /* @__PURE__ */ defineOptions<
  TripletMarginLossOptions,
  MarginOptions
>({ p: real, eps: real, swap: flag }, marginOptions)

interface Triplet {
  margin: number
  p: number
  eps: number
  swap: boolean
}
const tripletMarginOp = /* @__PURE__ */ defineOp({
  name: 'tripletMarginLoss',
  inputs: ['anchor', 'positive', 'negative'],
  attrs: attributes<Triplet>(),
  autocast: 'fp32',
  decompose({ anchor, positive, negative }, { margin, p, eps, swap }) {
    const apart = (x: Tensor, y: Tensor): Tensor => pairwiseDistance(x, y, { p, eps })
    return tripletOf(apart, anchor, positive, negative, margin, swap)
  },
})

function tripletOf(
  apart: (x: Tensor, y: Tensor) => Tensor,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  swap: boolean,
): Tensor {
  const far = apart(anchor, negative)
  const distance = swap ? minimum(far, apart(positive, negative)) : far
  return clampMin(apart(anchor, positive).sub(distance).add(margin), 0)
}

/**
 * `max(0, ‖anchor - positive‖ - ‖anchor - negative‖ + margin)`.
 *
 * @param anchor - `[n, d]` or `[d]`, like the others
 * @param options - `margin` is 1 by default
 * @throws ValueError for a margin that is not positive
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginLossOptions,
): Tensor {
  const {
    margin = 1,
    p = 2,
    eps = 1e-6,
    swap = false,
    reduction = 'mean',
  } = takeOptions('tripletMarginLoss', tripletMarginLossOptions, options)
  checkTriplet(margin, anchor, positive, negative)
  return reduceLoss(tripletMarginOp({ anchor, positive, negative }, { margin, p, eps, swap }), reduction)
}

/** A function of two tensors that tells how far apart they are. */
export type Distance = (x: Tensor, y: Tensor) => Tensor

/** What {@link tripletMarginWithDistanceLoss} takes. */
export interface TripletDistanceOptions extends MarginOptions {
  /** {@link pairwiseDistance} by default. */
  distanceFunction?: Distance | null
  swap?: boolean
}
const tripletDistanceOptions = /* @__PURE__ */ defineOptions<TripletDistanceOptions, MarginOptions>(
  { distanceFunction: /* @__PURE__ */ nullable(/* @__PURE__ */ functionKind<Distance>()), swap: flag },
  marginOptions,
)

/**
 * {@link tripletMarginLoss} by any distance.
 *
 * @param options - `distanceFunction` is {@link pairwiseDistance} by default
 * @throws ValueError for a margin that is not positive
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletDistanceOptions,
): Tensor {
  options = takeOptions('tripletMarginWithDistanceLoss', tripletDistanceOptions, options)
  const { distanceFunction, margin = 1, swap = false, reduction = 'mean' } = options
  checkTriplet(margin, anchor, positive, negative)
  const apart = distanceFunction ?? ((x: Tensor, y: Tensor) => pairwiseDistance(x, y))
  return reduceLoss(tripletOf(apart, anchor, positive, negative, margin, swap), reduction)
}

function checkTriplet(margin: number, anchor: Tensor, positive: Tensor, negative: Tensor): void {
  if (!(margin > 0)) {
    // a float is written with its point
    const value = Number.isInteger(margin) ? margin.toFixed(1) : String(margin)
    throw new ValueError(`margin must be greater than 0, got ${value}`)
  }
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim) {
    throw new ShapeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${anchor.ndim}D, positive ${positive.ndim}D, and negative ${negative.ndim}D inputs`,
    )
  }
}

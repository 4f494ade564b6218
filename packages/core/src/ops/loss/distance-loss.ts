import { reduceLoss } from './reduction.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { sqrt } from '../elementwise/power.ts'
import { pairwiseDistance } from '../linalg/distance.ts'
import { functionKind, nullable } from '../../base/kinds.ts'
import { marginOptions } from './margin-loss.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { minimum } from '../elementwise/binary.ts'
import { eq } from '../elementwise/compare.ts'
import type { MarginOptions } from './margin-loss.ts'
import { clampMin, where } from '../elementwise/ternary.ts'

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
    const cosine = dot.div(sqrt(square(x1).mul(square(x2))))
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
  takeTensor('cosineEmbeddingLoss', 'x1', x1)
  takeTensor('cosineEmbeddingLoss', 'x2', x2)
  takeTensor('cosineEmbeddingLoss', 'target', target)

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

/** Options of {@link tripletMarginLoss}. */
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
  takeTensor('tripletMarginLoss', 'anchor', anchor)
  takeTensor('tripletMarginLoss', 'positive', positive)
  takeTensor('tripletMarginLoss', 'negative', negative)

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

/** Options of {@link tripletMarginWithDistanceLoss}. */
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
  takeTensor('tripletMarginWithDistanceLoss', 'anchor', anchor)
  takeTensor('tripletMarginWithDistanceLoss', 'positive', positive)
  takeTensor('tripletMarginWithDistanceLoss', 'negative', negative)

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

import {
  cosineEmbeddingLoss,
  type Distance,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
  type Tensor,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  ValueError,
} from '@gradus/core'
import { Loss, type LossOptions, WeightedLoss, type WeightedLossOptions } from './loss.ts'

/** Options of losses with a margin. */
export interface MarginLossOptions extends LossOptions {
  /** How far right and wrong have to be apart. */
  margin?: number
}

abstract class MarginLoss extends Loss {
  readonly margin: number

  constructor(margin: number, { reduction }: LossOptions) {
    super({ reduction })
    this.margin = margin
  }
}

/**
 * `max(0, -target · (x1 - x2) + margin)`: which of two scores should be higher; `margin` is 0 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 * @example
 * new g.nn.MarginRankingLoss()(g.tensor([1]), g.tensor([3]), g.tensor([1])).item() // => 2
 */
export class MarginRankingLoss extends MarginLoss {
  static override readonly layerName: string = 'MarginRankingLoss'
  constructor({ margin = 0, ...options }: MarginLossOptions = {}) {
    super(margin, options)
  }

  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(x1, x2, target, { margin: this.margin, reduction: this.reduction })
  }
}

/**
 * Distances of pairs that belong together (target 1), `max(0, margin - x)` of others (-1); `margin` is 1 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends MarginLoss {
  static override readonly layerName: string = 'HingeEmbeddingLoss'
  constructor({ margin = 1, ...options }: MarginLossOptions = {}) {
    super(margin, options)
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(x, target, { margin: this.margin, reduction: this.reduction })
  }
}

/**
 * `1 - cos(x1, x2)` of pairs that belong together (target 1), `max(0, cos(x1, x2) - margin)` of others (-1); `margin` is 0
 * by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss extends MarginLoss {
  static override readonly layerName: string = 'CosineEmbeddingLoss'
  constructor({ margin = 0, ...options }: MarginLossOptions = {}) {
    super(margin, options)
  }

  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, target, { margin: this.margin, reduction: this.reduction })
  }
}

/**
 * `log(1 + exp(-target · x))`, targets 1 and -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export class SoftMarginLoss extends Loss {
  static override readonly layerName: string = 'SoftMarginLoss'
  forward(x: Tensor, target: Tensor): Tensor {
    return softMarginLoss(x, target, { reduction: this.reduction })
  }
}

/** Options of {@link TripletMarginLoss}. */
export interface TripletMarginOptions extends MarginLossOptions {
  /** The order of the norm; 2 by default. */
  p?: number
  /** Added to every difference; 1e-6 by default. */
  eps?: number
  /** Takes the distance of positive and negative instead where it is the smaller one; false by default. */
  swap?: boolean
}

/**
 * `max(0, ‖anchor - positive‖ - ‖anchor - negative‖ + margin)`, `[n, d]` each; `margin` is 1 by default.
 *
 * @throws ValueError for a margin that is not positive
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss extends MarginLoss {
  static override readonly layerName: string = 'TripletMarginLoss'
  readonly p: number
  readonly eps: number
  readonly swap: boolean

  constructor({ margin = 1, p = 2, eps = 1e-6, swap = false, ...options }: TripletMarginOptions = {}) {
    if (!(margin > 0))
      throw new ValueError(`TripletMarginLoss: expected margin to be greater than 0, got ${margin} instead`)
    super(margin, options)
    this.p = p
    this.eps = eps
    this.swap = swap
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction })
  }
}

/**
 * {@link TripletMarginLoss} by any distance, that of `pairwiseDistance` by default.
 *
 * @throws ValueError for a margin that is not positive
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export class TripletMarginWithDistanceLoss extends MarginLoss {
  static override readonly layerName: string = 'TripletMarginWithDistanceLoss'
  readonly distanceFunction: Distance | null
  readonly swap: boolean

  constructor({
    distanceFunction = null,
    margin = 1,
    swap = false,
    ...options
  }: MarginLossOptions & { distanceFunction?: Distance | null; swap?: boolean } = {}) {
    if (!(margin > 0)) {
      throw new ValueError(
        `TripletMarginWithDistanceLoss: expected margin to be greater than 0, got ${margin} instead`,
      )
    }
    super(margin, options)
    this.distanceFunction = distanceFunction
    this.swap = swap
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this
    return tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction,
      margin,
      swap,
      reduction,
    })
  }
}

/** Options of {@link MultiMarginLoss}. */
export interface MultiMarginOptions extends WeightedLossOptions {
  /** The power of each difference: 1 (the default) or 2. */
  p?: number
  /** 1 by default. */
  margin?: number
}

/**
 * `Σᵢ max(0, margin - x[target] + x[i])ᵖ / c` over the other classes: scores `[n, c]` and classes `[n]`.
 *
 * @throws ValueError for other powers than 1 and 2
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends WeightedLoss {
  static override readonly layerName: string = 'MultiMarginLoss'
  readonly p: number
  readonly margin: number

  constructor({ p = 1, margin = 1, ...options }: MultiMarginOptions = {}) {
    if (p !== 1 && p !== 2) throw new ValueError('only p == 1 and p == 2 supported')
    super(options)
    this.p = p
    this.margin = margin
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this
    return multiMarginLoss(x, target, { p, margin, weight, reduction })
  }
}

/**
 * `Σᵢⱼ max(0, 1 - x[yⱼ] + x[i]) / c` over labels yⱼ and classes i that are none: scores `[n, c]` and labels of the same shape,
 * those before the first -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends Loss {
  static override readonly layerName: string = 'MultiLabelMarginLoss'
  forward(x: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(x, target, { reduction: this.reduction })
  }
}

/**
 * The mean over classes of the binary cross entropy of each: logits `[n, c]` and targets 0 or 1 of the same shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  static override readonly layerName: string = 'MultiLabelSoftMarginLoss'
  forward(x: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(x, target, { weight: this.weight, reduction: this.reduction })
  }
}

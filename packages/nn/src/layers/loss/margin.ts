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
} from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  flag,
  functionKind,
  kind,
  nullable,
  type OptionTable,
  outsideScope,
  real,
} from '@gradus/core/internal'
import { optionalTensor, reduction } from '../../module/arguments.ts'
import { Loss, type LossOptions, WeightedLoss, type WeightedLossOptions } from './loss.ts'

/** Options of losses with a margin. */
export interface MarginLossOptions extends LossOptions {
  /** The distance that right and wrong should have. */
  margin?: number
}

const marginOptions = /* @__PURE__ */ defineOptions<MarginLossOptions>({ reduction, margin: real })

abstract class MarginLoss extends Loss {
  readonly margin: number

  /** @param usual - the margin where the options give none */
  constructor(
    usual: number,
    options: MarginLossOptions | undefined,
    table: OptionTable<MarginLossOptions> = marginOptions,
  ) {
    super(options, table)
    this.margin = options?.margin ?? usual
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
  constructor(options?: MarginLossOptions) {
    super(0, options)
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
  constructor(options?: MarginLossOptions) {
    super(1, options)
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
  constructor(options?: MarginLossOptions) {
    super(0, options)
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

const tripletMargin = /* @__PURE__ */ kind<number>(
  'a number above 0',
  (x) => typeof x === 'number' && x > 0,
  (x) => `expected margin to be greater than 0, got ${describeValue(x)} instead`,
)

const tripletOptions = /* @__PURE__ */ defineOptions<TripletMarginOptions>({
  reduction,
  margin: tripletMargin,
  p: real,
  eps: real,
  swap: flag,
})

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

  constructor(options?: TripletMarginOptions) {
    super(1, options, tripletOptions)
    const { p = 2, eps = 1e-6, swap = false } = options ?? {}
    this.p = p
    this.eps = eps
    this.swap = swap
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction })
  }
}

/** Options of {@link TripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceOptions extends MarginLossOptions {
  /** The distance of two batches of vectors; null, the default, for `pairwiseDistance`. */
  distanceFunction?: Distance | null
  /** As for {@link TripletMarginLoss}; false by default. */
  swap?: boolean
}

const distanceOptions = /* @__PURE__ */ defineOptions<TripletMarginWithDistanceOptions>({
  reduction,
  margin: tripletMargin,
  distanceFunction: /* @__PURE__ */ nullable(/* @__PURE__ */ functionKind<Distance>()),
  swap: flag,
})

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

  constructor(options?: TripletMarginWithDistanceOptions) {
    super(1, options, distanceOptions)
    const { distanceFunction = null, swap = false } = options ?? {}
    this.distanceFunction = distanceFunction
    this.swap = swap
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this
    return tripletMarginWithDistanceLoss(anchor, positive, negative, {
      // a function of the user may keep what it sees
      distanceFunction: distanceFunction && ((a, b) => outsideScope(() => distanceFunction(a, b), [a, b])),
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

const multiMarginOptions = /* @__PURE__ */ defineOptions<MultiMarginOptions>({
  reduction,
  weight: optionalTensor,
  p: /* @__PURE__ */ kind<number>(
    '1 or 2',
    (x) => x === 1 || x === 2,
    () => 'only p == 1 and p == 2 supported',
  ),
  margin: real,
})

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

  constructor(options?: MultiMarginOptions) {
    super(options, multiMarginOptions)
    const { p = 1, margin = 1 } = options ?? {}
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

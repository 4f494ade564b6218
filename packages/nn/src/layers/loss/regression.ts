import { huberLoss, l1Loss, mseLoss, smoothL1Loss, type Tensor } from '@gradus/core/functions'
import { atLeast, defineOptions } from '@gradus/core/internal'
import { reduction } from '../../module/arguments.ts'
import { Loss, type LossOptions } from './loss.ts'

/**
 * Squared differences of prediction and target, which have one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 * @example
 * new g.nn.MSELoss()(g.tensor([1, 2]), g.tensor([1, 4])).item() // => 2
 */
export class MSELoss extends Loss {
  static override readonly layerName: string = 'MSELoss'

  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, { reduction: this.reduction })
  }
}

/**
 * Absolute differences of prediction and target.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export class L1Loss extends Loss {
  static override readonly layerName: string = 'L1Loss'

  forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, { reduction: this.reduction })
  }
}

/** Options of {@link SmoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** The difference from which on it counts as it is; 1 by default. */
  beta?: number
}

const smoothOptions = /* @__PURE__ */ defineOptions<SmoothL1LossOptions>({
  reduction,
  beta: /* @__PURE__ */ atLeast(0),
})

/**
 * Squared differences below `beta`, absolute ones above.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1Loss extends Loss {
  static override readonly layerName: string = 'SmoothL1Loss'
  readonly beta: number

  constructor(options?: SmoothL1LossOptions) {
    super(options, smoothOptions)
    this.beta = options?.beta ?? 1
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(x, target, { reduction: this.reduction, beta: this.beta })
  }
}

/** Options of {@link HuberLoss}. */
export interface HuberLossOptions extends LossOptions {
  /** The difference from which on the loss grows linearly; 1 by default. */
  delta?: number
}

const huberOptions = /* @__PURE__ */ defineOptions<HuberLossOptions>({
  reduction,
  delta: /* @__PURE__ */ atLeast(0, { exclusive: true }),
})

/**
 * Squared differences up to `delta`, `delta` times absolute ones beyond.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class HuberLoss extends Loss {
  static override readonly layerName: string = 'HuberLoss'
  readonly delta: number

  constructor(options?: HuberLossOptions) {
    super(options, huberOptions)
    this.delta = options?.delta ?? 1
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, { reduction: this.reduction, delta: this.delta })
  }
}

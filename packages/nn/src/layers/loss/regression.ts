import { huberLoss, l1Loss, mseLoss, smoothL1Loss, type Tensor } from '@gradus/core'
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

/**
 * Squared differences below `beta` (1 by default), absolute ones above.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1Loss extends Loss {
  static override readonly layerName: string = 'SmoothL1Loss'
  readonly beta: number

  constructor({ beta = 1, ...options }: LossOptions & { beta?: number } = {}) {
    super(options)
    this.beta = beta
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(x, target, { reduction: this.reduction, beta: this.beta })
  }
}

/**
 * Squared differences up to `delta` (1 by default), `delta` times absolute ones beyond.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class HuberLoss extends Loss {
  static override readonly layerName: string = 'HuberLoss'
  readonly delta: number

  constructor({ delta = 1, ...options }: LossOptions & { delta?: number } = {}) {
    super(options)
    this.delta = delta
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, { reduction: this.reduction, delta: this.delta })
  }
}

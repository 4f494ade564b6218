import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
  type Reduction,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'

/** What every loss takes. */
export interface LossOptions {
  /** The mean over all elements (the default), their sum, or the elements themselves. */
  reduction?: Reduction
}

/** The base of losses that are averaged, added up, or left as they are. */
export abstract class Loss extends Module {
  readonly reduction: Reduction

  constructor({ reduction = 'mean' }: LossOptions = {}) {
    super()
    this.reduction = reduction
  }
}

/**
 * Squared differences of prediction and target, which have one shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 * @example
 * new g.nn.MSELoss()(g.tensor([1, 2]), g.tensor([1, 4])).item() // => 2
 */
export class MSELoss extends Loss {
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
  readonly delta: number

  constructor({ delta = 1, ...options }: LossOptions & { delta?: number } = {}) {
    super(options)
    this.delta = delta
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, { reduction: this.reduction, delta: this.delta })
  }
}

/** Options of losses that weigh elements or classes. */
export interface WeightedLossOptions extends LossOptions {
  /** Per element (broadcast), or for {@link CrossEntropyLoss} and {@link NLLLoss} per class `[c]`. */
  weight?: Tensor | null
}

/** The base of losses with a weight, which is part of their state. */
export abstract class WeightedLoss extends Loss {
  weight: Tensor | null

  constructor({ weight = null, ...options }: WeightedLossOptions = {}) {
    super(options)
    this.weight = this.registerBuffer('weight', weight)
  }
}

/** Options of {@link NLLLoss}. */
export interface NLLLossOptions extends WeightedLossOptions {
  /** A class that does not count; -100 by default. */
  ignoreIndex?: number
}

/**
 * `-x[target]`, of logarithms of probabilities `[n, c, ...]` and classes `[n, ...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends WeightedLoss {
  readonly ignoreIndex: number

  constructor({ ignoreIndex = -100, ...options }: NLLLossOptions = {}) {
    super(options)
    this.ignoreIndex = ignoreIndex
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this
    return nllLoss(x, target, { weight, ignoreIndex, reduction })
  }
}

/** Options of {@link CrossEntropyLoss}. */
export interface CrossEntropyLossOptions extends NLLLossOptions {
  /** Share of the target that is spread over all classes, 0 to 1; 0 by default. */
  labelSmoothing?: number
}

/**
 * Cross-entropy of logits `[n, c, ...]` and classes `[n, ...]` (integers), or probabilities of the logits' shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 * @example
 * const target = g.tensor([0, 1], { dtype: 'int32' })
 * new g.nn.CrossEntropyLoss()(g.zeros(2, 4), target).item().toFixed(4) // => '1.3863'
 */
export class CrossEntropyLoss extends NLLLoss {
  readonly labelSmoothing: number

  constructor({ labelSmoothing = 0, ...options }: CrossEntropyLossOptions = {}) {
    super(options)
    this.labelSmoothing = labelSmoothing
  }

  override forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this
    return crossEntropy(x, target, { weight, ignoreIndex, reduction, labelSmoothing })
  }
}

/**
 * Binary cross-entropy of probabilities; logarithms are bounded at -100.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export class BCELoss extends WeightedLoss {
  forward(x: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(x, target, { weight: this.weight, reduction: this.reduction })
  }
}

/** Options of {@link BCEWithLogitsLoss}. */
export interface BCEWithLogitsLossOptions extends WeightedLossOptions {
  /** Weight of the positive class; broadcast. */
  posWeight?: Tensor | null
}

/**
 * Binary cross-entropy of logits, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  static override readonly stateKeys = { posWeight: 'pos_weight' }
  posWeight: Tensor | null

  constructor({ posWeight = null, ...options }: BCEWithLogitsLossOptions = {}) {
    super(options)
    this.posWeight = this.registerBuffer('posWeight', posWeight)
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, posWeight, reduction } = this
    return binaryCrossEntropyWithLogits(x, target, { weight, posWeight, reduction })
  }
}

/** Options of {@link KLDivLoss}. */
export interface KLDivLossOptions {
  /** As for other losses, or `batchmean`: the sum over the first axis's length, which is what the definition says. */
  reduction?: Reduction | 'batchmean'
  /** Whether the target is given as logarithms too; false by default. */
  logTarget?: boolean
}

/**
 * `target · (log(target) - x)`, of the logarithms `x` of probabilities.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | 'batchmean'
  readonly logTarget: boolean

  constructor({ reduction = 'mean', logTarget = false }: KLDivLossOptions = {}) {
    super()
    this.reduction = reduction
    this.logTarget = logTarget
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return klDiv(x, target, { reduction: this.reduction, logTarget: this.logTarget })
  }
}

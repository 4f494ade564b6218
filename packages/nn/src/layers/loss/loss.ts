import type { Reduction, Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'

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

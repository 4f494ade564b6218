import type { Reduction, Tensor } from '@gradus/core/functions'
import { defineOptions, type OptionTable, takeOptions } from '@gradus/core/internal'
import { optionalTensor, reduction } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

/** Options of every loss. */
export interface LossOptions {
  /** The mean over all elements (the default), their sum, or the elements themselves. */
  reduction?: Reduction
}

export const lossOptions = /* @__PURE__ */ defineOptions<LossOptions>({ reduction })

/** The base of losses that are averaged, added up, or left as they are. */
export abstract class Loss extends Module {
  readonly reduction: Reduction

  /**
   * @param table - the options of the loss, `reduction` among them
   */
  constructor(options?: LossOptions, table: OptionTable<LossOptions> = lossOptions) {
    super()
    this.reduction = takeOptions(nameOf(this), table, options).reduction ?? 'mean'
  }
}

/** Options of losses that weigh elements or classes. */
export interface WeightedLossOptions extends LossOptions {
  /** Per element (broadcast), or for {@link CrossEntropyLoss} and {@link NLLLoss} per class `[c]`. */
  weight?: Tensor | null
}

export const weightedLossOptions = /* @__PURE__ */ defineOptions<WeightedLossOptions>({
  reduction,
  weight: optionalTensor,
})

/** The base of losses with a weight, which is part of their state. */
export abstract class WeightedLoss extends Loss {
  weight: Tensor | null

  constructor(options?: WeightedLossOptions, table: OptionTable<WeightedLossOptions> = weightedLossOptions) {
    super(options, table)
    this.weight = this.registerBuffer('weight', options?.weight ?? null)
  }
}

import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  klDiv,
  nllLoss,
  type Reduction,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, integer, oneOf, type OptionTable, takeOptions } from '@gradus/core/internal'
import { optionalTensor, reduction, share } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { WeightedLoss, type WeightedLossOptions } from './loss.ts'

/** Options of {@link NLLLoss}. */
export interface NLLLossOptions extends WeightedLossOptions {
  /** A class that does not count; -100 by default. */
  ignoreIndex?: number
}

const nllOptions = /* @__PURE__ */ defineOptions<NLLLossOptions>({
  reduction,
  weight: optionalTensor,
  ignoreIndex: /* @__PURE__ */ integer(),
})

/**
 * `-x[target]`, of logarithms of probabilities `[n, c, ...]` and classes `[n, ...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends WeightedLoss {
  static override readonly layerName: string = 'NLLLoss'
  readonly ignoreIndex: number

  constructor(options?: NLLLossOptions, table: OptionTable<NLLLossOptions> = nllOptions) {
    super(options, table)
    this.ignoreIndex = options?.ignoreIndex ?? -100
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

const crossEntropyOptions = /* @__PURE__ */ defineOptions<CrossEntropyLossOptions>({
  reduction,
  weight: optionalTensor,
  ignoreIndex: /* @__PURE__ */ integer(),
  labelSmoothing: share,
})

/**
 * Cross-entropy of logits `[n, c, ...]` and classes `[n, ...]` (integers), or probabilities of the logits' shape.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 * @example
 * const target = g.tensor([0, 1], { dtype: 'int32' })
 * new g.nn.CrossEntropyLoss()(g.zeros(2, 4), target).item().toFixed(4) // => '1.3863'
 */
export class CrossEntropyLoss extends NLLLoss {
  static override readonly layerName: string = 'CrossEntropyLoss'
  readonly labelSmoothing: number

  constructor(options?: CrossEntropyLossOptions) {
    super(options, crossEntropyOptions)
    this.labelSmoothing = options?.labelSmoothing ?? 0
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
  static override readonly layerName: string = 'BCELoss'
  forward(x: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(x, target, { weight: this.weight, reduction: this.reduction })
  }
}

/** Options of {@link BCEWithLogitsLoss}. */
export interface BCEWithLogitsLossOptions extends WeightedLossOptions {
  /** Weight of the positive class; broadcast. */
  posWeight?: Tensor | null
}

const logitsOptions = /* @__PURE__ */ defineOptions<BCEWithLogitsLossOptions>({
  reduction,
  weight: optionalTensor,
  posWeight: optionalTensor,
})

/**
 * Binary cross-entropy of logits, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  static override readonly layerName: string = 'BCEWithLogitsLoss'
  static override readonly stateKeys = { posWeight: 'pos_weight' }
  posWeight: Tensor | null

  constructor(options?: BCEWithLogitsLossOptions) {
    super(options, logitsOptions)
    this.posWeight = this.registerBuffer('posWeight', options?.posWeight ?? null)
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

const klDivOptions = /* @__PURE__ */ defineOptions<KLDivLossOptions>({
  reduction: /* @__PURE__ */ oneOf('none', 'mean', 'sum', 'batchmean'),
  logTarget: flag,
})

/**
 * `target · (log(target) - x)`, of the logarithms `x` of probabilities.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Module {
  static override readonly layerName: string = 'KLDivLoss'
  readonly reduction: Reduction | 'batchmean'
  readonly logTarget: boolean

  constructor(options?: KLDivLossOptions) {
    super()
    const { reduction = 'mean', logTarget = false } = takeOptions(nameOf(this), klDivOptions, options)
    this.reduction = reduction
    this.logTarget = logTarget
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return klDiv(x, target, { reduction: this.reduction, logTarget: this.logTarget })
  }
}

import {
  celu,
  celu_,
  elu,
  elu_,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  type Tensor,
  threshold,
  threshold_,
  ValueError,
} from '@gradus/core/functions'
import { defineOptions, flag, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'
import type { InplaceOptions } from './inplace.ts'

const suffix = (inplace: boolean): string => (inplace ? ', inplace=True' : '')

/** Options of {@link LeakyReLU}. */
export interface LeakyReLUOptions extends InplaceOptions {
  /** The slope below 0; 0.01 by default. */
  negativeSlope?: number
}

const leakyReLUOptions = /* @__PURE__ */ defineOptions<LeakyReLUOptions>({
  negativeSlope: real,
  inplace: flag,
})

/**
 * `x` where positive, `negativeSlope · x` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 * @example
 * new g.nn.LeakyReLU({ negativeSlope: 0.5 })(g.tensor([-2, 2])).tolist() // => [-1, 2]
 */
export class LeakyReLU extends Module {
  static override readonly layerName: string = 'LeakyReLU'
  readonly negativeSlope: number
  readonly inplace: boolean

  constructor(options?: LeakyReLUOptions) {
    super()
    const { negativeSlope = 0.01, inplace = false } = takeOptions(nameOf(this), leakyReLUOptions, options)
    this.negativeSlope = negativeSlope
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { negativeSlope } = this
    return this.inplace ? leakyRelu_(x, { negativeSlope }) : leakyRelu(x, { negativeSlope })
  }

  override extraRepr(): string {
    return `negative_slope=${float(this.negativeSlope)}${suffix(this.inplace)}`
  }
}

/** Options of {@link ELU} and {@link CELU}. */
export interface ELUOptions extends InplaceOptions {
  /** The limit for small `x` is `-alpha`; 1 by default. */
  alpha?: number
}

const eluOptions = /* @__PURE__ */ defineOptions<ELUOptions>({ alpha: real, inplace: flag })

/**
 * `x` where positive, `alpha · (exp(x) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 */
export class ELU extends Module {
  static override readonly layerName: string = 'ELU'
  readonly alpha: number
  readonly inplace: boolean

  constructor(options?: ELUOptions) {
    super()
    const { alpha = 1, inplace = false } = takeOptions(nameOf(this), eluOptions, options)
    this.alpha = alpha
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { alpha } = this
    return this.inplace ? elu_(x, { alpha }) : elu(x, { alpha })
  }

  override extraRepr(): string {
    return `alpha=${float(this.alpha)}${suffix(this.inplace)}`
  }
}

/**
 * `x` where positive, `alpha · (exp(x / alpha) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
 */
export class CELU extends ELU {
  static override readonly layerName: string = 'CELU'
  override forward(x: Tensor): Tensor {
    const { alpha } = this
    return this.inplace ? celu_(x, { alpha }) : celu(x, { alpha })
  }
}

/** Options of {@link Hardtanh}. */
export interface HardtanhOptions extends InplaceOptions {
  /** -1 by default. */
  minVal?: number
  /** 1 by default. */
  maxVal?: number
}

const hardtanhOptions = /* @__PURE__ */ defineOptions<HardtanhOptions>({
  minVal: real,
  maxVal: real,
  inplace: flag,
})

/**
 * `x` limited to `[minVal, maxVal]`.
 *
 * @throws ValueError unless minVal is below maxVal
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Module {
  static override readonly layerName: string = 'Hardtanh'
  readonly minVal: number
  readonly maxVal: number
  readonly inplace: boolean

  constructor(options?: HardtanhOptions) {
    super()
    const { minVal = -1, maxVal = 1, inplace = false } = takeOptions(nameOf(this), hardtanhOptions, options)
    if (maxVal <= minVal) {
      throw new ValueError(`Hardtanh: minVal has to be below maxVal, got ${minVal} and ${maxVal}`)
    }
    this.minVal = minVal
    this.maxVal = maxVal
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { minVal, maxVal } = this
    return this.inplace ? hardtanh_(x, { minVal, maxVal }) : hardtanh(x, { minVal, maxVal })
  }

  override extraRepr(): string {
    return `min_val=${float(this.minVal)}, max_val=${float(this.maxVal)}${suffix(this.inplace)}`
  }
}

const thresholdOptions = /* @__PURE__ */ defineOptions<InplaceOptions>({ inplace: flag })

/**
 * `x` where it is above `threshold`, else `value`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 */
export class Threshold extends Module {
  static override readonly layerName: string = 'Threshold'
  readonly threshold: number
  readonly value: number
  readonly inplace: boolean

  constructor(threshold: number, value: number, options?: InplaceOptions) {
    super()
    this.threshold = takeArgument(nameOf(this), 'threshold', real, threshold)
    this.value = takeArgument(nameOf(this), 'value', real, value)
    this.inplace = takeOptions(nameOf(this), thresholdOptions, options).inplace ?? false
  }

  forward(x: Tensor): Tensor {
    return (this.inplace ? threshold_ : threshold)(x, this.threshold, this.value)
  }

  override extraRepr(): string {
    return `threshold=${float(this.threshold)}, value=${float(this.value)}${suffix(this.inplace)}`
  }
}

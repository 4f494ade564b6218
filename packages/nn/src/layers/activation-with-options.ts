import {
  celu,
  celu_,
  elu,
  elu_,
  full,
  gelu,
  glu,
  hardshrink,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  logSoftmax,
  prelu,
  softmax,
  softmin,
  softplus,
  softshrink,
  threshold,
  threshold_,
  type DType,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { float } from '../python-text.ts'
import type { InplaceOptions } from './activation.ts'

const suffix = (inplace: boolean): string => (inplace ? ', inplace=True' : '')

/**
 * `x · Φ(x)`, with the normal distribution Φ, or its approximation by `tanh`.
 *
 * @see Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends Module {
  static override readonly keepsNothing = true
  readonly approximate: 'none' | 'tanh'

  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    this.approximate = approximate
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate })
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}

/**
 * `x` where positive, `negativeSlope · x` elsewhere; 0.01 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 */
export class LeakyReLU extends Module {
  static override readonly keepsNothing = true
  readonly negativeSlope: number
  readonly inplace: boolean

  constructor({ negativeSlope = 0.01, inplace = false }: { negativeSlope?: number } & InplaceOptions = {}) {
    super()
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

/**
 * `x` where positive, `alpha · (exp(x) - 1)` elsewhere; alpha is 1 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 */
export class ELU extends Module {
  static override readonly keepsNothing = true
  readonly alpha: number
  readonly inplace: boolean

  constructor({ alpha = 1, inplace = false }: { alpha?: number } & InplaceOptions = {}) {
    super()
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
 * `x` where positive, `alpha · (exp(x / alpha) - 1)` elsewhere; alpha is 1 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
 */
export class CELU extends ELU {
  override forward(x: Tensor): Tensor {
    const { alpha } = this
    return this.inplace ? celu_(x, { alpha }) : celu(x, { alpha })
  }
}

/**
 * `x` limited to `[minVal, maxVal]`, [-1, 1] by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Module {
  static override readonly keepsNothing = true
  readonly minVal: number
  readonly maxVal: number
  readonly inplace: boolean

  constructor({
    minVal = -1,
    maxVal = 1,
    inplace = false,
  }: { minVal?: number; maxVal?: number } & InplaceOptions = {}) {
    super()
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

/**
 * `log(1 + exp(beta · x)) / beta`; `x` itself where `beta · x` is above the threshold.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Module {
  static override readonly keepsNothing = true
  readonly beta: number
  readonly threshold: number

  constructor({ beta = 1, threshold = 20 }: { beta?: number; threshold?: number } = {}) {
    super()
    this.beta = beta
    this.threshold = threshold
  }

  forward(x: Tensor): Tensor {
    return softplus(x, { beta: this.beta, threshold: this.threshold })
  }

  override extraRepr(): string {
    return `beta=${float(this.beta)}, threshold=${float(this.threshold)}`
  }
}

/**
 * `x`, with 0 where `|x|` is at most `lambd`; 0.5 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 */
export class Hardshrink extends Module {
  static override readonly keepsNothing = true
  readonly lambd: number

  constructor({ lambd = 0.5 }: { lambd?: number } = {}) {
    super()
    this.lambd = lambd
  }

  forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd)
  }

  override extraRepr(): string {
    return float(this.lambd)
  }
}

/**
 * `x` moved towards 0 by `lambd`, 0.5 by default, and 0 where that would change its sign.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 */
export class Softshrink extends Hardshrink {
  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd)
  }
}

/**
 * `x` where it is above `threshold`, else `value`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 */
export class Threshold extends Module {
  static override readonly keepsNothing = true
  readonly threshold: number
  readonly value: number
  readonly inplace: boolean

  constructor(threshold: number, value: number, { inplace = false }: InplaceOptions = {}) {
    super()
    this.threshold = threshold
    this.value = value
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    return (this.inplace ? threshold_ : threshold)(x, this.threshold, this.value)
  }

  override extraRepr(): string {
    return `threshold=${float(this.threshold)}, value=${float(this.value)}${suffix(this.inplace)}`
  }
}

/**
 * The first half of an axis times the sigmoid of the second; the last axis by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends Module {
  static override readonly keepsNothing = true
  readonly dim: number

  constructor({ dim = -1 }: { dim?: number } = {}) {
    super()
    this.dim = dim
  }

  forward(x: Tensor): Tensor {
    return glu(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/**
 * `x` where positive, `weight · x` elsewhere, with a learned weight: one, or one per channel (axis 1).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 */
export class PReLU extends Module {
  static override readonly keepsNothing = true
  readonly numParameters: number
  readonly weight: Parameter

  constructor({
    numParameters = 1,
    init = 0.25,
    dtype,
  }: { numParameters?: number; init?: number; dtype?: DType } = {}) {
    super()
    this.numParameters = numParameters
    this.weight = new Parameter(full([numParameters], init, dtype ? { dtype } : {}))
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`
  }
}

abstract class AlongAxis extends Module {
  readonly dim: number

  /** @param dim - the axis; negative counts from the end */
  constructor(dim: number) {
    super()
    this.dim = dim
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/**
 * `exp(x) / sum(exp(x))` along an axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 * @example
 * new g.nn.Softmax(1)(g.zeros(1, 4)).tolist() // => [[0.25, 0.25, 0.25, 0.25]]
 */
export class Softmax extends AlongAxis {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return softmax(x, this.dim)
  }
}

/**
 * The logarithm of {@link Softmax}, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends AlongAxis {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim)
  }
}

/**
 * {@link Softmax} of `-x`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 */
export class Softmin extends AlongAxis {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return softmin(x, this.dim)
  }
}

/**
 * {@link Softmax} over the channels of `[n, c, h, w]` or `[c, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 */
export class Softmax2d extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return softmax(x, -3)
  }
}

import { gelu, glu, softplus, type Tensor } from '@gradus/core/functions'
import { defineOptions, integer, oneOf, real, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'

/** Options of {@link GELU}. */
export interface GELULayerOptions {
  /** 'none' (the default) computes Φ, 'tanh' approximates it. */
  approximate?: 'none' | 'tanh'
}

const geluOptions = /* @__PURE__ */ defineOptions<GELULayerOptions>({ approximate: oneOf('none', 'tanh') })

/**
 * `x · Φ(x)`, with the distribution function Φ of the standard normal.
 *
 * @see Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends Module {
  static override readonly layerName: string = 'GELU'
  readonly approximate: 'none' | 'tanh'

  constructor(options?: GELULayerOptions) {
    super()
    this.approximate = takeOptions(nameOf(this), geluOptions, options).approximate ?? 'none'
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate })
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}

/** Options of {@link Softplus}. */
export interface SoftplusLayerOptions {
  /** 1 by default. */
  beta?: number
  /** The result is `x` itself where `beta · x` is above this; 20 by default. */
  threshold?: number
}

const softplusOptions = /* @__PURE__ */ defineOptions<SoftplusLayerOptions>({ beta: real, threshold: real })

/**
 * `log(1 + exp(beta · x)) / beta`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Module {
  static override readonly layerName: string = 'Softplus'
  readonly beta: number
  readonly threshold: number

  constructor(options?: SoftplusLayerOptions) {
    super()
    const { beta = 1, threshold = 20 } = takeOptions(nameOf(this), softplusOptions, options)
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

/** Options of {@link GLU}. */
export interface GLUOptions {
  /** The axis that is halved; the last one by default. */
  dim?: number
}

const gluOptions = /* @__PURE__ */ defineOptions<GLUOptions>({ dim: /* @__PURE__ */ integer() })

/**
 * The first half of an axis times the sigmoid of the second half.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends Module {
  static override readonly layerName: string = 'GLU'
  readonly dim: number

  constructor(options?: GLUOptions) {
    super()
    this.dim = takeOptions(nameOf(this), gluOptions, options).dim ?? -1
  }

  forward(x: Tensor): Tensor {
    return glu(x, this.dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

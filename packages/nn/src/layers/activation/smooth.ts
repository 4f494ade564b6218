import { gelu, glu, softplus, type Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { float } from '../../module/python-text.ts'

/**
 * `x · Φ(x)`, with the normal distribution Φ, or its approximation by `tanh`.
 *
 * @see Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends Module {
  static override readonly layerName: string = 'GELU'
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
 * `log(1 + exp(beta · x)) / beta`; `x` itself where `beta · x` is above the threshold.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Module {
  static override readonly layerName: string = 'Softplus'
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
 * The first half of an axis times the sigmoid of the second; the last axis by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends Module {
  static override readonly layerName: string = 'GLU'
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

import {
  localResponseNorm,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LocalResponseNormOptions,
  type LpPoolOptions,
  type Shape,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'
import { bool, float, tuple } from '../python-text.ts'

/**
 * `x / (k + alpha · mean(x²))ᵝ`, the mean over `size` neighbouring channels: `[n, c, ...]`.
 *
 * @see Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks"
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @example
 * String(new g.nn.LocalResponseNorm(2)) // => 'LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)'
 */
export class LocalResponseNorm extends Module {
  static override readonly keepsNothing = true
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super()
    this.size = size
    this.alpha = alpha
    this.beta = beta
    this.k = k
  }

  forward(x: Tensor): Tensor {
    const { alpha, beta, k } = this
    return localResponseNorm(x, this.size, { alpha, beta, k })
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${float(this.alpha)}, beta=${float(this.beta)}, k=${float(this.k)}`
  }
}

abstract class LPPool extends Module {
  readonly normType: number
  readonly kernelSize: number | Shape
  readonly options: LpPoolOptions

  /**
   * @param normType - the power
   * @param kernelSize - of the window; a number stands for all axes
   */
  constructor(normType: number, kernelSize: number | Shape, options: LpPoolOptions = {}) {
    super()
    this.normType = normType
    this.kernelSize = kernelSize
    this.options = options
  }

  override extraRepr(): string {
    const { stride = null, ceilMode = false } = this.options
    const text = (sizes: number | Shape): string => (typeof sizes === 'number' ? String(sizes) : tuple(sizes))
    const step = stride === null ? 'None' : text(stride)
    return `norm_type=${this.normType}, kernel_size=${text(this.kernelSize)}, stride=${step}, ceil_mode=${bool(ceilMode)}`
  }
}

/**
 * The root of the sum of powers in each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 */
export class LPPool1d extends LPPool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return lpPool1d(x, this.normType, this.kernelSize, this.options)
  }
}

/**
 * The root of the sum of powers in each window over the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 * @example
 * new g.nn.LPPool2d(2, 2)(g.ones(1, 1, 2, 2)).item() // => 2
 */
export class LPPool2d extends LPPool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return lpPool2d(x, this.normType, this.kernelSize, this.options)
  }
}

/**
 * The root of the sum of powers in each window over the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 */
export class LPPool3d extends LPPool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return lpPool3d(x, this.normType, this.kernelSize, this.options)
  }
}

import { localResponseNorm, type LocalResponseNormOptions, type Tensor } from '@gradus/core/functions'
import { defineOptions, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { positive } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'

const responseOptions = /* @__PURE__ */ defineOptions<LocalResponseNormOptions>({
  alpha: real,
  beta: real,
  k: real,
})

/**
 * `x / (k + alpha · mean(x²))ᵝ`, the mean over `size` neighbouring channels: `[n, c, ...]`.
 *
 * @see Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks"
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 * @example
 * String(new g.nn.LocalResponseNorm(2)) // => 'LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)'
 */
export class LocalResponseNorm extends Module {
  static override readonly layerName: string = 'LocalResponseNorm'
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number

  constructor(size: number, options?: LocalResponseNormOptions) {
    super()
    this.size = takeArgument(nameOf(this), 'size', positive, size)
    const { alpha = 1e-4, beta = 0.75, k = 1 } = takeOptions(nameOf(this), responseOptions, options)
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

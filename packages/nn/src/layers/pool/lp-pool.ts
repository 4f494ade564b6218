import {
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LpPoolOptions,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, nullable, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { windows } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { bool, sizesText } from '../../module/python-text.ts'

const lpPoolOptions = /* @__PURE__ */ defineOptions<LpPoolOptions>({
  stride: /* @__PURE__ */ nullable(windows),
  ceilMode: flag,
})

abstract class LPPool extends Module {
  readonly normType: number
  readonly kernelSize: number | Shape
  readonly options: LpPoolOptions

  /**
   * @param normType - the power
   * @param kernelSize - of the window; a number stands for all axes
   */
  constructor(normType: number, kernelSize: number | Shape, options?: LpPoolOptions) {
    super()
    this.normType = takeArgument(nameOf(this), 'normType', real, normType)
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', windows, kernelSize)
    this.options = { ...takeOptions(nameOf(this), lpPoolOptions, options) }
  }

  override extraRepr(): string {
    const { stride = null, ceilMode = false } = this.options
    const step = stride === null ? 'None' : sizesText(stride)
    return `norm_type=${this.normType}, kernel_size=${sizesText(this.kernelSize)}, stride=${step}, ceil_mode=${bool(ceilMode)}`
  }
}

/**
 * The root of the sum of powers in each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 */
export class LPPool1d extends LPPool {
  static override readonly layerName: string = 'LPPool1d'
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
  static override readonly layerName: string = 'LPPool2d'
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
  static override readonly layerName: string = 'LPPool3d'
  forward(x: Tensor): Tensor {
    return lpPool3d(x, this.normType, this.kernelSize, this.options)
  }
}

import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, integer, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import { paddings, type Sizes, windows } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { sizesText } from '../../module/python-text.ts'

const avgPoolOptions = /* @__PURE__ */ defineOptions<AvgPoolOptions>({
  stride: /* @__PURE__ */ nullable(windows),
  padding: paddings,
  ceilMode: flag,
  countIncludePad: flag,
  divisorOverride: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

abstract class AvgPool extends Module {
  readonly kernelSize: Sizes
  readonly options: Required<AvgPoolOptions>

  /**
   * @param kernelSize - of the window; a number stands for all axes
   * @param options - `stride` is the kernel's size by default
   */
  constructor(kernelSize: Sizes, options?: AvgPoolOptions) {
    super()
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', windows, kernelSize)
    const given = takeOptions(nameOf(this), avgPoolOptions, options)
    const { stride, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride = null } = given
    this.options = { stride: stride ?? kernelSize, padding, ceilMode, countIncludePad, divisorOverride }
  }

  override extraRepr(): string {
    const { stride, padding } = this.options
    const { kernelSize } = this
    return `kernel_size=${sizesText(kernelSize)}, stride=${sizesText(stride ?? kernelSize)}, padding=${sizesText(padding)}`
  }
}

const list = (sizes: Sizes): Shape => (typeof sizes === 'number' ? [sizes] : sizes)

/**
 * The mean of each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends AvgPool {
  static override readonly layerName: string = 'AvgPool1d'

  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options)
  }

  // PyTorch keeps the sizes of this class as tuples, those of the others as they are given
  override extraRepr(): string {
    const { stride, padding } = this.options
    const [kernel, step] = [list(this.kernelSize), list(stride ?? this.kernelSize)]
    return `kernel_size=${sizesText(kernel)}, stride=${sizesText(step)}, padding=${sizesText(list(padding))}`
  }
}

/**
 * The mean of each window over the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends AvgPool {
  static override readonly layerName: string = 'AvgPool2d'
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options)
  }
}

/**
 * The mean of each window over the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 */
export class AvgPool3d extends AvgPool {
  static override readonly layerName: string = 'AvgPool3d'
  forward(x: Tensor): Tensor {
    return avgPool3d(x, this.kernelSize, this.options)
  }
}

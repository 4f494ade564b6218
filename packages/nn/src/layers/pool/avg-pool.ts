import { avgPool1d, avgPool2d, avgPool3d, type AvgPoolOptions, type Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { sizesText, tuple } from '../../module/python-text.ts'
import type { Sizes } from './max-pool.ts'

abstract class AvgPool extends Module {
  protected readonly text: (sizes: Sizes) => string = sizesText
  readonly kernelSize: Sizes
  readonly options: Required<AvgPoolOptions>

  /**
   * @param kernelSize - of the window; a number stands for all axes
   * @param options - `stride` is the kernel's size by default
   */
  constructor(kernelSize: Sizes, options: AvgPoolOptions = {}) {
    super()
    this.kernelSize = kernelSize
    const { stride, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride = null } = options
    this.options = { stride: stride ?? kernelSize, padding, ceilMode, countIncludePad, divisorOverride }
  }

  override extraRepr(): string {
    const { stride, padding } = this.options
    const { text } = this
    return `kernel_size=${text(this.kernelSize)}, stride=${text(stride ?? this.kernelSize)}, padding=${text(padding)}`
  }
}

/**
 * The mean of each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends AvgPool {
  static override readonly layerName: string = 'AvgPool1d'
  // PyTorch keeps its sizes as tuples, that of AvgPool2d as they are given
  protected override readonly text = (sizes: Sizes): string =>
    tuple(typeof sizes === 'number' ? [sizes] : sizes)

  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options)
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

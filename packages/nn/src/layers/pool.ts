import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type AvgPoolOptions,
  type MaxPoolOptions,
  type OutputSize,
  type PooledWithIndices,
  type Shape,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'
import { bool, tuple } from '../python-text.ts'

type Sizes = number | Shape

const text = (sizes: Sizes): string => (typeof sizes === 'number' ? String(sizes) : tuple(sizes))

/** What a max-pooling layer gives: values, or with `returnIndices` also their positions. */
type Pooled<R extends boolean> = R extends true ? PooledWithIndices : Tensor

/** Options of max pooling. */
export type MaxPoolLayerOptions<R extends boolean> = MaxPoolOptions & {
  /** Gives `{ values, indices }` with the position of each value in its plane; false by default. */
  returnIndices?: R
}

abstract class MaxPool<R extends boolean> extends Module {
  static override readonly keepsNothing = true
  readonly kernelSize: Sizes
  readonly options: Required<MaxPoolOptions>
  readonly returnIndices: boolean

  /**
   * @param kernelSize - of the window; a number stands for all axes
   * @param options - `stride` is the kernel's size by default
   */
  constructor(kernelSize: Sizes, options: MaxPoolLayerOptions<R> = {}) {
    super()
    this.kernelSize = kernelSize
    const { stride, padding = 0, dilation = 1, ceilMode = false, returnIndices = false } = options
    this.options = { stride: stride ?? kernelSize, padding, dilation, ceilMode }
    this.returnIndices = returnIndices
  }

  protected abstract pool(x: Tensor): PooledWithIndices

  forward(x: Tensor): Pooled<R> {
    const pooled = this.pool(x)
    // R says which
    return (this.returnIndices ? pooled : pooled.values) as Pooled<R>
  }

  override extraRepr(): string {
    const { stride, padding, dilation, ceilMode } = this.options
    return (
      `kernel_size=${text(this.kernelSize)}, stride=${text(stride ?? this.kernelSize)}, padding=${text(padding)}, ` +
      `dilation=${text(dilation)}, ceil_mode=${bool(ceilMode)}`
    )
  }
}

/**
 * The largest element of each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d<R extends boolean = false> extends MaxPool<R> {
  protected pool(x: Tensor): PooledWithIndices {
    return maxPool1d(x, this.kernelSize, { ...this.options, returnIndices: true })
  }
}

/**
 * The largest element of each window over the last two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 * @example
 * new g.nn.MaxPool2d(2)(g.ones(1, 3, 8, 8)).shape // => [1, 3, 4, 4]
 */
export class MaxPool2d<R extends boolean = false> extends MaxPool<R> {
  protected pool(x: Tensor): PooledWithIndices {
    return maxPool2d(x, this.kernelSize, { ...this.options, returnIndices: true })
  }
}

/**
 * The largest element of each window over the last three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 */
export class MaxPool3d<R extends boolean = false> extends MaxPool<R> {
  protected pool(x: Tensor): PooledWithIndices {
    return maxPool3d(x, this.kernelSize, { ...this.options, returnIndices: true })
  }
}

abstract class AvgPool extends Module {
  protected readonly text: (sizes: Sizes) => string = text
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return avgPool3d(x, this.kernelSize, this.options)
  }
}

abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize

  /** @param outputSize - lengths of the result's axes; null keeps one */
  constructor(outputSize: OutputSize) {
    super()
    this.outputSize = outputSize
  }

  override extraRepr(): string {
    const { outputSize } = this
    const sizes =
      typeof outputSize === 'number'
        ? String(outputSize)
        : `(${outputSize.map((n) => n ?? 'None').join(', ')})`
    return `output_size=${sizes}`
  }
}

/**
 * Means of windows chosen so that the last axis gets a given length.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class AdaptiveAvgPool1d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize)
  }
}

/**
 * Means of windows chosen so that the last two axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize)
  }
}

/**
 * Means of windows chosen so that the last three axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 */
export class AdaptiveAvgPool3d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool3d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last axis gets a given length.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class AdaptiveMaxPool1d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last two axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize)
  }
}

/**
 * Largest elements of windows chosen so that the last three axes get given lengths.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 */
export class AdaptiveMaxPool3d extends AdaptivePool {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool3d(x, this.outputSize)
  }
}

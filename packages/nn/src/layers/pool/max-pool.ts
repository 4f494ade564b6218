import {
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPoolOptions,
  type PooledWithIndices,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import { paddings, type Sizes, windows } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { bool, sizesText } from '../../module/python-text.ts'

/** What a max-pooling layer gives: values, or with `returnIndices` also their positions. */
type Pooled<R extends boolean> = R extends true ? PooledWithIndices : Tensor

/** Options of max pooling. */
export type MaxPoolLayerOptions<R extends boolean> = MaxPoolOptions & {
  /** Gives `{ values, indices }` with the position of each value in its plane; false by default. */
  returnIndices?: R
}

const maxPoolOptions = /* @__PURE__ */ defineOptions<MaxPoolLayerOptions<boolean>>({
  stride: /* @__PURE__ */ nullable(windows),
  padding: paddings,
  dilation: windows,
  ceilMode: flag,
  returnIndices: flag,
})

abstract class MaxPool<R extends boolean> extends Module {
  static override readonly layerName: string = 'MaxPool'
  readonly kernelSize: Sizes
  readonly options: Required<MaxPoolOptions>
  readonly returnIndices: boolean

  /**
   * @param kernelSize - of the window; a number stands for all axes
   * @param options - `stride` is the kernel's size by default
   */
  constructor(kernelSize: Sizes, options?: MaxPoolLayerOptions<R>) {
    super()
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', windows, kernelSize)
    // R is true or false, whatever its name
    const given = takeOptions(nameOf(this), maxPoolOptions, options as MaxPoolLayerOptions<boolean>)
    const { stride, padding = 0, dilation = 1, ceilMode = false, returnIndices = false } = given
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
      `kernel_size=${sizesText(this.kernelSize)}, stride=${sizesText(stride ?? this.kernelSize)}, padding=${sizesText(padding)}, ` +
      `dilation=${sizesText(dilation)}, ceil_mode=${bool(ceilMode)}`
    )
  }
}

/**
 * The largest element of each window over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d<R extends boolean = false> extends MaxPool<R> {
  static override readonly layerName: string = 'MaxPool1d'
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
  static override readonly layerName: string = 'MaxPool2d'
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
  static override readonly layerName: string = 'MaxPool3d'
  protected pool(x: Tensor): PooledWithIndices {
    return maxPool3d(x, this.kernelSize, { ...this.options, returnIndices: true })
  }
}

import {
  channelShuffle,
  col2im,
  im2col,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
  type ColumnsOptions,
  type InterpolateOptions,
  type Shape,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'
import { float, tuple } from '../python-text.ts'

/** Options of {@link Upsample}. */
export type UpsampleOptions = Omit<InterpolateOptions, 'antialias'>

/**
 * Images, signals or volumes `[n, c, ...]` at another resolution: `size` or `scaleFactor`, by `mode`, 'nearest' by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 * @example
 * new g.nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })(g.ones(1, 1, 2, 2)).shape // => [1, 1, 4, 4]
 */
export class Upsample extends Module {
  static override readonly keepsNothing = true
  readonly options: UpsampleOptions

  constructor(options: UpsampleOptions = {}) {
    super()
    this.options = options
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  override extraRepr(): string {
    const { size = null, scaleFactor = null, mode = 'nearest' } = this.options
    const list = (value: number | Shape, one: (n: number) => string): string =>
      typeof value === 'number'
        ? one(value)
        : `(${value.map(one).join(', ')}${value.length === 1 ? ',' : ''})`
    const how =
      scaleFactor !== null ? `scale_factor=${list(scaleFactor, float)}` : `size=${list(size ?? 0, String)}`
    return `${how}, mode='${mode}'`
  }
}

/**
 * {@link Upsample} by the nearest element.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: Pick<UpsampleOptions, 'size' | 'scaleFactor'> = {}) {
    super({ ...options, mode: 'nearest' })
  }
}

/**
 * {@link Upsample} by two linear interpolations, corners aligned.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: Pick<UpsampleOptions, 'size' | 'scaleFactor'> = {}) {
    super({ ...options, mode: 'bilinear', alignCorners: true })
  }
}

/**
 * Channels spread over a finer image: `[..., c · r², h, w]` to `[..., c, h · r, w · r]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 * @example
 * new g.nn.PixelShuffle(2)(g.ones(1, 4, 2, 2)).shape // => [1, 1, 4, 4]
 */
export class PixelShuffle extends Module {
  static override readonly keepsNothing = true
  readonly upscaleFactor: number

  constructor(upscaleFactor: number) {
    super()
    this.upscaleFactor = upscaleFactor
  }

  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`
  }
}

/**
 * The reverse of {@link PixelShuffle}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 */
export class PixelUnshuffle extends Module {
  static override readonly keepsNothing = true
  readonly downscaleFactor: number

  constructor(downscaleFactor: number) {
    super()
    this.downscaleFactor = downscaleFactor
  }

  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`
  }
}

/**
 * Channels dealt out so that those of `groups` parts take turns: `[n, c, ...]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 */
export class ChannelShuffle extends Module {
  static override readonly keepsNothing = true
  readonly groups: number

  constructor(groups: number) {
    super()
    this.groups = groups
  }

  forward(x: Tensor): Tensor {
    return channelShuffle(x, this.groups)
  }

  override extraRepr(): string {
    return `groups=${this.groups}`
  }
}

const text = (sizes: number | Shape): string => (typeof sizes === 'number' ? String(sizes) : tuple(sizes))

const windows = ({ dilation = 1, padding = 0, stride = 1 }: ColumnsOptions): string =>
  `dilation=${text(dilation)}, padding=${text(padding)}, stride=${text(stride)}`

/**
 * The windows of an image as columns: `[n, c, h, w]` to `[n, c · kernel, windows]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 * @example
 * new g.nn.Unfold(2)(g.ones(1, 1, 3, 3)).shape // => [1, 4, 4]
 */
export class Unfold extends Module {
  static override readonly keepsNothing = true
  readonly kernelSize: number | Shape
  readonly options: ColumnsOptions

  constructor(kernelSize: number | Shape, options: ColumnsOptions = {}) {
    super()
    this.kernelSize = kernelSize
    this.options = options
  }

  forward(x: Tensor): Tensor {
    return im2col(x, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return `kernel_size=${text(this.kernelSize)}, ${windows(this.options)}`
  }
}

/**
 * The sum of columns at the places of their windows: `[n, c · kernel, windows]` to `[n, c, ...outputSize]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 * @example
 * new g.nn.Fold(3, 2)(g.ones(1, 4, 4)).select(1, 0).tolist() // => [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]
 */
export class Fold extends Module {
  static override readonly keepsNothing = true
  readonly outputSize: number | Shape
  readonly kernelSize: number | Shape
  readonly options: ColumnsOptions

  constructor(outputSize: number | Shape, kernelSize: number | Shape, options: ColumnsOptions = {}) {
    super()
    this.outputSize = outputSize
    this.kernelSize = kernelSize
    this.options = options
  }

  forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return `output_size=${text(this.outputSize)}, kernel_size=${text(this.kernelSize)}, ${windows(this.options)}`
  }
}

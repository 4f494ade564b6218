import {
  conv1d,
  conv2d,
  conv3d,
  type ConvOptions as OpOptions,
  pad,
  type Shape,
  type Tensor,
  ValueError,
} from '@gradus/core/functions'
import { defineOptions, either, flag, integer, oneOf, type OptionTable } from '@gradus/core/internal'
import { floatName, sizes, type Sizes } from '../../module/arguments.ts'
import { AnyConv, type AnyConvOptions, type ConvSize, perAxis, unlessZero } from './any-conv.ts'

/** How a convolution fills what it pads. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular'

/** Options of convolutions; a number stands for all axes. */
export interface ConvOptions extends AnyConvOptions {
  /** Elements before and after each axis, 0 by default; `same` keeps lengths, `valid` is 0. */
  padding?: Sizes | 'same' | 'valid'
  /** 'zeros' by default. */
  paddingMode?: PaddingMode
}

const convOptions = (rank: number): OptionTable<ConvOptions> =>
  defineOptions<ConvOptions>({
    stride: sizes(rank, 1),
    padding: either(sizes(rank), oneOf('same', 'valid')),
    dilation: sizes(rank, 1),
    groups: integer(),
    bias: flag,
    paddingMode: oneOf('zeros', 'reflect', 'replicate', 'circular'),
    dtype: floatName,
  })

abstract class Conv extends AnyConv {
  readonly padding: Shape | 'same' | 'valid'
  readonly paddingMode: PaddingMode
  /** Elements added by {@link pad} before the convolution, the last axis first; null where the convolution pads zeros. */
  private readonly around: Shape | null

  constructor(size: ConvSize, options: ConvOptions | undefined) {
    super(size, convOptions(size.rank), options, false)
    const { padding = 0, paddingMode = 'zeros' } = options ?? {}
    if (padding === 'same' && this.stride.some((s) => s !== 1)) {
      throw new ValueError("padding='same' is not supported for strided convolutions")
    }
    this.padding = typeof padding === 'string' ? padding : perAxis(padding, size.rank)
    this.paddingMode = paddingMode
    this.around = paddingMode === 'zeros' ? null : this.kernelSize.flatMap((_, i) => this.ends(i)).reverse()
  }

  /** Elements added after and before axis i. */
  private ends(i: number): [number, number] {
    if (this.padding === 'valid') return [0, 0]
    if (this.padding !== 'same') return [this.padding[i], this.padding[i]]
    const total = this.dilation[i] * (this.kernelSize[i] - 1)
    const before = Math.floor(total / 2)
    return [total - before, before]
  }

  /** The input, with its padding where the convolution does not add it. */
  protected padded(x: Tensor): Tensor {
    const mode = this.paddingMode
    return this.around === null || mode === 'zeros' ? x : pad(x, this.around, { mode })
  }

  protected get options(): OpOptions {
    const { stride, dilation, groups } = this
    return { stride, padding: this.around === null ? this.padding : 0, dilation, groups }
  }

  override extraRepr(): string {
    const { padding, paddingMode } = this
    const text = this.describe(typeof padding === 'string' ? padding : unlessZero(padding), null)
    return paddingMode === 'zeros' ? text : `${text}, padding_mode=${paddingMode}`
  }
}

/**
 * Cross-correlation over one axis: `[n, inChannels, l]` to `[n, outChannels, l']`.
 *
 * Weight `[outChannels, inChannels / groups, k]` and bias are uniform in ±1/√(inChannels / groups · k).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends Conv {
  static override readonly layerName: string = 'Conv1d'
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super({ rank: 1, inChannels, outChannels, kernelSize }, options)
  }

  forward(x: Tensor): Tensor {
    return conv1d(this.padded(x), this.weight, this.bias, this.options)
  }
}

/**
 * Cross-correlation over two axes: `[n, inChannels, h, w]` to `[n, outChannels, h', w']`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 * @example
 * const layer = new g.nn.Conv2d(3, 8, 3, { padding: 1 })
 * layer(g.zeros(1, 3, 5, 5)).shape // => [1, 8, 5, 5]
 */
export class Conv2d extends Conv {
  static override readonly layerName: string = 'Conv2d'
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super({ rank: 2, inChannels, outChannels, kernelSize }, options)
  }

  forward(x: Tensor): Tensor {
    return conv2d(this.padded(x), this.weight, this.bias, this.options)
  }
}

/**
 * Cross-correlation over three axes: `[n, inChannels, d, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends Conv {
  static override readonly layerName: string = 'Conv3d'
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvOptions) {
    super({ rank: 3, inChannels, outChannels, kernelSize }, options)
  }

  forward(x: Tensor): Tensor {
    return conv3d(this.padded(x), this.weight, this.bias, this.options)
  }
}

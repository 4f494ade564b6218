import {
  conv1d,
  conv2d,
  conv3d,
  type ConvOptions as OpOptions,
  type Shape,
  type Tensor,
  ValueError,
} from '@gradus/core'
import { AnyConv, type ConvOptions, perAxis, type Sizes, unlessZero } from './any-conv.ts'

abstract class Conv extends AnyConv {
  readonly padding: Shape | 'same' | 'valid'

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvOptions,
  ) {
    super(rank, inChannels, outChannels, kernelSize, options, false)
    const { padding = 0 } = options
    if (padding === 'same' && this.stride.some((s) => s !== 1)) {
      throw new ValueError("padding='same' is not supported for strided convolutions")
    }
    this.padding = typeof padding === 'string' ? padding : perAxis(padding, rank)
  }

  protected get options(): OpOptions {
    const { stride, padding, dilation, groups } = this
    return { stride, padding, dilation, groups }
  }

  override extraRepr(): string {
    const { padding } = this
    return this.describe(typeof padding === 'string' ? padding : unlessZero(padding), null)
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions = {}) {
    super(1, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, this.options)
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions = {}) {
    super(2, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options)
  }
}

/**
 * Cross-correlation over three axes: `[n, inChannels, d, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends Conv {
  static override readonly layerName: string = 'Conv3d'
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias, this.options)
  }
}

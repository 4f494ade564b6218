import { convTranspose1d, convTranspose2d, convTranspose3d, type Shape, type Tensor } from '@gradus/core'
import { AnyConv, type ConvOptions, perAxis, type Sizes, unlessZero } from './any-conv.ts'

/** Options of transposed convolutions; a number stands for all axes. */
export interface ConvTransposeOptions extends Omit<ConvOptions, 'padding'> {
  /** What the convolution that is transposed would pad; 0 by default. */
  padding?: Sizes
  /** Added to the length of each axis of the result; 0 by default. */
  outputPadding?: Sizes
}

abstract class ConvTranspose extends AnyConv {
  readonly padding: Shape
  readonly outputPadding: Shape

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    { padding = 0, outputPadding = 0, ...options }: ConvTransposeOptions,
  ) {
    super(rank, inChannels, outChannels, kernelSize, options, true)
    this.padding = perAxis(padding, rank)
    this.outputPadding = perAxis(outputPadding, rank)
  }

  protected get options() {
    const { stride, padding, outputPadding, dilation, groups } = this
    return { stride, padding, outputPadding, dilation, groups }
  }

  override extraRepr(): string {
    return this.describe(unlessZero(this.padding), unlessZero(this.outputPadding))
  }
}

/**
 * The transpose of {@link Conv1d}: each element spread over its window.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d extends ConvTranspose {
  static override readonly layerName: string = 'ConvTranspose1d'
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions = {},
  ) {
    super(1, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options)
  }
}

/**
 * The transpose of {@link Conv2d}: each element spread over its window.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d extends ConvTranspose {
  static override readonly layerName: string = 'ConvTranspose2d'
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions = {},
  ) {
    super(2, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options)
  }
}

/**
 * The transpose of {@link Conv3d}: each element spread over its window.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 */
export class ConvTranspose3d extends ConvTranspose {
  static override readonly layerName: string = 'ConvTranspose3d'
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    options: ConvTransposeOptions = {},
  ) {
    super(3, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.options)
  }
}

import {
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, integer, type Kind, kind, type OptionTable } from '@gradus/core/internal'
import { floatName, sizes, type Sizes } from '../../module/arguments.ts'
import { AnyConv, type AnyConvOptions, type ConvSize, perAxis, unlessZero } from './any-conv.ts'

/** Options of transposed convolutions; a number stands for all axes. */
export interface ConvTransposeOptions extends AnyConvOptions {
  /** Elements that the convolution adds of which this is the transpose; 0 by default. */
  padding?: Sizes
  /** Added to the length of each axis of the result; 0 by default. */
  outputPadding?: Sizes
  /** 'zeros': there is no other. */
  paddingMode?: 'zeros'
}

const zerosOnly: Kind<'zeros'> = /* @__PURE__ */ kind<'zeros'>(
  "'zeros'",
  (x) => x === 'zeros',
  () => 'Only "zeros" padding mode is supported for transposed convolutions',
)

const transposeOptions = (rank: number): OptionTable<ConvTransposeOptions> =>
  defineOptions<ConvTransposeOptions>({
    stride: sizes(rank, 1),
    padding: sizes(rank),
    outputPadding: sizes(rank),
    dilation: sizes(rank, 1),
    groups: integer(),
    bias: flag,
    paddingMode: zerosOnly,
    dtype: floatName,
  })

abstract class ConvTranspose extends AnyConv {
  readonly padding: Shape
  readonly outputPadding: Shape

  constructor(size: ConvSize, options: ConvTransposeOptions | undefined) {
    super(size, transposeOptions(size.rank), options, true)
    const { padding = 0, outputPadding = 0 } = options ?? {}
    this.padding = perAxis(padding, size.rank)
    this.outputPadding = perAxis(outputPadding, size.rank)
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super({ rank: 1, inChannels, outChannels, kernelSize }, options)
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super({ rank: 2, inChannels, outChannels, kernelSize }, options)
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
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options?: ConvTransposeOptions) {
    super({ rank: 3, inChannels, outChannels, kernelSize }, options)
  }

  forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.options)
  }
}

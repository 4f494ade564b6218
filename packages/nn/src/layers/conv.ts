import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  empty,
  ValueError,
  type ConvOptions as OpOptions,
  type DType,
  type Shape,
  type Tensor,
} from '@gradus/core'
import { resetBySize } from '../default-init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { tuple } from '../python-text.ts'

type Sizes = number | Shape

/** Options of convolutions; a number stands for all axes. */
export interface ConvOptions {
  /** Steps between windows; 1 by default. */
  stride?: Sizes
  /** Zeros before and after each axis, 0 by default; `same` keeps lengths, `valid` is 0. */
  padding?: Sizes | 'same' | 'valid'
  /** Steps within a window; 1 by default. */
  dilation?: Sizes
  /** Channels are cut into so many parts, which do not see each other; 1 by default. */
  groups?: number
  /** Adds a learned bias per channel; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const perAxis = (sizes: Sizes, rank: number): Shape =>
  typeof sizes === 'number' ? new Array<number>(rank).fill(sizes) : sizes

function checkChannels(inChannels: number, outChannels: number, groups: number): void {
  if (groups <= 0) throw new ValueError('groups must be a positive integer')
  if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups')
  if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups')
}

/** What convolutions and their transposes have in common. */
abstract class AnyConv extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: Shape
  readonly stride: Shape
  readonly dilation: Shape
  readonly groups: number
  weight: Parameter
  bias: Parameter | null

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    { stride = 1, dilation = 1, groups = 1, bias = true, dtype = 'float32' }: ConvOptions,
    transposed: boolean,
  ) {
    super()
    checkChannels(inChannels, outChannels, groups)
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = perAxis(kernelSize, rank)
    this.stride = perAxis(stride, rank)
    this.dilation = perAxis(dilation, rank)
    this.groups = groups
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
    this.weight = new Parameter(empty([...channels, ...this.kernelSize], { dtype }))
    this.bias = bias ? new Parameter(empty([outChannels], { dtype })) : null
    this.resetParameters()
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    resetBySize(this.weight, this.bias)
  }

  /** Parts of {@link Module.extraRepr} in PyTorch's order. */
  protected describe(padding: string | null, outputPadding: string | null): string {
    const { inChannels, outChannels, kernelSize, stride, dilation, groups, bias } = this
    const parts = [`${inChannels}, ${outChannels}, kernel_size=${tuple(kernelSize)}, stride=${tuple(stride)}`]
    if (padding !== null) parts.push(`padding=${padding}`)
    if (dilation.some((d) => d !== 1)) parts.push(`dilation=${tuple(dilation)}`)
    if (outputPadding !== null) parts.push(`output_padding=${outputPadding}`)
    if (groups !== 1) parts.push(`groups=${groups}`)
    if (bias === null) parts.push('bias=False')
    return parts.join(', ')
  }
}

const unlessZero = (sizes: Shape): string | null => (sizes.some((n) => n !== 0) ? tuple(sizes) : null)

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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, options: ConvOptions = {}) {
    super(3, inChannels, outChannels, kernelSize, options)
  }

  forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias, this.options)
  }
}

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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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

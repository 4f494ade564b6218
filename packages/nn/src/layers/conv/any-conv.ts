import { type DType, empty, type Shape, ValueError } from '@gradus/core'
import { resetBySize } from '../../init/layer-default.ts'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { tuple } from '../../module/python-text.ts'

export type Sizes = number | Shape

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

export const perAxis = (sizes: Sizes, rank: number): Shape =>
  typeof sizes === 'number' ? new Array<number>(rank).fill(sizes) : sizes

function checkChannels(inChannels: number, outChannels: number, groups: number): void {
  if (groups <= 0) throw new ValueError('groups must be a positive integer')
  if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups')
  if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups')
}

/** What convolutions and their transposes have in common. */
export abstract class AnyConv extends Module {
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

export const unlessZero = (sizes: Shape): string | null => (sizes.some((n) => n !== 0) ? tuple(sizes) : null)

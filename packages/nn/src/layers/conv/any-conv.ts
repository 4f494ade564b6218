import { type DType, empty, type Shape, ValueError } from '@gradus/core/functions'
import { type OptionTable, takeArgument, takeOptions } from '@gradus/core/internal'
import { resetBySize } from '../../init/layer-default.ts'
import { count, sizes, type Sizes } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { tuple } from '../../module/python-text.ts'

/** Options of convolutions and their transposes; a number stands for all axes. */
export interface AnyConvOptions {
  /** Steps between windows; 1 by default. */
  stride?: Sizes
  /** Steps within a window; 1 by default. */
  dilation?: Sizes
  /** Parts that channels are cut into, each with a convolution of its own; 1 by default. */
  groups?: number
  /** Adds a learned bias per channel; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

export const perAxis = (given: Sizes, rank: number): Shape =>
  typeof given === 'number' ? new Array<number>(rank).fill(given) : given

export function checkChannels(inChannels: number, outChannels: number, groups: number): void {
  if (groups <= 0) throw new ValueError('groups must be a positive integer')
  if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups')
  if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups')
}

/** The channels and the kernel of a convolution over `rank` axes. */
export interface ConvSize {
  readonly rank: number
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: Sizes
}

/** The base of convolutions and their transposes. */
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
    { rank, inChannels, outChannels, kernelSize }: ConvSize,
    table: OptionTable<AnyConvOptions>,
    options: AnyConvOptions | undefined,
    transposed: boolean,
  ) {
    super()
    const call = nameOf(this)
    const {
      stride = 1,
      dilation = 1,
      groups = 1,
      bias = true,
      dtype = 'float32',
    } = takeOptions(call, table, options)
    this.inChannels = takeArgument(call, 'inChannels', count, inChannels)
    this.outChannels = takeArgument(call, 'outChannels', count, outChannels)
    this.kernelSize = perAxis(takeArgument(call, 'kernelSize', sizes(rank, 1), kernelSize), rank)
    checkChannels(inChannels, outChannels, groups)
    this.stride = perAxis(stride, rank)
    this.dilation = perAxis(dilation, rank)
    this.groups = groups
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
    const weight = new Parameter(empty([...channels, ...this.kernelSize], { dtype }))
    this.weight = this.registerParameter('weight', weight)
    this.bias = this.registerParameter('bias', bias ? new Parameter(empty([outChannels], { dtype })) : null)
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

export const unlessZero = (given: Shape): string | null => (given.some((n) => n !== 0) ? tuple(given) : null)

import { type DType, groupNorm, ones, type Tensor, ValueError, zeros } from '@gradus/core/functions'
import { defineOptions, flag, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { count, floatName, positive } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { ones_, zeros_ } from '../../init/fill.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Learns a weight and a bias per channel; true by default. */
  affine?: boolean
  /** Learns the bias, where `affine`; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const groupNormOptions = /* @__PURE__ */ defineOptions<GroupNormOptions>({
  eps: real,
  affine: flag,
  bias: flag,
  dtype: floatName,
})

/**
 * Brings groups of channels to mean 0 and variance 1: `[n, numChannels, ...]`.
 *
 * @throws ValueError unless numGroups divides numChannels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Module {
  static override readonly layerName: string = 'GroupNorm'
  readonly numGroups: number
  readonly numChannels: number
  readonly eps: number
  readonly affine: boolean
  weight: Parameter | null
  bias: Parameter | null

  constructor(numGroups: number, numChannels: number, options?: GroupNormOptions) {
    super()
    takeArgument(nameOf(this), 'numGroups', positive, numGroups)
    takeArgument(nameOf(this), 'numChannels', count, numChannels)
    const {
      eps = 1e-5,
      affine = true,
      bias = true,
      dtype = 'float32',
    } = takeOptions(nameOf(this), groupNormOptions, options)
    if (numChannels % numGroups !== 0) {
      throw new ValueError(`num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`)
    }
    this.numGroups = numGroups
    this.numChannels = numChannels
    this.eps = eps
    this.affine = affine
    const shape = [numChannels]
    this.weight = this.registerParameter('weight', affine ? new Parameter(ones(shape, { dtype })) : null)
    this.bias = this.registerParameter('bias', affine && bias ? new Parameter(zeros(shape, { dtype })) : null)
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }

  forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, this.weight, this.bias, { eps: this.eps })
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${float(this.eps)}, affine=${bool(this.affine)}, bias=${bool(this.bias !== null)}`
  }
}

import { type DType, groupNorm, ones, type Tensor, ValueError, zeros } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Learns a weight and a bias per channel; true by default. */
  affine?: boolean
  /** float32 by default. */
  dtype?: DType
}

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
  weight: Parameter | null
  bias: Parameter | null

  constructor(
    numGroups: number,
    numChannels: number,
    { eps = 1e-5, affine = true, dtype = 'float32' }: GroupNormOptions = {},
  ) {
    super()
    if (numChannels % numGroups !== 0) {
      throw new ValueError(`num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`)
    }
    this.numGroups = numGroups
    this.numChannels = numChannels
    this.eps = eps
    this.weight = affine ? new Parameter(ones([numChannels], { dtype })) : null
    this.bias = affine ? new Parameter(zeros([numChannels], { dtype })) : null
  }

  forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, this.weight, this.bias, { eps: this.eps })
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${float(this.eps)}, affine=${bool(this.weight !== null)}, bias=${bool(this.bias !== null)}`
  }
}

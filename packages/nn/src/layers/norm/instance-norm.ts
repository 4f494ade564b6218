import { type DType, instanceNorm, ones, ShapeError, type Tensor, zeros } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

/** Options of {@link InstanceNorm1d} and its like. */
export interface InstanceNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Learns a weight and a bias per channel; false by default. */
  affine?: boolean
  /** float32 by default. */
  dtype?: DType
}

abstract class InstanceNorm extends Module {
  static override readonly layerName: string = 'InstanceNorm'
  readonly numFeatures: number
  readonly eps: number
  weight: Parameter | null
  bias: Parameter | null

  /** @param numFeatures - channels */
  constructor(
    numFeatures: number,
    { eps = 1e-5, affine = false, dtype = 'float32' }: InstanceNormOptions = {},
  ) {
    super()
    this.numFeatures = numFeatures
    this.eps = eps
    this.weight = affine ? new Parameter(ones([numFeatures], { dtype })) : null
    this.bias = affine ? new Parameter(zeros([numFeatures], { dtype })) : null
  }

  /** Axes of an input without a batch. */
  protected abstract readonly rank: number

  forward(x: Tensor): Tensor {
    const { rank, weight, bias, eps } = this
    if (x.ndim !== rank && x.ndim !== rank + 1) {
      throw new ShapeError(`expected ${rank}D or ${rank + 1}D input (got ${x.ndim}D input)`)
    }
    if (x.ndim === rank) return instanceNorm(x.unsqueeze(0), weight, bias, { eps }).squeeze(0)
    return instanceNorm(x, weight, bias, { eps })
  }

  override extraRepr(): string {
    const learned = bool(this.weight !== null)
    // as PyTorch prints one that keeps no running statistics
    return `${this.numFeatures}, eps=${float(this.eps)}, momentum=0.1, affine=${learned}, bias=${learned}, track_running_stats=False`
  }
}

/**
 * Brings each channel of each sample to mean 0 and variance 1: `[n, c, l]` or `[c, l]`. Keeps no running statistics.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends InstanceNorm {
  static override readonly layerName: string = 'InstanceNorm1d'
  protected get rank(): number {
    return 2
  }
}

/**
 * {@link InstanceNorm1d} for `[n, c, h, w]` or `[c, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export class InstanceNorm2d extends InstanceNorm {
  static override readonly layerName: string = 'InstanceNorm2d'
  protected get rank(): number {
    return 3
  }
}

/**
 * {@link InstanceNorm1d} for `[n, c, d, h, w]` or `[c, d, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 */
export class InstanceNorm3d extends InstanceNorm {
  static override readonly layerName: string = 'InstanceNorm3d'
  protected get rank(): number {
    return 4
  }
}

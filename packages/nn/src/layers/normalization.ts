import {
  batchNorm,
  groupNorm,
  layerNorm,
  ones,
  rmsNorm,
  ShapeError,
  ValueError,
  zeros,
  type DType,
  type Shape,
  type Tensor,
} from '@gradus/core'
import { ones_, zeros_ } from '../init.ts'
import { Module } from '../module.ts'
import { Parameter } from '../parameter.ts'
import { bool, float, tuple } from '../python-text.ts'

/** Options of {@link LayerNorm} and, but for `bias`, {@link RMSNorm}. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5 by default, for RMSNorm the distance of 1 to the next number of the dtype. */
  eps?: number | null
  /** Learns a weight and, for LayerNorm, a bias; true by default. */
  elementwiseAffine?: boolean
  /** Learns a bias; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const shapeOf = (shape: number | Shape): Shape => (typeof shape === 'number' ? [shape] : shape)

/**
 * Brings the last axes to mean 0 and variance 1, then multiplies and shifts by learned numbers.
 *
 * @param normalizedShape - the shape of those axes, or the length of the only one
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 * @example
 * String(new g.nn.LayerNorm(4)) // => 'LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)'
 */
export class LayerNorm extends Module {
  static override readonly keepsNothing = true
  readonly normalizedShape: Shape
  readonly eps: number
  readonly elementwiseAffine: boolean
  weight: Parameter | null
  bias: Parameter | null

  constructor(
    normalizedShape: number | Shape,
    {
      eps = 1e-5,
      elementwiseAffine = true,
      bias = true,
      dtype = 'float32',
    }: LayerNormOptions & { eps?: number } = {},
  ) {
    super()
    this.normalizedShape = shapeOf(normalizedShape)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype })) : null
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, { dtype })) : null
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps })
  }

  override extraRepr(): string {
    return `${tuple(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${bool(this.elementwiseAffine)}, bias=${bool(this.bias !== null)}`
  }
}

/**
 * Divides the last axes by their root mean square, then multiplies by learned numbers.
 *
 * @see Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module {
  static override readonly keepsNothing = true
  readonly normalizedShape: Shape
  readonly eps: number | null
  readonly elementwiseAffine: boolean
  weight: Parameter | null

  constructor(
    normalizedShape: number | Shape,
    { eps = null, elementwiseAffine = true, dtype = 'float32' }: Omit<LayerNormOptions, 'bias'> = {},
  ) {
    super()
    this.normalizedShape = shapeOf(normalizedShape)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype })) : null
  }

  /** Sets weights to 1. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps === null ? {} : { eps: this.eps })
  }

  override extraRepr(): string {
    const eps = this.eps === null ? 'None' : float(this.eps)
    return `${tuple(this.normalizedShape)}, eps=${eps}, elementwise_affine=${bool(this.elementwiseAffine)}`
  }
}

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
  static override readonly keepsNothing = true
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

/** Options of {@link BatchNorm1d} and its like. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Share of the batch in the running statistics, 0.1 by default; null averages over all batches. */
  momentum?: number | null
  /** Learns a weight and a bias per channel; true by default. */
  affine?: boolean
  /** Keeps running statistics for `eval()`; true by default. */
  trackRunningStats?: boolean
  /** Learns a bias; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

/** The base of batch norms: running statistics, and learned weights and biases. */
export abstract class BatchNorm extends Module {
  static override readonly keepsNothing = true
  static override readonly stateKeys = {
    runningMean: 'running_mean',
    runningVar: 'running_var',
    numBatchesTracked: 'num_batches_tracked',
  }

  readonly numFeatures: number
  readonly eps: number
  /** Share of a batch in the running statistics; null for the mean of all batches. */
  momentum: number | null
  readonly affine: boolean
  readonly trackRunningStats: boolean
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Tensor | null
  runningVar: Tensor | null
  numBatchesTracked: Tensor | null

  /** @param numFeatures - channels, the length of axis 1 */
  constructor(
    numFeatures: number,
    {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      trackRunningStats = true,
      bias = true,
      dtype = 'float32',
    }: BatchNormOptions = {},
  ) {
    super()
    this.numFeatures = numFeatures
    this.eps = eps
    this.momentum = momentum
    this.affine = affine
    this.trackRunningStats = trackRunningStats
    this.weight = affine ? new Parameter(ones([numFeatures], { dtype })) : null
    this.bias = affine && bias ? new Parameter(zeros([numFeatures], { dtype })) : null
    const tracked = <T extends Tensor>(x: () => T): T | null => (trackRunningStats ? x() : null)
    this.runningMean = this.registerBuffer(
      'runningMean',
      tracked(() => zeros([numFeatures], { dtype })),
    )
    this.runningVar = this.registerBuffer(
      'runningVar',
      tracked(() => ones([numFeatures], { dtype })),
    )
    this.numBatchesTracked = this.registerBuffer(
      'numBatchesTracked',
      tracked(() => zeros([], { dtype: 'int64' })),
    )
  }

  /** Forgets the running statistics: mean 0 and variance 1, of no batches. */
  resetRunningStats(): void {
    if (this.runningMean) zeros_(this.runningMean)
    if (this.runningVar) ones_(this.runningVar)
    if (this.numBatchesTracked) zeros_(this.numBatchesTracked)
  }

  /** Axes that an input may have. */
  protected abstract readonly ranks: readonly number[]

  forward(x: Tensor): Tensor {
    const { ranks, runningMean, runningVar, weight, bias, eps } = this
    if (!ranks.includes(x.ndim)) {
      throw new ShapeError(`expected ${ranks.map((r) => `${r}D`).join(' or ')} input (got ${x.ndim}D input)`)
    }
    const training = this.training || runningMean === null || runningVar === null
    let momentum = this.momentum ?? 0
    if (this.training && this.numBatchesTracked) {
      this.numBatchesTracked.add_(1)
      if (this.momentum === null) momentum = 1 / this.numBatchesTracked.item()
    }
    return batchNorm(x, runningMean, runningVar, weight, bias, { training, momentum, eps })
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? 'None' : float(this.momentum)
    return (
      `${this.numFeatures}, eps=${float(this.eps)}, momentum=${momentum}, affine=${bool(this.affine)}, ` +
      `bias=${bool(this.bias !== null)}, track_running_stats=${bool(this.trackRunningStats)}`
    )
  }
}

/**
 * Brings each channel of `[n, c]` or `[n, c, l]` to mean 0 and variance 1: by the batch's statistics in training, by
 * running ones in evaluation.
 *
 * @throws ShapeError for other ranks; ValueError for one value per channel in training
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 */
export class BatchNorm1d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [2, 3]
  }
}

/**
 * {@link BatchNorm1d} for `[n, c, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [4]
  }
}

/**
 * {@link BatchNorm1d} for `[n, c, d, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 */
export class BatchNorm3d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [5]
  }
}

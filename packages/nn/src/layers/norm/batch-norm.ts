import { batchNorm, type DType, ones, ShapeError, type Tensor, zeros } from '@gradus/core'
import { ones_, zeros_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

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
  static override readonly layerName: string = 'BatchNorm'
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
  static override readonly layerName: string = 'BatchNorm1d'
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
  static override readonly layerName: string = 'BatchNorm2d'
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
  static override readonly layerName: string = 'BatchNorm3d'
  protected get ranks(): readonly number[] {
    return [5]
  }
}

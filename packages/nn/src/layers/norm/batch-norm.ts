import { batchNorm, type DType, ones, ShapeError, type Tensor, zeros } from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  nullable,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { count, floatName } from '../../module/arguments.ts'
import { ones_, zeros_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
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

const batchNormOptions = /* @__PURE__ */ defineOptions<BatchNormOptions>({
  eps: real,
  momentum: /* @__PURE__ */ nullable(real),
  affine: flag,
  trackRunningStats: flag,
  bias: flag,
  dtype: floatName,
})

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
  trackRunningStats: boolean
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Tensor | null
  runningVar: Tensor | null
  numBatchesTracked: Tensor | null

  /** @param numFeatures - channels, the length of axis 1 */
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super()
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      trackRunningStats = true,
      bias = true,
      dtype = 'float32',
    } = takeOptions(nameOf(this), batchNormOptions, options)
    takeArgument(nameOf(this), 'numFeatures', count, numFeatures)
    this.numFeatures = numFeatures
    this.eps = eps
    this.momentum = momentum
    this.affine = affine
    this.trackRunningStats = trackRunningStats
    const shape = [numFeatures]
    this.weight = this.registerParameter('weight', affine ? new Parameter(ones(shape, { dtype })) : null)
    this.bias = this.registerParameter('bias', affine && bias ? new Parameter(zeros(shape, { dtype })) : null)
    const tracks = trackRunningStats
    this.runningMean = this.registerBuffer('runningMean', tracks ? zeros(shape, { dtype }) : null)
    this.runningVar = this.registerBuffer('runningVar', tracks ? ones(shape, { dtype }) : null)
    this.numBatchesTracked = this.registerBuffer(
      'numBatchesTracked',
      tracks ? zeros([], { dtype: 'int64' }) : null,
    )
  }

  /** Forgets the running statistics: mean 0 and variance 1, of no batches. */
  resetRunningStats(): void {
    if (this.runningMean) zeros_(this.runningMean)
    if (this.runningVar) ones_(this.runningVar)
    if (this.numBatchesTracked) zeros_(this.numBatchesTracked)
  }

  /** Sets weights to 1, biases to 0, and forgets the running statistics. */
  resetParameters(): void {
    this.resetRunningStats()
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }

  /** Axes that an input may have. */
  protected abstract readonly ranks: readonly number[]

  /** @internal The channels of an input, whose rank is checked. */
  channelsOf(x: Tensor): number {
    takeTensor(nameOf(this), 'x', x)
    const { ranks } = this
    if (!ranks.includes(x.ndim)) {
      throw new ShapeError(`expected ${ranks.map((r) => `${r}D`).join(' or ')} input (got ${x.ndim}D input)`)
    }
    return x.shape[1]
  }

  forward(x: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps } = this
    this.channelsOf(x)
    const training = this.training || runningMean === null || runningVar === null
    let momentum = this.momentum ?? 0
    const counted = this.training ? this.numBatchesTracked : null
    if (counted && this.momentum === null) momentum = 1 / (counted.item() + 1)
    const y = batchNorm(x, runningMean, runningVar, weight, bias, { training, momentum, eps })
    // a batch that is refused does not count
    counted?.add_(1)
    return y
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

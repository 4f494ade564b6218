import {
  type DType,
  ShapeError,
  type Tensor,
  batchNorm,
  instanceNorm,
  mean as meanOf,
  ones,
  repeat,
  zeros,
} from '@gradus/core/functions'
import {
  defineOptions,
  flag,
  nullable,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { noGrad } from '@gradus/autograd'
import { ones_, zeros_ } from '../../init/fill.ts'
import { count, floatName } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float } from '../../module/python-text.ts'

/** Options of {@link InstanceNorm1d} and its like. */
export interface InstanceNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Share of the batch in the running statistics; 0.1 by default. */
  momentum?: number | null
  /** Learns a weight and a bias per channel; false by default. */
  affine?: boolean
  /** Keeps running statistics for `eval()`; false by default. */
  trackRunningStats?: boolean
  /** Learns the bias, where `affine`; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const instanceNormOptions = /* @__PURE__ */ defineOptions<InstanceNormOptions>({
  eps: real,
  momentum: /* @__PURE__ */ nullable(real),
  affine: flag,
  trackRunningStats: flag,
  bias: flag,
  dtype: floatName,
})

/** The base of instance norms. */
export abstract class InstanceNorm extends Module {
  static override readonly layerName: string = 'InstanceNorm'
  static override readonly stateKeys = {
    runningMean: 'running_mean',
    runningVar: 'running_var',
    numBatchesTracked: 'num_batches_tracked',
  }
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  readonly affine: boolean
  readonly trackRunningStats: boolean
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Tensor | null
  runningVar: Tensor | null
  numBatchesTracked: Tensor | null

  /** @param numFeatures - channels */
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super()
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = false,
      trackRunningStats = false,
      bias = true,
      dtype = 'float32',
    } = takeOptions(nameOf(this), instanceNormOptions, options)
    this.numFeatures = takeArgument(nameOf(this), 'numFeatures', count, numFeatures)
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

  /** Axes of an input without a batch. */
  protected abstract readonly rank: number

  /** @internal The channels of an input, whose rank is checked. */
  channelsOf(x: Tensor): number {
    takeTensor(nameOf(this), 'x', x)
    const { rank } = this
    if (x.ndim !== rank && x.ndim !== rank + 1) {
      throw new ShapeError(`expected ${rank}D or ${rank + 1}D input (got ${x.ndim}D input)`)
    }
    return x.shape[x.ndim - rank]
  }

  forward(x: Tensor): Tensor {
    const { rank } = this
    const channels = this.channelsOf(x)
    if (channels !== this.numFeatures && (this.affine || this.trackRunningStats)) {
      throw new ShapeError(
        `expected input's size at dim=${x.ndim - rank} to match num_features (${this.numFeatures}), but got: ${channels}.`,
      )
    }
    return x.ndim === rank ? this.normalize(x.unsqueeze(0)).squeeze(0) : this.normalize(x)
  }

  private normalize(x: Tensor): Tensor {
    const { weight, bias, eps, runningMean, runningVar } = this
    if (runningMean === null || runningVar === null) return instanceNorm(x, weight, bias, { eps })
    const [n, c, ...rest] = x.shape
    // as PyTorch: each channel of each sample is a channel of a batch of one
    const each = (y: Tensor): Tensor => repeat(y, [n])
    const [mean, variance] = noGrad(() => [each(runningMean), each(runningVar)])
    const result = batchNorm(
      x.reshape([1, n * c, ...rest]),
      mean,
      variance,
      weight && each(weight),
      bias && each(bias),
      { training: this.training, momentum: this.momentum ?? 0, eps },
    ).reshape(x.shape)
    if (this.training) {
      noGrad(() => {
        runningMean.copy_(meanOf(mean.reshape([n, c]), 0))
        runningVar.copy_(meanOf(variance.reshape([n, c]), 0))
      })
    }
    return result
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
 * Brings each channel of each sample to mean 0 and variance 1: `[n, c, l]` or `[c, l]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 * @example
 * new g.nn.InstanceNorm1d(1)(g.tensor([[[1, 3]]])).tolist() // ≈ [[[-1, 1]]]
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

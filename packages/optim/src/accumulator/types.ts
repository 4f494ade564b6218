import type { Tensor } from '@gradus/core/functions'
import type { Scheduled } from '../lr-scheduler/scheduler.ts'

/** A loss scaler as an accumulator needs it; `amp.GradScaler` is one. */
export interface LossScaler {
  scale(loss: Tensor): Tensor
  unscale_(optimizer: Scheduled): void
  step(optimizer: Scheduled): unknown
  update(): void
  getScale(): number
  isEnabled(): boolean
}

/** A schedule as an accumulator needs it: any scheduler but `ReduceLROnPlateau`, which waits for a metric. */
export interface WindowScheduler {
  step(): void
  readonly lastEpoch: number
}

/** A model as optim needs it, which knows no layers: every `nn.Module` is one. */
export interface Model {
  parameters(): Tensor[]
  buffers(): Tensor[]
  namedParameters(): [string, Tensor][]
  namedModules(): [string, { training: boolean }][]
}

/** Options of {@link GradAccumulator}. */
export interface GradAccumulatorOptions {
  /** Scales losses before backward, for float16. One scale holds for a window. */
  scaler?: LossScaler | null
  /** The largest norm of a window's gradient, over all parameters together: see `clipGradNorm_`. */
  clipNorm?: number | null
  /** The largest absolute value of any entry, after `clipNorm`. */
  clipValue?: number | null
  /** Stepped once per step of the optimizer, and not where a step is skipped. */
  scheduler?: WindowScheduler | null
  /** Refused when a window of several micro-batches trains its batch normalisation. */
  model?: Model | null
}

/** Options of {@link GradAccumulator.backward}. */
export interface MicroBatchOptions {
  /**
   * The denominator of the loss's mean: the number of samples, of tokens that count, or the sum of class weights. 1 by default,
   * for micro-batches of equal size; given for all micro-batches of a window or for none.
   */
  weight?: number | Tensor
  /** `sum` says that the loss is a sum with `weight` terms rather than their mean; `mean` by default. */
  reduction?: 'mean' | 'sum'
}

/** The result of a window. */
export interface StepResult {
  /** Whether the optimizer stepped. */
  stepped: boolean
  /** Norm of the gradient of the whole window, before clipping. */
  gradNorm: number
  /** Mean loss of the whole window, each micro-batch by its weight. */
  loss: number
  /** Sum of the weights. */
  weight: number
  microBatches: number
  /** Why the optimizer did not step: the gradient has an inf or NaN, or every weight was 0. */
  skippedBecause: 'non-finite gradients' | 'no weight' | null
}

/** A window as a checkpoint keeps it: see {@link GradAccumulator.stateDict}. */
export interface AccumulatorStateDict {
  micro_batches: number
  weight: number
  /** Weight of the first micro-batch that had any: gradients are in units of it. */
  unit: number | null
  /** Sum of the losses, each times its weight. */
  loss: number
  weighted: boolean | null
  /** Loss scale of the window. */
  scale: number | null
  /** Gradients so far by number of the parameter over all groups. */
  gradients: Record<string, Tensor>
}

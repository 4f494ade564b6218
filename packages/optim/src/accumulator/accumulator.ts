import { isHalf, setGradEnabled, ValueError, type Tensor } from '@gradus/core/functions'
import { scope, takeOptions, internals } from '@gradus/core/internal'
import { clipFactor, clipGradValue_, scaleGrads_, totalNorm } from '../step/clip.ts'
import { checkOptimizer, type Scheduled } from '../lr-scheduler/scheduler.ts'
import type {
  AccumulatorStateDict,
  GradAccumulatorOptions,
  LossScaler,
  MicroBatchOptions,
  StepResult,
  WindowScheduler,
} from './types.ts'
import { accumulatorOptions } from './options.ts'
import { checkLoss, microBatchOptions, weightOf } from './micro-batch.ts'
import { batchNormIn } from './model-layers.ts'
import { WindowError, WindowGuard } from './window-guard.ts'
import { checkWindowState, emptyWindow } from './window-state.ts'

/**
 * Trains on micro-batches as if they were one batch: however a batch is split, the update is the same.
 *
 * A window is the micro-batches between two steps. Its gradient is `Σ wᵢ∇lᵢ / Σ wᵢ`, known only at the end, so nothing has
 * to be known about the window before it: its length, its sum of weights, or whether it is the last, partial one. Between
 * micro-batches the gradients are in `p.grad`, float32 also where the parameters are half precision, times
 * {@link GradAccumulator.gradScale}.
 *
 * A change that would silently alter the update in the middle of a window is an error: gradients cleared, clipped or
 * unscaled, a parameter or learning rate changed, a new loss scale, a step of the optimizer itself.
 *
 * @example
 * const w = g.zeros(1, { requiresGrad: true })
 * const accumulator = new g.optim.GradAccumulator(new g.optim.SGD([w], { lr: 1 }))
 * accumulator.backward(w.mul(2).sum(), { weight: 1 })
 * accumulator.backward(w.mul(6).sum(), { weight: 3 })
 * accumulator.step().gradNorm // => 5
 */
export class GradAccumulator {
  readonly optimizer: Scheduled
  readonly clipNorm: number | null
  readonly clipValue: number | null
  private readonly scaler: LossScaler | null
  private readonly scheduler: WindowScheduler | null
  private readonly model: GradAccumulatorOptions['model']
  private readonly guard: WindowGuard
  private window = emptyWindow()
  /** An error left gradients that belong to no whole number of micro-batches. */
  private broken = false
  private stepping = false
  private optimizerStepped = false
  /** The window comes from a checkpoint, and the rest of the checkpoint may be loaded after it. */
  private restored = false
  /** Position of the window at which it was last saved. */
  private savedAt = -1
  /** Where the last step left the schedule. */
  private scheduleAt: number | null = null

  /**
   * @throws ArgumentError for an option that it does not know, or of another kind
   * @throws ValueError for a clipNorm or clipValue that is not positive
   */
  constructor(optimizer: Scheduled, options?: GradAccumulatorOptions) {
    checkOptimizer(optimizer)
    const {
      scaler = null,
      clipNorm = null,
      clipValue = null,
      scheduler = null,
      model = null,
    } = takeOptions('GradAccumulator', accumulatorOptions, options)
    for (const [name, value] of Object.entries({ clipNorm, clipValue })) {
      if (value !== null && !(value > 0)) throw new ValueError(`${name} must be positive, got ${value}`)
    }
    this.optimizer = optimizer
    this.clipNorm = clipNorm
    this.clipValue = clipValue
    this.scaler = scaler?.isEnabled() ? scaler : null
    this.scheduler = scheduler
    this.model = model
    this.guard = new WindowGuard(optimizer)
    optimizer.registerStepPreHook(() => this.beforeStep(), { readsGrads: false })
    optimizer.registerStateDictPreHook(() => this.beforeSave())
    optimizer.registerLoadStateDictPreHook(() => this.beforeLoad())
  }

  /** Micro-batches in the window so far. */
  get microBatches(): number {
    return this.window.microBatches
  }

  /** Sum of their weights. */
  get weight(): number {
    return this.window.weight
  }

  /** Whether the window was loaded and nothing was added to it since. */
  get isRestored(): boolean {
    return this.restored
  }

  /** `p.grad` = gradScale × the window's mean gradient. */
  get gradScale(): number {
    const { unit, weight, scale } = this.window
    return (scale ?? 1) * (unit === null ? 1 : weight / unit)
  }

  /**
   * Adds a micro-batch to the window: its gradient, and its loss for `StepResult.loss`. The loss is let go of, so that
   * adding losses up keeps no graph; a micro-batch of weight 0 (every target ignored) adds nothing, whatever its loss.
   *
   * @param loss - one element, float32 or float64: the mean over the micro-batch, or with `reduction: 'sum'` the sum
   * @throws GradError, ValueError for a loss or weight that cannot be
   * @throws WindowError for a change that would make the update wrong; see {@link GradAccumulator}
   */
  backward(loss: Tensor, options?: MicroBatchOptions): void {
    const { weight, reduction = 'mean' } = takeOptions('GradAccumulator.backward', microBatchOptions, options)
    const w = weightOf(weight)
    checkLoss(loss, reduction)
    this.checkWindow(weight !== undefined)
    const terms = reduction === 'sum' ? 1 : w
    const total = w > 0 ? loss.item() * terms : 0
    const { window } = this
    const unit = window.unit ?? (w > 0 ? w : null)
    if (w > 0) window.scale = this.accumulate(loss, terms / (unit ?? 1))
    window.microBatches++
    window.weight += w
    window.unit = unit
    window.loss += total
    window.weighted = weight !== undefined
    this.restored = false
    this.guard.remember()
    // a number from now on: operations on it record nothing
    if (!loss.isLeaf) {
      internals(loss).node = null
      internals(loss).ownTape = null
    }
  }

  /**
   * Ends the window: unscales, divides by the sum of weights, clips, steps, updates the loss scale, steps the schedule, and
   * clears the gradients, each once.
   *
   * A gradient with an inf or NaN skips the step: parameters and optimizer state stay as they are.
   *
   * @throws WindowError for an empty window: see {@link GradAccumulator.flush}
   */
  step(): StepResult {
    this.checkUnbroken()
    if (this.window.microBatches === 0) {
      throw new WindowError('step() on an empty window', {
        hint: 'call backward() first; at the end of an epoch, where the last window may be empty, call flush()',
      })
    }
    this.verify()
    const { microBatches, weight, loss } = this.window
    const result = { loss: loss / weight, weight, microBatches }
    if (weight === 0) {
      this.clear()
      return { ...result, stepped: false, gradNorm: 0, skippedBecause: 'no weight' }
    }
    this.broken = true // until it is through
    const finished = this.finishGradients()
    this.update(finished)
    const stepped = this.optimizerStepped
    this.scaler?.update()
    if (stepped) this.scheduler?.step()
    this.scheduleAt = this.scheduler?.lastEpoch ?? null
    this.clear()
    return {
      ...result,
      stepped,
      gradNorm: finished.gradNorm,
      skippedBecause: stepped ? null : 'non-finite gradients',
    }
  }

  /** {@link GradAccumulator.step} if there is anything to step on, else null: the end of an epoch. */
  flush(): StepResult | null {
    this.checkUnbroken()
    return this.window.microBatches === 0 ? null : this.step()
  }

  /** Drops the window and its gradients. */
  discard(): void {
    this.scheduleAt = null
    this.clear()
  }

  /** The end of a `using` block: a window that is still open would be lost. */
  [Symbol.dispose](): void {
    const { microBatches } = this.window
    if (microBatches > 0) {
      throw new WindowError(`the last ${microBatches} micro-batches are in no step`, {
        hint: 'end with flush(), which counts a partial window for what it is, or with discard()',
      })
    }
  }

  // ---- state

  /**
   * The window so far, gradients copied, for a checkpoint: an epoch goes on in the middle of one. Save it before
   * `optimizer.stateDict()`, which refuses alone inside of a window.
   */
  stateDict(): AccumulatorStateDict {
    this.checkUnbroken()
    const { microBatches, weight, unit, loss, weighted, scale } = this.window
    const gradients: Record<string, Tensor> = {}
    this.params.forEach((p, i) => {
      const { gradSlot } = internals(p)
      if (microBatches > 0 && gradSlot !== null) gradients[i] = gradSlot.detach().clone()
    })
    this.savedAt = microBatches
    return { micro_batches: microBatches, weight, unit, loss, weighted, scale, gradients }
  }

  /**
   * Continues the window that `stateDict()` saved, in place of the present one. Model, optimizer, scaler and schedule are
   * loaded by themselves, before or after.
   *
   * @throws ValueError if parameters, shapes or kinds differ; nothing has changed then
   */
  loadStateDict(state: AccumulatorStateDict): void {
    const { params } = this
    checkWindowState(state, params)
    this.discard()
    for (const [number, grad] of Object.entries(state.gradients)) {
      internals(params[Number(number)]).storeGrad(grad.detach().clone())
    }
    const { micro_batches, weight, unit, loss, weighted, scale } = state
    this.window = { microBatches: micro_batches, weight, unit, loss, weighted, scale }
    this.restored = micro_batches > 0
    this.guard.remember()
  }

  // ---- inside

  private get params(): Tensor[] {
    return this.optimizer.paramGroups.flatMap((group) => group.params)
  }

  private checkWindow(weighted: boolean): void {
    this.checkUnbroken()
    const { window, scheduler } = this
    if (window.microBatches === 0) {
      if (this.scheduleAt !== null && scheduler !== null && scheduler.lastEpoch !== this.scheduleAt) {
        throw new WindowError('the schedule was stepped twice for one step of the optimizer', {
          hint: 'leave out scheduler.step(): the accumulator does it; after loading a checkpoint call discard()',
        })
      }
      this.guard.begin()
      return
    }
    this.verify()
    if (window.weighted !== weighted) {
      throw new WindowError('some micro-batches of this window have a weight, and some have none', {
        hint: 'pass { weight } with each: the number of samples, or of tokens that count',
      })
    }
    const batchNorm = this.model ? batchNormIn(this.model) : null
    if (batchNorm !== null) {
      throw new WindowError(`batch normalisation cannot be split into micro-batches: ${batchNorm}`, {
        hint: 'each micro-batch would be normalised by itself: use GroupNorm or LayerNorm, or eval() these layers',
      })
    }
  }

  private checkUnbroken(): void {
    if (!this.broken) return
    throw new WindowError('an error left this window with gradients of part of a micro-batch', {
      hint: 'call discard() and begin a new one',
    })
  }

  private verify(): void {
    // a checkpoint may load model and optimizer after the window
    if (this.restored) this.guard.remember()
    this.guard.verify()
    const { scale } = this.window
    if (this.scaler && scale !== null && this.scaler.getScale() !== scale) {
      throw new WindowError(
        `the loss scale changed inside of a window, from ${scale} to ${this.scaler.getScale()}`,
        {
          hint: 'leave out scaler.update(): step() does it once per window',
        },
      )
    }
  }

  /** Adds the gradient of `share · loss`. Returns the scale it was computed at. */
  private accumulate(loss: Tensor, share: number): number | null {
    const { scaler } = this
    try {
      scope(() => {
        const scaled = scaler ? scaler.scale(loss) : loss
        scaled.backward(share === 1 ? null : internals(scaled).make(scaled.shape, scaled.dtype).fill_(share))
        // later gradients are added to these in float32
        for (const p of this.guard.params) {
          const grad = internals(p).gradSlot
          if (grad && isHalf(grad.dtype)) internals(p).storeGrad(grad.detach().to('float32'))
        }
        this.guard.verifyParameters()
      })
    } catch (error) {
      this.broken ||= this.guard.touched
      throw error
    }
    return scaler?.getScale() ?? null
  }

  /**
   * `gradNorm`: the norm of the mean gradient. `factor`: `p.grad` times it is the mean gradient, clipped. With `clipValue` the
   * gradients are written, and the factor is 1.
   */
  private finishGradients(): { gradNorm: number; factor: number } {
    const { optimizer, scaler, clipNorm, clipValue, params } = this
    const { unit, weight } = this.window
    return setGradEnabled(false, () => {
      scaler?.unscale_(optimizer)
      const share = unit === null ? 1 : unit / weight
      const norm = share * totalNorm(params.map((p) => internals(p).gradSlot))
      // as PyTorch rounds it, where float32 holds it
      const gradNorm = Number.isFinite(Math.fround(norm)) ? Math.fround(norm) : norm
      const factor = share * (clipNorm === null ? 1 : clipFactor(clipNorm, gradNorm))
      if (clipValue === null) return { gradNorm, factor }
      if (factor !== 1) scaleGrads_(params, factor)
      clipGradValue_(params, clipValue)
      return { gradNorm, factor: 1 }
    })
  }

  private update({ gradNorm, factor }: { gradNorm: number; factor: number }): void {
    const { optimizer, scaler } = this
    this.stepping = true
    this.optimizerStepped = false
    try {
      optimizer.withGradFactor(factor, () => {
        if (scaler) scaler.step(optimizer)
        else if (Number.isFinite(gradNorm)) optimizer.step()
      })
    } finally {
      this.stepping = false
    }
  }

  private clear(): void {
    this.optimizer.zeroGrad()
    this.window = emptyWindow()
    this.broken = false
    this.restored = false
    this.savedAt = -1
  }

  // ---- hooks of the optimizer

  private beforeStep(): void {
    if (this.stepping) this.optimizerStepped = true
    else if (this.window.microBatches > 0) {
      throw new WindowError('optimizer.step() inside of a window', {
        hint: 'call accumulator.step(): it divides, unscales and clips first',
      })
    }
  }

  private beforeSave(): void {
    const { microBatches } = this.window
    if (microBatches > 0 && this.savedAt !== microBatches) {
      throw new WindowError(`${microBatches} micro-batches would be missing from this checkpoint`, {
        hint: 'save the window first, and load it too: { accumulator: accumulator.stateDict(), optimizer: optimizer.stateDict() }',
      })
    }
  }

  private beforeLoad(): void {
    if (this.window.microBatches > 0 && !this.restored) {
      throw new WindowError('the state of the optimizer was loaded inside of a window', {
        hint: 'call step() or discard() first',
      })
    }
  }
}

import { isHalf, Tensor, TensorError, ValueError } from '@gradus/core/functions'
import { input, Layout, numOf, param, Program, reduced, roundTo, type DType } from '@gradus/core/backend'
import * as f from '@gradus/core/formula'
import {
  defineOptions,
  describeValue,
  flag,
  integer,
  kind,
  real,
  scope,
  takeArgument,
  withDefaults,
  type Kind,
  internals,
} from '@gradus/core/internal'

/** An optimizer as a scaler needs it. */
export interface ScaledOptimizer {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[]
  step(): unknown
}

/** Options of {@link GradScaler}. */
export interface GradScalerOptions {
  /** The first scale; 65536 by default. */
  initScale?: number
  /** The factor of the scale after `growthInterval` steps without an inf or NaN; 2 by default. */
  growthFactor?: number
  /** The factor of the scale after a step with an inf or NaN; 0.5 by default. */
  backoffFactor?: number
  /** 2000 by default. */
  growthInterval?: number
  /** With false, every method passes through; true by default. */
  enabled?: boolean
}

/** The least scale, 2⁻¹²⁶: its inverse is the largest power of 2 that a float32 gradient can be multiplied by. */
const least = 2 ** -126

/** A scale is kept as a float32 number from {@link least} on. */
const kept = (scale: number): number => Math.max(Math.fround(scale), least)

const scaleKind = /* @__PURE__ */ kind<number>(
  'a number above 0 that float32 holds',
  (x) => typeof x === 'number' && x > 0 && Math.fround(x) < Infinity,
)
const growth = /* @__PURE__ */ kind<number>(
  'a finite number above 1',
  (x) => Number.isFinite(x) && Number(x) > 1,
  () => 'The growth factor must be > 1.0.',
)
const backoff = /* @__PURE__ */ kind<number>(
  'a number above 0 and below 1',
  (x) => typeof x === 'number' && x > 0 && x < 1,
  () => 'The backoff factor must be < 1.0.',
)
const intervalKind = /* @__PURE__ */ integer(1)

const scalerOptions = /* @__PURE__ */ defineOptions<GradScalerOptions>({
  initScale: scaleKind,
  growthFactor: growth,
  backoffFactor: backoff,
  growthInterval: intervalKind,
  enabled: flag,
})

/** A disabled scaler does nothing with its numbers, whatever they are. */
const disabledOptions = /* @__PURE__ */ defineOptions<GradScalerOptions>({
  initScale: real,
  growthFactor: real,
  backoffFactor: real,
  growthInterval: real,
  enabled: flag,
})

/** State of a {@link GradScaler} under PyTorch's names; empty for a disabled one. */
export type GradScalerStateDict =
  | Record<string, never>
  | {
      scale: number
      growth_factor: number
      backoff_factor: number
      growth_interval: number
      _growth_tracker: number
    }

/** Tensors in arrays of any depth. */
export type NestedTensors = Tensor | readonly NestedTensors[]

/** Where an optimizer is between two updates of the scale. */
interface Progress {
  stage: 'ready' | 'unscaled' | 'stepped'
  /** Whether a gradient had an inf or NaN; null where no gradient was looked at. */
  foundInf: boolean | null
}

/**
 * Scales losses so that small gradients do not vanish in float16, and finds the scale by itself: an inf or NaN skips the step
 * and halves the scale, down to 2⁻¹²⁶; 2000 steps without one double it.
 *
 * @throws ArgumentError for an option out of its range: `The growth factor must be > 1.0.`
 * @see https://pytorch.org/docs/stable/amp.html#gradient-scaling
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const optimizer = new g.optim.SGD([w], { lr: 0.5 })
 * const scaler = new g.amp.GradScaler()
 * scaler.scale(w.sum()).backward()
 * scaler.step(optimizer)
 * scaler.update()
 * w.item() // => 0.5
 */
export class GradScaler {
  private readonly enabled: boolean
  private current: number | null = null
  private initScale: number
  private growthFactor: number
  private backoffFactor: number
  private growthInterval: number
  private growthTracker = 0
  private progress = new Map<ScaledOptimizer, Progress>()

  constructor(options?: GradScalerOptions) {
    const { initScale, growthFactor, backoffFactor, growthInterval, enabled } = withDefaults(
      'GradScaler',
      options?.enabled === false ? disabledOptions : scalerOptions,
      options,
      { initScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000, enabled: true },
    )
    this.enabled = enabled
    this.initScale = initScale
    this.growthFactor = growthFactor
    this.backoffFactor = backoffFactor
    this.growthInterval = growthInterval
  }

  /** Losses or outputs times the scale, in the arrays they come in. */
  scale(outputs: Tensor): Tensor
  scale(outputs: readonly NestedTensors[]): readonly NestedTensors[]
  scale(outputs: NestedTensors): NestedTensors {
    if (!this.enabled) return outputs
    const scale = (this.current ??= kept(this.initScale))
    const times = (x: NestedTensors): NestedTensors => {
      if (x instanceof Tensor) return x.mul(scale)
      if (Array.isArray(x)) return x.map(times)
      throw new ValueError('outputs must be a Tensor or an iterable of Tensors')
    }
    return times(outputs)
  }

  /**
   * Divides the gradients of an optimizer by the scale, in place, and notes whether any has an inf or NaN. Call it before
   * clipping; `step()` does it otherwise.
   *
   * @throws TensorError if it was called since the last `update()`, or after `step()`
   * @throws ValueError `Attempting to unscale FP16 gradients.`: float16 parameters need float32 gradients
   */
  unscale_(optimizer: ScaledOptimizer): void {
    if (!this.enabled) return
    const scale = this.started('unscale_')
    checkOptimizer('unscale_', optimizer)
    const progress = this.progressOf(optimizer)
    if (progress.stage === 'unscaled') {
      throw new TensorError('unscale_() has already been called on this optimizer since the last update().', {
        hint: 'call it once per step, and update() after every step, skipped ones too',
      })
    }
    if (progress.stage === 'stepped') throw new TensorError('unscale_() is being called after step().')
    progress.foundInf = unscaleGrads(optimizer, Math.fround(1 / scale))
    progress.stage = 'unscaled'
  }

  /**
   * Steps the optimizer, unless a gradient has an inf or NaN.
   *
   * @returns the result of `optimizer.step()`; null where it was skipped
   * @throws TensorError with PyTorch's messages, for a second call before `update()` among others
   */
  step(optimizer: ScaledOptimizer, ...rest: readonly unknown[]): unknown {
    checkOptimizer('step', optimizer)
    if (!this.enabled) return optimizer.step()
    if (rest.length > 0)
      throw new TensorError('Closure use is not currently supported if GradScaler is enabled.')
    this.started('step')
    const progress = this.progressOf(optimizer)
    if (progress.stage === 'stepped') {
      throw new TensorError('step() has already been called since the last update().')
    }
    if (progress.stage === 'ready') this.unscale_(optimizer)
    if (progress.foundInf === null) {
      throw new TensorError('No inf checks were recorded for this optimizer.', {
        hint: 'none of its parameters has a gradient: call scaler.scale(loss).backward() first',
      })
    }
    const result = progress.foundInf ? null : optimizer.step()
    progress.stage = 'stepped'
    return result
  }

  /**
   * Ends an iteration: an inf or NaN in the gradients of any optimizer lowers the scale, enough steps without one raise it.
   *
   * @param newScale - sets the scale instead
   * @throws TensorError `No inf checks were recorded prior to update.`
   */
  update(newScale?: number | Tensor): void {
    if (!this.enabled) return
    const scale = this.started('update')
    if (newScale !== undefined) this.current = this.given(newScale)
    else {
      const found = [...this.progress.values()].flatMap(({ foundInf }) => foundInf ?? [])
      if (found.length === 0) throw new TensorError('No inf checks were recorded prior to update.')
      if (found.includes(true)) {
        this.current = kept(scale * this.backoffFactor)
        this.growthTracker = 0
      } else if (++this.growthTracker === this.growthInterval) {
        const grown = Math.fround(scale * this.growthFactor)
        if (Number.isFinite(grown)) this.current = grown
        this.growthTracker = 0
      }
    }
    this.progress = new Map()
  }

  /** The scale; 1 for a disabled scaler. */
  getScale(): number {
    return this.enabled ? (this.current ?? this.initScale) : 1
  }

  /** The factor by which the scale grows. */
  getGrowthFactor(): number {
    return this.growthFactor
  }

  /** Sets the factor by which the scale grows: above 1. */
  setGrowthFactor(factor: number): void {
    this.growthFactor = takeArgument('setGrowthFactor', 'factor', growth, factor)
  }

  /** The factor by which the scale backs off. */
  getBackoffFactor(): number {
    return this.backoffFactor
  }

  /** Sets the factor by which the scale backs off: between 0 and 1. */
  setBackoffFactor(factor: number): void {
    this.backoffFactor = takeArgument('setBackoffFactor', 'factor', backoff, factor)
  }

  /** Steps without an inf or NaN after which the scale grows. */
  getGrowthInterval(): number {
    return this.growthInterval
  }

  /** Sets the steps without an inf or NaN after which the scale grows. */
  setGrowthInterval(interval: number): void {
    this.growthInterval = takeArgument('setGrowthInterval', 'interval', intervalKind, interval)
  }

  /** Whether it does anything. */
  isEnabled(): boolean {
    return this.enabled
  }

  /** The state under PyTorch's names; call it after `update()`. */
  stateDict(): GradScalerStateDict {
    if (!this.enabled) return {}
    return {
      scale: this.getScale(),
      growth_factor: this.growthFactor,
      backoff_factor: this.backoffFactor,
      growth_interval: this.growthInterval,
      _growth_tracker: this.growthTracker,
    }
  }

  /**
   * Takes over a state of `stateDict()`, of gradus or PyTorch.
   *
   * @throws TensorError for the empty state of a disabled scaler
   * @throws ArgumentError for a number out of its range; nothing has changed then
   */
  loadStateDict(state: GradScalerStateDict): void {
    if (!this.enabled) return
    if (typeof state !== 'object' || state === null || !('scale' in state) || state.scale === undefined) {
      throw new TensorError(
        'The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.',
      )
    }
    // anything may come from a file
    const take = <T>(name: string, of: Kind<T>, value: unknown): T =>
      takeArgument('GradScaler.loadStateDict', name, of, value)
    const scale = take('scale', scaleKind, state.scale)
    const growthFactor = take('growth_factor', growth, state.growth_factor)
    const backoffFactor = take('backoff_factor', backoff, state.backoff_factor)
    const growthInterval = take('growth_interval', intervalKind, state.growth_interval)
    const growthTracker = take('_growth_tracker', integer(0), state._growth_tracker)
    Object.assign(this, { initScale: scale, growthFactor, backoffFactor, growthInterval, growthTracker })
    if (this.current !== null) this.current = kept(scale)
  }

  private started(call: string): number {
    if (this.current !== null) return this.current
    throw new TensorError(
      `Attempted ${call} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
    )
  }

  private progressOf(optimizer: ScaledOptimizer): Progress {
    let progress = this.progress.get(optimizer)
    if (!progress) this.progress.set(optimizer, (progress = { stage: 'ready', foundInf: null }))
    return progress
  }

  private given(scale: number | Tensor): number {
    const isScalar = scale instanceof Tensor && scale.dtype === 'float32' && scale.numel() === 1
    if (typeof scale !== 'number' && !(isScalar && !scale.requiresGrad)) {
      throw new ValueError(
        'new_scale should be a float or a 1-element float32 tensor with requiresGrad=false.',
        { hint: `got ${describeValue(scale)}` },
      )
    }
    const value = typeof scale === 'number' ? scale : scale.item()
    return kept(takeArgument('update', 'newScale', scaleKind, value))
  }
}

function checkOptimizer(call: string, optimizer: ScaledOptimizer): void {
  // anything may come from JavaScript
  const given: unknown = optimizer
  if (typeof given === 'object' && given !== null && 'paramGroups' in given && 'step' in given) return
  throw new ValueError(`GradScaler.${call} takes an optimizer, got ${describeValue(given)}`)
}

const programs = new Map<DType, Program>()

/** A gradient times a number, and whether any product is inf or NaN: those of a finite gradient may be. */
function unscaleProgram(dtype: DType): Program {
  const known = programs.get(dtype)
  if (known) return known
  const num = numOf(dtype)
  const product = f.mul(input(0, num), param(0, num))
  const written = isHalf(dtype) ? roundTo(product, dtype) : product
  const program = new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num],
    reductions: [{ combine: 'or', value: f.not(f.lt(f.abs(written), Infinity)) }],
    outputs: [
      { dtype, value: product, over: 'all' },
      { dtype: 'bool', value: reduced(0, 'bool'), over: 'outer' },
    ],
  })
  programs.set(dtype, program)
  return program
}

/** @returns whether any gradient had an inf or NaN; null if there is none */
function unscaleGrads(optimizer: ScaledOptimizer, inverse: number): boolean | null {
  const params = new Set(optimizer.paramGroups.flatMap((group) => group.params))
  const grads = [...params].flatMap((p) => internals(p).gradSlot ?? [])
  if (grads.some((grad) => grad.dtype === 'float16')) {
    throw new ValueError('Attempting to unscale FP16 gradients.', {
      hint: 'train float32 parameters under autocast, or float16 ones with optim.GradAccumulator, which keeps gradients in float32',
    })
  }
  if (grads.length === 0) return null
  return scope(() => {
    const found = internals(grads[0]).make([grads.length], 'bool')
    for (const dtype of new Set(grads.map((grad) => grad.dtype))) {
      const bindings = grads.flatMap((grad, i) => {
        if (grad.dtype !== dtype) return []
        const flag = { storage: found.storage, dtype: 'bool' as const, layout: new Layout([], [], i) }
        return [{ outer: [], inner: grad.shape, operands: [grad, grad, flag], params: [inverse] }]
      })
      found.backend.run(unscaleProgram(dtype), bindings)
    }
    if (inverse !== 1) for (const grad of grads) internals(grad).counter.value++
    for (const flag of found.readSync()) if (Number(flag) !== 0) return true
    return false
  })
}

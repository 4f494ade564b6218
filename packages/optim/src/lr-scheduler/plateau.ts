import { Tensor, ValueError } from '@gradus/core/functions'
import {
  atLeast,
  defineOptions,
  describeValue,
  either,
  finite,
  integer,
  kind,
  listOf,
  withDefaults,
} from '@gradus/core/internal'
import { LRScheduler, type Scheduled } from './scheduler.ts'
import type { SchedulerStateDict } from './state.ts'

/** Options of {@link ReduceLROnPlateau}. */
export interface PlateauOptions {
  /** Whether the metric should fall (the default) or rise. */
  mode?: 'min' | 'max'
  /** The factor of a reduction; below 1, 0.1 by default. */
  factor?: number
  /** Steps without improvement that are let pass; 10 by default. */
  patience?: number
  /** How much better counts as better; 1e-4 by default. */
  threshold?: number
  /** Whether `threshold` is a share of the best value (the default) or a difference. */
  thresholdMode?: 'rel' | 'abs'
  /** Steps after a reduction in which nothing is counted; 0 by default. */
  cooldown?: number
  /** The lowest learning rate, for all groups or for each; 0 by default. */
  minLr?: number | readonly number[]
  /** Reductions by less are not made; 1e-8 by default. */
  eps?: number
}

const named = <const T extends string>(texts: readonly T[], what: string) =>
  kind<T>(
    texts.map((text) => `'${text}'`).join(' or '),
    (x) => texts.some((text) => text === x),
    (x) => `${what} ${String(x)} is unknown!`,
  )

const plateauOptions = /* @__PURE__ */ defineOptions<PlateauOptions>({
  mode: named(['min', 'max'], 'mode'),
  factor: kind<number>(
    'a number below 1',
    (x) => typeof x === 'number' && x >= 0 && x < 1,
    () => 'Factor should be < 1.0.',
  ),
  patience: integer(0),
  threshold: finite,
  thresholdMode: named(['rel', 'abs'], 'threshold mode'),
  cooldown: integer(0),
  minLr: either(finite, listOf(finite)),
  eps: atLeast(0),
})

const plateauDefaults: Required<PlateauOptions> = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
}

/** A metric that every other one is better than. */
const worstOf = (mode: 'min' | 'max'): number => (mode === 'min' ? Infinity : -Infinity)

/**
 * Reduces the learning rate when a metric has stopped improving: give it to `step`.
 *
 * @throws ValueError for a factor of 1 or more, or a wrong number of lowest rates
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau extends LRScheduler {
  readonly mode: 'min' | 'max'
  readonly factor: number
  readonly patience: number
  readonly threshold: number
  readonly thresholdMode: 'rel' | 'abs'
  readonly cooldown: number
  readonly eps: number
  minLrs: readonly number[]
  best: number
  cooldownCounter = 0
  numBadEpochs = 0

  constructor(optimizer: Scheduled, options?: PlateauOptions) {
    const { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps } = withDefaults(
      'ReduceLROnPlateau',
      plateauOptions,
      options,
      plateauDefaults,
    )
    super(optimizer)
    const count = optimizer.paramGroups.length
    if (typeof minLr !== 'number' && minLr.length !== count) {
      throw new ValueError(`expected ${count} min_lrs, got ${minLr.length}`)
    }
    this.mode = mode
    this.factor = factor
    this.patience = patience
    this.threshold = threshold
    this.thresholdMode = thresholdMode
    this.cooldown = cooldown
    this.eps = eps
    this.minLrs = typeof minLr === 'number' ? new Array<number>(count).fill(minLr) : [...minLr]
    this.best = worstOf(mode)
    this.lastEpoch = 0
    this.lastLr = this.currentLr()
  }

  protected computeLr(): number[] {
    return this.currentLr()
  }

  /** Takes over a state; `best` may be null, as JSON writes the Infinity that it begins with. */
  override loadStateDict(state: SchedulerStateDict): void {
    const best = state['best'] === null ? worstOf(state['mode'] === 'max' ? 'max' : 'min') : state['best']
    super.loadStateDict({ ...state, best })
  }

  /**
   * Takes the metric of the epoch that has ended. NaN is no improvement.
   *
   * @throws ValueError without one
   */
  override step(metric?: number | Tensor | null): void {
    const current = metric instanceof Tensor ? metric.item() : metric
    if (typeof current !== 'number') {
      throw new ValueError(`ReduceLROnPlateau.step takes a metric, got ${describeValue(metric)}`, {
        hint: 'give it the loss of the validation: scheduler.step(loss)',
      })
    }
    this.lastEpoch++
    if (this.isBetter(current)) {
      this.best = current
      this.numBadEpochs = 0
    } else this.numBadEpochs++
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--
      this.numBadEpochs = 0
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce()
      this.cooldownCounter = this.cooldown
      this.numBadEpochs = 0
    }
    this.lastLr = this.currentLr()
  }

  private isBetter(value: number): boolean {
    const { best, threshold, thresholdMode } = this
    if (this.mode === 'min')
      return value < (thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold)
    return value > (thresholdMode === 'rel' ? best * (1 + threshold) : best + threshold)
  }

  private reduce(): void {
    this.groups.forEach((group, i) => {
      const next = Math.max(group.lr * this.factor, this.minLrs[i] ?? 0)
      if (group.lr - next > this.eps) group.lr = next
    })
  }
}

import { ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  finite,
  integer,
  takeArgument,
  withDefaults,
} from '@gradus/core/internal'
import { LRScheduler, schedulerKinds, type Scheduled, type SchedulerOptions } from './scheduler.ts'

/** Options of schedulers that multiply by a factor. */
export interface GammaOptions extends SchedulerOptions {
  /** The factor; 0.1 by default. */
  gamma?: number
}

const gammaOptions = /* @__PURE__ */ defineOptions<GammaOptions>({
  gamma: finite,
  lastEpoch: schedulerKinds.lastEpoch,
})

/**
 * Multiplies the learning rate by `gamma` every `stepSize` steps.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 * @example
 * const optimizer = new g.optim.SGD([g.ones(1, { requiresGrad: true })], { lr: 1 })
 * const scheduler = new g.optim.lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 })
 * optimizer.step()
 * scheduler.step()
 * scheduler.getLastLr() // => [0.5]
 */
export class StepLR extends LRScheduler {
  readonly stepSize: number
  readonly gamma: number

  constructor(optimizer: Scheduled, stepSize: number, options?: GammaOptions) {
    const { gamma, lastEpoch } = withDefaults('StepLR', gammaOptions, options, { gamma: 0.1, lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    this.stepSize = takeArgument('StepLR', 'stepSize', integer(1), stepSize)
    this.gamma = gamma
    this.begin()
  }

  protected computeLr(): number[] {
    if (this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0) return this.currentLr()
    return this.groups.map(({ lr }) => lr * this.gamma)
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize))
  }
}

/** @throws ValueError unless all milestones are whole numbers from 0 on */
export function wholeNumbers(call: string, milestones: Iterable<number>): number[] {
  // anything may come from JavaScript
  const list: unknown = milestones
  const given = typeof list === 'object' && list !== null && Symbol.iterator in list ? [...milestones] : null
  if (given?.every((m) => Number.isSafeInteger(m) && m >= 0)) return given
  throw new ValueError(
    `${call}: milestones must be whole numbers from 0 on, got ${describeValue(given ?? list)}`,
  )
}

/**
 * Multiplies the learning rate by `gamma` at each milestone; one named twice counts twice.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends LRScheduler {
  /** How often each milestone was named. */
  readonly milestones: ReadonlyMap<number, number>
  readonly gamma: number

  constructor(optimizer: Scheduled, milestones: Iterable<number>, options?: GammaOptions) {
    const { gamma, lastEpoch } = withDefaults('MultiStepLR', gammaOptions, options, {
      gamma: 0.1,
      lastEpoch: -1,
    })
    const counts = new Map<number, number>()
    for (const m of wholeNumbers('MultiStepLR', milestones)) counts.set(m, (counts.get(m) ?? 0) + 1)
    super(optimizer, { lastEpoch })
    this.milestones = counts
    this.gamma = gamma
    this.begin()
  }

  protected computeLr(): number[] {
    const count = this.milestones.get(this.lastEpoch)
    return count === undefined ? this.currentLr() : this.groups.map(({ lr }) => lr * this.gamma ** count)
  }

  protected override closedFormLr(): number[] {
    let passed = 0
    for (const [milestone, count] of this.milestones) if (milestone <= this.lastEpoch) passed += count
    return this.baseLrs.map((lr) => lr * this.gamma ** passed)
  }
}

/**
 * Multiplies the learning rate by `gamma` at every step.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number

  constructor(optimizer: Scheduled, gamma: number, options?: SchedulerOptions) {
    const { lastEpoch } = withDefaults('ExponentialLR', schedulerKinds, options, { lastEpoch: -1 })
    super(optimizer, { lastEpoch })
    this.gamma = takeArgument('ExponentialLR', 'gamma', finite, gamma)
    this.begin()
  }

  protected computeLr(): number[] {
    return this.isInitial ? this.currentLr() : this.groups.map(({ lr }) => lr * this.gamma)
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch)
  }
}

import {
  atLeast,
  defineOptions,
  finite,
  integer,
  kind,
  takeArgument,
  withDefaults,
} from '@gradus/core/internal'
import { LRScheduler, schedulerKinds, type Scheduled, type SchedulerOptions } from './scheduler.ts'

const steps = /* @__PURE__ */ integer(1)

const between = (low: number, high: number, excluded: boolean, message: string) =>
  kind<number>(
    `a number from ${low} to ${high}${excluded ? `, without ${low}` : ''}`,
    (x) => typeof x === 'number' && (excluded ? x > low : x >= low) && x <= high,
    () => message,
  )

/** Options of {@link ConstantLR}. */
export interface ConstantOptions extends SchedulerOptions {
  /** The factor, from 0 to 1; 1/3 by default. */
  factor?: number
  /** Steps for which it holds; 5 by default. */
  totalIters?: number
}

const constantOptions = /* @__PURE__ */ defineOptions<ConstantOptions>({
  factor: between(0, 1, false, 'Constant multiplicative factor expected to be between 0 and 1.'),
  totalIters: steps,
  lastEpoch: schedulerKinds.lastEpoch,
})

/**
 * Multiplies the learning rate by `factor` for the first `totalIters` steps.
 *
 * @throws ValueError for a factor outside [0, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export class ConstantLR extends LRScheduler {
  readonly factor: number
  readonly totalIters: number

  constructor(optimizer: Scheduled, options?: ConstantOptions) {
    const { factor, totalIters, lastEpoch } = withDefaults('ConstantLR', constantOptions, options, {
      factor: 1 / 3,
      totalIters: 5,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    this.factor = factor
    this.totalIters = totalIters
    this.begin()
  }

  protected computeLr(): number[] {
    if (this.lastEpoch === 0) return this.groups.map(({ lr }) => lr * this.factor)
    if (this.lastEpoch !== this.totalIters) return this.currentLr()
    // nothing multiplies 0 back
    if (this.factor === 0) return this.closedFormLr()
    return this.groups.map(({ lr }) => lr * (1 / this.factor))
  }

  protected override closedFormLr(): number[] {
    const factor = this.lastEpoch >= this.totalIters ? 1 : this.factor
    return this.baseLrs.map((lr) => lr * factor)
  }
}

/** Options of {@link LinearLR}. */
export interface LinearOptions extends SchedulerOptions {
  /** The first factor, above 0 and at most 1; 1/3 by default. */
  startFactor?: number
  /** The last factor, from 0 to 1; 1 by default. */
  endFactor?: number
  /** Steps from the first to the last; 5 by default. */
  totalIters?: number
}

const linearOptions = /* @__PURE__ */ defineOptions<LinearOptions>({
  startFactor: between(
    0,
    1,
    true,
    'Starting multiplicative factor expected to be greater than 0 and less or equal to 1.',
  ),
  endFactor: between(0, 1, false, 'Ending multiplicative factor expected to be between 0 and 1.'),
  totalIters: steps,
  lastEpoch: schedulerKinds.lastEpoch,
})

/**
 * Changes the factor of the learning rate evenly from `startFactor` to `endFactor`.
 *
 * @throws ValueError for factors out of their range
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends LRScheduler {
  readonly startFactor: number
  readonly endFactor: number
  readonly totalIters: number

  constructor(optimizer: Scheduled, options?: LinearOptions) {
    const { startFactor, endFactor, totalIters, lastEpoch } = withDefaults(
      'LinearLR',
      linearOptions,
      options,
      {
        startFactor: 1 / 3,
        endFactor: 1,
        totalIters: 5,
        lastEpoch: -1,
      },
    )
    super(optimizer, { lastEpoch })
    this.startFactor = startFactor
    this.endFactor = endFactor
    this.totalIters = totalIters
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch, totalIters, startFactor, endFactor } = this
    if (lastEpoch === 0) return this.groups.map(({ lr }) => lr * startFactor)
    if (this.isInitial || lastEpoch > totalIters) return this.currentLr()
    const rise = endFactor - startFactor
    return this.groups.map(({ lr }) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)))
  }

  protected override closedFormLr(): number[] {
    const { lastEpoch, totalIters, startFactor, endFactor } = this
    const factor = startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters
    return this.baseLrs.map((lr) => lr * factor)
  }
}

/** Options of {@link PolynomialLR}. */
export interface PolynomialOptions extends SchedulerOptions {
  /** Steps until 0; 5 by default. */
  totalIters?: number
  /** The exponent; 1 by default. */
  power?: number
}

const polynomialOptions = /* @__PURE__ */ defineOptions<PolynomialOptions>({
  totalIters: steps,
  power: finite,
  lastEpoch: schedulerKinds.lastEpoch,
})

/**
 * Lets the learning rate fall to 0 as `(1 - t / totalIters) ** power`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number
  readonly power: number

  constructor(optimizer: Scheduled, options?: PolynomialOptions) {
    const { totalIters, power, lastEpoch } = withDefaults('PolynomialLR', polynomialOptions, options, {
      totalIters: 5,
      power: 1,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    this.totalIters = totalIters
    this.power = power
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch: t, totalIters: end } = this
    if (this.isInitial || t > end) return this.currentLr()
    const factor = ((1 - t / end) / (1 - (t - 1) / end)) ** this.power
    return this.groups.map(({ lr }) => lr * factor)
  }

  protected override closedFormLr(): number[] {
    const factor = (1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power
    return this.baseLrs.map((lr) => lr * factor)
  }
}

/** Options of {@link CosineAnnealingLR}. */
export interface CosineOptions extends SchedulerOptions {
  /** The lowest learning rate; 0 by default. */
  etaMin?: number
}

const cosineOptions = /* @__PURE__ */ defineOptions<CosineOptions>({
  etaMin: finite,
  lastEpoch: schedulerKinds.lastEpoch,
})

/**
 * Moves the learning rate along half a cosine from the first one to `etaMin` in `tMax` steps, and back.
 *
 * @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly tMax: number
  readonly etaMin: number

  constructor(optimizer: Scheduled, tMax: number, options?: CosineOptions) {
    const { etaMin, lastEpoch } = withDefaults('CosineAnnealingLR', cosineOptions, options, {
      etaMin: 0,
      lastEpoch: -1,
    })
    super(optimizer, { lastEpoch })
    this.tMax = takeArgument('CosineAnnealingLR', 'tMax', atLeast(0, { exclusive: true }), tMax)
    this.etaMin = etaMin
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch: t, tMax, etaMin } = this
    if (this.isInitial) return this.currentLr()
    if (this.stepCount === 1 && t > 0) return this.closedFormLr()
    // the recursion divides by 0 one step after a minimum
    if ((t - 1 - tMax) % (2 * tMax) === 0) {
      return this.groups.map(
        ({ lr }, i) => lr + ((this.baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2,
      )
    }
    const ratio = (1 + Math.cos((Math.PI * t) / tMax)) / (1 + Math.cos((Math.PI * (t - 1)) / tMax))
    return this.groups.map(({ lr }) => ratio * (lr - etaMin) + etaMin)
  }

  protected override closedFormLr(): number[] {
    const { lastEpoch, tMax, etaMin } = this
    return this.baseLrs.map(
      (lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2,
    )
  }
}

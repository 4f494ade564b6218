import { ValueError } from '@gradus/core'
import { LRScheduler, type Scheduled, type SchedulerOptions } from './scheduler.ts'

type PerGroup = number | readonly number[]

function perGroup(name: string, optimizer: Scheduled, value: PerGroup): number[] {
  const count = optimizer.paramGroups.length
  if (typeof value === 'number') return new Array<number>(count).fill(value)
  if (value.length !== count)
    throw new ValueError(`expected ${count} values for ${name}, got ${value.length}`)
  return [...value]
}

/** Momentum as two optimizers have it: `momentum`, or the first of `betas`. */
class Momentum {
  private readonly optimizer: Scheduled
  readonly useBeta1: boolean

  constructor(optimizer: Scheduled) {
    if (!('momentum' in optimizer.defaults) && !('betas' in optimizer.defaults)) {
      throw new ValueError('optimizer must support momentum or beta1 with `cycle_momentum` option enabled')
    }
    this.optimizer = optimizer
    this.useBeta1 = 'betas' in optimizer.defaults
  }

  set(values: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      if (!this.useBeta1) Reflect.set(group, 'momentum', values[i])
      else if ('betas' in group && Array.isArray(group.betas))
        group.betas = [values[i], ...group.betas.slice(1)]
    })
  }
}

/** Options of {@link CyclicLR}. */
export interface CyclicOptions extends SchedulerOptions {
  /** Steps from the lowest rate to the highest; 2000 by default. */
  stepSizeUp?: number
  /** Steps back; as many by default. */
  stepSizeDown?: number
  /** How the height changes from cycle to cycle: not at all (the default), halved, or times `gamma` at every step. */
  mode?: 'triangular' | 'triangular2' | 'exp_range'
  gamma?: number
  /** Height by cycle or by step, instead of `mode`. */
  scaleFn?: (x: number) => number
  /** What `scaleFn` is given; cycles by default. */
  scaleMode?: 'cycle' | 'iterations'
  /** Moves momentum against the learning rate; true by default. */
  cycleMomentum?: boolean
  /** The lowest momentum; 0.8 by default. */
  baseMomentum?: PerGroup
  /** The highest momentum; 0.9 by default. */
  maxMomentum?: PerGroup
}

/**
 * Moves the learning rate up and down between `baseLr` and `maxLr`, and momentum the other way.
 *
 * @throws ValueError for an optimizer without momentum, unless `cycleMomentum` is false
 * @see Smith 2017, https://arxiv.org/abs/1506.01186
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export class CyclicLR extends LRScheduler {
  readonly maxLrs: readonly number[]
  readonly totalSize: number
  readonly stepRatio: number
  readonly scaleMode: 'cycle' | 'iterations'
  readonly cycleMomentum: boolean
  readonly baseMomentums: readonly number[]
  readonly maxMomentums: readonly number[]
  readonly scaleFn: (x: number) => number
  readonly #momentum: Momentum | null

  constructor(optimizer: Scheduled, baseLr: PerGroup, maxLr: PerGroup, options: CyclicOptions = {}) {
    const {
      stepSizeUp = 2000,
      stepSizeDown = stepSizeUp,
      mode = 'triangular',
      gamma = 1,
      lastEpoch = -1,
    } = options
    const {
      cycleMomentum = true,
      baseMomentum = 0.8,
      maxMomentum = 0.9,
      scaleFn,
      scaleMode = 'cycle',
    } = options
    if (!scaleFn && !['triangular', 'triangular2', 'exp_range'].includes(mode)) {
      throw new ValueError('mode is invalid and scale_fn is None')
    }
    const baseLrs = perGroup('base_lr', optimizer, baseLr)
    const momentum = cycleMomentum ? new Momentum(optimizer) : null
    const maxMomentums = perGroup('max_momentum', optimizer, maxMomentum)
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => (group.lr = baseLrs[i]))
      momentum?.set(maxMomentums)
    }
    super(optimizer, { lastEpoch })
    this.maxLrs = perGroup('max_lr', optimizer, maxLr)
    this.totalSize = stepSizeUp + stepSizeDown
    this.stepRatio = stepSizeUp / this.totalSize
    this.scaleFn = scaleFn ?? heights(mode, gamma)
    this.scaleMode = scaleFn ? scaleMode : mode === 'exp_range' ? 'iterations' : 'cycle'
    this.cycleMomentum = cycleMomentum
    this.baseMomentums = perGroup('base_momentum', optimizer, baseMomentum)
    this.maxMomentums = maxMomentums
    this.#momentum = momentum
    this.begin()
    this.baseLrs = baseLrs
  }

  protected computeLr(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this
    const cycle = Math.floor(1 + lastEpoch / totalSize)
    const x = 1 + lastEpoch / totalSize - cycle
    const position = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1)
    const height = this.scaleFn(this.scaleMode === 'cycle' ? cycle : lastEpoch)
    this.#momentum?.set(
      this.maxMomentums.map((high, i) => high - (high - this.baseMomentums[i]) * position * height),
    )
    return this.maxLrs.map((high, i) => this.baseLrs[i] + (high - this.baseLrs[i]) * position * height)
  }
}

function heights(mode: CyclicOptions['mode'], gamma: number): (x: number) => number {
  if (mode === 'triangular2') return (cycle) => 1 / 2 ** (cycle - 1)
  return mode === 'exp_range' ? (step) => gamma ** step : () => 1
}

/** Options of {@link OneCycleLR}. */
export interface OneCycleOptions extends SchedulerOptions {
  /** Steps in all; or give `epochs` and `stepsPerEpoch`. */
  totalSteps?: number
  epochs?: number
  stepsPerEpoch?: number
  /** Share of the steps in which the rate rises; 0.3 by default. */
  pctStart?: number
  /** Along a cosine (the default) or a line. */
  annealStrategy?: 'cos' | 'linear'
  /** Moves momentum against the learning rate; true by default. */
  cycleMomentum?: boolean
  /** The lowest momentum; 0.85 by default. */
  baseMomentum?: PerGroup
  /** The highest momentum; 0.95 by default. */
  maxMomentum?: PerGroup
  /** The first rate is `maxLr / divFactor`; 25 by default. */
  divFactor?: number
  /** The last rate is the first over this; 1e4 by default. */
  finalDivFactor?: number
  /** Comes down to the first rate before it goes to the last; false by default. */
  threePhase?: boolean
}

type Rate = 'initialLr' | 'maxLr' | 'minLr'
type MomentumEnd = 'baseMomentum' | 'maxMomentum'

interface Phase {
  endStep: number
  lr: readonly [Rate, Rate]
  momentum: readonly [MomentumEnd, MomentumEnd]
}

/**
 * Moves the learning rate up to `maxLr` and down to almost nothing once, and momentum the other way.
 *
 * @throws ValueError for a number of steps that is missing or not a positive integer, for `pctStart` outside [0, 1], and
 *   by `step` beyond the last one
 * @see Smith & Topin 2019, https://arxiv.org/abs/1708.07120
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number
  readonly annealStrategy: 'cos' | 'linear'
  readonly cycleMomentum: boolean
  readonly phases: readonly Phase[]
  private readonly rates: readonly Record<Rate, number>[]
  private readonly momenta: readonly Record<MomentumEnd, number>[]
  readonly #momentum: Momentum | null

  constructor(optimizer: Scheduled, maxLr: PerGroup, options: OneCycleOptions = {}) {
    const {
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      threePhase = false,
      lastEpoch = -1,
    } = options
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = options
    const totalSteps = stepsOf(options)
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ValueError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`)
    }
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear') {
      throw new ValueError(
        `anneal_strategy must be one of 'cos' or 'linear', instead got ${String(annealStrategy)}`,
      )
    }
    const rates = perGroup('max_lr', optimizer, maxLr).map((high) => ({
      initialLr: high / divFactor,
      maxLr: high,
      minLr: high / divFactor / finalDivFactor,
    }))
    const momentum = cycleMomentum ? new Momentum(optimizer) : null
    const low = perGroup('base_momentum', optimizer, baseMomentum)
    const momenta = perGroup('max_momentum', optimizer, maxMomentum).map((high, i) => ({
      baseMomentum: low[i],
      maxMomentum: high,
    }))
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => (group.initialLr = rates[i].initialLr))
      momentum?.set(momenta.map((m) => m.maxMomentum))
    }
    super(optimizer, { lastEpoch })
    this.totalSteps = totalSteps
    this.annealStrategy = annealStrategy
    this.cycleMomentum = cycleMomentum
    this.rates = rates
    this.momenta = momenta
    this.phases = phasesOf(totalSteps, pctStart, threePhase)
    this.#momentum = momentum
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch, totalSteps } = this
    if (lastEpoch > totalSteps) {
      throw new ValueError(
        `Tried to step ${lastEpoch} times. The specified number of total steps is ${totalSteps}`,
      )
    }
    const found = this.phases.findIndex(({ endStep }) => lastEpoch <= endStep)
    const i = found < 0 ? this.phases.length - 1 : found
    const start = i === 0 ? 0 : this.phases[i - 1].endStep
    const { endStep, lr, momentum } = this.phases[i]
    const share = (lastEpoch - start) / (endStep - start)
    this.#momentum?.set(this.momenta.map((m) => this.anneal(m[momentum[0]], m[momentum[1]], share)))
    return this.rates.map((r) => this.anneal(r[lr[0]], r[lr[1]], share))
  }

  private anneal(start: number, end: number, share: number): number {
    if (this.annealStrategy === 'linear') return (end - start) * share + start
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1)
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  const positive = (name: string, n: number): number => {
    if (!(Number.isInteger(n) && n > 0))
      throw new ValueError(`Expected positive integer ${name}, but got ${n}`)
    return n
  }
  if (totalSteps !== undefined) return positive('total_steps', totalSteps)
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new ValueError('You must define either total_steps OR (epochs AND steps_per_epoch)')
  }
  return positive('epochs', epochs) * positive('steps_per_epoch', stepsPerEpoch)
}

function phasesOf(totalSteps: number, pctStart: number, threePhase: boolean): Phase[] {
  const up: Phase = {
    endStep: pctStart * totalSteps - 1,
    lr: ['initialLr', 'maxLr'],
    momentum: ['maxMomentum', 'baseMomentum'],
  }
  if (!threePhase) {
    return [
      up,
      { endStep: totalSteps - 1, lr: ['maxLr', 'minLr'], momentum: ['baseMomentum', 'maxMomentum'] },
    ]
  }
  return [
    up,
    {
      endStep: 2 * pctStart * totalSteps - 2,
      lr: ['maxLr', 'initialLr'],
      momentum: ['baseMomentum', 'maxMomentum'],
    },
    { endStep: totalSteps - 1, lr: ['initialLr', 'minLr'], momentum: ['maxMomentum', 'maxMomentum'] },
  ]
}

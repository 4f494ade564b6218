import { ValueError } from '@gradus/core/functions'
import {
  atLeast,
  defineOptions,
  describeValue,
  either,
  finite,
  flag,
  functionKind,
  kind,
  listOf,
  oneOf,
  withDefaults,
} from '@gradus/core/internal'
import {
  checkOptimizer,
  LRScheduler,
  schedulerKinds,
  type Scheduled,
  type SchedulerOptions,
} from './scheduler.ts'
import { strategy } from './swa.ts'

type PerGroup = number | readonly number[]

const perGroupKind = /* @__PURE__ */ either(finite, listOf(finite))

function perGroup(name: string, optimizer: Scheduled, value: PerGroup): number[] {
  const count = optimizer.paramGroups.length
  if (!perGroupKind.accepts(value))
    throw new ValueError(
      `${name} must be a finite number, or one for each group, got ${describeValue(value)}`,
    )
  if (typeof value === 'number') return new Array<number>(count).fill(value)
  if (value.length !== count)
    throw new ValueError(`expected ${count} values for ${name}, got ${value.length}`)
  return [...value]
}

/** @throws ValueError for an optimizer that has neither `momentum` nor `betas` */
function checkMomentum({ defaults }: Scheduled): void {
  if ('momentum' in defaults || 'betas' in defaults) return
  throw new ValueError('optimizer must support momentum or beta1 with `cycleMomentum` option enabled')
}

/** Sets the momentum of each group: `momentum`, or the first of `betas`. */
function setMomentum({ paramGroups }: Scheduled, values: readonly number[]): void {
  paramGroups.forEach((group, i) => {
    if (!('betas' in group)) Reflect.set(group, 'momentum', values[i])
    else if (Array.isArray(group.betas)) group.betas = [values[i], ...group.betas.slice(1)]
  })
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
  /** The argument of `scaleFn`: the number of the cycle (the default) or of the step. */
  scaleMode?: 'cycle' | 'iterations'
  /** Moves momentum against the learning rate; true by default. */
  cycleMomentum?: boolean
  /** The lowest momentum; 0.8 by default. */
  baseMomentum?: PerGroup
  /** The highest momentum; 0.9 by default. */
  maxMomentum?: PerGroup
}

const positive = /* @__PURE__ */ atLeast(0, { exclusive: true })

const cyclicOptions = /* @__PURE__ */ defineOptions<CyclicOptions>({
  stepSizeUp: positive,
  stepSizeDown: atLeast(0),
  mode: oneOf('triangular', 'triangular2', 'exp_range'),
  gamma: finite,
  scaleFn: functionKind<(x: number) => number>(),
  scaleMode: oneOf('cycle', 'iterations'),
  cycleMomentum: flag,
  baseMomentum: perGroupKind,
  maxMomentum: perGroupKind,
  lastEpoch: schedulerKinds.lastEpoch,
})

const cyclicDefaults: Required<Omit<CyclicOptions, 'stepSizeDown' | 'scaleFn'>> = {
  stepSizeUp: 2000,
  mode: 'triangular',
  gamma: 1,
  scaleMode: 'cycle',
  cycleMomentum: true,
  baseMomentum: 0.8,
  maxMomentum: 0.9,
  lastEpoch: -1,
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

  constructor(optimizer: Scheduled, baseLr: PerGroup, maxLr: PerGroup, options?: CyclicOptions) {
    const {
      stepSizeUp,
      mode,
      gamma,
      scaleMode,
      cycleMomentum,
      baseMomentum,
      maxMomentum,
      lastEpoch,
      ...rest
    } = withDefaults('CyclicLR', cyclicOptions, options, cyclicDefaults)
    const { stepSizeDown = stepSizeUp, scaleFn } = rest
    checkOptimizer(optimizer)
    const baseLrs = perGroup('baseLr', optimizer, baseLr)
    const maxLrs = perGroup('maxLr', optimizer, maxLr)
    if (cycleMomentum) checkMomentum(optimizer)
    const baseMomentums = perGroup('baseMomentum', optimizer, baseMomentum)
    const maxMomentums = perGroup('maxMomentum', optimizer, maxMomentum)
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => (group.lr = baseLrs[i]))
      if (cycleMomentum) setMomentum(optimizer, maxMomentums)
    }
    super(optimizer, { lastEpoch })
    this.maxLrs = maxLrs
    this.totalSize = stepSizeUp + stepSizeDown
    this.stepRatio = stepSizeUp / this.totalSize
    this.scaleFn = scaleFn ?? heights(mode, gamma)
    this.scaleMode = scaleFn ? scaleMode : mode === 'exp_range' ? 'iterations' : 'cycle'
    this.cycleMomentum = cycleMomentum
    this.baseMomentums = baseMomentums
    this.maxMomentums = maxMomentums
    // the base constructor took the rates that the groups began with
    this.baseLrs = baseLrs
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this
    const cycle = Math.floor(1 + lastEpoch / totalSize)
    const x = 1 + lastEpoch / totalSize - cycle
    const position = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1)
    const height = this.scaleFn(this.scaleMode === 'cycle' ? cycle : lastEpoch)
    if (this.cycleMomentum) {
      const { maxMomentums, baseMomentums } = this
      setMomentum(
        this.optimizer,
        maxMomentums.map((high, i) => high - (high - baseMomentums[i]) * position * height),
      )
    }
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

// PyTorch's names of the ends, which a state dict has
type Rate = 'initial_lr' | 'max_lr' | 'min_lr'
type MomentumEnd = 'base_momentum' | 'max_momentum'

interface Phase {
  end_step: number
  start_lr: Rate
  end_lr: Rate
  start_momentum: MomentumEnd
  end_momentum: MomentumEnd
}

const oneCycleOptions = /* @__PURE__ */ defineOptions<OneCycleOptions>({
  totalSteps: whole('total_steps'),
  epochs: whole('epochs'),
  stepsPerEpoch: whole('steps_per_epoch'),
  pctStart: kind<number>(
    'a number from 0 to 1',
    (x) => typeof x === 'number' && x >= 0 && x <= 1,
    (x) => `Expected float between 0 and 1 pct_start, but got ${String(x)}`,
  ),
  annealStrategy: strategy,
  cycleMomentum: flag,
  baseMomentum: perGroupKind,
  maxMomentum: perGroupKind,
  divFactor: positive,
  finalDivFactor: positive,
  threePhase: flag,
  lastEpoch: schedulerKinds.lastEpoch,
})

/* @__NO_SIDE_EFFECTS__ */
function whole(name: string) {
  return kind<number>(
    'a whole number from 1 on',
    (x) => Number.isSafeInteger(x) && Number(x) > 0,
    (x) => `Expected positive integer ${name}, but got ${String(x)}`,
  )
}

const oneCycleDefaults: Required<Omit<OneCycleOptions, 'totalSteps' | 'epochs' | 'stepsPerEpoch'>> = {
  pctStart: 0.3,
  annealStrategy: 'cos',
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
  lastEpoch: -1,
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

  constructor(optimizer: Scheduled, maxLr: PerGroup, options?: OneCycleOptions) {
    const all = withDefaults('OneCycleLR', oneCycleOptions, options, oneCycleDefaults)
    const { annealStrategy, cycleMomentum, divFactor, finalDivFactor, lastEpoch } = all
    const totalSteps = stepsOf(all)
    checkOptimizer(optimizer)
    const rates = perGroup('maxLr', optimizer, maxLr).map((high) => ({
      initial_lr: high / divFactor,
      max_lr: high,
      min_lr: high / divFactor / finalDivFactor,
    }))
    if (cycleMomentum) checkMomentum(optimizer)
    const low = perGroup('baseMomentum', optimizer, all.baseMomentum)
    const momenta = perGroup('maxMomentum', optimizer, all.maxMomentum).map((high, i) => ({
      base_momentum: low[i],
      max_momentum: high,
    }))
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => (group.initialLr = rates[i].initial_lr))
      if (cycleMomentum)
        setMomentum(
          optimizer,
          momenta.map((m) => m.max_momentum),
        )
    }
    super(optimizer, { lastEpoch })
    this.totalSteps = totalSteps
    this.annealStrategy = annealStrategy
    this.cycleMomentum = cycleMomentum
    this.rates = rates
    this.momenta = momenta
    this.phases = phasesOf(totalSteps, all.pctStart, all.threePhase)
    this.begin()
  }

  protected computeLr(): number[] {
    const { lastEpoch, totalSteps } = this
    if (lastEpoch > totalSteps) {
      throw new ValueError(
        `Tried to step ${lastEpoch} times. The specified number of total steps is ${totalSteps}`,
      )
    }
    const found = this.phases.findIndex((phase) => lastEpoch <= phase.end_step)
    const i = found < 0 ? this.phases.length - 1 : found
    const start = i === 0 ? 0 : this.phases[i - 1].end_step
    const phase = this.phases[i]
    const share = (lastEpoch - start) / (phase.end_step - start)
    const { start_momentum: from, end_momentum: to } = phase
    if (this.cycleMomentum) {
      setMomentum(
        this.optimizer,
        this.momenta.map((m) => this.anneal(m[from], m[to], share)),
      )
    }
    return this.rates.map((r) => this.anneal(r[phase.start_lr], r[phase.end_lr], share))
  }

  private anneal(start: number, end: number, share: number): number {
    if (this.annealStrategy === 'linear') return (end - start) * share + start
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1)
  }
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  if (totalSteps !== undefined) return totalSteps
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new ValueError('You must define either total_steps OR (epochs AND steps_per_epoch)', {
      hint: 'pass { totalSteps }, or { epochs, stepsPerEpoch }',
    })
  }
  return epochs * stepsPerEpoch
}

function phasesOf(totalSteps: number, pctStart: number, threePhase: boolean): Phase[] {
  const phase = (
    end_step: number,
    [start_lr, end_lr]: readonly [Rate, Rate],
    [start_momentum, end_momentum]: readonly [MomentumEnd, MomentumEnd],
  ): Phase => ({ end_step, start_lr, end_lr, start_momentum, end_momentum })
  const up = phase(pctStart * totalSteps - 1, ['initial_lr', 'max_lr'], ['max_momentum', 'base_momentum'])
  const down = ['base_momentum', 'max_momentum'] as const
  if (!threePhase) return [up, phase(totalSteps - 1, ['max_lr', 'min_lr'], down)]
  return [
    up,
    phase(2 * pctStart * totalSteps - 2, ['max_lr', 'initial_lr'], down),
    phase(totalSteps - 1, ['initial_lr', 'min_lr'], ['max_momentum', 'max_momentum']),
  ]
}

import { ValueError } from '@gradus/core/functions'
import { describeValue, integer, nullable, takeArgument, takeOptions, warn } from '@gradus/core/internal'
import { Optimizer } from '../step/optimizer.ts'
import type { ParamGroup } from '../step/param-group.ts'
import { exportFields, importFields, type SchedulerStateDict } from './state.ts'

/** An optimizer as schedulers see it: groups with a learning rate. */
export type Scheduled = Optimizer<{ lr: number }>

/** Options of every scheduler. */
export interface SchedulerOptions {
  /** The number of steps already made; -1, the default, begins anew. */
  lastEpoch?: number
}

/** Kinds of {@link SchedulerOptions}. */
export const schedulerKinds = { lastEpoch: /* @__PURE__ */ integer(-1) }

/** @throws ValueError for a value that is no optimizer */
export function checkOptimizer(optimizer: unknown): void {
  if (optimizer instanceof Optimizer) return
  throw new ValueError(`${describeValue(optimizer)} is not an Optimizer`, {
    hint: 'a scheduler takes the optimizer first: new StepLR(optimizer, 10)',
  })
}

const epochKind = /* @__PURE__ */ nullable(/* @__PURE__ */ integer(0))

/** @throws ValueError for a position given to a scheduler made of others, which has none to go to */
export function refuseEpoch(name: string, epoch: unknown): void {
  if (epoch === undefined || epoch === null) return
  throw new ValueError(`${name}.step takes no epoch, got ${describeValue(epoch)}`, {
    hint: 'call step() once per step, or give the epoch to the schedulers that it is made of',
  })
}

/** Optimizers that have stepped since their first scheduler was made. */
const stepped = new WeakMap<object, boolean>()

/**
 * The base of learning-rate schedulers. Making one sets the first learning rate; every `step()`, after the optimizer's,
 * sets the next.
 *
 * Most multiply the current learning rate, so several on one optimizer combine.
 *
 * @see https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler {
  readonly optimizer: Scheduled
  /** The learning rate of each group before any schedule. */
  baseLrs: number[]
  /** Steps made; 0 after construction. */
  lastEpoch: number
  protected stepCount = 0
  protected isInitial = false
  protected getLrCalledWithinStep = false
  protected lastLr: number[] = []

  /** @throws ValueError when resuming on an optimizer whose groups have no `initialLr` */
  constructor(optimizer: Scheduled, options: SchedulerOptions = {}) {
    checkOptimizer(optimizer)
    const { lastEpoch = -1 } = takeOptions('LRScheduler', schedulerKinds, options)
    this.optimizer = optimizer
    this.baseLrs = optimizer.paramGroups.map((group, i) => {
      if (lastEpoch === -1) return (group.initialLr ??= group.lr)
      if (group.initialLr === undefined) {
        throw new ValueError(
          `param 'initialLr' is not specified in paramGroups[${i}] when resuming scheduler with lastEpoch >= 0.`,
          {
            hint: 'load the state of the optimizer first, which has it, or begin with lastEpoch -1',
          },
        )
      }
      return group.initialLr
    })
    this.lastEpoch = lastEpoch
    if (!stepped.has(optimizer)) {
      stepped.set(optimizer, false)
      optimizer.registerStepPreHook(() => void stepped.set(optimizer, true), { readsGrads: false })
    }
  }

  /** The learning rates of this step. Fields of a subclass are set when it is called. */
  protected abstract computeLr(): number[]

  /** The learning rates at `lastEpoch`, from the first ones, where there is a formula. */
  protected closedFormLr(): number[] | null {
    return null
  }

  /**
   * Begins anew, from the first learning rates, for schedulers made of others. A scheduler without a closed form multiplies
   * the present learning rate.
   */
  restart(): void {
    this.moveTo(0)
  }

  /** Takes back the step of the constructor: for schedulers made of others, which decide when each begins. */
  undo(): void {
    this.lastEpoch = -1
  }

  /** Sets the first learning rate: the last line of a constructor, and of schedulers made of others. */
  begin(): void {
    this.stepCount = 0
    this.isInitial = true
    try {
      this.step()
    } finally {
      this.isInitial = false
    }
  }

  /**
   * Sets the learning rate of the next step; call it after `optimizer.step()`.
   *
   * @param epoch - a position to go to instead of one step on, as in PyTorch, where it is deprecated: by the formula of the
   *   position where the schedule has one, else by one update of the present learning rate
   * @throws TypeError unless a whole number
   */
  step(epoch?: number | null): void {
    takeArgument('step', 'epoch', epochKind, epoch ?? null)
    if (this.stepCount === 1 && stepped.get(this.optimizer) === false) {
      warn(
        'Detected call of `scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call ' +
          'them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result ' +
          'in PyTorch skipping the first value of the learning rate schedule. See more details at ' +
          'https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate',
      )
    }
    this.stepCount++
    this.moveTo(epoch ?? null)
  }

  /** One step on, or to a position; for schedulers made of others. */
  moveTo(epoch: number | null): void {
    takeArgument('moveTo', 'epoch', epochKind, epoch)
    this.lastEpoch = epoch ?? this.lastEpoch + 1
    this.getLrCalledWithinStep = true
    try {
      this.setLr((epoch === null ? null : this.closedFormLr()) ?? this.computeLr())
    } finally {
      this.getLrCalledWithinStep = false
    }
  }

  protected setLr(values: readonly number[]): void {
    this.groups.forEach((group, i) => (group.lr = values[i]))
    this.lastLr = this.currentLr()
  }

  protected get groups(): ParamGroup<{ lr: number }>[] {
    return this.optimizer.paramGroups
  }

  protected currentLr(): number[] {
    return this.groups.map((group) => group.lr)
  }

  /** The learning rate of each group as the last step set it. */
  getLastLr(): number[] {
    return [...this.lastLr]
  }

  /** The learning rates that a step would compute. Outside of a step, call `getLastLr()`. */
  getLr(): number[] {
    if (!this.getLrCalledWithinStep) {
      warn('To get the last learning rate computed by the scheduler, please use `getLastLr()`.')
    }
    return this.computeLr()
  }

  /** Every field but the optimizer and functions, under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return exportFields(this)
  }

  /**
   * Takes over a state of `stateDict()`, of gradus or PyTorch. The optimizer's state, which has the learning rates, is loaded by
   * itself.
   *
   * @throws ValueError for a state of another scheduler; nothing has changed then
   */
  loadStateDict(state: SchedulerStateDict): void {
    importFields(this, state)
  }
}

import { ValueError } from '@gradus/core'
import { warn } from '@gradus/core/internal'
import { Optimizer } from '../step/optimizer.ts'
import type { ParamGroup } from '../step/param-group.ts'
import { exportFields, importFields, type SchedulerStateDict } from './state.ts'

/** An optimizer as schedulers see it: groups with a learning rate. */
export type Scheduled = Optimizer<{ lr: number }>

/** What every scheduler takes. */
export interface SchedulerOptions {
  /** The number of steps already made; -1, the default, begins anew. */
  lastEpoch?: number
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
  constructor(optimizer: Scheduled, { lastEpoch = -1 }: SchedulerOptions = {}) {
    if (!(optimizer instanceof Optimizer)) throw new ValueError(`${typeof optimizer} is not an Optimizer`)
    this.optimizer = optimizer
    this.baseLrs = optimizer.paramGroups.map((group, i) => {
      if (lastEpoch === -1) return (group.initialLr ??= group.lr)
      if (group.initialLr === undefined) {
        throw new ValueError(
          `param 'initial_lr' is not specified in param_groups[${i}] when resuming scheduler with last_epoch >= 0.\n` +
            'This typically happens when:\n' +
            "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n" +
            "2. You're using last_epoch >= 0 for a fresh training run (not recommended)",
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

  /** Sets the learning rate of the next step; call it after `optimizer.step()`. */
  step(): void {
    if (this.stepCount === 1 && stepped.get(this.optimizer) === false) {
      warn(
        'Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call ' +
          'them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result ' +
          'in PyTorch skipping the first value of the learning rate schedule. See more details at ' +
          'https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate',
      )
    }
    this.stepCount++
    this.moveTo(null)
  }

  /** One step on, or to a position; for schedulers made of others. */
  moveTo(epoch: number | null): void {
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

  /** What a step would compute; outside of one, `getLastLr()` is meant. */
  getLr(): number[] {
    if (!this.getLrCalledWithinStep) {
      warn('To get the last learning rate computed by the scheduler, please use `get_last_lr()`.')
    }
    return this.computeLr()
  }

  /** Every field but the optimizer and functions, under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return exportFields(this)
  }

  /** Takes over what `stateDict()` gave. The optimizer's state, which has the learning rates, is loaded by itself. */
  loadStateDict(state: SchedulerStateDict): void {
    importFields(this, state)
  }
}

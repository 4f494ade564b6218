import { ValueError } from '@gradus/core'
import { ReduceLROnPlateau } from './plateau.ts'
import { LRScheduler, type Scheduled, type SchedulerOptions } from './scheduler.ts'

function checkAll(name: string, optimizer: Scheduled, schedulers: readonly LRScheduler[]): void {
  schedulers.forEach((scheduler, i) => {
    if (scheduler instanceof ReduceLROnPlateau) {
      throw new ValueError(
        `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
      )
    }
    if (scheduler.optimizer !== optimizer) {
      throw new ValueError(
        `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${scheduler.constructor.name} at index ${i} has ${String(scheduler.optimizer)}, which is different from ${optimizer.constructor.name}.`,
      )
    }
  })
}

/**
 * Schedulers one after the other: each takes over at its milestone, from its own beginning.
 *
 * @param milestones - steps at which the next one takes over; one less than schedulers
 * @throws ValueError unless the numbers fit and all schedulers have this optimizer
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export class SequentialLR extends LRScheduler {
  readonly schedulers: readonly LRScheduler[]
  readonly milestonePoints: readonly number[]

  constructor(
    optimizer: Scheduled,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    { lastEpoch = -1 }: SchedulerOptions = {},
  ) {
    if (schedulers.length < 1) {
      throw new ValueError('SequentialLR expects at least one scheduler, but got no scheduler.')
    }
    checkAll('SequentialLR', optimizer, schedulers)
    if (milestones.length !== schedulers.length - 1) {
      throw new ValueError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      )
    }
    super(optimizer, { lastEpoch })
    this.schedulers = [...schedulers]
    this.milestonePoints = [...milestones]
    this.lastEpoch = lastEpoch + 1
    // the schedulers have each made a first step: back to before, and only the first of them begins
    for (const group of this.groups) group.lr = group.initialLr ?? group.lr
    for (const scheduler of this.schedulers) undo(scheduler)
    const first = this.schedulers[this.indexAt(0)]
    first.begin()
    this.lastLr = first.getLastLr()
  }

  protected computeLr(): number[] {
    return this.currentLr()
  }

  private indexAt(epoch: number): number {
    return this.milestonePoints.filter((m) => m <= epoch).length
  }

  override step(): void {
    this.lastEpoch++
    const i = this.indexAt(this.lastEpoch)
    const scheduler = this.schedulers[i]
    if (i > 0 && this.milestonePoints[i - 1] === this.lastEpoch) scheduler.moveTo(0)
    else scheduler.step()
    this.lastLr = scheduler.getLastLr()
  }
}

function undo(scheduler: LRScheduler): void {
  if (scheduler instanceof SequentialLR || scheduler instanceof ChainedScheduler)
    scheduler.schedulers.forEach(undo)
  else scheduler.lastEpoch--
}

/**
 * Schedulers that all step together, each multiplying the learning rate.
 *
 * @throws ValueError unless all schedulers have one optimizer
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler extends LRScheduler {
  readonly schedulers: readonly LRScheduler[]

  constructor(schedulers: readonly LRScheduler[], optimizer?: Scheduled) {
    if (schedulers.length < 1) {
      throw new ValueError(
        'ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.',
      )
    }
    const shared = optimizer ?? schedulers[0].optimizer
    checkAll('ChainedScheduler', shared, schedulers)
    super(shared)
    this.schedulers = [...schedulers]
    this.lastLr = this.currentLr()
  }

  protected computeLr(): number[] {
    return this.currentLr()
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step()
    this.lastLr = this.currentLr()
  }
}

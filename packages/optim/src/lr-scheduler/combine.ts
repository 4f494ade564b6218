import { ValueError } from '@gradus/core/functions'
import { describeValue, withDefaults } from '@gradus/core/internal'
import { ReduceLROnPlateau } from './plateau.ts'
import {
  checkOptimizer,
  LRScheduler,
  schedulerKinds,
  type Scheduled,
  type SchedulerOptions,
  refuseEpoch,
} from './scheduler.ts'
import { wholeNumbers } from './step.ts'

function checkAll(name: string, optimizer: Scheduled, schedulers: readonly LRScheduler[]): void {
  checkOptimizer(optimizer)
  schedulers.forEach((scheduler, i) => {
    if (scheduler instanceof ReduceLROnPlateau) {
      throw new ValueError(
        `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires a metric when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
      )
    }
    if (!(scheduler instanceof LRScheduler)) {
      throw new ValueError(`${name} takes schedulers, got ${describeValue(scheduler)} at index ${i}`)
    }
    if (scheduler.optimizer !== optimizer) {
      throw new ValueError(
        `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${scheduler.constructor.name} at index ${i} of another one.`,
      )
    }
  })
}

const mostEpochs = 1e6

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
    options?: SchedulerOptions,
  ) {
    const { lastEpoch } = withDefaults('SequentialLR', schedulerKinds, options, { lastEpoch: -1 })
    if (lastEpoch > mostEpochs)
      throw new ValueError(
        `SequentialLR takes each step again up to lastEpoch, which is at most ${mostEpochs}, got ${lastEpoch}`,
      )
    checkList('SequentialLR', schedulers, 'expects at least one scheduler, but got no scheduler.')
    checkAll('SequentialLR', optimizer, schedulers)
    const points = wholeNumbers('SequentialLR', milestones)
    if (points.length !== schedulers.length - 1) {
      throw new ValueError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${points.length}`,
      )
    }
    if (points.some((m, i) => i > 0 && m < points[i - 1]))
      throw new ValueError(`SequentialLR: milestones must not fall, got ${describeValue(points)}`)
    super(optimizer, { lastEpoch })
    this.schedulers = [...schedulers]
    this.milestonePoints = points
    // each scheduler has made a first step: only the first of them begins
    this.restart()
    // a run that goes on is where it would be
    for (let epoch = 0; epoch <= lastEpoch; epoch++) this.step()
  }

  protected computeLr(): number[] {
    return this.currentLr()
  }

  private indexAt(epoch: number): number {
    return this.milestonePoints.filter((m) => m <= epoch).length
  }

  override undo(): void {
    this.lastEpoch = -1
    for (const scheduler of this.schedulers) scheduler.undo()
  }

  override restart(): void {
    toInitialLr(this.groups)
    this.undo()
    this.begin()
  }

  override begin(): void {
    this.lastEpoch = 0
    const first = this.schedulers[this.indexAt(0)]
    first.begin()
    this.lastLr = first.getLastLr()
  }

  override step(epoch?: number | null): void {
    refuseEpoch('SequentialLR', epoch)
    this.lastEpoch++
    const i = this.indexAt(this.lastEpoch)
    const scheduler = this.schedulers[i]
    if (i > 0 && this.milestonePoints[i - 1] === this.lastEpoch) scheduler.restart()
    else scheduler.step()
    this.lastLr = scheduler.getLastLr()
  }
}

function toInitialLr(groups: readonly { lr: number; initialLr?: number }[]): void {
  for (const group of groups) group.lr = group.initialLr ?? group.lr
}

function checkList(name: string, schedulers: unknown, message: string): void {
  if (!Array.isArray(schedulers)) {
    throw new ValueError(`${name} takes an array of schedulers, got ${describeValue(schedulers)}`)
  }
  if (schedulers.length < 1) throw new ValueError(`${name} ${message}`)
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
    checkList(
      'ChainedScheduler',
      schedulers,
      'expects at least one scheduler to be chained, but got no scheduler.',
    )
    const shared = optimizer ?? schedulers[0]?.optimizer
    checkAll('ChainedScheduler', shared, schedulers)
    super(shared)
    this.schedulers = [...schedulers]
    this.lastLr = this.currentLr()
  }

  protected computeLr(): number[] {
    return this.currentLr()
  }

  override undo(): void {
    this.lastEpoch = -1
    for (const scheduler of this.schedulers) scheduler.undo()
  }

  override restart(): void {
    toInitialLr(this.groups)
    this.undo()
    this.begin()
  }

  override begin(): void {
    for (const scheduler of this.schedulers) scheduler.begin()
    this.lastLr = this.currentLr()
  }

  override step(epoch?: number | null): void {
    refuseEpoch('ChainedScheduler', epoch)
    for (const scheduler of this.schedulers) scheduler.step()
    this.lastLr = this.currentLr()
  }
}

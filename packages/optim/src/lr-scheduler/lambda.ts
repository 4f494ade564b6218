import { ValueError } from '@gradus/core/functions'
import { withDefaults } from '@gradus/core/internal'
import {
  checkOptimizer,
  LRScheduler,
  schedulerKinds,
  type Scheduled,
  type SchedulerOptions,
} from './scheduler.ts'

/** A factor by the number of steps made. */
export type LrLambda = (epoch: number) => number

function perGroup(optimizer: Scheduled, given: LrLambda | readonly LrLambda[]): LrLambda[] {
  const count = optimizer.paramGroups.length
  if (typeof given === 'function') return new Array<LrLambda>(count).fill(given)
  if (!Array.isArray(given)) throw new ValueError(`lr_lambda should be a function, but got ${typeof given}`)
  if (given.length !== count) throw new ValueError(`Expected ${count} lr_lambdas, but got ${given.length}`)
  for (const fn of given) {
    if (typeof fn !== 'function') throw new ValueError(`lr_lambda should be a function, but got ${typeof fn}`)
  }
  return [...given]
}

/**
 * Sets the learning rate to the first one times a function of the number of steps: one for all groups, or one for each.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 * @example
 * const optimizer = new g.optim.SGD([g.ones(1, { requiresGrad: true })], { lr: 2 })
 * const warmUp = new g.optim.lrScheduler.LambdaLR(optimizer, (epoch) => Math.min(1, (epoch + 1) / 4))
 * warmUp.getLastLr() // => [0.5]
 */
export class LambdaLR extends LRScheduler {
  readonly lrLambdas: readonly LrLambda[]

  constructor(optimizer: Scheduled, lrLambda: LrLambda | readonly LrLambda[], options?: SchedulerOptions) {
    checkOptimizer(optimizer)
    const { lastEpoch } = withDefaults('LambdaLR', schedulerKinds, options, { lastEpoch: -1 })
    const lrLambdas = perGroup(optimizer, lrLambda)
    super(optimizer, { lastEpoch })
    this.lrLambdas = lrLambdas
    this.begin()
  }

  protected computeLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch))
  }
}

/**
 * Multiplies the learning rate by a function of the number of steps.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends LRScheduler {
  readonly lrLambdas: readonly LrLambda[]

  constructor(optimizer: Scheduled, lrLambda: LrLambda | readonly LrLambda[], options?: SchedulerOptions) {
    checkOptimizer(optimizer)
    const { lastEpoch } = withDefaults('MultiplicativeLR', schedulerKinds, options, { lastEpoch: -1 })
    const lrLambdas = perGroup(optimizer, lrLambda)
    super(optimizer, { lastEpoch })
    this.lrLambdas = lrLambdas
    this.begin()
  }

  protected computeLr(): number[] {
    if (this.isInitial) return this.currentLr()
    return this.groups.map(({ lr }, i) => lr * this.lrLambdas[i](this.lastEpoch))
  }
}

import { ValueError } from '@gradus/core/functions'
import { defineOptions, describeValue, kind, withDefaults } from '@gradus/core/internal'
import {
  checkOptimizer,
  LRScheduler,
  schedulerKinds,
  type Scheduled,
  type SchedulerOptions,
} from './scheduler.ts'

/** Options of {@link SWALR}. */
export interface SwaOptions extends SchedulerOptions {
  /** Steps until the learning rate is `swaLr`; 10 by default. */
  annealEpochs?: number
  /** 'cos' by default. */
  annealStrategy?: 'cos' | 'linear'
}

/** The strategies of annealing. */
export const strategy = /* @__PURE__ */ kind<'cos' | 'linear'>(
  "'cos' or 'linear'",
  (x) => x === 'cos' || x === 'linear',
  (x) => `anneal_strategy must be one of 'cos' or 'linear', instead got ${String(x)}`,
)

const swaOptions = /* @__PURE__ */ defineOptions<SwaOptions>({
  annealEpochs: kind<number>(
    'a whole number from 0 on',
    (x) => Number.isSafeInteger(x) && Number(x) >= 0,
    (x) => `anneal_epochs must be equal or greater than 0, got ${String(x)}`,
  ),
  annealStrategy: strategy,
  lastEpoch: schedulerKinds.lastEpoch,
})

const swaDefaults: Required<SwaOptions> = { annealEpochs: 10, annealStrategy: 'cos', lastEpoch: -1 }

/**
 * Moves the learning rate to a constant one, at which weights are averaged: see `AveragedModel`.
 *
 * @param swaLr - for all groups, or one for each
 * @throws ValueError for another strategy, or annealEpochs below 0
 * @see Izmailov et al. 2018, https://arxiv.org/abs/1803.05407
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
 * @example
 * const optimizer = new g.optim.SGD([g.ones(1, { requiresGrad: true })], { lr: 1 })
 * const scheduler = new g.optim.lrScheduler.SWALR(optimizer, 0.5, { annealEpochs: 2, annealStrategy: 'linear' })
 * optimizer.step()
 * scheduler.step()
 * scheduler.getLastLr() // => [0.75]
 */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number
  readonly annealStrategy: 'cos' | 'linear'

  constructor(optimizer: Scheduled, swaLr: number | readonly number[], options?: SwaOptions) {
    const { annealEpochs, annealStrategy, lastEpoch } = withDefaults(
      'SWALR',
      swaOptions,
      options,
      swaDefaults,
    )
    checkOptimizer(optimizer)
    const { paramGroups } = optimizer
    const rates = typeof swaLr === 'number' ? paramGroups.map(() => swaLr) : swaLr
    if (!Array.isArray(rates) || !rates.every(Number.isFinite))
      throw new ValueError(
        `SWALR: swaLr must be a finite number, or one for each group, got ${describeValue(swaLr)}`,
      )
    if (rates.length !== paramGroups.length) {
      throw new ValueError(
        `swaLr must have the same length as optimizer.paramGroups: swaLr has ${rates.length}, optimizer.paramGroups has ${paramGroups.length}`,
      )
    }
    super(optimizer, { lastEpoch })
    // in the groups, as in PyTorch: a checkpoint of the optimizer has them
    paramGroups.forEach((group, i) => Object.assign(group, { swaLr: rates[i] }))
    this.annealEpochs = annealEpochs
    this.annealStrategy = annealStrategy
    this.begin()
  }

  private shareAt(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)))
    return this.annealStrategy === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2
  }

  protected computeLr(): number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1
    const [before, now] = [this.shareAt(step - 1), this.shareAt(step)]
    return this.groups.map((group) => {
      const swaLr = Number(Reflect.get(group, 'swaLr'))
      const first = before === 1 ? swaLr : (group.lr - before * swaLr) / (1 - before)
      return swaLr * now + first * (1 - now)
    })
  }
}

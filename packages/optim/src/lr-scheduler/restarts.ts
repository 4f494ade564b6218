import { ValueError } from '@gradus/core/functions'
import {
  defineOptions,
  finite,
  kind,
  nullable,
  real,
  takeArgument,
  withDefaults,
} from '@gradus/core/internal'
import { LRScheduler, schedulerKinds, type Scheduled } from './scheduler.ts'
import type { CosineOptions } from './anneal.ts'

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface RestartOptions extends CosineOptions {
  /** The factor of the length of a cycle after each; a whole number, 1 by default. */
  tMult?: number
}

const length = /* @__PURE__ */ kind<number>(
  'a whole number from 1 on',
  (x) => Number.isSafeInteger(x) && Number(x) > 0,
  (x) => `Expected positive integer T_0, but got ${String(x)}`,
)

const restartOptions = /* @__PURE__ */ defineOptions<RestartOptions>({
  tMult: kind<number>(
    'a whole number from 1 on',
    (x) => Number.isSafeInteger(x) && Number(x) > 0,
    (x) => `Expected integer T_mult >= 1, but got ${String(x)}`,
  ),
  etaMin: finite,
  lastEpoch: schedulerKinds.lastEpoch,
})

const positionKind = /* @__PURE__ */ nullable(real)

/**
 * Moves the learning rate along half a cosine down to `etaMin`, then starts over: first after `t0` steps.
 *
 * @throws ValueError unless t0 and tMult are positive integers
 * @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1608.03983
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly t0: number
  readonly tMult: number
  readonly etaMin: number
  /** Length of the current cycle. */
  tI: number
  /** Steps made in it. */
  tCur: number

  constructor(optimizer: Scheduled, t0: number, options?: RestartOptions) {
    const { tMult, etaMin, lastEpoch } = withDefaults(
      'CosineAnnealingWarmRestarts',
      restartOptions,
      options,
      {
        tMult: 1,
        etaMin: 0,
        lastEpoch: -1,
      },
    )
    takeArgument('CosineAnnealingWarmRestarts', 't0', length, t0)
    super(optimizer, { lastEpoch })
    this.t0 = t0
    this.tMult = tMult
    this.etaMin = etaMin
    this.tI = t0
    this.tCur = lastEpoch
    if (lastEpoch >= 0) this.place(lastEpoch)
    this.begin()
  }

  protected computeLr(): number[] {
    const { etaMin, tCur, tI } = this
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2)
  }

  /**
   * One step on, or to a position, which may lie between two steps.
   *
   * @throws ValueError for a negative position
   */
  override step(epoch?: number | null): void {
    takeArgument('step', 'epoch', positionKind, epoch ?? null)
    const target = epoch ?? (this.lastEpoch < 0 ? 0 : null)
    if (target === null) {
      this.tCur++
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI
        this.tI *= this.tMult
      }
      this.lastEpoch++
    } else {
      if (!(target >= 0 && target < Infinity))
        throw new ValueError(`Expected non-negative epoch, but got ${target}`)
      this.place(target)
      this.lastEpoch = Math.floor(target)
    }
    this.setLr(this.computeLr())
  }

  override moveTo(epoch: number | null): void {
    this.step(epoch ?? undefined)
  }

  private place(epoch: number): void {
    const { t0, tMult } = this
    if (tMult === 1) {
      this.tI = t0
      this.tCur = epoch % t0
      return
    }
    let [start, length] = [0, t0]
    while (epoch >= start + length) {
      start += length
      length *= tMult
    }
    this.tI = length
    this.tCur = epoch - start
  }
}

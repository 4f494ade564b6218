import { ValueError } from '@gradus/core'
import { LRScheduler, type Scheduled } from './scheduler.ts'
import type { CosineOptions } from './anneal.ts'

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface RestartOptions extends CosineOptions {
  /** What the length of a cycle is multiplied by after each; 1 by default. */
  tMult?: number
}

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

  constructor(optimizer: Scheduled, t0: number, { tMult = 1, etaMin = 0, ...options }: RestartOptions = {}) {
    if (!(Number.isInteger(t0) && t0 > 0))
      throw new ValueError(`Expected positive integer T_0, but got ${t0}`)
    if (!(Number.isInteger(tMult) && tMult >= 1))
      throw new ValueError(`Expected integer T_mult >= 1, but got ${tMult}`)
    super(optimizer, options)
    this.t0 = t0
    this.tMult = tMult
    this.etaMin = etaMin
    this.tI = t0
    this.tCur = this.lastEpoch
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
  override step(epoch?: number): void {
    const target = epoch ?? (this.lastEpoch < 0 ? 0 : null)
    if (target === null) {
      this.tCur++
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI
        this.tI *= this.tMult
      }
      this.lastEpoch++
    } else {
      if (target < 0) throw new ValueError(`Expected non-negative epoch, but got ${target}`)
      this.place(target)
      this.lastEpoch = Math.floor(target)
    }
    this.setLr(this.computeLr())
  }

  private place(epoch: number): void {
    const { t0, tMult } = this
    if (epoch < t0 || tMult === 1) {
      this.tI = t0
      this.tCur = epoch % t0
      return
    }
    const cycles = Math.trunc(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult))
    this.tCur = epoch - (t0 * (tMult ** cycles - 1)) / (tMult - 1)
    this.tI = t0 * tMult ** cycles
  }
}

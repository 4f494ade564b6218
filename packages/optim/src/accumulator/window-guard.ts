import { TensorError, type Tensor } from '@gradus/core'
import type { Scheduled } from '../lr-scheduler/scheduler.ts'

/** A window of accumulated gradients used in a way that would give a wrong update; nothing was changed. */
export class WindowError extends TensorError {
  override name = 'WindowError'
}

/** One parameter as the last micro-batch left it. */
interface Seen {
  readonly grad: Tensor | null
  readonly gradVersion: number
  readonly version: number
}

const paramsOf = (optimizer: Scheduled): Tensor[] => [
  ...new Set(optimizer.paramGroups.flatMap((group) => group.params)),
]

const seenOf = (p: Tensor): Seen => ({
  grad: p.gradSlot,
  gradVersion: p.gradSlot?.counter.value ?? 0,
  version: p.counter.value,
})

/**
 * Notices what others do to parameters, gradients and learning rates while a window is open: all of it would change the
 * update without a word.
 */
export class WindowGuard {
  private readonly optimizer: Scheduled
  private params: Tensor[] = []
  private seen: Seen[] = []
  private lrs: number[] = []

  constructor(optimizer: Scheduled) {
    this.optimizer = optimizer
  }

  /** @throws WindowError if there are gradients already */
  begin(): void {
    const params = paramsOf(this.optimizer)
    if (params.some((p) => p.gradSlot !== null)) {
      throw new WindowError('there are gradients that do not belong to this window', {
        hint: 'they come from a backward() of their own: give every loss to accumulator.backward(), or call optimizer.zeroGrad() first',
      })
    }
    this.remember()
  }

  /** Takes everything as it is now. */
  remember(): void {
    this.params = paramsOf(this.optimizer)
    this.seen = this.params.map(seenOf)
    this.lrs = this.optimizer.paramGroups.map((group) => group.lr)
  }

  /** Whether any gradient differs from when it was last remembered. */
  get touched(): boolean {
    return this.params.some((p, i) => {
      const now = seenOf(p)
      return now.grad !== this.seen[i].grad || now.gradVersion !== this.seen[i].gradVersion
    })
  }

  /** @throws WindowError that says what happened since, and what to do instead */
  verify(): void {
    const params = paramsOf(this.optimizer)
    if (params.length !== this.params.length) {
      throw new WindowError('parameters were added to the optimizer inside of a window', {
        hint: 'add them before its first micro-batch, or after step()',
      })
    }
    this.verifyParameters()
    params.forEach((p, i) => verifyGradient(p, this.seen[i]))
    if (this.optimizer.paramGroups.some((group, i) => group.lr !== this.lrs[i])) {
      throw new WindowError('the learning rate changed inside of a window', {
        hint: 'a schedule steps once per step of the optimizer, not per micro-batch: pass it as { scheduler } and let step() do it',
      })
    }
  }

  /** @throws WindowError if a parameter was written */
  verifyParameters(): void {
    if (this.params.some((p, i) => p.counter.value !== this.seen[i].version)) {
      throw new WindowError('a parameter was written inside of a window', {
        hint: 'its micro-batches must all see the same parameters: update them after step(); an optimizer that steps in a hook of backward cannot accumulate',
      })
    }
  }
}

function verifyGradient(p: Tensor, seen: Seen): void {
  if (p.gradSlot === seen.grad && (p.gradSlot?.counter.value ?? 0) === seen.gradVersion) return
  if (p.gradSlot === null) {
    throw new WindowError('gradients were cleared inside of a window', {
      hint: 'leave out zeroGrad(): step() clears them when the window is complete; discard() drops a window',
    })
  }
  throw new WindowError('gradients were changed inside of a window', {
    hint: 'leave out clipGradNorm_, unscale_ and loss.backward() between micro-batches: step() unscales and clips once, by the options { scaler, clipNorm, clipValue }',
  })
}

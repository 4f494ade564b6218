import { TensorError, type Tensor } from '@gradus/core/functions'
import { internals, type TensorInternals } from '@gradus/core/internal'
import type { Scheduled } from '../lr-scheduler/scheduler.ts'

/** A window of accumulated gradients used in a way that would give a wrong update; nothing was changed. */
export class WindowError extends TensorError {
  override name = 'WindowError'
}

/**
 * Notices changes of parameters, gradients and learning rates while a window is open. Each would change the update without
 * a word.
 */
export class WindowGuard {
  /** Those of all groups, in their order. */
  params: Tensor[] = []
  private readonly optimizer: Scheduled
  // Arrays that stay: this runs for each micro-batch, with caches that backward has filled with gradients, where each new
  // object costs a miss.
  private readonly grads: (Tensor | null)[] = []
  private readonly gradVersions: number[] = []
  private readonly versions: number[] = []
  private readonly lrs: number[] = []

  constructor(optimizer: Scheduled) {
    this.optimizer = optimizer
  }

  /** @throws WindowError if there are gradients already */
  begin(): void {
    this.collect()
    if (this.params.some((p) => internals(p).gradSlot !== null)) {
      throw new WindowError('there are gradients that do not belong to this window', {
        hint: 'they come from a backward() of their own: give every loss to accumulator.backward(), or call optimizer.zeroGrad() first',
      })
    }
    this.remember()
  }

  /** Takes everything as it is now. */
  remember(): void {
    if (this.hasOtherParams()) this.collect()
    const { params, grads, gradVersions, versions, lrs } = this
    for (let i = 0; i < params.length; i++) {
      const { gradSlot, counter } = internals(params[i])
      grads[i] = gradSlot
      gradVersions[i] = versionOf(gradSlot)
      versions[i] = counter.value
    }
    const { paramGroups } = this.optimizer
    for (let i = 0; i < paramGroups.length; i++) lrs[i] = paramGroups[i].lr
  }

  /** Whether any gradient differs from when it was last remembered. */
  get touched(): boolean {
    return this.params.some((_, i) => this.isTouched(i))
  }

  /** @throws WindowError for the first change since, with the right way to do it */
  verify(): void {
    if (this.hasOtherParams()) {
      throw new WindowError('parameters were added to the optimizer inside of a window', {
        hint: 'add them before its first micro-batch, or after step()',
      })
    }
    this.verifyParameters()
    for (let i = 0; i < this.params.length; i++) {
      if (this.isTouched(i)) throw gradientError(internals(this.params[i]))
    }
    if (this.optimizer.paramGroups.some((group, i) => group.lr !== this.lrs[i])) {
      throw new WindowError('the learning rate changed inside of a window', {
        hint: 'a schedule steps once per step of the optimizer, not per micro-batch: pass it as { scheduler } and let step() do it',
      })
    }
  }

  /** @throws WindowError if a parameter was written */
  verifyParameters(): void {
    if (this.params.some((p, i) => internals(p).counter.value !== this.versions[i])) {
      throw new WindowError('a parameter was written inside of a window', {
        hint: 'its micro-batches must all see the same parameters: update them after step(); an optimizer that steps in a hook of backward cannot accumulate',
      })
    }
  }

  private collect(): void {
    this.params = this.optimizer.paramGroups.flatMap((group) => group.params)
  }

  private hasOtherParams(): boolean {
    let count = 0
    for (const { params } of this.optimizer.paramGroups) {
      for (const p of params) if (p !== this.params[count++]) return true
    }
    return count !== this.params.length
  }

  private isTouched(i: number): boolean {
    const { gradSlot } = internals(this.params[i])
    return gradSlot !== this.grads[i] || versionOf(gradSlot) !== this.gradVersions[i]
  }
}

const versionOf = (grad: Tensor | null): number => (grad === null ? 0 : internals(grad).counter.value)

function gradientError({ gradSlot }: TensorInternals): WindowError {
  if (gradSlot === null) {
    return new WindowError('gradients were cleared inside of a window', {
      hint: 'leave out zeroGrad(): step() clears them when the window is complete; discard() drops a window',
    })
  }
  return new WindowError('gradients were changed inside of a window', {
    hint: 'leave out clipGradNorm_, unscale_ and loss.backward() between micro-batches: step() unscales and clips once, by the options { scaler, clipNorm, clipValue }',
  })
}

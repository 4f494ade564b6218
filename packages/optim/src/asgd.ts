import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, type Next, type Terms } from './elementwise.ts'
import { add, mul, sub } from './expressions.ts'
import { checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link ASGD}. */
export interface ASGDOptions {
  /** Learning rate; 1e-2 by default. */
  lr: number
  /** Decay of the parameter; 1e-4 by default. */
  lambd: number
  /** Power by which the learning rate falls; 0.75 by default. */
  alpha: number
  /** The step at which averaging begins; 1e6 by default. */
  t0: number
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false }

/**
 * Stochastic gradient descent that also keeps the average of the parameter, `ax` in its state.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative lr or weightDecay
 * @see Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"
 * @see https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 */
export class ASGD extends ElementwiseOptimizer<ASGDOptions> {
  protected override readonly scalars: readonly string[] = ['step', 'eta', 'mu']

  constructor(params: ParamsInput<ASGDOptions>, options: Partial<ASGDOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<ASGDOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, lambd, alpha, t0, weightDecay, maximize } = group
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        eta: Math.fround(lr),
        mu: 1,
        ax: this.zerosFor(p),
      }))
      const step = Number(state['step']) + 1
      const [eta, mu] = [Number(state['eta']), Number(state['mu'])]
      const flags = { maximize, coupled: weightDecay !== 0, copied: mu === 1 }
      // made here or loaded
      const states = [state['ax'] as Tensor]
      this.addStep(updates, { p, states, numbers: [eta, 1 - lambd * eta, mu, weightDecay], flags }, (terms) =>
        formula(terms, flags),
      )
      state['step'] = step
      // PyTorch keeps both in float32 tensors
      state['eta'] = Math.fround(lr / (1 + lambd * lr * step) ** alpha)
      state['mu'] = Math.fround(1 / Math.max(1, step - t0))
    }
  }
}

function formula(terms: Terms, flags: { maximize: boolean; coupled: boolean; copied: boolean }): Next {
  const { states, n } = terms
  const [eta, shrink, mu, weightDecay] = n
  const p = sub(mul(terms.p, shrink), mul(eta, followed(terms, flags, weightDecay)))
  const average = flags.copied ? p : add(states[0], mul(sub(p, states[0]), mu))
  return { p, states: [average] }
}

function checked(options: ASGDOptions): ASGDOptions {
  checkLr(options.lr)
  checkPositive('weight_decay', options.weightDecay)
  return options
}

import { ValueError, type Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, meanSquare, type Next, type Terms } from './elementwise.ts'
import { add, div, mul, sqrt, sub } from './expressions.ts'
import { checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** Multiplies the step; 1 by default. */
  lr: number
  /** Decay of both running means; 0.9 by default. */
  rho: number
  /** Added under both roots; 1e-6 by default. */
  eps: number
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }

/**
 * Adadelta: steps as large as past steps were, where gradients are as large as past gradients were.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or rho outside [0, 1]
 * @see Zeiler 2012, https://arxiv.org/abs/1212.5701
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends ElementwiseOptimizer<AdadeltaOptions> {
  constructor(params: ParamsInput<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<AdadeltaOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, rho, eps, weightDecay, maximize } = group
    const flags = { maximize, coupled: weightDecay !== 0 }
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        squareAvg: this.zerosFor(p),
        accDelta: this.zerosFor(p),
      }))
      state['step'] = Number(state['step']) + 1
      // made here or loaded
      const states = [state['squareAvg'] as Tensor, state['accDelta'] as Tensor]
      const numbers = [lr, rho, 1 - rho, eps, weightDecay]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }
}

function formula(terms: Terms, flags: { maximize: boolean; coupled: boolean }): Next {
  const { p, states, n } = terms
  const [lr, rho, share, eps, weightDecay] = n
  const g = followed(terms, flags, weightDecay)
  const square = meanSquare(states[0], g, rho, share)
  const delta = mul(div(sqrt(add(states[1], eps)), sqrt(add(square, eps))), g)
  return { p: sub(p, mul(lr, delta)), states: [square, meanSquare(states[1], delta, rho, share)] }
}

function checked(options: AdadeltaOptions): AdadeltaOptions {
  checkLr(options.lr)
  if (!(options.rho >= 0 && options.rho <= 1)) throw new ValueError(`Invalid rho value: ${options.rho}`)
  checkPositive('epsilon', options.eps)
  checkPositive('weight_decay', options.weightDecay)
  return options
}

import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, type Next, type Terms } from './elementwise.ts'
import { add, div, mul, sqrt, sub } from './expressions.ts'
import { checkLr, checkPositive } from './option-checks.ts'
import type { ParamState } from './optimizer.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  /** Learning rate; 1e-2 by default. */
  lr: number
  /** Divides the learning rate of step t by 1 + (t - 1) · lrDecay; 0 by default. */
  lrDecay: number
  /** Added to the denominator, outside the root; 1e-10 by default. */
  eps: number
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** What the sums of squares begin with; 0 by default. */
  initialAccumulatorValue: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  eps: 1e-10,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  maximize: false,
}

/**
 * Adagrad: the gradient divided by the root of the sum of all its squares so far. Its state is there from the beginning.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option
 * @see Duchi et al. 2011, https://jmlr.org/papers/v12/duchi11a.html
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const optimizer = new g.optim.Adagrad([w], { lr: 0.1 })
 * w.mul(5).sum().backward()
 * optimizer.step()
 * w.item() // ≈ 0.9
 */
export class Adagrad extends ElementwiseOptimizer<AdagradOptions> {
  constructor(params: ParamsInput<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
    for (const group of this.paramGroups)
      for (const p of group.params) this.stateOf(p, () => this.firstState(p, group.initialAccumulatorValue))
  }

  protected update(group: ParamGroup<AdagradOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, lrDecay, eps, weightDecay, initialAccumulatorValue, maximize } = group
    const flags = { maximize, coupled: weightDecay !== 0 }
    for (const p of params) {
      const state = this.stateOf(p, () => this.firstState(p, initialAccumulatorValue))
      const step = Number(state['step']) + 1
      state['step'] = step
      const numbers = [lr / (1 + (step - 1) * lrDecay), eps, weightDecay]
      // made by firstState or loaded
      const states = [state['sum'] as Tensor]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }

  private firstState(p: Tensor, value: number): ParamState {
    return { step: 0, sum: this.zerosFor(p).fill_(value) }
  }
}

function formula(terms: Terms, flags: { maximize: boolean; coupled: boolean }): Next {
  const { p, states, n } = terms
  const [lr, eps, weightDecay] = n
  const g = followed(terms, flags, weightDecay)
  const sum = add(states[0], mul(g, g))
  return { p: sub(p, div(mul(lr, g), add(sqrt(sum), eps))), states: [sum] }
}

function checked(options: AdagradOptions): AdagradOptions {
  checkLr(options.lr)
  checkPositive('lr_decay', options.lrDecay)
  checkPositive('weight_decay', options.weightDecay)
  checkPositive('initial_accumulator_value', options.initialAccumulatorValue)
  checkPositive('epsilon', options.eps)
  return options
}

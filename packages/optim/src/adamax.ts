import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, lerp, type Next, type Terms } from './elementwise.ts'
import { abs, add, div, max, mul, sub } from './expressions.ts'
import { checkBetas, checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Adamax}. */
export interface AdamaxOptions {
  /** Learning rate; 2e-3 by default. */
  lr: number
  /** Decay of the running mean of the gradient and of its largest size; [0.9, 0.999] by default. */
  betas: readonly [number, number]
  /** Added to the size of the gradient; 1e-8 by default. */
  eps: number
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }

/**
 * Adam by the largest size instead of the root mean square of the gradient, which decays.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or a beta outside [0, 1)
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends ElementwiseOptimizer<AdamaxOptions> {
  constructor(params: ParamsInput<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<AdamaxOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, betas, eps, weightDecay, maximize } = group
    const [beta1, beta2] = betas
    const flags = { maximize, coupled: weightDecay !== 0, late: 1 - beta1 >= 0.5 }
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        expAvg: this.zerosFor(p),
        expInf: this.zerosFor(p),
      }))
      const step = Number(state['step']) + 1
      state['step'] = step
      // made here or loaded
      const states = [state['expAvg'] as Tensor, state['expInf'] as Tensor]
      const numbers = [lr / (1 - beta1 ** step), 1 - beta1, beta2, eps, weightDecay]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }
}

function formula(terms: Terms, flags: { maximize: boolean; coupled: boolean; late: boolean }): Next {
  const { p, states, n, num } = terms
  const [stepSize, share, beta2, eps, weightDecay] = n
  const g = followed(terms, flags, weightDecay)
  const mean = lerp(states[0], g, share, flags.late, num)
  const largest = max(mul(states[1], beta2), add(abs(g), eps))
  return { p: sub(p, div(mul(stepSize, mean), largest)), states: [mean, largest] }
}

function checked(options: AdamaxOptions): AdamaxOptions {
  checkLr(options.lr)
  checkPositive('epsilon', options.eps)
  checkBetas(options.betas)
  checkPositive('weight_decay', options.weightDecay)
  return options
}

import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, lerp, meanSquare, type Next, type Terms } from './elementwise.ts'
import { add, div, mul, sqrt, sub } from './expressions.ts'
import { checkBetas, checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link RAdam}. */
export interface RAdamOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Decay of the running means of the gradient and of its square; [0.9, 0.999] by default. */
  betas: readonly [number, number]
  /** Added to the denominator, outside the root; 1e-8 by default. */
  eps: number
  /** 0 by default; see `decoupledWeightDecay`. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
  /** Shrinks the parameter by `lr · weightDecay` instead of adding an L2 penalty; false by default. */
  decoupledWeightDecay: boolean
}

const defaults: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maximize: false,
  decoupledWeightDecay: false,
}

/**
 * Adam that does without the mean of squares in the first steps, where it says little, and weighs it up later.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or a beta outside [0, 1)
 * @see Liu et al. 2020, https://arxiv.org/abs/1908.03265
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends ElementwiseOptimizer<RAdamOptions> {
  constructor(params: ParamsInput<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<RAdamOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, betas, eps, weightDecay, maximize, decoupledWeightDecay } = group
    const [beta1, beta2] = betas
    const coupled = weightDecay !== 0 && !decoupledWeightDecay
    const decoupled = weightDecay !== 0 && decoupledWeightDecay
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        expAvg: this.zerosFor(p),
        expAvgSq: this.zerosFor(p),
      }))
      const step = Number(state['step']) + 1
      state['step'] = step
      const factor = rectification(beta2, step)
      const flags: Flags = {
        maximize,
        coupled,
        decoupled,
        late: 1 - beta1 >= 0.5,
        rectified: factor !== null,
      }
      const numbers = [
        1 - beta1 ** step,
        lr,
        Math.sqrt(1 - beta2 ** step),
        factor ?? 1,
        1 - beta1,
        beta2,
        1 - beta2,
        eps,
        weightDecay,
        1 - lr * weightDecay,
      ]
      // made here or loaded
      const states = [state['expAvg'] as Tensor, state['expAvgSq'] as Tensor]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }
}

/** How much the mean of squares is to be trusted at a step; null where it is not. */
function rectification(beta2: number, step: number): number | null {
  const last = 2 / (1 - beta2) - 1
  const now = last - (2 * step * beta2 ** step) / (1 - beta2 ** step)
  if (now <= 5) return null
  return Math.sqrt(((now - 4) * (now - 2) * last) / ((last - 4) * (last - 2) * now))
}

interface Flags {
  maximize: boolean
  coupled: boolean
  decoupled: boolean
  late: boolean
  rectified: boolean
}

function formula(terms: Terms, flags: Flags): Next {
  const { states, n, num } = terms
  const [correction1, lr, correction2, factor, share1, beta2, share2, eps, weightDecay, shrink] = n
  const g = followed(terms, flags, weightDecay)
  const p = flags.decoupled ? mul(terms.p, shrink) : terms.p
  const mean = lerp(states[0], g, share1, flags.late, num)
  const square = meanSquare(states[1], g, beta2, share2)
  const step = mul(div(mean, correction1), lr)
  const adaptive = div(correction2, add(sqrt(square), eps))
  return {
    p: sub(p, flags.rectified ? mul(mul(step, adaptive), factor) : step),
    states: [mean, square],
  }
}

function checked(options: RAdamOptions): RAdamOptions {
  checkLr(options.lr)
  checkPositive('epsilon', options.eps)
  checkBetas(options.betas)
  checkPositive('weight_decay', options.weightDecay)
  return options
}

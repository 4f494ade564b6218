import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, lerp, meanSquare, type Next, type Terms } from './elementwise.ts'
import { add, div, mul, sqrt, sub } from './expressions.ts'
import { checkBetas, checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link NAdam}. */
export interface NAdamOptions {
  /** Learning rate; 2e-3 by default. */
  lr: number
  /** Decay of the running means of the gradient and of its square; [0.9, 0.999] by default. */
  betas: readonly [number, number]
  /** Added to the denominator, outside the root; 1e-8 by default. */
  eps: number
  /** 0 by default; see `decoupledWeightDecay`. */
  weightDecay: number
  /** How fast momentum grows to the first beta; 4e-3 by default. */
  momentumDecay: number
  /** Shrinks the parameter by `lr · weightDecay` instead of adding an L2 penalty; false by default. */
  decoupledWeightDecay: boolean
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const defaults: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
}

/**
 * Adam with Nesterov's momentum, which grows over the first steps. The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or a beta outside [0, 1)
 * @see Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends ElementwiseOptimizer<NAdamOptions> {
  protected override readonly scalars: readonly string[] = ['step', 'muProduct']

  constructor(params: ParamsInput<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<NAdamOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = group
    const [beta1, beta2] = betas
    const flags: Flags = {
      maximize,
      coupled: weightDecay !== 0 && !decoupledWeightDecay,
      decoupled: weightDecay !== 0 && decoupledWeightDecay,
      late: 1 - beta1 >= 0.5,
    }
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        muProduct: 1,
        expAvg: this.zerosFor(p),
        expAvgSq: this.zerosFor(p),
      }))
      const step = Number(state['step']) + 1
      const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay))
      const [now, next] = [momentumAt(step), momentumAt(step + 1)]
      // PyTorch keeps the product in a float32 tensor
      const product = Math.fround(Number(state['muProduct']) * Math.fround(now))
      state['step'] = step
      state['muProduct'] = product
      const numbers = [
        (lr * (1 - now)) / (1 - product),
        (lr * next) / (1 - product * next),
        1 - beta1,
        beta2,
        1 - beta2,
        1 - beta2 ** step,
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

interface Flags {
  maximize: boolean
  coupled: boolean
  decoupled: boolean
  late: boolean
}

function formula(terms: Terms, flags: Flags): Next {
  const { states, n, num } = terms
  const [ofGradient, ofMean, share1, beta2, share2, correction, eps, weightDecay, shrink] = n
  const g = followed(terms, flags, weightDecay)
  const p = flags.decoupled ? mul(terms.p, shrink) : terms.p
  const mean = lerp(states[0], g, share1, flags.late, num)
  const square = meanSquare(states[1], g, beta2, share2)
  const denominator = add(sqrt(div(square, correction)), eps)
  const first = sub(p, div(mul(ofGradient, g), denominator))
  return { p: sub(first, div(mul(ofMean, mean), denominator)), states: [mean, square] }
}

function checked(options: NAdamOptions): NAdamOptions {
  checkLr(options.lr)
  checkPositive('epsilon', options.eps)
  checkBetas(options.betas)
  checkPositive('weight_decay', options.weightDecay)
  checkPositive('momentum_decay', options.momentumDecay)
  return options
}

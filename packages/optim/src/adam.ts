import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, lerp, meanSquare, type Next, type Terms } from './elementwise.ts'
import { add, div, max, mul, sqrt, sub } from './expressions.ts'
import { checkBetas, checkLr, checkPositive } from './option-checks.ts'
import type { ParamState } from './optimizer.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

/** Options of {@link Adam} and {@link AdamW}. */
export interface AdamOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Decay of the running means of the gradient and of its square; [0.9, 0.999] by default. */
  betas: readonly [number, number]
  /** Added to the denominator, outside the root; 1e-8 by default. */
  eps: number
  /** 0 by default, 0.01 for {@link AdamW}: see `decoupledWeightDecay`. */
  weightDecay: number
  /** Divides by the largest running mean of squares so far; false by default. */
  amsgrad: boolean
  /** Climbs instead of descending; false by default. */
  maximize: boolean
  /** Shrinks the parameter by `lr · weightDecay` (AdamW) instead of adding an L2 penalty to the gradient. */
  decoupledWeightDecay: boolean
}

const defaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  decoupledWeightDecay: false,
}

/**
 * Adam: steps along the running mean of the gradient, divided by the root of the running mean of its square.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative lr, eps or weightDecay, or a beta outside [0, 1)
 * @see Kingma & Ba 2015, https://arxiv.org/abs/1412.6980
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const optimizer = new g.optim.Adam([w], { lr: 0.1 })
 * w.mul(5).sum().backward()
 * optimizer.step()
 * w.item().toFixed(4) // => '0.9000'
 */
export class Adam extends ElementwiseOptimizer<AdamOptions> {
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<AdamOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay } = group
    const [beta1, beta2] = betas
    const flags: Flags = {
      amsgrad,
      maximize,
      decoupled: weightDecay !== 0 && decoupledWeightDecay,
      coupled: weightDecay !== 0 && !decoupledWeightDecay,
      late: 1 - beta1 >= 0.5,
    }
    for (const p of params) {
      const state = this.stateOf(p, () => this.firstState(p, amsgrad))
      const step = Number(state['step']) + 1
      state['step'] = step
      const names = ['expAvg', 'expAvgSq', ...(amsgrad ? ['maxExpAvgSq'] : [])]
      // made by firstState or loaded; an option that was switched on later begins with zeros
      const states = names.map((name) => (state[name] ??= this.zerosFor(p)) as Tensor)
      // both sides of PyTorch's fraction times the correction of the root: one division in each element is saved
      const correction = Math.sqrt(1 - beta2 ** step)
      const numbers = [
        (lr / (1 - beta1 ** step)) * correction,
        1 - beta1,
        beta2,
        1 - beta2,
        eps * correction,
        weightDecay,
        1 - lr * weightDecay,
      ]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }

  private firstState(p: Tensor, amsgrad: boolean): ParamState {
    const state: ParamState = { step: 0, expAvg: this.zerosFor(p), expAvgSq: this.zerosFor(p) }
    if (amsgrad) state['maxExpAvgSq'] = this.zerosFor(p)
    return state
  }
}

/**
 * {@link Adam} with decoupled weight decay: `p *= 1 - lr · weightDecay` before the step; 0.01 by default.
 *
 * @see Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Adam {
  constructor(
    params: ParamsInput<AdamOptions>,
    options: Partial<Omit<AdamOptions, 'decoupledWeightDecay'>> = {},
  ) {
    super(params, { weightDecay: 1e-2, ...options, decoupledWeightDecay: true })
  }
}

interface Flags {
  amsgrad: boolean
  maximize: boolean
  decoupled: boolean
  coupled: boolean
  late: boolean
}

function formula(terms: Terms, flags: Flags): Next {
  const { states, n, num } = terms
  const [stepSize, share1, beta2, share2, eps, weightDecay, shrink] = n
  const g = followed(terms, flags, weightDecay)
  const p = flags.decoupled ? mul(terms.p, shrink) : terms.p
  const mean = lerp(states[0], g, share1, flags.late, num)
  const square = meanSquare(states[1], g, beta2, share2)
  const bound = flags.amsgrad ? max(states[2], square) : square
  const denominator = add(sqrt(bound), eps)
  return {
    p: sub(p, div(mul(stepSize, mean), denominator)),
    states: [mean, square, ...(flags.amsgrad ? [bound] : [])],
  }
}

function checked(options: AdamOptions): AdamOptions {
  checkLr(options.lr)
  checkPositive('epsilon', options.eps)
  checkBetas(options.betas)
  checkPositive('weight_decay', options.weightDecay)
  return options
}

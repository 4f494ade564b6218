import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { lerp, meanSquare } from '../step/means.ts'
import { betas, flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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

const radam = /* @__PURE__ */ elementwise({
  name: 'RAdam',
  options: {
    lr: learningRate(1e-3),
    betas: betas(0.9, 0.999),
    eps: notNegative(1e-8, 'epsilon'),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
    decoupledWeightDecay: flag(false),
  },
  state: { expAvg: {}, expAvgSq: {} },
  numbers: ({ lr, betas: [beta1, beta2], eps }, { step }) => {
    const factor = rectification(beta2, step)
    return {
      correction1: 1 - beta1 ** step,
      lr,
      correction2: Math.sqrt(1 - beta2 ** step),
      factor: factor ?? 1,
      rectified: factor !== null,
      share1: 1 - beta1,
      late: 1 - beta1 >= 0.5,
      beta2,
      share2: 1 - beta2,
      eps,
    }
  },
  formula: ({ p, g, expAvg, expAvgSq }, n) => {
    const mean = lerp(expAvg, g, n.share1, n.late)
    const square = meanSquare(expAvgSq, g, n.beta2, n.share2)
    const step = f.mul(f.div(mean, n.correction1), n.lr)
    const adaptive = f.div(n.correction2, f.add(f.sqrt(square), n.eps))
    return {
      p: f.sub(p, n.rectified ? f.mul(f.mul(step, adaptive), n.factor) : step),
      expAvg: mean,
      expAvgSq: square,
    }
  },
})

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
  constructor(params: ParamsInput<RAdamOptions>, options?: GivenOptions<RAdamOptions>) {
    super(radam, params, options)
  }
}

/** The factor by which a step trusts the mean of squares; null where it does without. */
function rectification(beta2: number, step: number): number | null {
  const last = 2 / (1 - beta2) - 1
  const now = last - (2 * step * beta2 ** step) / (1 - beta2 ** step)
  if (now <= 5) return null
  return Math.sqrt(((now - 4) * (now - 2) * last) / ((last - 4) * (last - 2) * now))
}

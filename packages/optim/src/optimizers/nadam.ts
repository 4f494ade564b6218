import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { lerp, meanSquare } from '../step/means.ts'
import { betas, flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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

const nadam = /* @__PURE__ */ elementwise({
  name: 'NAdam',
  options: {
    lr: learningRate(2e-3),
    betas: betas(0.9, 0.999),
    eps: notNegative(1e-8, 'epsilon'),
    weightDecay: notNegative(0, 'weight_decay'),
    momentumDecay: notNegative(4e-3, 'momentum_decay'),
    decoupledWeightDecay: flag(false),
    maximize: flag(false),
  },
  counters: () => ({ step: 0, muProduct: 1 }),
  state: { expAvg: {}, expAvgSq: {} },
  numbers: ({ lr, betas: [beta1, beta2], eps, momentumDecay }, counters) => {
    const { step, muProduct } = counters
    const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay))
    const [now, next] = [momentumAt(step), momentumAt(step + 1)]
    // PyTorch keeps the product in a float32 tensor
    const product = Math.fround(muProduct * Math.fround(now))
    counters['muProduct'] = product
    return {
      ofGradient: (lr * (1 - now)) / (1 - product),
      ofMean: (lr * next) / (1 - product * next),
      share1: 1 - beta1,
      late: 1 - beta1 >= 0.5,
      beta2,
      share2: 1 - beta2,
      correction: 1 - beta2 ** step,
      eps,
    }
  },
  formula: ({ p, g, expAvg, expAvgSq }, n) => {
    const mean = lerp(expAvg, g, n.share1, n.late)
    const square = meanSquare(expAvgSq, g, n.beta2, n.share2)
    const denominator = f.add(f.sqrt(f.div(square, n.correction)), n.eps)
    const first = f.sub(p, f.div(f.mul(n.ofGradient, g), denominator))
    return {
      p: f.sub(first, f.div(f.mul(n.ofMean, mean), denominator)),
      expAvg: mean,
      expAvgSq: square,
    }
  },
})

/**
 * Adam with Nesterov's momentum, which grows over the first steps. The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or a beta outside [0, 1)
 * @see Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends ElementwiseOptimizer<NAdamOptions> {
  constructor(params: ParamsInput<NAdamOptions>, options?: GivenOptions<NAdamOptions>) {
    super(nadam, params, options)
  }
}

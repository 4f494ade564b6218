import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { lerp } from '../step/means.ts'
import { betas, flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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

const adamax = /* @__PURE__ */ elementwise({
  name: 'Adamax',
  options: {
    lr: learningRate(2e-3),
    betas: betas(0.9, 0.999),
    eps: notNegative(1e-8, 'epsilon'),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
  },
  state: { expAvg: {}, expInf: {} },
  numbers: ({ lr, betas: [beta1, beta2], eps }, { step }) => ({
    rate: lr / (1 - beta1 ** step),
    share: 1 - beta1,
    late: 1 - beta1 >= 0.5,
    beta2,
    eps,
  }),
  formula: ({ p, g, expAvg, expInf }, { rate, share, late, beta2, eps }) => {
    const mean = lerp(expAvg, g, share, late)
    const largest = f.max(f.mul(expInf, beta2), f.add(f.abs(g), eps))
    return { p: f.sub(p, f.div(f.mul(rate, mean), largest)), expAvg: mean, expInf: largest }
  },
})

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
  constructor(params: ParamsInput<AdamaxOptions>, options?: GivenOptions<AdamaxOptions>) {
    super(adamax, params, options)
  }
}

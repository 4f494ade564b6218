import * as f from '@gradus/core/formula'
import { finite } from '@gradus/core/internal'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { flag, learningRate, notNegative, option, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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

const asgd = /* @__PURE__ */ elementwise({
  name: 'ASGD',
  options: {
    lr: learningRate(1e-2),
    lambd: option(1e-4, finite),
    alpha: option(0.75, finite),
    t0: option(1e6, finite),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
  },
  counters: ({ lr }) => ({ step: 0, eta: Math.fround(lr), mu: 1 }),
  state: { ax: {} },
  numbers: ({ lr, lambd, alpha, t0 }, counters) => {
    const { step, eta, mu } = counters
    // PyTorch keeps both in float32 tensors
    counters['eta'] = Math.fround(lr / (1 + lambd * lr * step) ** alpha)
    counters['mu'] = Math.fround(1 / Math.max(1, step - t0))
    return { eta, shrink: 1 - lambd * eta, mu, copied: mu === 1 }
  },
  formula: ({ p, g, ax }, { eta, shrink, mu, copied }) => {
    const next = f.sub(f.mul(p, shrink), f.mul(eta, g))
    return { p: next, ax: copied ? next : f.add(ax, f.mul(f.sub(next, ax), mu)) }
  },
})

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
  constructor(params: ParamsInput<ASGDOptions>, options?: GivenOptions<ASGDOptions>) {
    super(asgd, params, options)
  }
}

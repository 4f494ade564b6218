import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { betas, flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link Lion}. */
export interface LionOptions {
  /** Learning rate; 1e-4 by default. */
  lr: number
  /** Share of the past in a step's direction, and in the running mean of the gradient; [0.9, 0.99] by default. */
  betas: readonly [number, number]
  /** Shrinks the parameter by `lr · weightDecay`; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const lion = /* @__PURE__ */ elementwise({
  name: 'Lion',
  options: {
    lr: learningRate(1e-4),
    betas: betas(0.9, 0.99),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
  },
  decoupled: true,
  state: { expAvg: {} },
  numbers: ({ lr, betas: [b1, b2] }) => ({ lr, b1, s1: 1 - b1, b2, s2: 1 - b2 }),
  formula: ({ p, g, expAvg }, { lr, b1, s1, b2, s2 }) => ({
    p: f.sub(p, f.mul(lr, f.sign(f.add(f.mul(expAvg, b1), f.mul(g, s1))))),
    expAvg: f.add(f.mul(expAvg, b2), f.mul(g, s2)),
  }),
})

/**
 * Lion: steps of one size, along the sign of the gradient's running mean. With weight decay, which is decoupled.
 *
 * Its learning rate is a third to a tenth of that of AdamW, its weight decay three to ten times as large.
 *
 * @see Chen et al. 2023, https://arxiv.org/abs/2302.06675
 * @example
 * const w = g.ones(2, { requiresGrad: true })
 * const optimizer = new g.optim.Lion([w], { lr: 0.25 })
 * w.mul(g.tensor([3, -0.01])).sum().backward()
 * optimizer.step()
 * w.tolist() // => [0.75, 1.25]
 */
export class Lion extends ElementwiseOptimizer<LionOptions> {
  constructor(params: ParamsInput<LionOptions>, options?: GivenOptions<LionOptions>) {
    super(lion, params, options)
  }
}

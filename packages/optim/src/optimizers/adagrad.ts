import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

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
  /** The first value of the sums of squares; 0 by default. */
  initialAccumulatorValue: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const adagrad = /* @__PURE__ */ elementwise({
  name: 'Adagrad',
  options: {
    lr: learningRate(1e-2),
    lrDecay: notNegative(0, 'lr_decay'),
    eps: notNegative(1e-10, 'epsilon'),
    weightDecay: notNegative(0, 'weight_decay'),
    initialAccumulatorValue: notNegative(0, 'initial_accumulator_value'),
    maximize: flag(false),
  },
  eager: true,
  state: { sum: { first: ({ initialAccumulatorValue }) => initialAccumulatorValue } },
  numbers: ({ lr, lrDecay, eps }, { step }) => ({ lr: lr / (1 + (step - 1) * lrDecay), eps }),
  formula: ({ p, g, sum }, { lr, eps }) => {
    const next = f.add(sum, f.mul(g, g))
    return { p: f.sub(p, f.div(f.mul(lr, g), f.add(f.sqrt(next), eps))), sum: next }
  },
})

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
  constructor(params: ParamsInput<AdagradOptions>, options?: GivenOptions<AdagradOptions>) {
    super(adagrad, params, options)
  }
}

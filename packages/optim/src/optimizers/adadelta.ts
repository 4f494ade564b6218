import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { meanSquare } from '../step/means.ts'
import { flag, learningRate, notNegative, share, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** Multiplies the step; 1 by default. */
  lr: number
  /** Decay of both running means; 0.9 by default. */
  rho: number
  /** Added under both roots; 1e-6 by default. */
  eps: number
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const adadelta = /* @__PURE__ */ elementwise({
  name: 'Adadelta',
  options: {
    lr: learningRate(1),
    rho: share(0.9, 'rho'),
    eps: notNegative(1e-6, 'epsilon'),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
  },
  state: { squareAvg: {}, accDelta: {} },
  numbers: ({ lr, rho, eps }) => ({ lr, rho, rest: 1 - rho, eps }),
  formula: ({ p, g, squareAvg, accDelta }, { lr, rho, rest, eps }) => {
    const square = meanSquare(squareAvg, g, rho, rest)
    const delta = f.mul(f.div(f.sqrt(f.add(accDelta, eps)), f.sqrt(f.add(square, eps))), g)
    return {
      p: f.sub(p, f.mul(lr, delta)),
      squareAvg: square,
      accDelta: meanSquare(accDelta, delta, rho, rest),
    }
  },
})

/**
 * Adadelta: steps as large as past steps were, where gradients are as large as past gradients were.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option, or rho outside [0, 1]
 * @see Zeiler 2012, https://arxiv.org/abs/1212.5701
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends ElementwiseOptimizer<AdadeltaOptions> {
  constructor(params: ParamsInput<AdadeltaOptions>, options?: GivenOptions<AdadeltaOptions>) {
    super(adadelta, params, options)
  }
}

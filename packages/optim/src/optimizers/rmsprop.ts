import * as f from '@gradus/core/formula'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { lerp, meanSquare } from '../step/means.ts'
import { flag, learningRate, notNegative, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  /** Learning rate; 1e-2 by default. */
  lr: number
  /** Share of the last step that is made again; 0 by default. */
  momentum: number
  /** Decay of the running means; 0.99 by default. */
  alpha: number
  /** Added to the denominator, outside the root; 1e-8 by default. */
  eps: number
  /** Divides by the standard deviation instead of the root mean square; false by default. */
  centered: boolean
  /** L2 penalty; 0 by default. */
  weightDecay: number
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const rmsprop = /* @__PURE__ */ elementwise({
  name: 'RMSprop',
  options: {
    lr: learningRate(1e-2),
    momentum: notNegative(0, 'momentum'),
    alpha: notNegative(0.99, 'alpha'),
    eps: notNegative(1e-8, 'epsilon'),
    centered: flag(false),
    weightDecay: notNegative(0, 'weight_decay'),
    maximize: flag(false),
  },
  state: {
    squareAvg: {},
    momentumBuffer: { when: ({ momentum }) => momentum > 0 },
    gradAvg: { when: ({ centered }) => centered },
  },
  numbers: ({ lr, momentum, alpha, eps, centered }) => ({
    lr,
    alpha,
    share: 1 - alpha,
    late: 1 - alpha >= 0.5,
    eps,
    momentum,
    moving: momentum > 0,
    centered,
  }),
  formula: ({ p, g, squareAvg, momentumBuffer, gradAvg }, n) => {
    const square = meanSquare(squareAvg, g, n.alpha, n.share)
    const mean = n.centered ? lerp(gradAvg, g, n.share, n.late) : gradAvg
    const variance = n.centered ? f.sub(square, f.mul(mean, mean)) : square
    const scaled = f.div(g, f.add(f.sqrt(variance), n.eps))
    const moved = n.moving ? f.add(f.mul(momentumBuffer, n.momentum), scaled) : scaled
    return { p: f.sub(p, f.mul(n.lr, moved)), squareAvg: square, momentumBuffer: moved, gradAvg: mean }
  },
})

/**
 * RMSprop: the gradient divided by its running root mean square. The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative option
 * @see Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const optimizer = new g.optim.RMSprop([w], { lr: 0.1 })
 * w.mul(5).sum().backward()
 * optimizer.step()
 * w.item() // ≈ 0
 */
export class RMSprop extends ElementwiseOptimizer<RMSpropOptions> {
  constructor(params: ParamsInput<RMSpropOptions>, options?: GivenOptions<RMSpropOptions>) {
    super(rmsprop, params, options)
  }
}

import { ValueError } from '@gradus/core/functions'
import * as f from '@gradus/core/formula'
import { finite } from '@gradus/core/internal'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { flag, learningRate, notNegative, option, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Learning rate; 1e-3 by default. */
  lr: number
  /** Share of the last update that goes into the next; 0 by default. */
  momentum: number
  /** Share of the gradient that is kept out of the momentum, but at the first step; 0 by default. */
  dampening: number
  /** L2 penalty, added to the gradient; 0 by default. */
  weightDecay: number
  /** Looks one momentum step ahead; false by default. */
  nesterov: boolean
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const sgd = /* @__PURE__ */ elementwise({
  name: 'SGD',
  options: {
    lr: learningRate(1e-3),
    momentum: notNegative(0, 'momentum'),
    dampening: option(0, finite),
    weightDecay: notNegative(0, 'weight_decay'),
    nesterov: flag(false),
    maximize: flag(false),
  },
  check({ nesterov, momentum, dampening }) {
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ValueError('Nesterov momentum requires a momentum and zero dampening')
    }
  },
  counters: () => ({}),
  state: { momentumBuffer: { when: ({ momentum }) => momentum !== 0, optional: true } },
  numbers: ({ lr, momentum, dampening, nesterov }, _, first) => ({
    lr,
    momentum,
    kept: 1 - dampening,
    moving: momentum !== 0,
    nesterov,
    first,
  }),
  formula: ({ p, g, momentumBuffer }, { lr, momentum, kept, moving, nesterov, first }) => {
    if (!moving) return { p: f.sub(p, f.mul(lr, g)), momentumBuffer }
    // the buffer starts as the gradient itself
    const next = first ? g : f.add(f.mul(momentumBuffer, momentum), f.mul(kept, g))
    const direction = nesterov ? f.add(g, f.mul(momentum, next)) : next
    return { p: f.sub(p, f.mul(lr, direction)), momentumBuffer: next }
  },
})

/**
 * Stochastic gradient descent, with momentum and Nesterov's form of it.
 *
 * `buf = momentum · buf + (1 - dampening) · grad; p -= lr · buf`. The state of half-precision parameters is float32.
 *
 * @throws ValueError for negative lr, momentum or weightDecay, and for Nesterov without momentum or with dampening
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @example
 * const w = g.ones(2, { requiresGrad: true })
 * const optimizer = new g.optim.SGD([w], { lr: 0.5 })
 * w.sum().backward()
 * optimizer.step()
 * w.tolist() // => [0.5, 0.5]
 */
export class SGD extends ElementwiseOptimizer<SGDOptions> {
  constructor(params: ParamsInput<SGDOptions>, options?: GivenOptions<SGDOptions>) {
    super(sgd, params, options)
  }
}

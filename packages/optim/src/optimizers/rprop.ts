import * as f from '@gradus/core/formula'
import { finite, kind, listOf } from '@gradus/core/internal'
import { elementwise, ElementwiseOptimizer } from '../step/elementwise.ts'
import { flag, learningRate, option, type GivenOptions } from '../step/options.ts'
import type { ParamsInput } from '../step/param-group.ts'

/** Options of {@link Rprop}. */
export interface RpropOptions {
  /** The first step size; 1e-2 by default. */
  lr: number
  /** Factors of a step size after a turn and without one; [0.5, 1.2] by default. */
  etas: readonly [number, number]
  /** Bounds of step sizes; [1e-6, 50] by default. */
  stepSizes: readonly [number, number]
  /** Climbs instead of descending; false by default. */
  maximize: boolean
}

const pair = /* @__PURE__ */ listOf(finite, 2)

const sizes = /* @__PURE__ */ kind<readonly [number, number]>(pair.expected, pair.accepts)

const etas = /* @__PURE__ */ kind<readonly [number, number]>(
  'two numbers, between 0 and 1 and above 1',
  (x) => pair.accepts(x) && x[0] > 0 && x[0] < 1 && x[1] > 1,
  (x) => `Invalid eta values: ${String(x)}`,
)

const rprop = /* @__PURE__ */ elementwise({
  name: 'Rprop',
  options: {
    lr: learningRate(1e-2),
    etas: option([0.5, 1.2], etas),
    stepSizes: option([1e-6, 50], sizes),
    maximize: flag(false),
  },
  state: { prev: {}, stepSize: { first: ({ lr }) => lr } },
  numbers: ({ etas: [shrink, grow], stepSizes: [low, high] }) => ({ shrink, grow, low, high }),
  formula: ({ p, g, prev, stepSize }, { shrink, grow, low, high }) => {
    const turn = f.mul(g, prev)
    const turned = f.lt(turn, 0)
    const factor = f.where(f.gt(turn, 0), grow, f.where(turned, shrink, 1))
    const size = f.min(f.max(f.mul(stepSize, factor), low), high)
    // after a turn an element rests for a step
    const followed = f.where(turned, 0, g)
    return { p: f.sub(p, f.mul(f.sign(followed), size)), prev: followed, stepSize: size }
  },
})

/**
 * Resilient backpropagation: each element has a step size of its own, which grows while its gradient keeps its sign. For
 * full batches.
 *
 * The state of half-precision parameters is float32.
 *
 * @throws ValueError for a negative lr, or etas that are not below and above 1
 * @see Riedmiller & Braun 1993, "A direct adaptive method for faster backpropagation learning"
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 */
export class Rprop extends ElementwiseOptimizer<RpropOptions> {
  constructor(params: ParamsInput<RpropOptions>, options?: GivenOptions<RpropOptions>) {
    super(rprop, params, options)
  }
}

import { ValueError, type Tensor } from '@gradus/core'
import { binary, select, unary } from '@gradus/core/backend'
import { ElementwiseOptimizer, type Next, type Terms } from './elementwise.ts'
import { constant, max, min, mul, neg, sub } from './expressions.ts'
import { checkLr } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

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

const defaults: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }

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
  constructor(params: ParamsInput<RpropOptions>, options: Partial<RpropOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<RpropOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, etas, stepSizes, maximize } = group
    for (const p of params) {
      const state = this.stateOf(p, () => ({
        step: 0,
        prev: this.zerosFor(p),
        stepSize: this.zerosFor(p).fill_(lr),
      }))
      state['step'] = Number(state['step']) + 1
      // made here or loaded
      const states = [state['prev'] as Tensor, state['stepSize'] as Tensor]
      this.addStep(updates, { p, states, numbers: [...etas, ...stepSizes], flags: { maximize } }, (terms) =>
        formula(terms, maximize),
      )
    }
  }
}

function formula({ p, g: given, states, n, num }: Terms, maximize: boolean): Next {
  const [shrink, grow, low, high] = n
  const g = maximize ? neg(given) : given
  const zero = constant(0, num)
  const turn = mul(g, states[0])
  const [same, turned] = [binary('gt', turn, zero), binary('lt', turn, zero)]
  const factor = select(same, grow, select(turned, shrink, constant(1, num)))
  const size = min(max(mul(states[1], factor), low), high)
  // after a turn an element rests for a step
  const followed = select(turned, zero, g)
  return { p: sub(p, mul(unary('sign', followed), size)), states: [followed, size] }
}

function checked(options: RpropOptions): RpropOptions {
  checkLr(options.lr)
  const [shrink, grow] = options.etas
  if (!(shrink > 0 && shrink < 1 && grow > 1)) throw new ValueError(`Invalid eta values: ${shrink}, ${grow}`)
  return options
}

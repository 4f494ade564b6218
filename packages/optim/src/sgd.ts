import { ValueError, type Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, type Next, type Terms } from './elementwise.ts'
import { add, mul, sub } from './expressions.ts'
import { checkLr, checkPositive } from './option-checks.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

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

const defaults: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
}

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
  constructor(params: ParamsInput<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<SGDOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group
    const numbers = [lr, weightDecay, momentum, 1 - dampening]
    const isMoving = momentum !== 0
    for (const p of params) {
      const first = isMoving && !this.state.get(p)?.['momentumBuffer']
      const flags = { maximize, coupled: weightDecay !== 0, nesterov, first }
      const state = isMoving ? this.stateOf(p, () => ({})) : {}
      // set here or by an earlier step
      const states = isMoving ? [(state['momentumBuffer'] ??= this.zerosFor(p)) as Tensor] : []
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }
}

interface Flags {
  maximize: boolean
  coupled: boolean
  nesterov: boolean
  /** The buffer starts as the gradient itself. */
  first: boolean
}

function formula(terms: Terms, flags: Flags): Next {
  const { p, states, n } = terms
  const [lr, weightDecay, momentum, kept] = n
  const g = followed(terms, flags, weightDecay)
  const [buffer] = states
  if (!buffer) return { p: sub(p, mul(lr, g)), states: [] }
  const next = flags.first ? g : add(mul(buffer, momentum), mul(kept, g))
  const direction = flags.nesterov ? add(g, mul(momentum, next)) : next
  return { p: sub(p, mul(lr, direction)), states: [next] }
}

function checked(options: SGDOptions): SGDOptions {
  const { lr, momentum, weightDecay, nesterov, dampening } = options
  checkLr(lr)
  checkPositive('momentum', momentum)
  checkPositive('weight_decay', weightDecay)
  if (nesterov && (momentum <= 0 || dampening !== 0)) {
    throw new ValueError('Nesterov momentum requires a momentum and zero dampening')
  }
  return options
}

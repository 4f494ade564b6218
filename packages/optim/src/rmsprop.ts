import type { Tensor } from '@gradus/core'
import { ElementwiseOptimizer, followed, lerp, meanSquare, type Next, type Terms } from './elementwise.ts'
import { add, div, mul, sqrt, sub } from './expressions.ts'
import { checkLr, checkPositive } from './option-checks.ts'
import type { ParamState } from './optimizer.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { Updates } from './updates.ts'

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

const defaults: RMSpropOptions = {
  lr: 1e-2,
  momentum: 0,
  alpha: 0.99,
  eps: 1e-8,
  centered: false,
  weightDecay: 0,
  maximize: false,
}

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
  constructor(params: ParamsInput<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(params, checked({ ...defaults, ...options }))
  }

  protected update(group: ParamGroup<RMSpropOptions>, params: readonly Tensor[], updates: Updates): void {
    const { lr, momentum, alpha, eps, centered, weightDecay, maximize } = group
    const flags = {
      maximize,
      coupled: weightDecay !== 0,
      centered,
      moving: momentum > 0,
      late: 1 - alpha >= 0.5,
    }
    for (const p of params) {
      const state = this.stateOf(p, () => this.firstState(p, flags))
      state['step'] = Number(state['step']) + 1
      const names = [
        'squareAvg',
        ...(flags.moving ? ['momentumBuffer'] : []),
        ...(centered ? ['gradAvg'] : []),
      ]
      // made by firstState or loaded; an option that was switched on later begins with zeros
      const states = names.map((name) => (state[name] ??= this.zerosFor(p)) as Tensor)
      const numbers = [lr, alpha, 1 - alpha, eps, momentum, weightDecay]
      this.addStep(updates, { p, states, numbers, flags }, (terms) => formula(terms, flags))
    }
  }

  private firstState(p: Tensor, { moving, centered }: Flags): ParamState {
    const state: ParamState = { step: 0, squareAvg: this.zerosFor(p) }
    if (moving) state['momentumBuffer'] = this.zerosFor(p)
    if (centered) state['gradAvg'] = this.zerosFor(p)
    return state
  }
}

interface Flags {
  maximize: boolean
  coupled: boolean
  centered: boolean
  moving: boolean
  late: boolean
}

function formula(terms: Terms, flags: Flags): Next {
  const { p, states, n, num } = terms
  const [lr, alpha, share, eps, momentum, weightDecay] = n
  const g = followed(terms, flags, weightDecay)
  const square = meanSquare(states[0], g, alpha, share)
  const mean = flags.centered ? lerp(states[states.length - 1], g, share, flags.late, num) : null
  const variance = mean ? sub(square, mul(mean, mean)) : square
  const scaled = div(g, add(sqrt(variance), eps))
  const moved = flags.moving ? add(mul(states[1], momentum), scaled) : scaled
  return {
    p: sub(p, mul(lr, moved)),
    states: [square, ...(flags.moving ? [moved] : []), ...(mean ? [mean] : [])],
  }
}

function checked(options: RMSpropOptions): RMSpropOptions {
  checkLr(options.lr)
  checkPositive('epsilon', options.eps)
  checkPositive('momentum', options.momentum)
  checkPositive('weight_decay', options.weightDecay)
  checkPositive('alpha', options.alpha)
  return options
}

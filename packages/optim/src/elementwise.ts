import type { Tensor } from '@gradus/core'
import { numOf, Program, type DType, type Expr, type Num } from '@gradus/core/backend'
import { add, constant, convert, mul, neg, numbers, operands, sub } from './expressions.ts'
import { Optimizer } from './optimizer.ts'
import { stateDType } from './state-dict.ts'
import type { Updates } from './updates.ts'

/** What an update is written with: parameter, gradient, state and numbers, all of one number type. */
export interface Terms {
  readonly p: Expr
  readonly g: Expr
  readonly states: readonly Expr[]
  readonly n: readonly Expr[]
  readonly num: Num
}

/** The next parameter and state. */
export interface Next {
  readonly p: Expr
  readonly states: readonly Expr[]
}

/** One parameter's update. */
export interface Step {
  readonly p: Tensor
  /** What stands for the gradient, if it is not the parameter's: a direction computed from it. */
  readonly g?: Tensor
  /** State of the parameter's shape, read and written. */
  readonly states: readonly Tensor[]
  /** What changes from step to step: learning rate, bias corrections. */
  readonly numbers: readonly number[]
  /** What decides which formula it is: a program is made for each. */
  readonly flags: object
}

/** Optimizers whose step ends, or consists of, one program over the elements, run once over all parameters. */
export abstract class ElementwiseOptimizer<O extends { lr: number }> extends Optimizer<O> {
  protected override takesFactor(): boolean {
    return true
  }

  /** Adds an update by its formula. */
  protected addStep(
    updates: Updates,
    { p, g, states, numbers: values, flags }: Step,
    formula: (terms: Terms) => Next,
  ): void {
    // steps are made of parameters that have one
    const grad = g ?? p.gradSlot!
    const scaled = this.gradFactor !== 1
    const key = `${Object.values(flags).map(Number).join('')} ${states.length} ${p.dtype} ${grad.dtype} ${scaled}`
    const program = this.program(key, () => {
      const dtypes = { p: p.dtype, g: grad.dtype, state: stateDType(p) }
      return programOf(dtypes, states.length, values.length, scaled, formula)
    })
    updates.add(program, [p, grad, ...states], [p, ...states], scaled ? [...values, this.gradFactor] : values)
  }
}

function programOf(
  dtypes: { p: DType; g: DType; state: DType },
  states: number,
  count: number,
  scaled: boolean,
  formula: (terms: Terms) => Next,
): Program {
  const num = numOf(dtypes.state)
  const given = scaled ? count + 1 : count
  const inputs: DType[] = [dtypes.p, dtypes.g, ...new Array<DType>(states).fill(dtypes.state)]
  const [p, grad, ...own] = operands(inputs, num)
  const n = numbers(given, num)
  const g = scaled ? mul(grad, n[count]) : grad
  const next = formula({ p, g, states: own, n, num })
  const output = (dtype: DType, value: Expr) => ({
    dtype,
    value: convert(value, numOf(dtype)),
    over: 'all' as const,
  })
  return new Program({
    inputs: inputs.map((dtype) => ({ dtype, over: 'all' })),
    params: new Array<Num>(given).fill(num),
    outputs: [output(dtypes.p, next.p), ...next.states.map((value) => output(dtypes.state, value))],
  })
}

/** What most optimizers take besides. */
export interface CommonFlags {
  /** Climbs instead of descending. */
  readonly maximize: boolean
  /** Adds an L2 penalty to the gradient. */
  readonly coupled: boolean
}

/** The gradient that an update follows: negated to climb, with the penalty of weight decay. */
export function followed({ p, g }: Terms, { maximize, coupled }: CommonFlags, weightDecay: Expr): Expr {
  const own = maximize ? neg(g) : g
  return coupled ? add(own, mul(weightDecay, p)) : own
}

/**
 * PyTorch's lerp: from the side of `end` for weights from 0.5 on, which decides the last bit.
 *
 * @param late - whether the weight is 0.5 or more
 */
export function lerp(start: Expr, end: Expr, weight: Expr, late: boolean, num: Num): Expr {
  const difference = sub(end, start)
  return late ? sub(end, mul(difference, sub(constant(1, num), weight))) : add(start, mul(weight, difference))
}

/** A running mean of squares: `decay · v + share · g²`. */
export const meanSquare = (v: Expr, g: Expr, decay: Expr, share: Expr): Expr =>
  add(mul(v, decay), mul(mul(share, g), g))

/** `shrink · p - rate · g`: a step along a direction, with decoupled weight decay. */
export const move = ({ p, g, n: [shrink, rate] }: Terms): Next => ({
  p: sub(mul(p, shrink), mul(rate, g)),
  states: [],
})

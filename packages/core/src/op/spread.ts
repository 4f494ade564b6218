import { numOf, type DType, type Num } from '../base/dtype.ts'
import { reduced, type Expr } from '../program/expr.ts'
import * as f from '../program/formula.ts'
import type { Reduction } from '../program/program.ts'

/** Squares of numbers multiplied by this fit, whatever the numbers; those whose own squares overflow stay above 0. */
const scaleOf = (num: Num): number => (num === 'f64' ? 2 ** -700 : 2 ** -100)

/** The reductions of {@link spreadOf}, and what they give. */
export interface Spread {
  readonly reductions: readonly Reduction[]
  readonly mean: Expr
  /** The sum of squares times `scale²`; `scale` is 1 but for rows whose squares overflow. */
  readonly squares: Expr
  readonly isLarge: Expr
  readonly scale: number
}

/**
 * The mean of a row and its squared deviations, in two passes over it. A third is made for the few rows that need one: those whose
 * squares overflow, which are scaled, and those that lie within a few roundings of their mean, which takes up what rounding left.
 *
 * @param x - the elements, of inner positions
 * @param count - how many they are
 * @param centered - whether the mean is subtracted; it is 0 otherwise
 */
export function spreadOf(dtype: DType, x: Expr, count: Expr, centered: boolean): Spread {
  const num = numOf(dtype)
  const first = centered ? f.div(reduced(0, num), count) : f.literal(0, num)
  const deviation = centered ? f.sub(x, first) : x
  const at = centered ? 1 : 0
  const plain = reduced(at, num)
  const isLarge = f.not(f.lt(plain, Infinity))
  const roundings = f.square(f.mul(first, num === 'f64' ? 2 ** -47 : 2 ** -18))
  const when = centered ? f.or(isLarge, f.lt(plain, f.mul(count, roundings))) : isLarge
  const scale = scaleOf(num)
  const rest = f.div(reduced(at + 2, num), count)
  const corrected = f.max(f.sub(plain, f.mul(count, f.square(rest))), 0)
  return {
    reductions: [
      ...(centered ? [{ combine: 'sum', value: x } as const] : []),
      { combine: 'sum', value: f.square(deviation) },
      { combine: 'sum', value: f.square(f.mul(deviation, scale)), when },
      ...(centered ? [{ combine: 'sum', value: deviation, when } as const] : []),
    ],
    mean: centered ? f.where(f.and(when, f.not(isLarge)), f.add(first, rest), first) : first,
    squares: f.where(isLarge, reduced(at + 1, num), centered ? f.where(when, corrected, plain) : plain),
    isLarge,
    scale,
  }
}

import { convert, type Expr } from './expr.ts'
import * as f from './formula.ts'

/*
 * Formulas that several ops share, in forms whose derivatives of every order stay finite: a branch that is not taken must
 * not overflow, because the chain rule multiplies its zero gradient with it (0 · inf).
 */

/** `|x|` with derivative 1 at 0, for use inside smooth functions, where the kink cancels. */
const magnitude = (x: Expr): Expr => f.where(f.ge(x, 0), x, f.neg(x))

/** `1 / (1 + e⁻ˣ)`. */
export function logistic(x: Expr): Expr {
  const e = f.exp(f.neg(magnitude(x)))
  return f.div(f.where(f.ge(x, 0), 1, e), f.add(e, 1))
}

/** `log(1 + eˣ)`. */
export const softplus = (x: Expr): Expr =>
  f.add(f.where(f.ge(x, 0), x, 0), f.log1p(f.exp(f.neg(magnitude(x)))))

/** `eˣ - 1` below 0 and 0 above. */
export const expm1BelowZero = (x: Expr): Expr => f.expm1(f.where(f.gt(x, 0), 0, x))

/** Whether `x` is below 0, or is -0. */
export const signBit = (x: Expr): Expr =>
  x.type === 'f32' || x.type === 'f64'
    ? f.or(f.lt(x, 0), f.and(f.eq(x, 0), f.lt(f.div(1, x), 0)))
    : x.type === 'bool'
      ? f.and(x, f.not(x))
      : f.lt(x, 0)

/** Whether `x` is neither 0 nor false. */
export const truth = (x: Expr): Expr => convert(x, 'bool')

/**
 * The derivative of digamma: Abramowitz & Stegun 6.4.12 after a shift by 8 (6.4.6), and reflection (6.4.7) below 1/2.
 */
export function trigamma(x: Expr): Expr {
  const reflected = f.lt(x, 0.5)
  const z = f.where(reflected, f.sub(1, x), x)
  let sum: Expr | null = null
  for (let k = 0; k < 8; k++) {
    const term = f.reciprocal(f.square(f.add(z, k)))
    sum = sum === null ? term : f.add(sum, term)
  }
  const w = f.reciprocal(f.add(z, 8))
  const w2 = f.square(w)
  // 1 + w/2 + w²(1/6 - w²(1/30 - w²(1/42 - w²(1/30 - w² 5/66))))
  let series: Expr = f.mul(w2, 5 / 66)
  for (const coefficient of [1 / 30, 1 / 42, 1 / 30, 1 / 6]) series = f.mul(w2, f.sub(coefficient, series))
  const value = f.add(sum!, f.mul(w, f.add(f.add(1, f.mul(w, 0.5)), series)))
  return f.where(reflected, f.sub(f.square(f.div(Math.PI, f.sin(f.mul(x, Math.PI)))), value), value)
}

import type { Num } from '../base/dtype.ts'
import { binary, constant, convert, select, unary, type Expr } from './expr.ts'

/** A node, or a literal that takes the type of the other operand. */
export type Term = Expr | number

/*
 * The words that formulas of ops are written in. A literal takes the type of the other operand. An operation that cannot change
 * a value (`x * 1`, `x ** 1`, `0 + literal`) is not built, so that derivatives come out short.
 */

const isLiteral = (e: Expr, value: number): boolean => e.op === 'const' && Number(e.value) === value

function pair(x: Term, y: Term): [Expr, Expr] {
  if (typeof x !== 'number') return [x, typeof y === 'number' ? constant(y, x.type) : y]
  if (typeof y !== 'number') return [constant(x, y.type), y]
  throw new TypeError('a formula needs at least one operand that is not a literal')
}

export function add(x: Term, y: Term): Expr {
  const [a, b] = pair(x, y)
  return binary(a.type === 'bool' ? 'or' : 'add', a, b)
}
export const sub = (x: Term, y: Term): Expr => binary('sub', ...pair(x, y))
export function mul(x: Term, y: Term): Expr {
  const [a, b] = pair(x, y)
  if (isLiteral(b, 1)) return a
  if (isLiteral(a, 1)) return b
  return binary(a.type === 'bool' ? 'and' : 'mul', a, b)
}
export function div(x: Term, y: Term): Expr {
  const [a, b] = pair(x, y)
  return isLiteral(b, 1) ? a : binary('div', a, b)
}
export function pow(x: Term, y: Term): Expr {
  const [a, b] = pair(x, y)
  if (isLiteral(b, 1)) return a
  return isLiteral(b, 2) ? binary('mul', a, a) : binary('pow', a, b)
}
export const remainder = (x: Term, y: Term): Expr => binary('remainder', ...pair(x, y))
export const fmod = (x: Term, y: Term): Expr => binary('fmod', ...pair(x, y))
export const floordiv = (x: Term, y: Term): Expr => binary('floordiv', ...pair(x, y))
export const atan2 = (x: Term, y: Term): Expr => binary('atan2', ...pair(x, y))
export const max = (x: Term, y: Term): Expr => binary('max', ...pair(x, y))
export const min = (x: Term, y: Term): Expr => binary('min', ...pair(x, y))
export const fmax = (x: Term, y: Term): Expr => binary('fmax', ...pair(x, y))
export const fmin = (x: Term, y: Term): Expr => binary('fmin', ...pair(x, y))
export const eq = (x: Term, y: Term): Expr => binary('eq', ...pair(x, y))
export const ne = (x: Term, y: Term): Expr => binary('ne', ...pair(x, y))
export const lt = (x: Term, y: Term): Expr => binary('lt', ...pair(x, y))
export const le = (x: Term, y: Term): Expr => binary('le', ...pair(x, y))
export const gt = (x: Term, y: Term): Expr => binary('gt', ...pair(x, y))
export const ge = (x: Term, y: Term): Expr => binary('ge', ...pair(x, y))
export const and = (x: Term, y: Term): Expr => binary('and', ...pair(x, y))
export const or = (x: Term, y: Term): Expr => binary('or', ...pair(x, y))
export const xor = (x: Term, y: Term): Expr => binary('xor', ...pair(x, y))
export const shl = (x: Term, y: Term): Expr => binary('shl', ...pair(x, y))
export const shr = (x: Term, y: Term): Expr => binary('shr', ...pair(x, y))
export const where = (c: Expr, x: Term, y: Term): Expr => select(convert(c, 'bool'), ...pair(x, y))

export const neg = (x: Expr): Expr => unary('neg', x)
export const abs = (x: Expr): Expr => unary('abs', x)
export const sign = (x: Expr): Expr => unary('sign', x)
export const floor = (x: Expr): Expr => unary('floor', x)
export const ceil = (x: Expr): Expr => unary('ceil', x)
export const trunc = (x: Expr): Expr => unary('trunc', x)
export const round = (x: Expr): Expr => unary('round', x)
export const not = (x: Expr): Expr => unary('not', x)
export const sqrt = (x: Expr): Expr => unary('sqrt', x)
export const rsqrt = (x: Expr): Expr => unary('rsqrt', x)
export const exp = (x: Expr): Expr => unary('exp', x)
export const exp2 = (x: Expr): Expr => unary('exp2', x)
export const expm1 = (x: Expr): Expr => unary('expm1', x)
export const log = (x: Expr): Expr => unary('log', x)
export const log2 = (x: Expr): Expr => unary('log2', x)
export const log10 = (x: Expr): Expr => unary('log10', x)
export const log1p = (x: Expr): Expr => unary('log1p', x)
export const sin = (x: Expr): Expr => unary('sin', x)
export const cos = (x: Expr): Expr => unary('cos', x)
export const tan = (x: Expr): Expr => unary('tan', x)
export const asin = (x: Expr): Expr => unary('asin', x)
export const acos = (x: Expr): Expr => unary('acos', x)
export const atan = (x: Expr): Expr => unary('atan', x)
export const sinh = (x: Expr): Expr => unary('sinh', x)
export const cosh = (x: Expr): Expr => unary('cosh', x)
export const tanh = (x: Expr): Expr => unary('tanh', x)
export const asinh = (x: Expr): Expr => unary('asinh', x)
export const acosh = (x: Expr): Expr => unary('acosh', x)
export const atanh = (x: Expr): Expr => unary('atanh', x)
export const erf = (x: Expr): Expr => unary('erf', x)
export const erfc = (x: Expr): Expr => unary('erfc', x)
export const erfinv = (x: Expr): Expr => unary('erfinv', x)
export const lgamma = (x: Expr): Expr => unary('lgamma', x)
export const digamma = (x: Expr): Expr => unary('digamma', x)

/** A literal where no other operand gives it a type. */
export const literal = (value: number, type: Num): Expr => constant(value, type)
export const isNaN = (x: Expr): Expr => ne(x, x)
export const square = (x: Expr): Expr => mul(x, x)
/** `1 / x`. */
export const reciprocal = (x: Expr): Expr => div(1, x)

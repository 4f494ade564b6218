import { f64, f64x2, i32x4, i64x2, v128 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Value } from '../../assembler/index.ts'

const params = { a: 'v128', x: 'v128' } as const
/** `log(exp(a) + exp(x))` of two doubles; equal infinities stay what they are, NaN wins. */
export type LogAddExp = FuncRef<typeof params, 'v128'>

type Vector = Value<'v128'>

export function emitLogAddExp(module: ModuleBuilder): LogAddExp {
  return module.func({ params, result: 'v128' }, (f, { a, x }) => {
    // a NaN in either is in one of these two
    const high = f.let(f64x2.pmax(a, x))
    const low = f.let(f64x2.pmin(x, a))
    // a distance of 0 for equal ones: infinities would give NaN
    const distance = v128.andnot(f64x2.sub(low, high), f64x2.eq(low, high))
    const y = exponential(f, f.let(f64x2.pmax(distance, splat(-746))))
    return f64x2.add(high, logarithm(f, f.let(y)))
  })
}

const splat = (x: number): Vector => f64x2.splat(f64.const(x))

/** `x · p + c` for the coefficients of a polynomial in rising order. */
const polynomial = (x: Vector, coefficients: readonly number[]): Vector =>
  coefficients.reduceRight<Vector | null>(
    (sum, c) => (sum === null ? splat(c) : f64x2.add(splat(c), f64x2.mul(x, sum))),
    null,
  ) ?? splat(0)

/**
 * `exp(x)` for x from -746 to 0 and NaN, below 1 ulp.
 *
 * @see FreeBSD msun, e_exp.c: the argument is reduced by multiples of ln 2, then a rational function
 */
function exponential(f: Func, x: Local<'v128'>): Vector {
  const k = f.let(f64x2.nearest(f64x2.mul(x, splat(1.4426950408889634))))
  const high = f.let(f64x2.sub(x, f64x2.mul(k, splat(6.9314718036912381649e-1))))
  const low = f.let(f64x2.mul(k, splat(1.90821492927058770002e-10)))
  const r = f.let(f64x2.sub(high, low))
  const square = f.let(f64x2.mul(r, r))
  const coefficients = [
    1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.65339022054652515390e-6,
    4.13813679705723846039e-8,
  ] // prettier-ignore
  const c = f.let(f64x2.sub(r, f64x2.mul(square, polynomial(square, coefficients))))
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(splat(2), c))
  const y = f64x2.sub(splat(1), f64x2.sub(f64x2.sub(low, quotient), high))
  // two powers of 2, each of them a normal number, because 2^k may not be
  const exponent = f.let(i64x2.extendLowI32x4S(i32x4.truncSatF64x2SZero(k)))
  const half = f.let(i64x2.shrS(exponent, 1))
  const power = (n: Vector): Vector => i64x2.shl(i64x2.add(n, i64x2.splat(1023)), 52)
  return f64x2.mul(f64x2.mul(y, power(half)), power(i64x2.sub(exponent, half)))
}

/**
 * `log(1 + y)` for y from 0 to 1 and NaN, below 1 ulp.
 *
 * @see FreeBSD msun, s_log1p.c: with s = f / (2 + f), log(1 + f) = f - f²/2 + s (f²/2 + R(s²))
 */
function logarithm(f: Func, y: Local<'v128'>): Vector {
  // from √2 - 1 on, 1 + y is halved
  const isLarge = f.let(f64x2.ge(y, splat(0.41421365737915039)))
  const sum = f.let(f64x2.add(y, splat(1)))
  const lost = f64x2.div(f64x2.sub(y, f64x2.sub(sum, splat(1))), sum)
  const rest = v128.and(f64x2.add(lost, splat(1.90821492927058770002e-10)), isLarge)
  const part = f.let(v128.bitselect(f64x2.sub(f64x2.mul(sum, splat(0.5)), splat(1)), y, isLarge))
  const halfSquare = f.let(f64x2.mul(f64x2.mul(splat(0.5), part), part))
  const s = f.let(f64x2.div(part, f64x2.add(splat(2), part)))
  const z = f.let(f64x2.mul(s, s))
  const coefficients = [
    6.666666666666735130e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
    1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
  ] // prettier-ignore
  const remainder = f64x2.mul(z, polynomial(z, coefficients))
  const inner = f64x2.add(f64x2.mul(s, f64x2.add(halfSquare, remainder)), rest)
  const base = v128.and(splat(6.9314718036912381649e-1), isLarge)
  return f64x2.sub(base, f64x2.sub(f64x2.sub(halfSquare, inner), part))
}

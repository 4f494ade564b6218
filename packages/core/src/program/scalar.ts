import type { Num } from '../base/dtype.ts'
import type { Binary, Unary } from './expr.ts'
import { digamma, erf, erfc, erfinv, lgamma } from './special.ts'

/*
 * The scalar functions of programs. float32 is computed in double and rounded by the array that takes the result, so that
 * each function rounds once. Functions of Math, which are off by up to an ulp of double, round twice in rare cases. Integers
 * wrap when stored. Products of integers may be inexact before that, and are wrapped here.
 */

type NumberNum = Exclude<Num, 'i64'>
type OfNumber = (x: number) => number
type OfNumbers = (x: number, y: number) => number
type OfBigint = (x: bigint) => bigint
type OfBigints = (x: bigint, y: bigint) => bigint
type CompareBigints = (x: bigint, y: bigint) => number

const same = <T>(x: T): T => x

function roundHalfToEven(x: number): number {
  const up = Math.round(x)
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up
}

const floatUnary: Record<Exclude<Unary, 'not'>, OfNumber> = {
  neg: (x) => -x,
  abs: Math.abs,
  // 0 for NaN too, as PyTorch
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: roundHalfToEven,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  erfinv,
  lgamma,
  digamma,
}

const intUnary: Partial<Record<Unary, OfNumber>> = {
  neg: (x) => -x | 0,
  abs: (x) => Math.abs(x) | 0,
  sign: Math.sign,
  floor: same,
  ceil: same,
  trunc: same,
  round: same,
  not: (x) => ~x,
}

const bigintUnary: Partial<Record<Unary, OfBigint>> = {
  neg: (x) => -x,
  abs: (x) => (x < 0n ? -x : x),
  sign: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  floor: same,
  ceil: same,
  trunc: same,
  round: same,
  not: (x) => ~x,
}

const boolUnary: Partial<Record<Unary, OfNumber>> = { not: (x) => x ^ 1, abs: same, sign: same }

const comparisons = {
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x !== y ? 1 : 0),
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  gt: (x, y) => (x > y ? 1 : 0),
  ge: (x, y) => (x >= y ? 1 : 0),
} satisfies Partial<Record<Binary, OfNumbers>>

// C's pow: 1 to any power and -1 to an infinite one are 1, where JavaScript has NaN
function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1
  return x ** y
}

// the sign of the divisor, as Python's %
function remainder(x: number, y: number): number {
  const r = x % y
  return r !== 0 && r < 0 !== y < 0 ? r + y : r
}

// PyTorch's div_floor_floating: floor(x / y) with x / y off by the rounding of the division would be one too high
function floorDivide(x: number, y: number): number {
  if (y === 0) return x / y
  const r = x % y
  let quotient = (x - r) / y
  if (r !== 0 && r < 0 !== y < 0) quotient--
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0
  const whole = Math.floor(quotient)
  return quotient - whole > 0.5 ? whole + 1 : whole
}

const floatBinary: Partial<Record<Binary, OfNumbers>> = {
  ...comparisons,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow,
  remainder,
  fmod: (x, y) => x % y,
  floordiv: floorDivide,
  atan2: Math.atan2,
  max: Math.max,
  min: Math.min,
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
}

function intPow(x: number, y: number): number {
  // only 1 and -1 have a reciprocal that is an integer
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0
  let result = 1
  for (let base = x, n = y; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = Math.imul(result, base)
    base = Math.imul(base, base)
  }
  return result
}

// Division by zero gives 0: programs check for it.
const intBinary: Partial<Record<Binary, OfNumbers>> = {
  ...comparisons,
  add: (x, y) => (x + y) | 0,
  sub: (x, y) => (x - y) | 0,
  mul: Math.imul,
  div: (x, y) => (x / y) | 0,
  pow: intPow,
  remainder: (x, y) => remainder(x, y) | 0,
  fmod: (x, y) => (x % y) | 0,
  floordiv: (x, y) => Math.floor(x / y) | 0,
  max: Math.max,
  min: Math.min,
  fmax: Math.max,
  fmin: Math.min,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => (y >>> 0 < 32 ? x << y : 0),
  shr: (x, y) => x >> (y >>> 0 < 32 ? y : 31),
}

function bigintPow(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n
  let result = 1n
  for (let base = x, n = y; n > 0n; n >>= 1n) {
    if (n & 1n) result = BigInt.asIntN(64, result * base)
    base = BigInt.asIntN(64, base * base)
  }
  return result
}

const maxBigint: OfBigints = (x, y) => (x > y ? x : y)
const minBigint: OfBigints = (x, y) => (x < y ? x : y)

const bigintBinary: Partial<Record<Binary, OfBigints>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => (y === 0n ? 0n : x / y),
  pow: bigintPow,
  remainder: (x, y) => {
    const r = y === 0n ? 0n : x % y
    return r !== 0n && r < 0n !== y < 0n ? r + y : r
  },
  fmod: (x, y) => (y === 0n ? 0n : x % y),
  floordiv: (x, y) => {
    if (y === 0n) return 0n
    return x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y
  },
  max: maxBigint,
  min: minBigint,
  fmax: maxBigint,
  fmin: minBigint,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => (y >= 0n && y < 64n ? x << y : 0n),
  shr: (x, y) => x >> (y >= 0n && y < 64n ? y : 63n),
}

const bigintComparisons: Partial<Record<Binary, CompareBigints>> = {
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x !== y ? 1 : 0),
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  gt: (x, y) => (x > y ? 1 : 0),
  ge: (x, y) => (x >= y ? 1 : 0),
}

const or: OfNumbers = (x, y) => x | y
const and: OfNumbers = (x, y) => x & y

const boolBinary: Partial<Record<Binary, OfNumbers>> = {
  ...comparisons,
  add: or,
  mul: and,
  max: or,
  min: and,
  fmax: or,
  fmin: and,
  or,
  and,
  xor: (x, y) => x ^ y,
}

function found<F>(f: F | undefined, op: string, num: Num): F {
  if (f === undefined) throw new TypeError(`malformed program: there is no ${op} of ${num}`)
  return f
}

const unaries: Record<NumberNum, Partial<Record<Unary, OfNumber>>> = {
  f32: floatUnary,
  f64: floatUnary,
  i32: intUnary,
  bool: boolUnary,
}
const binaries: Record<NumberNum, Partial<Record<Binary, OfNumbers>>> = {
  f32: floatBinary,
  f64: floatBinary,
  i32: intBinary,
  bool: boolBinary,
}

/** A function of one number of a type; the result still needs the rounding of that type's array. */
export const unaryOf = (op: Unary, num: NumberNum): OfNumber => found(unaries[num][op], op, num)
/** A function of two numbers of a type; the result still needs the rounding of that type's array. */
export const binaryOf = (op: Binary, num: NumberNum): OfNumbers => found(binaries[num][op], op, num)
/** A function of one i64; the result still needs to wrap. */
export const unaryOfInt64 = (op: Unary): OfBigint => found(bigintUnary[op], op, 'i64')
/** A function of two i64; the result still needs to wrap. */
export const binaryOfInt64 = (op: Binary): OfBigints => found(bigintBinary[op], op, 'i64')
/** A comparison of two i64. */
export const compareInt64 = (op: Binary): CompareBigints => found(bigintComparisons[op], op, 'i64')

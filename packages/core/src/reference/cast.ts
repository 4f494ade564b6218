import type { DType, Num, TypedArray } from '../base/dtype.ts'
import { numOf } from '../base/dtype.ts'
import { roundToBFloat16, roundToFloat16 } from '../base/half.ts'

const lowest32 = -(2 ** 31)
const lowest64 = -(2n ** 63n)

/**
 * A float or integer as a number type other than i64. Floats go to integers towards zero. NaN and values that do not fit give
 * the lowest integer, as the instruction of x86 does.
 */
export function numberAs(num: Exclude<Num, 'i64'>): (x: number) => number {
  if (num === 'bool') return (x) => (x !== 0 ? 1 : 0)
  if (num === 'f32') return Math.fround
  if (num === 'f64') return (x) => x
  return (x) => {
    const whole = Math.trunc(x)
    return whole >= lowest32 && whole < 2 ** 31 ? whole : lowest32
  }
}

/** A float or integer as i64: towards zero; values that do not fit give the lowest integer. */
export const numberAsInt64 = (x: number): bigint =>
  x >= -(2 ** 63) && x < 2 ** 63 ? BigInt(Math.trunc(x)) : lowest64

/** An i64 as another number type; i32 wraps. */
export function int64As(num: Exclude<Num, 'i64'>): (x: bigint) => number {
  switch (num) {
    case 'bool':
      return (x) => (x !== 0n ? 1 : 0)
    case 'i32':
      return (x) => Number(BigInt.asIntN(32, x))
    case 'f64':
      return Number
    case 'f32':
      // rounding to double first would round twice: the bits a double has no room for become one sticky bit
      return (x) => {
        const odd = x > -(2n ** 53n) && x < 2n ** 53n ? x : ((x >> 11n) | (x & 0x7ffn ? 1n : 0n)) << 11n
        return Math.fround(Number(odd))
      }
  }
}

/** Converts the first `n` elements of `from` to the number type `num`, into `to`, an array of that type. */
export function castInto(num: Num, from: TypedArray, to: TypedArray, n: number): void {
  if (from instanceof BigInt64Array) {
    if (to instanceof BigInt64Array) to.set(from.subarray(0, n))
    else if (num !== 'i64') {
      const convert = int64As(num)
      for (let i = 0; i < n; i++) to[i] = convert(from[i])
    }
  } else if (to instanceof BigInt64Array) {
    for (let i = 0; i < n; i++) to[i] = numberAsInt64(from[i])
  } else if (num !== 'i64') {
    const convert = numberAs(num)
    for (let i = 0; i < n; i++) to[i] = convert(from[i])
  }
}

/** The value of a number of type `num` after a store to `dtype` and a load; null where it never changes. */
export function stored(dtype: DType, num: Num): ((x: number) => number) | null {
  if (numOf(dtype) !== num) throw new TypeError(`malformed program: ${num} is rounded to ${dtype}`)
  switch (dtype) {
    case 'float16':
      return roundToFloat16
    case 'bfloat16':
      return roundToBFloat16
    case 'int8':
      return (x) => (x << 24) >> 24
    case 'int16':
      return (x) => (x << 16) >> 16
    case 'uint8':
      return (x) => x & 255
    default:
      return null
  }
}

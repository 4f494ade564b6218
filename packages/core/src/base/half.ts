// One double seen as two 32-bit words, one float32 seen as one. Every platform that runs JavaScript is
// little-endian.
const double = new Float64Array(1)
const doubleWords = new Uint32Array(double.buffer)
const single = new Float32Array(1)
const singleWord = new Uint32Array(single.buffer)

/**
 * The 16 bits of the nearest float16 to `x`, ties to even: one rounding from the exact double.
 *
 * Beyond 65520 the result is infinity, below 2^-25 zero; between, subnormals are kept. A NaN becomes the
 * quiet NaN 0x7e00 (its sign is kept where the engine keeps it).
 *
 * @example
 * numberToFloat16(1) // => 0x3c00
 */
export const numberToFloat16 = (x: number): number => encode(x, 10, 15)

/**
 * The 16 bits of the nearest bfloat16 to `x`, ties to even: one rounding from the exact double.
 *
 * @example
 * numberToBFloat16(1) // => 0x3f80
 */
export const numberToBFloat16 = (x: number): number => encode(x, 7, 127)

/**
 * The value of 16 float16 bits.
 *
 * @example
 * float16ToNumber(0x3c00) // => 1
 */
export function float16ToNumber(bits: number): number {
  // as float32 bits the magnitude reads 2^112 too small, subnormals included; infinity and NaN read as 65536
  // and above
  singleWord[0] = (bits & 0x7fff) << 13
  let x = single[0] * 2 ** 112
  if (x >= 65536) x = x === 65536 ? Infinity : NaN
  return bits & 0x8000 ? -x : x
}

/**
 * The value of 16 bfloat16 bits: the upper half of a float32.
 *
 * @example
 * bfloat16ToNumber(0x3f80) // => 1
 */
export function bfloat16ToNumber(bits: number): number {
  singleWord[0] = bits << 16
  return single[0]
}

/**
 * `x` rounded to the nearest float16.
 *
 * @example
 * roundToFloat16(0.1) // => 0.0999755859375
 */
export const roundToFloat16 = (x: number): number => float16ToNumber(numberToFloat16(x))

/**
 * `x` rounded to the nearest bfloat16.
 *
 * @example
 * roundToBFloat16(0.1) // => 0.10009765625
 */
export const roundToBFloat16 = (x: number): number => bfloat16ToNumber(numberToBFloat16(x))

/** Bits of the nearest value with `mantissa` stored bits and the exponent bias `bias`, in a 16-bit format. */
function encode(x: number, mantissa: number, bias: number): number {
  double[0] = x
  const low = doubleWords[0]
  const high = doubleWords[1] & 0x7fffffff
  const sign = (doubleWords[1] >>> 31) << 15
  const infinity = 0x7fff & -(1 << mantissa)
  if (high >= 0x7ff00000) {
    const isNaN = high > 0x7ff00000 || low !== 0
    return sign | infinity | (isNaN ? 1 << (mantissa - 1) : 0)
  }
  const exponent = (high >>> 20) - 1023 + bias
  if (exponent <= 0) {
    // subnormal: a multiple of the smallest value. Adding 2^52 rounds a double to an integer, ties to even
    const multiple = Math.abs(x) * 2 ** (bias - 1 + mantissa)
    return sign | (multiple + 2 ** 52 - 2 ** 52)
  }
  const dropped = 20 - mantissa
  const tie = 1 << (dropped - 1)
  const rest = high & ((1 << dropped) - 1)
  let bits = (exponent << mantissa) | ((high & 0xfffff) >>> dropped)
  // a carry out of the mantissa moves into the exponent, as it should
  if (rest > tie || (rest === tie && (low !== 0 || (bits & 1) !== 0))) bits++
  return sign | (bits < infinity ? bits : infinity)
}

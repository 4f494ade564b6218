const fround = Math.fround
const double = new Float64Array(1)
// the low word comes first: every platform that runs JavaScript is little-endian
const doubleWords = new Uint32Array(double.buffer)

/**
 * `a·b + c` of float32 values, rounded to float32 once: C's `fmaf`.
 *
 * The product of two float32 is exact in double, so the sum is rounded twice. That goes wrong only where the
 * double sum lies halfway between two float32 (or the result is subnormal); there the sum is redone with
 * rounding to odd.
 *
 * @see Boldo & Melquiond 2008, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding
 *   to odd"
 * @example
 * fmaf(2, 3, 1) // => 7
 */
export function fmaf(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  const rounded = fround(sum)
  if (rounded === sum) return rounded
  // sum rounded to 25 bits is sum itself: halfway, or a NaN or infinity that the slow way hands back
  const scaled = sum * (2 ** 28 + 1)
  if (scaled - (scaled - sum) !== sum && (sum > 2 ** -125 || sum < -(2 ** -125))) return rounded
  return fround(sumToOdd(product, c))
}

/**
 * `a·b + c` of doubles, rounded once: C's `fma`, but for products that overflow or underflow, which round
 * twice.
 *
 * @see Boldo & Melquiond 2008
 * @example
 * fma(2, 3, 1) // => 7
 */
export function fma(a: number, b: number, c: number): number {
  const aHigh = upper(a)
  const aLow = a - aHigh
  const bHigh = upper(b)
  const bLow = b - bHigh
  const product = a * b
  const productError = aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow
  const low = c + productError
  const lowError = sumError(c, productError, low)
  const high = product + low
  const highError = sumError(product, low, high)
  const result = high + sumToOdd(lowError, highError)
  return Number.isFinite(result) ? result : product + c
}

/** The upper 26 bits of `x` (Veltkamp). */
function upper(x: number): number {
  const scaled = x * (2 ** 27 + 1)
  return scaled - (scaled - x)
}

/** What `sum = x + y` lost in rounding (Knuth). */
function sumError(x: number, y: number, sum: number): number {
  const back = sum - x
  return x - (sum - back) + (y - back)
}

/** `x + y` rounded to odd: exact, or the one of the two neighbours whose last bit is 1. */
function sumToOdd(x: number, y: number): number {
  const sum = x + y
  const error = sumError(x, y, sum)
  if (error === 0 || !Number.isFinite(sum)) return sum
  double[0] = sum
  if ((doubleWords[0] & 1) === 1) return sum
  // one step towards the exact value. Away from zero only sets the last bit; towards zero may borrow
  if (error > 0 === sum > 0) doubleWords[0] += 1
  else {
    if (doubleWords[0] === 0) doubleWords[1] -= 1
    doubleWords[0] -= 1
  }
  return double[0]
}

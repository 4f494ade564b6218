import { f32, f32x4, i32, i32x4, tee, v128 } from '../assembler/index.ts'
import type { Func, Value } from '../assembler/index.ts'

/** Conversions between four 16-bit floats, each in an i32 lane, and four float32. */
export interface HalfPrecision {
  /** From 16 bits, sign-extended to a lane. Exact. */
  readonly widen: (bits: Value<'v128'>) => Value<'v128'>
  /** To 16 bits in the lower half of each lane, the upper half 0. Rounds to nearest even; overflow is infinity. */
  readonly narrow: (x: Value<'v128'>) => Value<'v128'>
}

/**
 * Conversions for one function, to be called before its loops: the constants are kept in locals, because in a loop the
 * engine would rebuild them in every turn.
 */
export function halfPrecision(f: Func, dtype: 'float16' | 'bfloat16'): HalfPrecision {
  return dtype === 'float16' ? float16(f) : bfloat16(f)
}

function integers(f: Func, value: number): Value<'v128'> {
  return f.let(i32x4.splat(i32.const(value)))
}

function powerOfTwo(f: Func, exponent: number): Value<'v128'> {
  return f.let(f32x4.splat(f32.const(2 ** exponent)))
}

function float16(f: Func): HalfPrecision {
  const signMask = integers(f, 0x80000000 | 0)
  const magnitudeMask = integers(f, 0x7fff)
  const largestFinite = integers(f, 0x0f7fffff)
  const infinity = integers(f, 0x7f800000)
  const up = powerOfTwo(f, 112)
  const down = powerOfTwo(f, -110)
  const exponentMask = integers(f, 0xff000000 | 0)
  const smallestBias = integers(f, 0x71000000)
  const biasStep = integers(f, 0x07800000)
  const halfExponent = integers(f, 0x7c00)
  const halfMantissa = integers(f, 0x0fff)
  const halfNaN = integers(f, 0x7e00)
  const word = f.local('v128')
  const doubled = f.local('v128')
  const base = f.local('v128')
  return {
    // the exponent moves up by 112 (127 - 15) through a multiplication, which also normalises denormals;
    // infinity and NaN get their exponent by hand
    widen(bits) {
      const shifted = tee(base, i32x4.shl(v128.and(tee(word, bits), magnitudeMask), 13))
      const special = v128.and(i32x4.gtS(base, largestFinite), infinity)
      return v128.or(v128.or(f32x4.mul(shifted, up), special), v128.and(word, signMask))
    },
    // adding a power of two that is 2^13 times as large as the last kept bit lets the addition itself round;
    // scaling by 2^112 and back turns values that overflow into infinity
    // Marat Dukhan, FP16: https://github.com/Maratyszcza/FP16
    narrow(x) {
      const magnitude = f32x4.mul(f32x4.mul(f32x4.abs(tee(word, x)), up), down)
      const bias = i32x4.maxU(v128.and(tee(doubled, i32x4.shl(word, 1)), exponentMask), smallestBias)
      const rounded = tee(base, f32x4.add(magnitude, i32x4.add(i32x4.shrU(bias, 1), biasStep)))
      const exponent = v128.and(i32x4.shrU(rounded, 13), halfExponent)
      const finite = i32x4.add(exponent, v128.and(base, halfMantissa))
      const unsigned = v128.bitselect(halfNaN, finite, i32x4.gtU(doubled, exponentMask))
      return v128.or(unsigned, i32x4.shrU(v128.and(word, signMask), 16))
    },
  }
}

function bfloat16(f: Func): HalfPrecision {
  const halfUnit = integers(f, 0x7fff)
  const one = integers(f, 1)
  const quietNaN = integers(f, 0x7fc0)
  const word = f.local('v128')
  return {
    widen: (bits) => i32x4.shl(bits, 16),
    narrow(x) {
      const biased = i32x4.add(tee(word, x), halfUnit)
      const odd = v128.and(i32x4.shrU(word, 16), one)
      const rounded = i32x4.shrU(i32x4.add(biased, odd), 16)
      // the operand is computed first, so the vector that is chosen on NaN comes second
      return v128.bitselect(rounded, quietNaN, f32x4.eq(word, word))
    },
  }
}

import { describe, expect, test } from 'vitest'
import {
  bfloat16ToNumber,
  float16ToNumber,
  numberToBFloat16,
  numberToFloat16,
  roundToBFloat16,
  roundToFloat16,
} from '../src/base/half.ts'

const formats = [
  {
    name: 'float16',
    mantissa: 10,
    bias: 15,
    decode: float16ToNumber,
    encode: numberToFloat16,
    round: roundToFloat16,
  },
  {
    name: 'bfloat16',
    mantissa: 7,
    bias: 127,
    decode: bfloat16ToNumber,
    encode: numberToBFloat16,
    round: roundToBFloat16,
  },
]

for (const { name, mantissa, bias, decode, encode, round } of formats) {
  describe(name, () => {
    const infinity = 0x8000 - 2 ** mantissa
    const finite = Array.from({ length: infinity }, (_, bits) => bits)

    test('every finite pattern has the value of its sign, exponent and fraction', () => {
      const wrong = finite.filter((bits) => {
        const exponent = bits >> mantissa
        const fraction = (bits % 2 ** mantissa) / 2 ** mantissa
        const value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias)
        return !Object.is(decode(bits), value) || !Object.is(decode(bits | 0x8000), -value)
      })
      expect(wrong).toEqual([])
    })

    test('the patterns above are infinity and NaN', () => {
      expect([decode(infinity), decode(infinity | 0x8000)]).toEqual([Infinity, -Infinity])
      const numbers = finite.slice(1, 2 ** mantissa).filter((bits) => !Number.isNaN(decode(infinity + bits)))
      expect(numbers).toEqual([])
    })

    test('every pattern but NaN comes back from its value', () => {
      const wrong = [...finite, infinity].filter(
        (bits) => encode(decode(bits)) !== bits || encode(decode(bits | 0x8000)) !== (bits | 0x8000),
      )
      expect(wrong).toEqual([])
    })

    test('halfway between neighbours goes to the even one, a little off it to the nearer one', () => {
      const wrong = finite.filter((bits) => {
        // above the largest finite value comes the one that its exponent would be followed by: it rounds to infinity
        const above = bits + 1 === infinity ? 2 ** (bias + 1) : decode(bits + 1)
        const half = (decode(bits) + above) / 2
        const even = bits % 2 === 0 ? bits : bits + 1
        return (
          encode(half) !== even ||
          encode(half * (1 + 2 ** -52)) !== bits + 1 ||
          encode(half * (1 - 2 ** -53)) !== bits
        )
      })
      expect(wrong).toEqual([])
    })

    test('a double is rounded once, not by way of float32', () => {
      const justAboveHalf = 1 + 2 ** -(mantissa + 1) + 2 ** -40
      expect(round(justAboveHalf)).toBe(1 + 2 ** -mantissa)
      expect(round(Math.fround(justAboveHalf))).toBe(1)
    })

    test('the largest doubles are infinite, the smallest zero with their sign', () => {
      expect(round(-Number.MAX_VALUE)).toBe(-Infinity)
      expect(round(-Number.MIN_VALUE)).toBe(-0)
    })

    test('NaN stays NaN', () => {
      expect(round(NaN)).toBeNaN()
    })
  })
}

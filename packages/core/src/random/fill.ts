import type { DType, TypedArray } from '../base/dtype.ts'
import { roundToBFloat16, roundToFloat16 } from '../base/half.ts'

/** The dtypes of continuous distributions. */
export type FloatDType = 'float16' | 'bfloat16' | 'float32' | 'float64'

/** Float32Array for float16, bfloat16 (values already rounded) and float32; Float64Array for float64. */
export type FloatArray = Float32Array | Float64Array

/** How a double becomes an element of `dtype`. Half precision goes by way of float32, as every cast of PyTorch does. */
export function castTo(dtype: DType): (x: number) => number {
  switch (dtype) {
    case 'float16':
      return (x) => roundToFloat16(Math.fround(x))
    case 'bfloat16':
      return (x) => roundToBFloat16(Math.fround(x))
    case 'float32':
      return Math.fround
    default:
      return (x) => x
  }
}

/** Writes one `draw()` to each element, in memory order. int64 takes integers up to 2^53. */
export function fillWith(out: TypedArray, draw: () => number): void {
  if (!(out instanceof BigInt64Array)) {
    for (let i = 0; i < out.length; i++) out[i] = draw()
    return
  }
  // as pairs of words, low first: making a bigint per element takes several times as long
  const words = new Int32Array(out.buffer, out.byteOffset, 2 * out.length)
  for (let i = 0; i < words.length; i += 2) {
    const value = draw()
    words[i] = value | 0
    words[i + 1] = Math.floor(value / 2 ** 32)
  }
}

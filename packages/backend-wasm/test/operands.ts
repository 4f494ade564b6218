import {
  allocateTyped,
  isFloat,
  Layout,
  numberToBFloat16,
  numberToFloat16,
  rowMajorStrides,
  type DType,
  type TypedArray,
} from '@gradus/core/backend'
import type { Data } from './kernel-runner.ts'

/** How an operand lies: dense, axes reversed, every other element, backwards, or one element for a whole axis. */
export type Lie = 'dense' | 'transposed' | 'gaps' | 'backwards' | 'repeated'

/** Stores a number as an element of a dtype. */
export function put(dtype: DType, array: TypedArray, at: number, value: number): void {
  if (dtype === 'float16') array[at] = numberToFloat16(value)
  else if (dtype === 'bfloat16') array[at] = numberToBFloat16(value)
  else if (array instanceof BigInt64Array) array[at] = BigInt(Math.trunc(value))
  else array[at] = dtype === 'bool' ? (value > 0 ? 1 : 0) : isFloat(dtype) ? value : Math.trunc(value)
}

/** An operand of a shape that lies in a certain way, with an offset, filled by `value`. */
export function operand(
  dtype: DType,
  shape: readonly number[],
  lie: Lie,
  value: (i: number) => number,
): Data {
  const layout = layoutOf(shape, lie)
  const span = layout.span()
  const array = allocateTyped(dtype, span ? span.to + 3 : 1)
  for (let i = 0; i < array.length; i++) put(dtype, array, i, value(i))
  return { dtype, array, layout }
}

function layoutOf(shape: readonly number[], lie: Lie): Layout {
  const row = rowMajorStrides(shape)
  switch (lie) {
    case 'dense':
      return Layout.of(shape)
    case 'transposed': {
      const strides = rowMajorStrides([...shape].reverse()).reverse()
      return new Layout(shape, strides, 2)
    }
    case 'gaps':
      return new Layout(
        shape,
        row.map((s) => 2 * s),
        1,
      )
    case 'backwards': {
      const size = shape.reduce((a, b) => a * b, 1)
      return new Layout(
        shape,
        row.map((s) => -s),
        Math.max(0, size - 1),
      )
    }
    case 'repeated':
      return new Layout(
        shape,
        row.map((s, axis) => (axis === shape.length - 1 ? 0 : s)),
        0,
      )
  }
}

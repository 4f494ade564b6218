import type { DType, TypedArray, View } from '@gradus/core/backend'
import { isHalf } from '@gradus/core/backend'
import { eachLine } from './lines.ts'
import type { Staging } from './staging.ts'

/** Puts the positions of one line, from `first` on `step` apart, in order. */
type LineOrder = (first: number, step: number, length: number) => ArrayLike<number>

/** Stable order along an axis; NaN counts as largest. */
export function sort(
  staging: Staging,
  x: View,
  axis: number,
  descending: boolean,
  values: View,
  indices: View,
): void {
  const { shape, size } = x.layout
  const dtype = isHalf(x.dtype) ? 'float32' : x.dtype
  const from = staging.read(x, dtype)
  const to = staging.write(values, dtype)
  const at = staging.write(indices, 'int32')
  const data = staging.array(from, dtype, size)
  const sorted = staging.array(to, dtype, size)
  const positions = staging.array(at, 'int32', size)
  const length = shape[axis] ?? 1
  const keys = length <= mostKeys ? keysOf(dtype, data) : null
  const orderOf = keys === null ? byComparison(data, length, descending) : byKeys(keys, length, descending)
  eachLine(shape, axis, (first, step) => {
    const order = orderOf(first, step, length)
    for (let i = 0; i < length; i++) {
      sorted[first + i * step] = data[first + order[i] * step]
      positions[first + i * step] = order[i]
    }
  })
  staging.finish()
}

// a key of 32 bits and a position of 21 together are exact in a double, and the engine sorts doubles natively
const positionRange = 2 ** 21
const mostKeys = positionRange
const largestKey = 2 ** 32 - 1

/** What an element counts as, from 0 to 2^32 - 1, for dtypes that have so few values. */
function keysOf(dtype: DType, data: TypedArray): ((i: number) => number) | null {
  if (data instanceof Float32Array) {
    const bits = new Int32Array(data.buffer, data.byteOffset, data.length)
    return (i) => {
      const b = bits[i]
      if ((b & 0x7fffffff) > 0x7f800000) return largestKey
      // the order of negative floats is that of their bits turned round; -0 is 0
      return b >= 0 ? b + 2 ** 31 : b === -(2 ** 31) ? 2 ** 31 : ~b
    }
  }
  return dtype === 'float64' || data instanceof BigInt64Array ? null : (i) => data[i] + 2 ** 31
}

function byKeys(keyOf: (i: number) => number, length: number, descending: boolean): LineOrder {
  const keyed = new Float64Array(length)
  const order = new Uint32Array(length)
  return (first, step) => {
    for (let i = 0, at = first; i < length; i++, at += step) {
      const key = keyOf(at)
      keyed[i] = (descending ? largestKey - key : key) * positionRange + i
    }
    keyed.sort()
    for (let i = 0; i < length; i++) order[i] = keyed[i] % positionRange
    return order
  }
}

function byComparison(data: TypedArray, length: number, descending: boolean): LineOrder {
  const order = new Uint32Array(length)
  return (first, step) => {
    for (let i = 0; i < length; i++) order[i] = i
    const compare = (i: number, j: number): number =>
      ascending(data[first + i * step], data[first + j * step])
    return order.sort(descending ? (i, j) => compare(j, i) : compare)
  }
}

function ascending(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(a !== a) - Number(b !== b)
}

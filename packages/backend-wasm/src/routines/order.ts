import type { TypedArray, View } from '@gradus/core/backend'
import { isHalf } from '@gradus/core/backend'
import { eachLine } from './lines.ts'
import type { Staging } from './staging.ts'

/** Stable order along an axis; NaN counts as largest. */
export function sort(staging: Staging, x: View, axis: number, descending: boolean, values: View, indices: View): void {
  const { shape, size } = x.layout
  const dtype = isHalf(x.dtype) ? 'float32' : x.dtype
  const from = staging.read(x, dtype)
  const to = staging.write(values, dtype)
  const at = staging.write(indices, 'int32')
  const data = staging.array(from, dtype, size)
  const sorted = staging.array(to, dtype, size)
  const positions = staging.array(at, 'int32', size)
  eachLine(shape, axis, (first, step, length) => sortLine(data, sorted, positions, first, step, length, descending))
  staging.finish()
}

function sortLine(
  data: TypedArray,
  sorted: TypedArray,
  positions: TypedArray,
  first: number,
  step: number,
  length: number,
  descending: boolean,
): void {
  const order = new Uint32Array(length)
  const line = data.slice(0, 0) instanceof BigInt64Array ? new BigInt64Array(length) : new Float64Array(length)
  for (let i = 0; i < length; i++) {
    line[i] = data[first + i * step]
    order[i] = i
  }
  // positions decide between equals: the order of typed arrays is stable, and the comparison total
  order.sort(descending ? (i, j) => ascending(line[j], line[i]) : (i, j) => ascending(line[i], line[j]))
  for (let i = 0; i < length; i++) {
    sorted[first + i * step] = line[order[i]]
    positions[first + i * step] = order[i]
  }
}

function ascending(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(a !== a) - Number(b !== b)
}

import type { Scan, View } from '../backend/types.ts'
import { numOf, type TypedArray } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'
import { Cursor, dense, denseBits, registerOf, storeDense, storeIndices } from './access.ts'
import { bigintFolds, intFolds, numberFolds } from './fold.ts'

/** The lines along an axis of a dense array: visits the position of each first element; the others are `step` apart. */
function eachLine(
  view: View,
  axis: number,
  visit: (first: number, step: number, length: number) => void,
): void {
  const { shape, size } = view.layout
  const length = shape[axis] ?? 1
  const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  if (size === 0) return
  for (let line = 0; line < size / length; line++) {
    visit(Math.floor(line / step) * step * length + (line % step), step, length)
  }
}

interface Elements<T> {
  [i: number]: T
}

/** A running fold, in the number type of `out`; sums of floats are kept in double and rounded at each store. */
export function scan(kind: Scan, x: View, axis: number, out: View, indices?: View): void {
  const num = numOf(out.dtype)
  const values = dense(x, num)
  const result = registerOf(num, values.length)
  if (values instanceof BigInt64Array) {
    if (kind === 'logsumexp') throw new DTypeError('logsumexp takes floats')
    if (result instanceof BigInt64Array) fold(values, bigintFolds[kind], result)
  } else if (!(result instanceof BigInt64Array)) {
    const folds = num === 'i32' ? intFolds : numberFolds
    fold(values, kind === 'logsumexp' ? logAddExp : folds[kind], result)
  }
  function fold<T>(from: Elements<T>, f: (a: T, x: T) => T, into: Elements<T>): void {
    eachLine(x, axis, (first, step, length) => {
      let a = (into[first] = from[first])
      for (let i = 1, at = first + step; i < length; i++, at += step) into[at] = a = f(a, from[at])
    })
  }
  if (indices && (kind === 'max' || kind === 'min')) storeIndices(extremes(kind, x, axis, values), indices)
  storeDense(result, out)
}

// log(exp(a) + exp(b)); equal infinities would give NaN
function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b)
  const low = Math.min(a, b)
  return high === low && !Number.isFinite(high) ? high : high + Math.log1p(Math.exp(low - high))
}

// position of the running extreme: the last of equals, and of NaNs
function extremes(kind: 'max' | 'min', x: View, axis: number, values: TypedArray): Float64Array {
  const positions = new Float64Array(values.length)
  eachLine(x, axis, (first, step, length) => {
    let best = 0
    for (let i = 0; i < length; i++) {
      const value = values[first + i * step]
      const old = values[first + best * step]
      const wins = kind === 'max' ? value >= old : value <= old
      if (wins || value !== value) best = i
      positions[first + i * step] = best
    }
  })
  return positions
}

/** Stable order along an axis; NaN counts as largest. */
export function sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
  const data = dense(x)
  const places = new Float64Array(data.length)
  const positions = new Float64Array(data.length)
  eachLine(x, axis, (first, step, length) => {
    const compare = (i: number, j: number): number =>
      ascending(data[first + i * step], data[first + j * step])
    const order = Array.from({ length }, (_, i) => i)
    order.sort(descending ? (i, j) => -compare(i, j) : compare)
    order.forEach((from, i) => {
      places[first + i * step] = first + from * step
      positions[first + i * step] = from
    })
  })
  storeDense(picked(data, places), values)
  storeIndices(positions, indices)
}

function ascending(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(a !== a) - Number(b !== b)
}

function picked(data: TypedArray, places: Float64Array): TypedArray {
  if (data instanceof BigInt64Array) return BigInt64Array.from(places, (p) => data[p])
  const result = data.slice()
  places.forEach((p, i) => {
    result[i] = data[p]
  })
  return result
}

/** Any strides and dtype to any strides and dtype. */
export function copy(x: View, out: View): void {
  if (x.dtype === out.dtype) Cursor.of(out, true).store(0, out.layout.size, denseBits(x))
  else storeDense(dense(x, numOf(out.dtype)), out)
}

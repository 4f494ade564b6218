import type { Scatter, View } from '../backend/types.ts'
import { dtypeOfNum, numOf } from '../base/dtype.ts'
import { IndexError } from '../base/errors.ts'
import { dense, denseIndices, loadElement, placesOf, registerOf, storeDense, storeElement } from './access.ts'
import { elementsOf } from './block.ts'
import { castInto } from './cast.ts'
import { bigintFolds, intFolds, numberFolds } from './fold.ts'

/**
 * Storage places of `view` at the positions of `index`, the position along `axis` replaced by the index.
 *
 * @throws IndexError for an index below 0 or beyond the axis
 */
function indexedPlaces(view: View, index: View, axis: number): Float64Array {
  const { shape, strides, offset } = view.layout
  const length = shape[axis] ?? 1
  const stride = strides[axis] ?? 0
  const indices = denseIndices(index)
  const wrong = indices.find((i) => i < 0 || i >= length)
  if (wrong !== undefined) {
    throw new IndexError(`index ${wrong} is out of bounds for dimension ${axis} with size ${length}`)
  }
  const fixed = strides.map((s, i) => (i === axis ? 0 : s))
  const places = placesOf(index.layout.shape, fixed, offset)
  for (let p = 0; p < places.length; p++) places[p] += indices[p] * stride
  return places
}

/** `out[p] = x[p with index[p] at axis]`. */
export function gather(x: View, index: View, axis: number, out: View): void {
  const places = indexedPlaces(x, index, axis)
  const elements = elementsOf(x)
  const own = numOf(x.dtype)
  const result = registerOf(own, places.length)
  for (let p = 0; p < places.length; p++) {
    storeElement(result, dtypeOfNum[own], p, loadElement(elements, x.dtype, places[p]))
  }
  const num = numOf(out.dtype)
  const converted = registerOf(num, places.length)
  castInto(num, result, converted, places.length)
  storeDense(converted, out)
}

/**
 * `out[p with index[p] at axis] ∘= source[p]`, one position after the other: of several on one place, `set` keeps the last.
 * Each step rounds to the dtype of `out`.
 */
export function scatter(kind: Scatter, source: View, index: View, axis: number, out: View): void {
  const places = indexedPlaces(out, index, axis)
  const values = dense(source, numOf(out.dtype))
  const elements = elementsOf(out)
  for (let p = 0; p < places.length; p++) {
    const at = places[p]
    const value = values[p]
    const old = loadElement(elements, out.dtype, at)
    storeElement(elements, out.dtype, at, kind === 'set' ? value : combined(kind, out, old, value))
  }
}

function combined(
  kind: Exclude<Scatter, 'set'>,
  out: View,
  old: number | bigint,
  value: number | bigint,
): number | bigint {
  if (typeof old === 'bigint' || typeof value === 'bigint') {
    return bigintFolds[kind](BigInt(old), BigInt(value))
  }
  const num = numOf(out.dtype)
  if (num === 'bool') return kind === 'sum' || kind === 'max' ? old | value : old & value
  return num === 'i32' ? intFolds[kind](old, value) : numberFolds[kind](old, value)
}

import type { View } from '../backend/types.ts'
import type { DType, Num, TypedArray } from '../base/dtype.ts'
import { allocateTyped, dtypeOfNum, numOf } from '../base/dtype.ts'
import { bfloat16ToNumber, float16ToNumber, numberToBFloat16, numberToFloat16 } from '../base/half.ts'
import { rowMajorStrides, type Shape } from '../base/layout.ts'
import { elementsOf } from './block.ts'
import { castInto } from './cast.ts'

/** An array in which values of a number type are computed: storing to it rounds or wraps. */
export const registerOf = (num: Num, length: number): TypedArray => allocateTyped(dtypeOfNum[num], length)

/** Copies `n` elements, `step` apart from `at` on and `toStep` apart from `toAt` on. */
type Move = (
  from: TypedArray,
  at: number,
  step: number,
  to: TypedArray,
  toAt: number,
  toStep: number,
  n: number,
) => void

// typed arrays convert on assignment: to float32 it rounds, to a small integer it wraps
const move: Move = (from, at, step, to, toAt, toStep, n) => {
  if (from instanceof BigInt64Array) {
    if (!(to instanceof BigInt64Array)) throw new TypeError('int64 elements need a cast')
    for (let i = 0; i < n; i++) to[toAt + i * toStep] = from[at + i * step]
    return
  }
  if (to instanceof BigInt64Array) throw new TypeError('int64 elements need a cast')
  if (step === 1 && toStep === 1 && n > 16) to.set(from.subarray(at, at + n), toAt)
  else if (step === 0 && toStep === 1) to.fill(from[at], toAt, toAt + n)
  else for (let i = 0; i < n; i++) to[toAt + i * toStep] = from[at + i * step]
}

const moveThrough =
  (convert: (x: number) => number): Move =>
  (from, at, step, to, toAt, toStep, n) => {
    for (let i = 0; i < n; i++) to[toAt + i * toStep] = convert(Number(from[at + i * step]))
  }

const loads: Partial<Record<DType, Move>> = {
  float16: moveThrough(float16ToNumber),
  bfloat16: moveThrough(bfloat16ToNumber),
}
const stores: Partial<Record<DType, Move>> = {
  float16: moveThrough(numberToFloat16),
  bfloat16: moveThrough(numberToBFloat16),
}

/** The elements of an operand by their row-major position in `shape`, whatever its strides. */
export class Cursor {
  private readonly elements: TypedArray
  private readonly offset: number
  private readonly sizes: number[] = []
  private readonly strides: number[] = []
  private readonly position: number[] = []
  private readonly loading: Move
  private readonly storing: Move

  /**
   * @param shape - what positions count in; axes of length 0 count as 1
   * @param strides - of the view for each axis of `shape`, 0 where the view does not span it
   * @param raw - moves elements as they lie in memory: halves as their bits
   */
  constructor(view: View, shape: Shape, strides: readonly number[], raw = false) {
    this.elements = elementsOf(view)
    this.offset = view.layout.offset
    this.loading = (raw ? undefined : loads[view.dtype]) ?? move
    this.storing = (raw ? undefined : stores[view.dtype]) ?? move
    shape.forEach((n, i) => this.addAxis(n, strides[i]))
    if (this.sizes.length === 0) this.addAxis(2, 0)
  }

  static of(view: View, raw = false): Cursor {
    return new Cursor(view, view.layout.shape, view.layout.strides, raw)
  }

  private addAxis(n: number, stride: number): void {
    if (n <= 1) return
    const last = this.sizes.length - 1
    // neighbours that lie back to back are one axis: fewer and longer runs
    if (last >= 0 && this.strides[last] === n * stride) {
      this.sizes[last] *= n
      this.strides[last] = stride
    } else {
      this.sizes.push(n)
      this.strides.push(stride)
      this.position.push(0)
    }
  }

  /** Loads the elements at positions `p` to `p + n` into the beginning of `into`. */
  load(p: number, n: number, into: TypedArray): void {
    this.visit(p, n, into, true)
  }

  /** Stores the beginning of `from` to the positions `p` to `p + n`. */
  store(p: number, n: number, from: TypedArray): void {
    this.visit(p, n, from, false)
  }

  private visit(p: number, n: number, register: TypedArray, load: boolean): void {
    const { sizes, strides, position, elements } = this
    const last = sizes.length - 1
    let at = this.offset
    for (let i = last, rest = p; i >= 0; i--) {
      position[i] = rest % sizes[i]
      rest = Math.floor(rest / sizes[i])
      at += position[i] * strides[i]
    }
    const step = strides[last]
    for (let done = 0; done < n;) {
      const run = Math.min(n - done, sizes[last] - position[last])
      if (load) this.loading(elements, at, step, register, done, 1, run)
      else this.storing(register, done, 1, elements, at, step, run)
      done += run
      position[last] += run
      at += run * step
      for (let i = last; i > 0 && position[i] === sizes[i]; i--) {
        at += strides[i - 1] - sizes[i] * strides[i]
        position[i] = 0
        position[i - 1]++
      }
    }
  }
}

/** The elements in row-major order, as they lie in memory. */
export function denseBits(view: View): TypedArray {
  const dense = allocateTyped(view.dtype, view.layout.size)
  Cursor.of(view, true).load(0, dense.length, dense)
  return dense
}

/** The elements in row-major order, in the number type they are computed in or in `num`. */
export function dense(view: View, num: Num = numOf(view.dtype)): TypedArray {
  const own = numOf(view.dtype)
  const values = registerOf(own, view.layout.size)
  Cursor.of(view).load(0, values.length, values)
  if (own === num) return values
  const converted = registerOf(num, values.length)
  castInto(num, values, converted, values.length)
  return converted
}

/** The elements in row-major order as doubles. Integers of 64 bits are not taken. */
export function denseDoubles(view: View): Float64Array {
  const values = new Float64Array(view.layout.size)
  Cursor.of(view).load(0, values.length, values)
  return values
}

/** Writes row-major values to a view: values of its number type, or doubles. */
export function storeDense(values: TypedArray, view: View): void {
  Cursor.of(view).store(0, view.layout.size, values)
}

/** Elements of a view of indices, in row-major order. */
export function denseIndices(view: View): Float64Array {
  const values = dense(view)
  return values instanceof BigInt64Array ? Float64Array.from(values, Number) : Float64Array.from(values)
}

/** Writes row-major positions to a view of any integer dtype. */
export function storeIndices(positions: Float64Array, view: View): void {
  const num = numOf(view.dtype)
  const converted = registerOf(num, positions.length)
  castInto(num, positions, converted, positions.length)
  storeDense(converted, view)
}

/** Places in the storage of the row-major positions of `shape`. */
export function placesOf(shape: Shape, strides: readonly number[], offset: number): Float64Array {
  let size = 1
  for (const n of shape) size *= n
  const places = new Float64Array(size).fill(offset)
  const below = rowMajorStrides(shape)
  shape.forEach((n, axis) => {
    const stride = strides[axis]
    if (n > 1 && stride !== 0) {
      for (let p = 0; p < size; p++) places[p] += (Math.floor(p / below[axis]) % n) * stride
    }
  })
  return places
}

/** One element, in the number type it is computed in. */
export function loadElement(elements: TypedArray, dtype: DType, at: number): number | bigint {
  if (dtype === 'float16') return float16ToNumber(Number(elements[at]))
  if (dtype === 'bfloat16') return bfloat16ToNumber(Number(elements[at]))
  return elements[at]
}

/** Stores one element: rounds half precision, wraps integers. */
export function storeElement(elements: TypedArray, dtype: DType, at: number, value: number | bigint): void {
  if (elements instanceof BigInt64Array) elements[at] = BigInt(value)
  else if (dtype === 'float16') elements[at] = numberToFloat16(Number(value))
  else if (dtype === 'bfloat16') elements[at] = numberToBFloat16(Number(value))
  else elements[at] = Number(value)
}

import type { View } from '../backend/types.ts'
import type { TypedArray } from '../base/dtype.ts'
import { numOf } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'
import { Cursor } from './access.ts'

/**
 * `[...b, m, k] · [...b, k, n]` into `out`, or added to it.
 *
 * Floats are multiplied and summed in double, whatever their dtype: the result is rounded once, when it is stored. Integers
 * wrap.
 */
export function matmul(x: View, y: View, out: View, accumulate: boolean): void {
  const num = numOf(out.dtype)
  if (num === 'bool') throw new DTypeError('matmul does not take bool')
  const make = (length: number): TypedArray => {
    if (num === 'i64') return new BigInt64Array(length)
    return num === 'i32' ? new Int32Array(length) : new Float64Array(length)
  }
  if (out.layout.size === 0) return
  const rank = out.layout.rank
  const m = out.layout.shape[rank - 2]
  const n = out.layout.shape[rank - 1]
  const k = x.layout.shape[rank - 1]
  const a = new Matrices(x, make(m * k))
  const b = new Matrices(y, make(k * n))
  const target = Cursor.of(out)
  const row = make(n)
  const batches = out.layout.size / (m * n)
  for (let batch = 0; batch < batches; batch++) {
    a.take(batch)
    b.take(batch)
    for (let i = 0; i < m; i++) {
      const p = (batch * m + i) * n
      if (accumulate) target.load(p, n, row)
      else if (row instanceof BigInt64Array) row.fill(0n)
      else row.fill(0)
      addProduct(a.values, i * k, b.values, k, row)
      target.store(p, n, row)
    }
  }
}

/** One matrix after the other of a batch, dense. */
class Matrices {
  readonly values: TypedArray
  private readonly cursor: Cursor
  private readonly repeats: boolean

  constructor(view: View, values: TypedArray) {
    this.values = values
    this.cursor = Cursor.of(view)
    const { shape, strides } = view.layout
    this.repeats = strides.every((s, i) => i >= shape.length - 2 || s === 0 || shape[i] === 1)
  }

  take(batch: number): void {
    if (batch > 0 && this.repeats) return
    this.cursor.load(batch * this.values.length, this.values.length, this.values)
  }
}

/** `row += a[from …  from + k] · b`, b being `[k, row.length]`. */
function addProduct(a: TypedArray, from: number, b: TypedArray, k: number, row: TypedArray): void {
  const n = row.length
  if (a instanceof Float64Array && b instanceof Float64Array && row instanceof Float64Array) {
    addDoubles(a, from, b, k, row)
  } else if (a instanceof Int32Array && b instanceof Int32Array && row instanceof Int32Array) {
    for (let q = 0, at = 0; q < k; q++, at += n) {
      const s = a[from + q]
      for (let j = 0; j < n; j++) row[j] += Math.imul(s, b[at + j])
    }
  } else if (a instanceof BigInt64Array && b instanceof BigInt64Array && row instanceof BigInt64Array) {
    for (let q = 0, at = 0; q < k; q++, at += n) {
      const s = a[from + q]
      for (let j = 0; j < n; j++) row[j] += s * b[at + j]
    }
  }
}

// four rows of b at a time: the sums are loaded and stored a quarter as often
function addDoubles(a: Float64Array, from: number, b: Float64Array, k: number, row: Float64Array): void {
  const n = row.length
  let q = 0
  for (; q + 4 <= k; q += 4) {
    const at0 = q * n
    const at1 = at0 + n
    const at2 = at1 + n
    const at3 = at2 + n
    const s0 = a[from + q]
    const s1 = a[from + q + 1]
    const s2 = a[from + q + 2]
    const s3 = a[from + q + 3]
    for (let j = 0; j < n; j++) {
      row[j] = row[j] + s0 * b[at0 + j] + s1 * b[at1 + j] + s2 * b[at2 + j] + s3 * b[at3 + j]
    }
  }
  for (; q < k; q++) {
    const s = a[from + q]
    for (let j = 0; j < n; j++) row[j] += s * b[q * n + j]
  }
}

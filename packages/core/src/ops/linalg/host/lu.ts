import { block, panelWidth, subtractProduct, type Block } from './block.ts'
import { solveTriangle } from './triangular.ts'

/**
 * `P · L · U` of a matrix `[m, n]` written over it, by rows of greatest pivot: LAPACK's getrf. Row `i` was exchanged with row
 * `pivots[i]`, counted from 1, in order.
 *
 * @returns 0, or the number, from 1, of the first diagonal element of U that is 0
 */
export function factorLU(a: Float64Array, m: number, n: number, pivots: Float64Array): number {
  const steps = Math.min(m, n)
  let info = 0
  for (let begin = 0; begin < steps; begin += panelWidth) {
    const end = Math.min(steps, begin + panelWidth)
    const failed = factorPanel(a, m, n, begin, end, pivots)
    if (info === 0) info = failed
    const rest = n - end
    if (rest === 0) continue
    const top = block(a, n, begin, end)
    const triangle = { upper: false, unit: true }
    solveTriangle(block(a, n, begin, begin), end - begin, top, rest, triangle)
    subtractProduct(block(a, n, end, end), block(a, n, end, begin), top, m - end, rest, end - begin)
  }
  return info
}

function factorPanel(
  a: Float64Array,
  m: number,
  n: number,
  begin: number,
  end: number,
  pivots: Float64Array,
): number {
  let info = 0
  for (let k = begin; k < end; k++) {
    let pivot = k
    let largest = Math.abs(a[k * n + k])
    for (let i = k + 1; i < m; i++) {
      const size = Math.abs(a[i * n + k])
      if (size > largest) [pivot, largest] = [i, size]
    }
    pivots[k] = pivot + 1
    if (pivot !== k) exchangeRows(a, n, k, pivot)
    const top = a[k * n + k]
    if (top === 0) {
      if (info === 0) info = k + 1
      continue
    }
    for (let i = k + 1; i < m; i++) {
      const factor = (a[i * n + k] /= top)
      if (factor === 0) continue
      for (let j = k + 1; j < end; j++) a[i * n + j] -= factor * a[k * n + j]
    }
  }
  return info
}

/** Exchanges two rows of a matrix with rows of `n`. */
export function exchangeRows(a: Float64Array, n: number, i: number, k: number): void {
  for (let j = 0, p = i * n, q = k * n; j < n; j++, p++, q++) {
    const x = a[p]
    a[p] = a[q]
    a[q] = x
  }
}

/** Exchanges the rows of x as a factorization did, or back. */
export function permuteRows(
  x: Float64Array,
  columns: number,
  pivots: ArrayLike<number>,
  back: boolean,
): void {
  const count = pivots.length
  for (let k = 0; k < count; k++) {
    const i = back ? count - 1 - k : k
    if (pivots[i] !== i + 1) exchangeRows(x, columns, i, pivots[i] - 1)
  }
}

/** `x ← A⁻¹ x` from the factors of a square A. */
export function solveFactored(
  lu: Block,
  n: number,
  pivots: ArrayLike<number>,
  x: Float64Array,
  columns: number,
): void {
  permuteRows(x, columns, pivots, false)
  solveTriangle(lu, n, block(x, columns), columns, { upper: false, unit: true })
  solveTriangle(lu, n, block(x, columns), columns, { upper: true, unit: false })
}

/** -1 for an odd number of exchanges, else 1. */
export function signOf(pivots: ArrayLike<number>): number {
  let sign = 1
  for (let i = 0; i < pivots.length; i++) if (pivots[i] !== i + 1) sign = -sign
  return sign
}

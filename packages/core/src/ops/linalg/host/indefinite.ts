/**
 * `L · D · Lᵀ` of a symmetric matrix `[n, n]` whose lower triangle is read, written over it: LAPACK's sytf2 (Bunch & Kaufman
 * 1977). D has blocks of 1 and 2; `pivots` are LAPACK's, counted from 1 and negative for a block of two.
 *
 * @returns 0, or the number, from 1, of the first block of D that is 0
 */
export function factorIndefinite(a: Float64Array, n: number, pivots: Float64Array): number {
  const alpha = (1 + Math.sqrt(17)) / 8
  let info = 0
  const at = (i: number, j: number): number => i * n + j
  const exchange = (p: number, q: number): void => {
    const x = a[p]
    a[p] = a[q]
    a[q] = x
  }
  for (let k = 0; k < n;) {
    let size = 1
    let pivot = k
    const own = Math.abs(a[at(k, k)])
    let [largest, column] = [k, 0]
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[at(i, k)]) > column) [largest, column] = [i, Math.abs(a[at(i, k)])]
    }
    if (!(Math.max(own, column) > 0)) {
      if (info === 0) info = k + 1
      pivots[k] = k + 1
      k++
      continue
    }
    if (own < alpha * column) {
      let row = 0
      for (let j = k; j < largest; j++) row = Math.max(row, Math.abs(a[at(largest, j)]))
      for (let i = largest + 1; i < n; i++) row = Math.max(row, Math.abs(a[at(i, largest)]))
      if (own < alpha * column * (column / row)) {
        pivot = largest
        if (Math.abs(a[at(largest, largest)]) < alpha * row) size = 2
      }
    }
    const to = k + size - 1
    if (pivot !== to) {
      for (let i = pivot + 1; i < n; i++) exchange(at(i, to), at(i, pivot))
      for (let i = to + 1; i < pivot; i++) exchange(at(i, to), at(pivot, i))
      exchange(at(to, to), at(pivot, pivot))
      if (size === 2) exchange(at(k + 1, k), at(pivot, k))
    }
    if (size === 1) eliminateOne(a, n, k)
    else eliminateTwo(a, n, k)
    for (let i = 0; i < size; i++) pivots[k + i] = size === 1 ? pivot + 1 : -(pivot + 1)
    k += size
  }
  return info
}

function eliminateOne(a: Float64Array, n: number, k: number): void {
  const by = 1 / a[k * n + k]
  for (let i = k + 1; i < n; i++) {
    const factor = by * a[i * n + k]
    for (let j = k + 1; j <= i; j++) a[i * n + j] -= factor * a[j * n + k]
  }
  for (let i = k + 1; i < n; i++) a[i * n + k] *= by
}

function eliminateTwo(a: Float64Array, n: number, k: number): void {
  if (k + 2 >= n) return
  const off = a[(k + 1) * n + k]
  const d11 = a[(k + 1) * n + k + 1] / off
  const d22 = a[k * n + k] / off
  const by = 1 / (d11 * d22 - 1) / off
  for (let j = k + 2; j < n; j++) {
    const [x, y] = [a[j * n + k], a[j * n + k + 1]]
    const w = by * (d11 * x - y)
    const z = by * (d22 * y - x)
    for (let i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * w + a[i * n + k + 1] * z
    a[j * n + k] = w
    a[j * n + k + 1] = z
  }
}

/** `x ← A⁻¹ x` for x `[n, columns]` from the factors of a symmetric A: LAPACK's sytrs. */
export function solveIndefinite(
  a: Float64Array,
  n: number,
  pivots: ArrayLike<number>,
  x: Float64Array,
  columns: number,
): void {
  const exchange = (i: number, k: number): void => {
    for (let j = 0; j < columns; j++) {
      const y = x[i * columns + j]
      x[i * columns + j] = x[k * columns + j]
      x[k * columns + j] = y
    }
  }
  const subtract = (to: number, from: number, factor: number): void => {
    for (let j = 0; j < columns; j++) x[to * columns + j] -= factor * x[from * columns + j]
  }
  for (let k = 0; k < n;) {
    const size = pivots[k] > 0 ? 1 : 2
    const last = k + size - 1
    const pivot = Math.abs(pivots[k]) - 1
    if (pivot !== last) exchange(last, pivot)
    for (let i = last + 1; i < n; i++) {
      for (let p = k; p <= last; p++) subtract(i, p, a[i * n + p])
    }
    if (size === 1) for (let j = 0; j < columns; j++) x[k * columns + j] /= a[k * n + k]
    else divideByTwo(a, n, k, x, columns)
    k += size
  }
  for (let k = n - 1; k >= 0;) {
    const size = pivots[k] > 0 ? 1 : 2
    const first = k - size + 1
    for (let p = first; p <= k; p++) {
      for (let i = k + 1; i < n; i++) subtract(p, i, a[i * n + p])
    }
    const pivot = Math.abs(pivots[k]) - 1
    if (pivot !== k) exchange(k, pivot)
    k -= size
  }
}

function divideByTwo(a: Float64Array, n: number, k: number, x: Float64Array, columns: number): void {
  const off = a[(k + 1) * n + k]
  const d11 = a[k * n + k] / off
  const d22 = a[(k + 1) * n + k + 1] / off
  const by = d11 * d22 - 1
  for (let j = 0; j < columns; j++) {
    const p = k * columns + j
    const q = p + columns
    const [y, z] = [x[p] / off, x[q] / off]
    x[p] = (d22 * y - z) / by
    x[q] = (d11 * z - y) / by
  }
}

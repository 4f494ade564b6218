import { block, panelWidth, product, subtractProduct, transposed, type Block } from './block.ts'

/** `√(Σx²)` over `count` elements `step` apart, without overflow. */
export function norm2(x: Float64Array, at: number, count: number, step: number): number {
  let largest = 0
  let sum = 0
  for (let i = 0, p = at; i < count; i++, p += step) {
    const size = Math.abs(x[p])
    if (!(size <= largest)) largest = size
    sum += size * size
  }
  // what neither overflows nor loses digits
  if (sum > 1e-280 && sum < 1e300) return Math.sqrt(sum)
  if (largest === 0 || !Number.isFinite(largest)) return largest
  sum = 0
  for (let i = 0, p = at; i < count; i++, p += step) sum += (x[p] / largest) ** 2
  return largest * Math.sqrt(sum)
}

/**
 * The reflector H = 1 - τ v vᵀ with v[0] = 1 that takes a vector to (β, 0, …), LAPACK's larfg: β is written over the first
 * element, the rest of v over the others.
 *
 * @param count - elements of the vector, the first included
 * @returns τ
 */
export function reflector(x: Float64Array, first: number, count: number, step: number): number {
  if (count < 1) return 0
  const rest = norm2(x, first + step, count - 1, step)
  if (rest === 0) return 0
  const alpha = x[first]
  const beta = alpha >= 0 ? -Math.hypot(alpha, rest) : Math.hypot(alpha, rest)
  const scale = alpha - beta
  for (let i = 1, p = first + step; i < count; i++, p += step) x[p] /= scale
  x[first] = beta
  return (beta - alpha) / beta
}

/** `a ← H a` for the rows of a block that a reflector reads; `v` begins with its 1, whatever stands there. */
export function reflectRows(
  a: Block,
  rows: number,
  columns: number,
  v: Float64Array,
  at: number,
  step: number,
  tau: number,
): void {
  if (tau === 0 || columns === 0) return
  const A = a.data
  const sums = A.slice(a.at, a.at + columns)
  for (let i = 1; i < rows; i++) {
    const factor = v[at + i * step]
    if (factor === 0) continue
    for (let j = 0, p = a.at + i * a.row; j < columns; j++) sums[j] += factor * A[p + j]
  }
  for (let i = 0; i < rows; i++) {
    const factor = tau * (i === 0 ? 1 : v[at + i * step])
    if (factor === 0) continue
    for (let j = 0, p = a.at + i * a.row; j < columns; j++) A[p + j] -= factor * sums[j]
  }
}

/** `a ← a H` likewise, for the columns that a reflector reads. */
export function reflectColumns(
  a: Block,
  rows: number,
  columns: number,
  v: Float64Array,
  at: number,
  step: number,
  tau: number,
): void {
  if (tau === 0) return
  const A = a.data
  for (let i = 0; i < rows; i++) {
    const from = a.at + i * a.row
    let sum = A[from]
    for (let j = 1; j < columns; j++) sum += A[from + j] * v[at + j * step]
    sum *= tau
    A[from] -= sum
    for (let j = 1; j < columns; j++) A[from + j] -= sum * v[at + j * step]
  }
}

/**
 * Reflectors `begin` to `end` of a panel as 1 - V T Vᵀ, LAPACK's larft: V `[m - begin, width]` with its ones and zeros, T the
 * upper triangle.
 */
function compact(a: Block, m: number, tau: Float64Array, begin: number, end: number): { v: Block; t: Block } {
  const [rows, width] = [m - begin, end - begin]
  const v = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < Math.min(i, width); j++)
      v[i * width + j] = a.data[a.at + (begin + i) * a.row + begin + j]
    if (i < width) v[i * width + i] = 1
  }
  const t = new Float64Array(width * width)
  for (let j = 0; j < width; j++) {
    const by = tau[begin + j]
    t[j * width + j] = by
    const dots = new Float64Array(j)
    for (let i = j; i < rows; i++) {
      const factor = v[i * width + j]
      if (factor === 0) continue
      for (let k = 0; k < j; k++) dots[k] += v[i * width + k] * factor
    }
    for (let k = 0; k < j; k++) {
      let sum = 0
      for (let p = k; p < j; p++) sum += t[k * width + p] * dots[p]
      t[k * width + j] = -by * sum
    }
  }
  return { v: block(v, width), t: block(t, width) }
}

/** `c ← (1 - V T Vᵀ) c`, or with Tᵀ. */
function applyCompact(
  v: Block,
  t: Block,
  rows: number,
  width: number,
  c: Block,
  columns: number,
  turn: boolean,
): void {
  const own = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++)
    own.set(c.data.subarray(c.at + i * c.row, c.at + i * c.row + columns), i * columns)
  const inner = product(transposed(v, rows, width).data, own, width, rows, columns)
  const factor = turn ? transposed(t, width, width).data : t.data
  subtractProduct(c, v, block(product(factor, inner, width, width, columns), columns), rows, columns, width)
}

/**
 * `Q · R` of a matrix `[m, n]` written over it, LAPACK's geqrf: R above and on the diagonal, the reflectors of Q below it.
 *
 * @returns τ of each reflector
 */
export function factorQR(a: Float64Array, m: number, n: number): Float64Array {
  const steps = Math.min(m, n)
  const tau = new Float64Array(steps)
  for (let begin = 0; begin < steps; begin += panelWidth) {
    const end = Math.min(steps, begin + panelWidth)
    for (let k = begin; k < end; k++) {
      tau[k] = reflector(a, k * n + k, m - k, n)
      reflectRows(block(a, n, k, k + 1), m - k, end - k - 1, a, k * n + k, n, tau[k])
    }
    if (end < n) {
      const { v, t } = compact(block(a, n), m, tau, begin, end)
      applyCompact(v, t, m - begin, end - begin, block(a, n, begin, end), n - end, true)
    }
  }
  return tau
}

/** `x ← Q x` or `Qᵀ x` for x `[m, columns]` and the reflectors below the diagonal of `a`, LAPACK's ormqr. */
export function applyQ(
  a: Block,
  m: number,
  tau: Float64Array,
  x: Float64Array,
  columns: number,
  turn: boolean,
): void {
  const panels: number[] = []
  for (let begin = 0; begin < tau.length; begin += panelWidth) panels.push(begin)
  for (const begin of turn ? panels : panels.reverse()) {
    const end = Math.min(tau.length, begin + panelWidth)
    const { v, t } = compact(a, m, tau, begin, end)
    applyCompact(v, t, m - begin, end - begin, block(x, columns, begin), columns, turn)
  }
}

/** The first `columns` columns of Q, LAPACK's orgqr. */
export function formQ(a: Block, m: number, tau: Float64Array, columns: number): Float64Array {
  const q = new Float64Array(m * columns)
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1
  applyQ(a, m, tau, q, columns, false)
  return q
}

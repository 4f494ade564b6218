/** A matrix inside a row-major array of doubles: where it begins, and the length of the array's rows. */
export interface Block {
  readonly data: Float64Array
  readonly at: number
  readonly row: number
}

/** A matrix of its own, or the part of it that begins at row `i` and column `j`. */
export const block = (data: Float64Array, row: number, i = 0, j = 0): Block => ({
  data,
  at: i * row + j,
  row,
})

/** Columns that the blocked algorithms take at once: the panel of them stays in the first cache. */
export const panelWidth = 32

/** `c[m, n] -= a[m, k] · b[k, n]`, by tiles of 4 × 2 that stay in registers. */
export function subtractProduct(c: Block, a: Block, b: Block, m: number, n: number, k: number): void {
  const [C, A, B] = [c.data, a.data, b.data]
  const step = b.row
  let i = 0
  for (; i + 4 <= m; i += 4) {
    const a0 = a.at + i * a.row
    const a1 = a0 + a.row
    const a2 = a1 + a.row
    const a3 = a2 + a.row
    const c0 = c.at + i * c.row
    const c1 = c0 + c.row
    const c2 = c1 + c.row
    const c3 = c2 + c.row
    let j = 0
    for (; j + 2 <= n; j += 2) {
      let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0]
      for (let p = 0, q = b.at + j; p < k; p++, q += step) {
        const x = B[q]
        const y = B[q + 1]
        const r0 = A[a0 + p]
        const r1 = A[a1 + p]
        const r2 = A[a2 + p]
        const r3 = A[a3 + p]
        s00 += r0 * x
        s01 += r0 * y
        s10 += r1 * x
        s11 += r1 * y
        s20 += r2 * x
        s21 += r2 * y
        s30 += r3 * x
        s31 += r3 * y
      }
      C[c0 + j] -= s00
      C[c0 + j + 1] -= s01
      C[c1 + j] -= s10
      C[c1 + j + 1] -= s11
      C[c2 + j] -= s20
      C[c2 + j + 1] -= s21
      C[c3 + j] -= s30
      C[c3 + j + 1] -= s31
    }
    for (; j < n; j++) {
      for (let r = 0; r < 4; r++) subtractDot(C, c0 + r * c.row + j, A, a0 + r * a.row, B, b.at + j, step, k)
    }
  }
  for (; i < m; i++) {
    for (let j = 0; j < n; j++)
      subtractDot(C, c.at + i * c.row + j, A, a.at + i * a.row, B, b.at + j, step, k)
  }
}

function subtractDot(
  C: Float64Array,
  at: number,
  A: Float64Array,
  a: number,
  B: Float64Array,
  b: number,
  step: number,
  k: number,
): void {
  let sum = 0
  for (let p = 0, q = b; p < k; p++, q += step) sum += A[a + p] * B[q]
  C[at] -= sum
}

/** A copy of a matrix `[m, n]` with rows and columns exchanged. */
export function transposed(x: Block, m: number, n: number): Block {
  const data = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0, from = x.at + i * x.row; j < n; j++) data[j * m + i] = x.data[from + j]
  }
  return block(data, m)
}

/** The identity, `n` by `n`. */
export function identity(n: number): Float64Array {
  const data = new Float64Array(n * n)
  for (let i = 0; i < n; i++) data[i * n + i] = 1
  return data
}

/** The product of two matrices of their own, `[m, k] · [k, n]`. */
export function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const c = new Float64Array(m * n)
  subtractProduct(block(c, n), block(a, k), block(b, n), m, n, k)
  for (let i = 0; i < c.length; i++) c[i] = 0 - c[i]
  return c
}

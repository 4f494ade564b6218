import { block, panelWidth, subtractProduct, type Block } from './block.ts'

/** Which triangle of a square matrix is meant, and whether its diagonal counts as 1. */
export interface Triangle {
  readonly upper: boolean
  readonly unit: boolean
}

/**
 * `x ← t⁻¹ x` for a triangle t `[n, n]` and x `[n, columns]`: by panels, each subtracted from the rows that are left as one
 * product.
 */
export function solveTriangle(
  t: Block,
  n: number,
  x: Block,
  columns: number,
  { upper, unit }: Triangle,
): void {
  const T = t.data
  const X = x.data
  const part = (b: Block, i: number, j: number): Block => ({ ...b, at: b.at + i * b.row + j })
  const subtractRow = (to: number, from: number, factor: number): void => {
    if (factor === 0) return
    for (let j = 0, a = x.at + to * x.row, b = x.at + from * x.row; j < columns; j++)
      X[a + j] -= factor * X[b + j]
  }
  const divideRow = (i: number): void => {
    if (unit) return
    const by = T[t.at + i * t.row + i]
    for (let j = 0, a = x.at + i * x.row; j < columns; j++) X[a + j] /= by
  }
  if (upper) {
    for (let end = n; end > 0; end -= panelWidth) {
      const begin = Math.max(0, end - panelWidth)
      for (let i = end - 1; i >= begin; i--) {
        for (let j = i + 1; j < end; j++) subtractRow(i, j, T[t.at + i * t.row + j])
        divideRow(i)
      }
      subtractProduct(x, part(t, 0, begin), part(x, begin, 0), begin, columns, end - begin)
    }
    return
  }
  for (let begin = 0; begin < n; begin += panelWidth) {
    const end = Math.min(n, begin + panelWidth)
    for (let i = begin; i < end; i++) {
      for (let j = begin; j < i; j++) subtractRow(i, j, T[t.at + i * t.row + j])
      divideRow(i)
    }
    subtractProduct(part(x, end, 0), part(t, end, begin), part(x, begin, 0), n - end, columns, end - begin)
  }
}

/**
 * The Cholesky factor of a symmetric matrix `[n, n]`, whose lower triangle is read, written over it; zeros above.
 *
 * @returns 0, or the order of the leading minor that is not positive
 */
export function factorCholesky(a: Float64Array, n: number): number {
  const buffer = new Float64Array(panelWidth * n)
  for (let begin = 0; begin < n; begin += panelWidth) {
    const end = Math.min(n, begin + panelWidth)
    const width = end - begin
    for (let j = begin; j < end; j++) {
      let pivot = a[j * n + j]
      for (let p = begin; p < j; p++) pivot -= a[j * n + p] ** 2
      if (!(pivot > 0)) return j + 1
      const root = Math.sqrt(pivot)
      a[j * n + j] = root
      for (let i = j + 1; i < n; i++) {
        let sum = a[i * n + j]
        for (let p = begin; p < j; p++) sum -= a[i * n + p] * a[j * n + p]
        a[i * n + j] = sum / root
      }
    }
    const rest = n - end
    for (let i = 0; i < rest; i++) {
      for (let p = 0; p < width; p++) buffer[p * rest + i] = a[(end + i) * n + begin + p]
    }
    // the rows below, by strips that stop at the diagonal
    for (let i = 0; i < rest; i += panelWidth) {
      const strip = Math.min(panelWidth, rest - i)
      const from = block(a, n, end + i, begin)
      subtractProduct(block(a, n, end + i, end), from, block(buffer, rest), strip, i + strip, width)
    }
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n)
  return 0
}

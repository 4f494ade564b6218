import { block, identity, transposed } from './block.ts'
import { applyQ, reflector } from './householder.ts'
import { rotateRows, rotationTo, type Rotation } from './rotation.ts'

/**
 * A symmetric matrix `[n, n]`, whose lower triangle is read, as Q T Qᵀ with T tridiagonal: LAPACK's sytd2. The reflectors of Q
 * are written below the subdiagonal.
 */
function tridiagonalize(
  a: Float64Array,
  n: number,
): { diagonal: Float64Array; off: Float64Array; tau: Float64Array } {
  const diagonal = new Float64Array(n)
  const off = new Float64Array(Math.max(0, n - 1))
  const tau = new Float64Array(Math.max(0, n - 1))
  const v = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const by = reflector(a, (k + 1) * n + k, n - k - 1, n)
    off[k] = a[(k + 1) * n + k]
    tau[k] = by
    diagonal[k] = a[k * n + k]
    if (by === 0) continue
    v[k + 1] = 1
    for (let i = k + 2; i < n; i++) v[i] = a[i * n + k]
    // w = τ A v, of which each row of the triangle gives a dot product and a multiple
    w.fill(0, k + 1)
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      const x = v[i]
      let sum = 0
      for (let j = k + 1; j < i; j++) {
        const y = a[row + j]
        sum += y * v[j]
        w[j] += y * x
      }
      w[i] += sum + a[row + i] * x
    }
    let dot = 0
    for (let i = k + 1; i < n; i++) dot += (w[i] *= by) * v[i]
    const half = -0.5 * by * dot
    for (let i = k + 1; i < n; i++) w[i] += half * v[i]
    for (let i = k + 1; i < n; i++) {
      const row = i * n
      const [x, y] = [v[i], w[i]]
      for (let j = k + 1; j <= i; j++) a[row + j] -= x * w[j] + y * v[j]
    }
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1]
  return { diagonal, off, tau }
}

const tiny = 2 ** -1022

/** The eigenvalues of [[a, b], [b, c]], the larger in size first, and the unit vector of that one: LAPACK's laev2. */
function eigenOfTwo(
  a: number,
  b: number,
  c: number,
): { large: number; small: number; cos: number; sin: number } {
  const [sum, difference, twice] = [a + c, a - c, b + b]
  const root = Math.hypot(difference, twice)
  const [most, least] = Math.abs(a) > Math.abs(c) ? [a, c] : [c, a]
  const sign = sum < 0 ? -1 : 1
  const large = 0.5 * (sum + sign * root)
  const small = sum === 0 ? -0.5 * root : (most / large) * least - (b / large) * b
  const along = difference >= 0 ? difference + root : difference - root
  let [cos, sin] = [1, 0]
  if (Math.abs(along) > Math.abs(twice)) {
    const cotangent = -twice / along
    sin = 1 / Math.sqrt(1 + cotangent * cotangent)
    cos = cotangent * sin
  } else if (twice !== 0) {
    const tangent = -along / twice
    cos = 1 / Math.sqrt(1 + tangent * tangent)
    sin = tangent * cos
  }
  if (sign === (difference >= 0 ? 1 : -1)) [cos, sin] = [-sin, cos]
  return { large, small, cos, sin }
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix, in no order, by implicit QL and QR steps: LAPACK's steqr, whose choices it
 * follows, so that eigenvectors have LAPACK's signs.
 */
class Tridiagonal {
  private readonly d: Float64Array
  private readonly e: Float64Array
  private readonly z: Float64Array | null
  private readonly eps: number
  private readonly cosines: Float64Array
  private readonly sines: Float64Array
  private readonly rotation: Rotation = { c: 1, s: 0, r: 0 }
  private steps: number

  /**
   * @param z - rows that are rotated along, or null
   * @param eps - half the distance from 1 to the next number: what is smaller beside its neighbours is 0
   */
  constructor(d: Float64Array, e: Float64Array, z: Float64Array | null, eps: number) {
    this.d = d
    this.e = e
    this.z = z
    this.eps = eps
    this.cosines = new Float64Array(d.length)
    this.sines = new Float64Array(d.length)
    this.steps = 30 * d.length
  }

  /** @returns how many off-diagonal elements did not vanish */
  solve(): number {
    const { d, e, eps } = this
    const n = d.length
    let next = 0
    while (next < n && this.steps > 0) {
      if (next > 0) e[next - 1] = 0
      const first = next
      let last = next
      for (; last < n - 1; last++) {
        const size = Math.abs(e[last])
        if (size <= Math.sqrt(Math.abs(d[last])) * Math.sqrt(Math.abs(d[last + 1])) * eps) {
          e[last] = 0
          break
        }
      }
      next = last + 1
      if (last === first) continue
      if (Math.abs(d[last]) < Math.abs(d[first])) this.upwards(last, first)
      else this.downwards(first, last)
    }
    return e.reduce((count, x) => count + (x !== 0 ? 1 : 0), 0)
  }

  private isSmall(i: number): boolean {
    const { d, e, eps } = this
    return e[i] ** 2 <= eps * eps * Math.abs(d[i]) * Math.abs(d[i + 1]) + tiny
  }

  private rotate(first: number, count: number, down: boolean): void {
    if (this.z !== null) rotateRows(this.z, this.d.length, first, count, this.cosines, this.sines, down)
  }

  /** QL steps on the block from `l` to `end`. */
  private downwards(l: number, end: number): void {
    const { d, e } = this
    while (l <= end) {
      let m = l
      while (m < end && !this.isSmall(m)) m++
      if (m < end) e[m] = 0
      if (m === l) l++
      else if (m === l + 1) {
        const [large, small] = this.pair(l, false)
        d[l] = large
        d[l + 1] = small
        l += 2
      } else if (this.steps-- === 0) return
      else this.stepDown(l, m)
    }
  }

  /** QR steps on the block from `end` to `l`. */
  private upwards(l: number, end: number): void {
    const { d, e } = this
    while (l >= end) {
      let m = l
      while (m > end && !this.isSmall(m - 1)) m--
      if (m > end) e[m - 1] = 0
      if (m === l) l--
      else if (m === l - 1) {
        const [large, small] = this.pair(m, true)
        d[m] = large
        d[l] = small
        l -= 2
      } else if (this.steps-- === 0) return
      else this.stepUp(l, m)
    }
  }

  /** Solves for the two at `i`: the larger eigenvalue in size, and the other. */
  private pair(i: number, down: boolean): [number, number] {
    const { d, e } = this
    const { large, small, cos, sin } = eigenOfTwo(d[i], e[i], d[i + 1])
    this.cosines[i] = cos
    this.sines[i] = sin
    this.rotate(i, 1, down)
    e[i] = 0
    return [large, small]
  }

  private stepDown(l: number, m: number): void {
    const { d, e, rotation } = this
    let p = d[l]
    let g = (d[l + 1] - p) / (2 * e[l])
    let r = Math.hypot(g, 1)
    g = d[m] - p + e[l] / (g + (g >= 0 ? r : -r))
    let [s, c] = [1, 1]
    p = 0
    for (let i = m - 1; i >= l; i--) {
      const f = s * e[i]
      const b = c * e[i]
      rotationTo(rotation, g, f)
      ;({ c, s } = rotation)
      if (i !== m - 1) e[i + 1] = rotation.r
      g = d[i + 1] - p
      r = (d[i] - g) * s + 2 * c * b
      p = s * r
      d[i + 1] = g + p
      g = c * r - b
      this.cosines[i] = c
      this.sines[i] = -s
    }
    this.rotate(l, m - l, false)
    d[l] -= p
    e[l] = g
  }

  private stepUp(l: number, m: number): void {
    const { d, e, rotation } = this
    let p = d[l]
    let g = (d[l - 1] - p) / (2 * e[l - 1])
    let r = Math.hypot(g, 1)
    g = d[m] - p + e[l - 1] / (g + (g >= 0 ? r : -r))
    let [s, c] = [1, 1]
    p = 0
    for (let i = m; i < l; i++) {
      const f = s * e[i]
      const b = c * e[i]
      rotationTo(rotation, g, f)
      ;({ c, s } = rotation)
      if (i !== m) e[i - 1] = rotation.r
      g = d[i] - p
      r = (d[i + 1] - g) * s + 2 * c * b
      p = s * r
      d[i] = g + p
      g = c * r - b
      this.cosines[i] = c
      this.sines[i] = s
    }
    this.rotate(m, l - m, true)
    d[l] -= p
    e[l - 1] = g
  }
}

/** Eigenvalues in rising order, and eigenvectors as columns where `z` is not null. */
export interface Eigen {
  readonly values: Float64Array
  readonly vectors: Float64Array | null
  /** How many off-diagonal elements did not vanish. */
  readonly failed: number
}

/**
 * Eigenvalues and vectors of a symmetric matrix `[n, n]` of which one triangle is read: LAPACK's syev.
 *
 * @param a - overwritten
 * @param wanted - whether vectors are
 * @param eps - that of the result's dtype: as many steps are taken as LAPACK takes in it, on which signs depend
 */
export function eigenSymmetric(
  a: Float64Array,
  n: number,
  upper: boolean,
  wanted: boolean,
  eps = 2 ** -53,
): Eigen {
  // the upper triangle is the lower one of the matrix read backwards, up to a reflection
  if (upper) a = reversed(a, n)
  let scale = 0
  for (const x of a) scale = Math.max(scale, Math.abs(x))
  scale = scale > 1e145 || (scale < 1e-145 && scale > 0) ? scale : 1
  if (scale !== 1) for (let i = 0; i < a.length; i++) a[i] /= scale
  let { diagonal, off, tau } = tridiagonalize(a, n)
  if (upper) [diagonal, off] = [diagonal.reverse(), off.reverse()]
  const z = wanted ? identity(n) : null
  const failed = new Tridiagonal(diagonal, off, z, eps).solve()
  const order = Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[i] - diagonal[j])
  const values = Float64Array.from(order, (i) => diagonal[i] * scale)
  if (z === null) return { values, vectors: null, failed }
  const rows = new Float64Array(n * n)
  order.forEach((from, to) => rows.set(z.subarray(from * n, (from + 1) * n), to * n))
  let vectors = transposed(block(rows, n), n, n).data
  if (upper) vectors = reversedRows(vectors, n)
  // the reflectors act on all rows but the first
  if (n > 1) {
    const below = vectors.subarray(n)
    applyQ({ data: a, at: n, row: n }, n - 1, tau, below, n, false)
  }
  if (upper) vectors = reversedRows(vectors, n)
  return { values, vectors, failed }
}

/** The transpose of a matrix of which rows and columns are in opposite order. */
function reversed(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i * n + j] = a[(n - 1 - i) * n + n - 1 - j]
  return out
}

function reversedRows(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(a.length)
  for (let i = 0; i < n; i++) out.set(a.subarray((n - 1 - i) * n, (n - i) * n), i * n)
  return out
}

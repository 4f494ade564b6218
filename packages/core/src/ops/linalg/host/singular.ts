import { block, identity, transposed } from './block.ts'
import { applyQ, factorQR, reflectColumns, reflector, reflectRows } from './householder.ts'
import { rotateRows, rotationTo, type Rotation } from './rotation.ts'

const eps = 2 ** -53
const tiny = 2 ** -1022
const tolerance = Math.max(10, Math.min(100, eps ** -0.125)) * eps

/** The smaller singular value of [[f, g], [0, h]]: LAPACK's las2. */
function smallerOfTwo(f: number, g: number, h: number): number {
  const [least, most] = [Math.min(Math.abs(f), Math.abs(h)), Math.max(Math.abs(f), Math.abs(h))]
  const off = Math.abs(g)
  if (least === 0) return 0
  const sum = 1 + least / most
  const difference = (most - least) / most
  if (off < most) {
    const square = (off / most) ** 2
    return (least * 2) / (Math.sqrt(sum * sum + square) + Math.sqrt(difference * difference + square))
  }
  const ratio = most / off
  if (ratio === 0) return (least * most) / off
  const c = 1 / (Math.sqrt(1 + (sum * ratio) ** 2) + Math.sqrt(1 + (difference * ratio) ** 2))
  return least * c * ratio * 2
}

/**
 * Singular values of an upper bidiagonal matrix, in no order and of any sign, by implicit QR steps: LAPACK's bdsqr, with
 * steps of shift 0 where a shift would cost relative accuracy (Demmel & Kahan 1990).
 */
class Bidiagonal {
  private readonly d: Float64Array
  private readonly e: Float64Array
  private readonly u: Float64Array | null
  private readonly v: Float64Array | null
  private readonly c1: Float64Array
  private readonly s1: Float64Array
  private readonly c2: Float64Array
  private readonly s2: Float64Array
  private readonly rotation: Rotation = { c: 1, s: 0, r: 0 }

  /**
   * @param u - rows that turn as the left vectors do, or null
   * @param v - rows that turn as the right vectors do, or null
   */
  constructor(d: Float64Array, e: Float64Array, u: Float64Array | null, v: Float64Array | null) {
    this.d = d
    this.e = e
    this.u = u
    this.v = v
    this.c1 = new Float64Array(d.length)
    this.s1 = new Float64Array(d.length)
    this.c2 = new Float64Array(d.length)
    this.s2 = new Float64Array(d.length)
  }

  /** @returns whether it converged */
  solve(): boolean {
    const { d, e } = this
    const n = d.length
    const threshold = this.threshold()
    let steps = 6 * n * n
    let [oldFirst, oldLast] = [-1, -1]
    let down = true
    let last = n - 1
    while (last > 0) {
      if (steps <= 0) return false
      // the block that ends at `last`
      let first = last
      let largest = Math.abs(d[last])
      while (first > 0 && Math.abs(e[first - 1]) > threshold) {
        first--
        largest = Math.max(largest, Math.abs(d[first]), Math.abs(e[first]))
      }
      if (first > 0) e[first - 1] = 0
      if (first === last) {
        last--
        continue
      }
      if (first > oldLast || last < oldFirst) down = Math.abs(d[first]) >= Math.abs(d[last])
      const smallest = converged(d, e, first, last, down)
      if (smallest === null) continue
      ;[oldFirst, oldLast] = [first, last]
      steps -= last - first
      this.step(first, last, down, this.shift(first, last, down, smallest / largest))
      const edge = down ? last - 1 : first
      if (Math.abs(e[edge]) <= threshold) e[edge] = 0
    }
    return true
  }

  private threshold(): number {
    const { d, e } = this
    const n = d.length
    let least = Math.abs(d[0])
    for (let i = 1, mu = least; i < n && least !== 0; i++) {
      mu = Math.abs(d[i]) * (mu / (mu + Math.abs(e[i - 1])))
      least = Math.min(least, mu)
    }
    return Math.max((tolerance * least) / Math.sqrt(n), 6 * n * n * tiny)
  }

  private shift(first: number, last: number, down: boolean, ratio: number): number {
    const { d, e } = this
    if (d.length * tolerance * ratio <= Math.max(eps, 0.01 * tolerance)) return 0
    const shift = down
      ? smallerOfTwo(d[last - 1], e[last - 1], d[last])
      : smallerOfTwo(d[first], e[first], d[first + 1])
    const start = Math.abs(down ? d[first] : d[last])
    return start > 0 && (shift / start) ** 2 < eps ? 0 : shift
  }

  private step(first: number, last: number, down: boolean, shift: number): void {
    const { d, u, v, c1, s1, c2, s2 } = this
    const [n, count] = [d.length, last - first]
    if (down) {
      if (shift === 0) this.chaseDownUnshifted(first, last)
      else this.chaseDown(first, last, shift)
      if (v !== null) rotateRows(v, n, first, count, c1, s1, true)
      if (u !== null) rotateRows(u, n, first, count, c2, s2, true)
      return
    }
    if (shift === 0) this.chaseUpUnshifted(first, last)
    else this.chaseUp(first, last, shift)
    if (v !== null) rotateRows(v, n, first, count, c2, s2, false)
    if (u !== null) rotateRows(u, n, first, count, c1, s1, false)
  }

  private chaseDownUnshifted(first: number, last: number): void {
    const { d, e, rotation, c1, s1, c2, s2 } = this
    let [c, oldC, oldS] = [1, 1, 0]
    for (let i = first; i < last; i++) {
      rotationTo(rotation, d[i] * c, e[i])
      const { s, r } = rotation
      c = c1[i] = rotation.c
      s1[i] = s
      if (i > first) e[i - 1] = oldS * r
      rotationTo(rotation, oldC * r, d[i + 1] * s)
      d[i] = rotation.r
      oldC = c2[i] = rotation.c
      oldS = s2[i] = rotation.s
    }
    const h = d[last] * c
    d[last] = h * oldC
    e[last - 1] = h * oldS
  }

  private chaseUpUnshifted(first: number, last: number): void {
    const { d, e, rotation, c1, s1, c2, s2 } = this
    let [c, oldC, oldS] = [1, 1, 0]
    for (let i = last; i > first; i--) {
      rotationTo(rotation, d[i] * c, e[i - 1])
      const { s, r } = rotation
      c = c1[i - 1] = rotation.c
      s1[i - 1] = -s
      if (i < last) e[i] = oldS * r
      rotationTo(rotation, oldC * r, d[i - 1] * s)
      d[i] = rotation.r
      oldC = c2[i - 1] = rotation.c
      oldS = rotation.s
      s2[i - 1] = -oldS
    }
    const h = d[first] * c
    d[first] = h * oldC
    e[first] = h * oldS
  }

  private chaseDown(first: number, last: number, by: number): void {
    const { d, e, rotation, c1, s1, c2, s2 } = this
    let f = (Math.abs(d[first]) - by) * ((d[first] >= 0 ? 1 : -1) + by / d[first])
    let g = e[first]
    for (let i = first; i < last; i++) {
      rotationTo(rotation, f, g)
      let { c, s } = rotation
      if (i > first) e[i - 1] = rotation.r
      c1[i] = c
      s1[i] = s
      f = c * d[i] + s * e[i]
      e[i] = c * e[i] - s * d[i]
      g = s * d[i + 1]
      d[i + 1] *= c
      rotationTo(rotation, f, g)
      ;({ c, s } = rotation)
      c2[i] = c
      s2[i] = s
      d[i] = rotation.r
      f = c * e[i] + s * d[i + 1]
      d[i + 1] = c * d[i + 1] - s * e[i]
      if (i < last - 1) {
        g = s * e[i + 1]
        e[i + 1] *= c
      }
    }
    e[last - 1] = f
  }

  private chaseUp(first: number, last: number, by: number): void {
    const { d, e, rotation, c1, s1, c2, s2 } = this
    let f = (Math.abs(d[last]) - by) * ((d[last] >= 0 ? 1 : -1) + by / d[last])
    let g = e[last - 1]
    for (let i = last; i > first; i--) {
      rotationTo(rotation, f, g)
      let { c, s } = rotation
      if (i < last) e[i] = rotation.r
      c1[i - 1] = c
      s1[i - 1] = -s
      f = c * d[i] + s * e[i - 1]
      e[i - 1] = c * e[i - 1] - s * d[i]
      g = s * d[i - 1]
      d[i - 1] *= c
      rotationTo(rotation, f, g)
      ;({ c, s } = rotation)
      c2[i - 1] = c
      s2[i - 1] = -s
      d[i] = rotation.r
      f = c * e[i - 1] + s * d[i - 1]
      d[i - 1] = c * d[i - 1] - s * e[i - 1]
      if (i > first + 1) {
        g = s * e[i - 2]
        e[i - 2] *= c
      }
    }
    e[first] = f
  }
}

/** Sets an element that is small beside its neighbours to 0 and gives null, or gives a bound of the smallest singular value. */
function converged(
  d: Float64Array,
  e: Float64Array,
  first: number,
  last: number,
  down: boolean,
): number | null {
  const edge = down ? last - 1 : first
  if (Math.abs(e[edge]) <= tolerance * Math.abs(d[down ? last : first])) {
    e[edge] = 0
    return null
  }
  let mu = Math.abs(d[down ? first : last])
  let smallest = mu
  for (let k = 0; k < last - first; k++) {
    const i = down ? first + k : last - 1 - k
    if (Math.abs(e[i]) <= tolerance * mu) {
      e[i] = 0
      return null
    }
    mu = Math.abs(d[down ? i + 1 : i]) * (mu / (mu + Math.abs(e[i])))
    smallest = Math.min(smallest, mu)
  }
  return smallest
}

/** Singular values in falling order, and vectors where they were wanted: U `[m, columns]` and Vᵀ `[rows, n]`. */
export interface Singular {
  readonly values: Float64Array
  readonly u: Float64Array | null
  readonly vt: Float64Array | null
  readonly converged: boolean
}

/**
 * U · S · Vᵀ of a matrix `[m, n]`: LAPACK's gesvd.
 *
 * @param a - overwritten
 * @param vectors - none, as many as there are singular values, or all
 */
export function singular(a: Float64Array, m: number, n: number, vectors: 'none' | 'thin' | 'full'): Singular {
  if (m < n) {
    const { values, u, vt, converged } = singular(transposed(block(a, n), m, n).data, n, m, vectors)
    const side = vectors === 'full' ? n : m
    return {
      values,
      u: vt && transposed(block(vt, m), m, m).data,
      vt: u && transposed(block(u, side), n, side).data,
      converged,
    }
  }
  let scale = 0
  for (const x of a) scale = Math.max(scale, Math.abs(x))
  scale = scale > 1e145 || (scale < 1e-145 && scale > 0) ? scale : 1
  if (scale !== 1) for (let i = 0; i < a.length; i++) a[i] /= scale
  // a tall matrix by its R, which is square
  const tall = m > 1.6 * n && n > 0
  const outer = a
  const outerTau = tall ? factorQR(a, m, n) : null
  const rows = tall ? n : m
  const b = tall ? new Float64Array(n * n) : a
  if (tall) for (let i = 0; i < n; i++) b.set(a.subarray(i * n + i, (i + 1) * n), i * n + i)

  const d = new Float64Array(n)
  const e = new Float64Array(Math.max(0, n - 1))
  const left = new Float64Array(n)
  const right = new Float64Array(Math.max(0, n - 1))
  for (let k = 0; k < n; k++) {
    left[k] = reflector(b, k * n + k, rows - k, n)
    reflectRows(block(b, n, k, k + 1), rows - k, n - k - 1, b, k * n + k, n, left[k])
    d[k] = b[k * n + k]
    if (k >= n - 1) continue
    right[k] = reflector(b, k * n + k + 1, n - k - 1, 1)
    e[k] = b[k * n + k + 1]
    reflectColumns(block(b, n, k + 1, k + 1), rows - k - 1, n - k - 1, b, k * n + k + 1, 1, right[k])
  }
  const wanted = vectors !== 'none'
  const ut = wanted ? identity(n) : null
  const vt = wanted ? identity(n) : null
  const done = n === 0 || new Bidiagonal(d, e, ut, vt).solve()
  const order = Array.from(d, (_, i) => i).sort((i, j) => Math.abs(d[j]) - Math.abs(d[i]))
  const values = Float64Array.from(order, (i) => Math.abs(d[i]) * scale)
  if (ut === null || vt === null) return { values, u: null, vt: null, converged: done }

  const columns = vectors === 'full' ? m : n
  const u = new Float64Array(m * columns)
  const sortedV = new Float64Array(n * n)
  order.forEach((from, to) => {
    const sign = d[from] < 0 ? -1 : 1
    for (let j = 0; j < n; j++) {
      u[j * columns + to] = ut[from * n + j]
      sortedV[j * n + to] = sign * vt[from * n + j]
    }
  })
  for (let i = n; i < columns; i++) u[i * columns + i] = 1
  applyQ(block(b, n), rows, left, u.subarray(0, rows * columns), columns, false)
  if (outerTau !== null) applyQ(block(outer, n), m, outerTau, u, columns, false)
  if (n > 1) {
    // the reflectors of V lie in rows
    const inRows = transposed(block(b, n), n, n)
    applyQ({ data: inRows.data, at: n, row: n }, n - 1, right, sortedV.subarray(n), n, false)
  }
  return { values, u, vt: transposed(block(sortedV, n), n, n).data, converged: done }
}

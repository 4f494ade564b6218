import type { HostArray } from '../../tensor/elements.ts'
import { defineOp } from '../../op/define-op.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { saving } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { factorLU, signOf } from './host/lu.ts'
import { inv } from './inverse.ts'
import { checkDouble, checkSquare, eachMatrix } from './matrices.ts'
import { matmul } from './matmul.ts'

const detValues = /* @__PURE__ */ readsValues('det')
const detOp = /* @__PURE__ */ defineOp({
  name: 'det',
  inputs: ['x'],
  infer({ x }) {
    checkSquare('linalg.det', 'A', x)
    checkDouble('linalg.det', x)
    return { shape: x.shape.slice(0, -2), dtype: x.dtype }
  },
  kernel(on, { x }, { out }) {
    const n = x.layout.shape.at(-1)!
    eachMatrix(on, detValues, x.layout.shape.slice(0, -2), [x], [out], ([a], [product]) => {
      const pivots = new Float64Array(n)
      factorLU(a, n, n, pivots)
      product[0] = signOf(pivots)
      for (let k = 0; k < n; k++) product[0] *= a[k * n + k]
    })
  },
  vjp: { x: saving(['x'], (g, { x }) => g.unsqueeze(-1).unsqueeze(-1).mul(cofactorsOp({ x }, undefined))) },
})

/**
 * P A Q = L D R with unit triangles and the pivots on the diagonal, smallest last. Full pivoting holds the entries of L and R to at
 * most 1, and a pivot of 0 divides nothing. So the cofactors of D give the cofactors of A and their derivative, at any rank.
 */
interface Diagonalized {
  n: number
  l: Float64Array
  d: Float64Array
  r: Float64Array
  /** Places of row i, column j of P A Q in A, and the determinant of P and Q. */
  at: (i: number, j: number) => number
  sign: number
}
function diagonalize(data: HostArray, from: number, n: number): Diagonalized {
  const a = Float64Array.from({ length: n * n }, (_, i) => Number(data[from + i]))
  const rows = Array.from({ length: n }, (_, i) => i)
  const columns = [...rows]
  const unit = (): Float64Array => Float64Array.from(a, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
  const [l, r, d] = [unit(), unit(), new Float64Array(n)]
  let sign = 1
  for (let k = 0; k < n; k++) {
    let [row, column] = [k, k]
    for (let i = k; i < n; i++) {
      for (let j = k; j < n; j++)
        if (Math.abs(a[i * n + j]) > Math.abs(a[row * n + column])) [row, column] = [i, j]
    }
    if (a[row * n + column] === 0) break
    if (row !== k) sign = -sign
    if (column !== k) sign = -sign
    ;[rows[k], rows[row]] = [rows[row], rows[k]]
    ;[columns[k], columns[column]] = [columns[column], columns[k]]
    for (let j = 0; j < n; j++) [a[k * n + j], a[row * n + j]] = [a[row * n + j], a[k * n + j]]
    for (let i = 0; i < n; i++) [a[i * n + k], a[i * n + column]] = [a[i * n + column], a[i * n + k]]
    d[k] = a[k * n + k]
    for (let i = k + 1; i < n; i++) {
      a[i * n + k] /= d[k]
      for (let j = k + 1; j < n; j++) a[i * n + j] -= a[i * n + k] * a[k * n + j]
    }
    for (let j = k + 1; j < n; j++) a[k * n + j] /= d[k]
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      if (d[Math.min(i, j)] !== 0) (j < i ? l : r)[i * n + j] = i === j ? 1 : a[i * n + j]
  }
  return { n, l, d, r, at: (i, j) => rows[i] * n + columns[j], sign }
}

/** Products of all pivots but some. */
const productWithout = (d: Float64Array, i: number, j: number): number =>
  d.reduce((product, value, k) => (k === i || k === j ? product : product * value), 1)

/** `L⁻ᵀ G R⁻ᵀ`, in place. */
function outward({ n, l, r }: Diagonalized, g: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) for (let c = 0; c < n; c++) g[i * n + c] -= l[j * n + i] * g[j * n + c]
  }
  for (let j = n - 1; j >= 0; j--) {
    for (let k = j + 1; k < n; k++) for (let c = 0; c < n; c++) g[c * n + j] -= r[j * n + k] * g[c * n + k]
  }
}

/** `L⁻¹ E R⁻¹`, in place. */
function inward({ n, l, r }: Diagonalized, e: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) for (let c = 0; c < n; c++) e[i * n + c] -= l[i * n + j] * e[j * n + c]
  }
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let c = 0; c < n; c++) e[c * n + j] -= r[k * n + j] * e[c * n + k]
  }
}

/** Writes a matrix of P A Q at its places in A. */
function place({ n, at, sign }: Diagonalized, g: Float64Array, from: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[from + at(i, j)] = sign * g[i * n + j]
}

function cofactorsOf(data: HostArray, from: number, n: number, out: Float64Array): void {
  const parts = diagonalize(data, from, n)
  const g = new Float64Array(n * n)
  for (let i = 0; i < n; i++) g[i * n + i] = productWithout(parts.d, i, i)
  outward(parts, g)
  place(parts, g, from, out)
}

/** How the cofactors change with the matrix, along a direction. */
function changeOf(data: HostArray, along: HostArray, from: number, n: number, out: Float64Array): void {
  const parts = diagonalize(data, from, n)
  const e = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) e[i * n + j] = Number(along[from + parts.at(i, j)])
  inward(parts, e)
  const g = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue
      const product = productWithout(parts.d, i, j)
      g[i * n + j] = -e[j * n + i] * product
      g[i * n + i] += e[j * n + j] * product
    }
  }
  outward(parts, g)
  place(parts, g, from, out)
}

const cofactorsOp = /* @__PURE__ */ defineOp({
  name: 'cofactors',
  inputs: ['x'],
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x }, { out }) {
    const n = x.layout.shape.at(-1)!
    const data = hostValues(detValues, x, on)
    const result = new Float64Array(data.length)
    for (let from = 0; from < data.length; from += n * n) cofactorsOf(data, from, n, result)
    writeView(on, out, result)
  },
  // the second derivative of det is symmetric
  vjp: { x: saving(['x'], (g, { x }) => cofactorsChangeOp({ x, along: g }, undefined)) },
})

const cofactorsChangeOp = /* @__PURE__ */ defineOp({
  name: 'cofactorsBackward',
  inputs: ['x', 'along'],
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x, along }, { out }) {
    const n = x.layout.shape.at(-1)!
    const [data, direction] = [hostValues(detValues, x, on), hostValues(detValues, along, on)]
    const result = new Float64Array(data.length)
    for (let from = 0; from < data.length; from += n * n) changeOf(data, direction, from, n, result)
    writeView(on, out, result)
  },
  // for third derivatives, which need an inverse
  decompose({ x, along }) {
    const inverse = inv(x).transpose(-2, -1)
    const turned = matmul(matmul(inverse, along.transpose(-2, -1)), inverse)
    const trace = inverse.mul(along).sum([-2, -1], { keepdim: true })
    return det(x).unsqueeze(-1).unsqueeze(-1).mul(inverse.mul(trace).sub(turned))
  },
})

/**
 * The determinant of a square matrix or batch of them, computed in double. It has first and second derivatives at singular matrices
 * too; a third needs an inverse.
 *
 * @param x - [..., n, n]
 * @returns [...]
 * @throws ShapeError unless square; DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.det.html
 * @example
 * g.det(g.tensor([[1, 2], [3, 4]])).item() // ≈ -2
 */
export const det = (x: Tensor): Tensor => detOp({ x }, undefined)

import { describeValue } from '../../base/describe.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { GradError, ShapeError, ValueError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat } from '../shape/join.ts'
import { triu } from '../shape/triangle.ts'
import { block } from './host/block.ts'
import { factorQR, formQ } from './host/householder.ts'
import { batchOf, checkDouble, checkMatrix, eachMatrix, identityLike, mT } from './matrices.ts'
import { matmul } from './matmul.ts'
import { triangularSolve } from './triangular.ts'

/** Which part of a QR decomposition is wanted: k = min(m, n) columns of Q, all m, or R alone. */
export type QRMode = 'reduced' | 'complete' | 'r'

/** The factors of a QR decomposition. */
export interface QR {
  Q: Tensor
  R: Tensor
}

const qrValues = /* @__PURE__ */ readsValues('qr')
const qrOp = /* @__PURE__ */ defineOp({
  name: 'qr',
  inputs: ['x'],
  outputs: ['Q', 'R'],
  attrs: attributes<QRMode>(),
  autocast: 'fp32',
  infer({ x }, mode) {
    checkMatrix('linalg.qr', 'A', x)
    checkDouble('linalg.qr', x)
    const [m, n] = x.shape.slice(-2)
    const columns = mode === 'complete' ? m : Math.min(m, n)
    const batch = batchOf(x)
    return {
      Q: { shape: mode === 'r' ? [0] : [...batch, m, columns], dtype: x.dtype },
      R: { shape: [...batch, columns, n], dtype: x.dtype },
    }
  },
  kernel(on, { x }, { Q, R }, mode) {
    const [m, n] = x.layout.shape.slice(-2)
    const rows = R.layout.shape.at(-2)!
    const results = mode === 'r' ? [R] : [R, Q]
    eachMatrix(on, qrValues, x.layout.shape.slice(0, -2), [x], results, ([a], [r, q]) => {
      const tau = factorQR(a, m, n)
      for (let i = 0; i < Math.min(rows, n); i++) r.set(a.subarray(i * n + i, (i + 1) * n), i * n + i)
      if (mode !== 'r') q.set(formQ(block(a, n), m, tau, rows))
    })
  },
  vjp: savingAll(['Q', 'R'], ([gQ, gR], { Q, R }, _needs, mode: QRMode, { x }) => {
    const [m, n] = x.shape.slice(-2)
    if (mode === 'r') {
      throw new GradError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to require gradients.",
      )
    }
    if (mode === 'complete' && m > n) {
      throw new GradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols")
    }
    if (m >= n) return { x: squareBackward(Q, R, gQ, gR) }
    // A₁ = Q R₁ is square, and R₂ = Qᵀ A₂
    const g2 = gR.narrow(-1, m, n - m)
    const through = matmul(matmul(Q, R.narrow(-1, m, n - m)), mT(g2))
    const g1 = squareBackward(Q, R.narrow(-1, 0, m), gQ.add(through), gR.narrow(-1, 0, m))
    return { x: cat([g1, matmul(Q, g2)], -1) }
  }),
})

// gA = (gQ + Q (X + Xᵀ, its diagonal halved)) R⁻ᵀ with X = triu(gR Rᵀ - Qᵀ gQ) (Roberts & Roberts 2020)
function squareBackward(Q: Tensor, R: Tensor, gQ: Tensor, gR: Tensor): Tensor {
  const inner = matmul(gR, mT(R)).sub(matmul(mT(Q), gQ))
  const symmetric = triu(inner).add(mT(triu(inner, 1)))
  return mT(triangularSolve(R, mT(gQ.add(matmul(Q, symmetric))), { upper: true }))
}

/**
 * `A = Q · R` of a matrix or batch of them: columns of Q orthonormal, R an upper triangle, by Householder reflections.
 *
 * @param A - [..., m, n], float32 or float64
 * @param mode - with 'reduced' Q is [..., m, k] and R [..., k, n], k = min(m, n); with 'complete' [..., m, m] and [..., m, n]; with
 * 'r' Q is empty
 * @throws ValueError for another mode; GradError in backward for 'r', and for 'complete' where m > n
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.qr.html
 * @example
 * g.linalg.qr(g.tensor([[3, 1], [4, 1]])).R.select(0, 0).tolist() // => [-5, -1.4]
 */
export function qr(A: Tensor, mode: QRMode = 'reduced'): QR {
  takeTensor('linalg.qr', 'A', A)
  if (mode !== 'reduced' && mode !== 'complete' && mode !== 'r') {
    throw new ValueError(
      `qr received unrecognized mode '${typeof mode === 'string' ? mode : describeValue(mode)}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    )
  }
  return qrOp({ x: A }, mode)
}

/** `torch.qr`: with `some: false` {@link qr} is complete. */
export function qrSome(A: Tensor, some = true): QR {
  takeArgument('qr', 'some', flag, some)
  return qr(A, some ? 'reduced' : 'complete')
}

const geqrfValues = /* @__PURE__ */ readsValues('geqrf')
const geqrfOp = /* @__PURE__ */ defineOp({
  name: 'geqrf',
  inputs: ['x'],
  outputs: ['a', 'tau'],
  autocast: 'fp32',
  infer({ x }) {
    checkMatrix('geqrf', 'input', x)
    checkDouble('geqrf', x)
    return {
      a: { shape: x.shape, dtype: x.dtype },
      tau: { shape: [...batchOf(x), Math.min(...x.shape.slice(-2))], dtype: x.dtype },
    }
  },
  kernel(on, { x }, { a, tau }) {
    const [m, n] = x.layout.shape.slice(-2)
    eachMatrix(on, geqrfValues, x.layout.shape.slice(0, -2), [x], [a, tau], ([data], [to, factors]) => {
      factors.set(factorQR(data, m, n))
      to.set(data)
    })
  },
})

/**
 * A QR decomposition as {@link householderProduct} and {@link ormqr} take it: R above the reflectors of Q, and their factors.
 * It has no gradient; {@link qr} has.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.geqrf.html
 */
export const geqrf = (x: Tensor): { a: Tensor; tau: Tensor } => {
  takeTensor('geqrf', 'x', x)
  return geqrfOp({ x }, undefined)
}

function checkReflectors(call: string, x: Tensor, tau: Tensor): void {
  if (x.ndim < 2) throw new ShapeError(`${call}: input must have at least 2 dimensions.`)
  const [m, n] = x.shape.slice(-2)
  const k = tau.shape.at(-1) ?? 0
  if (call !== 'ormqr' && m < n)
    throw new ShapeError(`${call}: input.shape[-2] must be greater than or equal to input.shape[-1]`)
  if (n < k) {
    throw new ShapeError(
      call === 'ormqr'
        ? 'ormqr: other.shape[-2] must be greater than or equal to tau.shape[-1]'
        : `${call}: input.shape[-1] must be greater than or equal to tau.shape[-1]`,
    )
  }
}

/** `x ← (1 - τ v vᵀ) x` for each reflector, the last one first, or the first one first. */
function reflect(v: Tensor, tau: Tensor, x: Tensor, turn: boolean): Tensor {
  const [m, k] = [v.shape.at(-2)!, tau.shape.at(-1)!]
  let out = x
  for (let step = 0; step < k; step++) {
    const i = turn ? step : k - 1 - step
    // the reflector: zeros, 1, and what lies below the diagonal
    const zeros = filledAs(v, [...v.shape.slice(0, -2), i, 1], 0)
    const one = filledAs(v, [...v.shape.slice(0, -2), 1, 1], 1)
    const column = cat([zeros, one, v.narrow(-1, i, 1).narrow(-2, i + 1, m - i - 1)], -2)
    const factor = tau.narrow(-1, i, 1).unsqueeze(-1)
    out = out.sub(matmul(column.mul(factor), matmul(mT(column), out)))
  }
  return out
}

const householderValues = /* @__PURE__ */ readsValues('householderProduct')
const householderOp = /* @__PURE__ */ defineOp({
  name: 'householderProduct',
  inputs: ['x', 'tau'],
  autocast: 'fp32',
  infer({ x }) {
    checkDouble('linalg.householderProduct', x)
    return { shape: x.shape, dtype: x.dtype }
  },
  kernel(on, { x, tau }, { out }) {
    const [m, n] = x.layout.shape.slice(-2)
    eachMatrix(on, householderValues, x.layout.shape.slice(0, -2), [x, tau], [out], ([a, factors], [q]) => {
      q.set(formQ(block(a, n), m, factors, n))
    })
  },
  decompose({ x, tau }) {
    const [m, n] = x.shape.slice(-2)
    if (x.numel() === 0) return x.clone()
    const columns = cat([identityLike(x, n), filledAs(x, [m - n, n], 0)], 0)
    return reflect(x, tau, columns.expand(x.shape), false)
  },
})

/**
 * The first n columns of the product of reflections that {@link geqrf} gives.
 *
 * @param x - [..., m, n] with m ≥ n, reflectors below the diagonal
 * @param tau - [..., k] with k ≤ n
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.householder_product.html
 * @example
 * g.linalg.householderProduct(g.zeros(2, 2), g.zeros(2)).tolist() // => [[1, 0], [0, 1]]
 */
export function householderProduct(x: Tensor, tau: Tensor): Tensor {
  takeTensor('linalg.householderProduct', 'x', x)
  takeTensor('linalg.householderProduct', 'tau', tau)
  checkReflectors('linalg.householderProduct', x, tau)
  return householderOp({ x, tau }, undefined)
}

/** {@link householderProduct} under its name in LAPACK. */
export const orgqr = householderProduct

const ormqrOp = /* @__PURE__ */ defineOp({
  name: 'ormqr',
  inputs: ['x', 'tau', 'other'],
  attrs: attributes<{ left: boolean; transpose: boolean }>(),
  decompose: ({ x, tau, other }, { left, transpose }) =>
    left ? reflect(x, tau, other, transpose) : mT(reflect(x, tau, mT(other), !transpose)),
})

/** Options of {@link ormqr}. */
export interface OrmqrOptions {
  /** Multiplies from the left; with `false` from the right. */
  left?: boolean
  /** Takes Qᵀ for Q. */
  transpose?: boolean
}
/** The kinds of {@link OrmqrOptions}. */
export const ormqrOptions = /* @__PURE__ */ defineOptions<OrmqrOptions>({ left: flag, transpose: flag })

/**
 * A matrix times the m × m product of reflections that {@link geqrf} gives.
 *
 * @param x - [..., m, k], reflectors below the diagonal
 * @param tau - [..., min(m, k)]
 * @param other - [..., m, n], or [..., n, m] with `left: false`
 * @see https://pytorch.org/docs/stable/generated/torch.ormqr.html
 */
export function ormqr(x: Tensor, tau: Tensor, other: Tensor, options?: OrmqrOptions): Tensor {
  takeTensor('ormqr', 'x', x)
  takeTensor('ormqr', 'tau', tau)
  takeTensor('ormqr', 'other', other)
  const { left = true, transpose = false } = takeOptions('ormqr', ormqrOptions, options)
  checkReflectors('ormqr', x, tau)
  if (other.ndim < 2) throw new ShapeError('ormqr: other must have at least 2 dimensions.')
  const side = left ? -2 : -1
  if (other.shape.at(side) !== x.shape.at(-2)) {
    throw new ShapeError(`ormqr: other.shape[${side}] must be equal to input.shape[-2]`)
  }
  return ormqrOp({ x, tau, other }, { left, transpose })
}

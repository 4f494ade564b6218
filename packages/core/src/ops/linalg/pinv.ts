import { defineOptions, takeOptions } from '../../base/options.ts'
import { either, flag, nullable, real, type Kind } from '../../base/kinds.ts'
import { DTypeError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import { filledAs } from '../../op/fill.ts'
import { aTensor, isTensor, takeTensor } from '../../tensor/kind.ts'
import { gt } from '../elementwise/compare.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { amax } from '../reduce/extremes.ts'
import { maximum } from '../elementwise/binary.ts'
import { abs } from '../elementwise/unary.ts'
import { eigenSymmetric } from './host/symmetric.ts'
import { singular } from './host/singular.ts'
import { product } from './host/block.ts'
import { eigvalsh } from './eigh.ts'
import { batchOf, checkDouble, checkMatrix, checkSquare, eachMatrix, spread, mT } from './matrices.ts'
import { matmul } from './matmul.ts'
import { svdvals } from './svd.ts'

/** A bound: a number, or one per matrix. */
export type Bound = number | Tensor

const bound: Kind<Bound | null> = /* @__PURE__ */ nullable(/* @__PURE__ */ either(real, aTensor))

/** What decides which singular values count as 0: those up to `max(atol, rtol · the largest)`. */
export interface ToleranceOptions {
  /** 0 by default. */
  atol?: Bound | null
  /** `max(m, n) · eps` of the dtype by default, and 0 where `atol` is given. */
  rtol?: Bound | null
  /** Takes the matrix for symmetric: eigenvalues in place of singular values, which takes less time. */
  hermitian?: boolean
}
/** The kinds of {@link ToleranceOptions}. */
export const toleranceOptions = /* @__PURE__ */ defineOptions<ToleranceOptions>({
  atol: bound,
  rtol: bound,
  hermitian: flag,
})

/** The distance from 1 to the next number of a dtype. */
export const epsOf = (x: Tensor): number => (x.dtype === 'float64' ? 2 ** -52 : 2 ** -23)

/** Both bounds as tensors of the dtype of `x`. */
function boundsOf(call: string, x: Tensor, { atol, rtol }: ToleranceOptions): { atol: Tensor; rtol: Tensor } {
  const [m, n] = x.shape.slice(-2)
  const one = (name: string, value: Bound): Tensor => {
    if (!isTensor(value)) return filledAs(x, [], value)
    if (value.dtype === 'bool') throw new DTypeError(`${call}: ${name} tensor of bool type is not supported.`)
    return value.to(x.dtype)
  }
  // an absolute bound that is a number above 0 takes the place of the relative one
  const given = isTensor(atol) || (typeof atol === 'number' && atol > 0)
  return {
    atol: one('atol', atol ?? 0),
    rtol: one('rtol', rtol ?? (given ? 0 : Math.max(m, n) * epsOf(x))),
  }
}

/** Options of {@link matrixRank}. */
export interface MatrixRankOptions extends ToleranceOptions {
  /** PyTorch's old name of `atol`. */
  tol?: Bound | null
}
/** The kinds of {@link MatrixRankOptions}. */
export const matrixRankOptions = /* @__PURE__ */ defineOptions<MatrixRankOptions, ToleranceOptions>(
  { tol: bound },
  toleranceOptions,
)

/**
 * How many singular values of a matrix, or of each of a batch, are above a bound: int64.
 *
 * @param A - [..., m, n], float32 or float64
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
 * @example
 * g.linalg.matrixRank(g.ones(3, 3)).item() // => 1
 */
export function matrixRank(A: Tensor, options?: MatrixRankOptions): Tensor {
  takeTensor('linalg.matrixRank', 'A', A)
  const { tol, hermitian = false, ...rest } = takeOptions('matrixRank', matrixRankOptions, options)
  checkMatrix('linalg.matrixRank', 'A', A)
  const x = A.detach()
  const bounds = boundsOf('linalg.matrixRank', x, { ...rest, atol: tol ?? rest.atol ?? null })
  if (x.numel() === 0) return filledAs(x, batchOf(x), 0, 'int64')
  const S = hermitian ? abs(eigvalsh(x)) : svdvals(x)
  const least = maximum(bounds.atol, bounds.rtol.mul(amax(S, -1)))
  return gt(S, least.unsqueeze(-1)).sum(-1)
}

/** Options of {@link pinv}. */
export interface PinvOptions extends ToleranceOptions {
  /** PyTorch's old name of `rtol`. */
  rcond?: Bound | null
}
/** The kinds of {@link PinvOptions}. */
export const pinvOptions = /* @__PURE__ */ defineOptions<PinvOptions, ToleranceOptions>(
  { rcond: bound },
  toleranceOptions,
)

const pinvValues = /* @__PURE__ */ readsValues('pinv')
const pinvOp = /* @__PURE__ */ defineOp({
  name: 'pinv',
  inputs: ['x', 'atol', 'rtol'],
  attrs: attributes<{ hermitian: boolean }>(),
  autocast: 'fp32',
  infer({ x }) {
    const [m, n] = x.shape.slice(-2)
    return { shape: [...batchOf(x), n, m], dtype: x.dtype }
  },
  kernel(on, { x, atol, rtol }, { out }, { hermitian }) {
    const [m, n] = x.layout.shape.slice(-2)
    const batch = x.layout.shape.slice(0, -2)
    const operands = [x, spread(atol, batch, 0), spread(rtol, batch, 0)]
    eachMatrix(on, pinvValues, batch, operands, [out], ([a, absolute, relative], [to]) => {
      to.set(pseudoInverse(a, m, n, absolute[0], relative[0], hermitian))
    })
  },
  // P = A⁺ of constant rank: dP = -P dA P + P Pᵀ dAᵀ (1 - A P) + (1 - P A) dAᵀ Pᵀ P (Golub & Pereyra 1973)
  vjp: {
    x: saving(['x', 'out'], (g, { x: A, out: P }) => {
      const direct = matmul(matmul(mT(P), g), mT(P))
      const left = matmul(mT(g), matmul(P, mT(P)))
      const right = matmul(matmul(mT(P), P), mT(g))
      return left
        .sub(matmul(A, matmul(P, left)))
        .add(right.sub(matmul(matmul(right, P), A)))
        .sub(direct)
    }),
    atol: null,
    rtol: null,
  },
})

/** The pseudoinverse `[n, m]` of a matrix `[m, n]`, which is overwritten. */
export function pseudoInverse(
  a: Float64Array,
  m: number,
  n: number,
  atol: number,
  rtol: number,
  hermitian: boolean,
): Float64Array {
  if (m === 0 || n === 0) return new Float64Array(0)
  if (hermitian) {
    const { values, vectors } = eigenSymmetric(a, n, false, true)
    const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const least = Math.max(atol, rtol * largest)
    const turned = new Float64Array(n * n)
    const scaled = new Float64Array(n * n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const v = vectors![i * n + j]
        turned[j * n + i] = v
        scaled[i * n + j] = Math.abs(values[j]) > least ? v / values[j] : 0
      }
    }
    return product(scaled, turned, n, n, n)
  }
  const { values, u, vt } = singular(a, m, n, 'thin')
  const k = values.length
  const least = Math.max(atol, rtol * values[0])
  const [v, ut] = [new Float64Array(n * k), new Float64Array(k * m)]
  for (let j = 0; j < k; j++) {
    for (let i = 0; i < n; i++) v[i * k + j] = values[j] > least ? vt![j * n + i] / values[j] : 0
    for (let i = 0; i < m; i++) ut[j * m + i] = u![i * k + j]
  }
  return product(v, ut, n, k, m)
}

/**
 * The pseudoinverse (Moore-Penrose) of a matrix or batch of them, by singular values, computed in double.
 *
 * @param A - [..., m, n], float32 or float64
 * @returns [..., n, m]
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.pinv.html
 * @example
 * g.linalg.pinv(g.tensor([[2], [0]])).tolist() // => [[0.5, 0]]
 */
export function pinv(A: Tensor, options?: PinvOptions): Tensor {
  takeTensor('linalg.pinv', 'A', A)
  const { rcond, hermitian = false, ...rest } = takeOptions('pinv', pinvOptions, options)
  checkMatrix('linalg.pinv', 'A', A)
  checkDouble('linalg.pinv', A)
  if (hermitian) checkSquare('linalg.pinv', 'A', A)
  return pinvOp(
    { x: A, ...boundsOf('linalg.pinv', A, { ...rest, rtol: rcond ?? rest.rtol ?? null }) },
    { hermitian },
  )
}

/** {@link pinv} with a relative bound of 1e-15: `torch.pinverse`. */
export const pinverse = (A: Tensor, rcond = 1e-15): Tensor => {
  takeTensor('pinverse', 'A', A)
  return pinv(A, { rcond })
}

import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { DTypeError, ShapeError, TensorError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { tril } from '../shape/triangle.ts'
import { block, transposed } from './host/block.ts'
import { factorCholesky, solveTriangle } from './host/triangular.ts'
import { checkOptions, type CheckOptions } from './inverse.ts'
import {
  batchElement,
  batchOf,
  checkDouble,
  checkSquare,
  eachMatrix,
  identityLike,
  sharedBatch,
  spread,
  mT,
} from './matrices.ts'
import { matmul } from './matmul.ts'
import { triangularSolve } from './triangular.ts'

const choleskyValues = /* @__PURE__ */ readsValues('cholesky')
const choleskyOp = /* @__PURE__ */ defineOp({
  name: 'cholesky',
  inputs: ['x'],
  outputs: ['L', 'info'],
  attrs: attributes<{ check: boolean }>(),
  autocast: 'fp32',
  infer({ x }) {
    checkSquare('linalg.cholesky', 'A', x)
    checkDouble('linalg.cholesky', x)
    return { L: { shape: x.shape, dtype: x.dtype }, info: { shape: batchOf(x), dtype: 'int32' } }
  },
  kernel(on, { x }, { L, info }, { check }) {
    const n = x.layout.shape.at(-1)!
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, choleskyValues, batch, [x], [L, info], ([a], [l, failed], b) => {
      failed[0] = factorCholesky(a, n)
      if (check && failed[0] > 0) {
        throw new TensorError(
          `linalg.cholesky: ${batchElement(batch, b)}The factorization could not be completed because the input is not positive-definite (the leading minor of order ${failed[0]} is not positive-definite).`,
        )
      }
      l.set(a)
    })
  },
  // gA = ½ L⁻ᵀ S L⁻¹ with S = Φ + Φᵀ, Φ the lower triangle of Lᵀ gL with its diagonal halved (Murray 2016)
  vjp: savingAll(['L'], ([g], { L }) => {
    const product = matmul(mT(L), g)
    const symmetric = tril(product).add(mT(tril(product, -1)))
    const left = triangularSolve(mT(L), symmetric, { upper: true })
    return { x: mT(triangularSolve(mT(L), mT(left), { upper: true })).mul(0.5) }
  }),
})

/** Options of {@link cholesky}. */
export interface CholeskyOptions {
  /** Gives the upper factor Lᵀ, and reads the upper triangle. */
  upper?: boolean
}
/** The kinds of {@link CholeskyOptions}. */
export const choleskyOptions = /* @__PURE__ */ defineOptions<CholeskyOptions>({ upper: flag })

/** Options of {@link choleskyEx}. */
export interface CholeskyExOptions extends CholeskyOptions, CheckOptions {}
/** The kinds of {@link CholeskyExOptions}. */
export const choleskyExOptions = /* @__PURE__ */ defineOptions<CholeskyExOptions, CheckOptions>(
  { upper: flag },
  checkOptions,
)

function factored(x: Tensor, upper: boolean, check: boolean): { L: Tensor; info: Tensor } {
  if (!upper) return choleskyOp({ x }, { check })
  checkSquare('linalg.cholesky', 'A', x)
  const { L, info } = choleskyOp({ x: mT(x) }, { check })
  return { L: mT(L), info }
}

/**
 * The lower triangle L with `A = L · Lᵀ` of a symmetric positive definite matrix or batch of them, computed in double. One
 * triangle of A is read; the gradient is symmetric.
 *
 * @param A - [..., n, n], float32 or float64
 * @throws TensorError where A is not positive definite
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 * @example
 * g.linalg.cholesky(g.tensor([[4, 2], [2, 5]])).tolist() // => [[2, 0], [1, 2]]
 */
export function cholesky(A: Tensor, options?: CholeskyOptions): Tensor {
  const { upper = false } = takeOptions('cholesky', choleskyOptions, options)
  return factored(A, upper, true).L
}

/**
 * {@link cholesky} that says in `info`, int32, per matrix 0 or the order of the leading minor that is not positive.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cholesky_ex.html
 */
export function choleskyEx(A: Tensor, options?: CholeskyExOptions): { L: Tensor; info: Tensor } {
  const { upper = false, checkErrors = false } = takeOptions('choleskyEx', choleskyExOptions, options)
  return factored(A, upper, checkErrors)
}

const choleskySolveValues = /* @__PURE__ */ readsValues('choleskySolve')
const choleskySolveOp = /* @__PURE__ */ defineOp({
  name: 'choleskySolve',
  inputs: ['B', 'L'],
  autocast: 'fp32',
  infer({ B, L }) {
    checkDouble('choleskySolve', L)
    return { shape: [...sharedBatch(L, B), ...B.shape.slice(-2)], dtype: B.dtype }
  },
  kernel(on, { B, L }, { out }) {
    const [n, columns] = out.layout.shape.slice(-2)
    const batch = out.layout.shape.slice(0, -2)
    const operands = [spread(L, batch), spread(B, batch)]
    eachMatrix(on, choleskySolveValues, batch, operands, [out], ([l, x], [to]) => {
      const right = block(x, columns)
      solveTriangle(block(l, n), n, right, columns, { upper: false, unit: false })
      solveTriangle(transposed(block(l, n), n, n), n, right, columns, { upper: true, unit: false })
      to.set(x)
    })
  },
  // the gradient of A = L Lᵀ, -gB Xᵀ, is taken through both factors; PyTorch does not cut it to the triangle either
  vjp: savingAll(['L', 'out'], ([g], { L, out: X }) => {
    const gB: Tensor = solvedBy(g, L)
    const product = matmul(gB, mT(X))
    return { B: gB, L: matmul(product.add(mT(product)), L).mul(-1) }
  }),
})

const solvedBy = (B: Tensor, L: Tensor): Tensor => choleskySolveOp({ B, L }, undefined)

/**
 * Solves `A X = B` by the Cholesky factor L of A.
 *
 * @param B - [..., n, k]
 * @param L - [..., n, n]; batch axes broadcast
 * @param options - with `upper` the factor is Lᵀ
 * @see https://pytorch.org/docs/stable/generated/torch.cholesky_solve.html
 * @example
 * g.choleskySolve(g.tensor([[4], [8]]), g.tensor([[2, 0], [0, 2]])).tolist() // => [[1], [2]]
 */
export function choleskySolve(B: Tensor, L: Tensor, options?: CholeskyOptions): Tensor {
  takeTensor('choleskySolve', 'B', B)
  takeTensor('choleskySolve', 'L', L)
  const { upper = false } = takeOptions('choleskySolve', choleskyOptions, options)
  if (B.ndim < 2)
    throw new ShapeError(`b should have at least 2 dimensions, but has ${B.ndim} dimensions instead`)
  if (L.ndim < 2)
    throw new ShapeError(`u should have at least 2 dimensions, but has ${L.ndim} dimensions instead`)
  checkSquare('choleskySolve', 'L', L)
  if (L.shape.at(-1) !== B.shape.at(-2)) {
    throw new ShapeError(
      `Incompatible matrix sizes for choleskySolve: each A matrix is ${L.shape.at(-1)} by ${L.shape.at(-1)} but each b matrix is ${B.shape.at(-2)} by ${B.shape.at(-1)}`,
    )
  }
  if (L.dtype !== B.dtype) {
    throw new DTypeError(
      `choleskySolve: Expected B and L to have the same dtype, but found B of type ${B.dtype} and L of type ${L.dtype} instead`,
    )
  }
  return solvedBy(B, upper ? mT(L) : L)
}

/**
 * The inverse of A from its Cholesky factor L.
 *
 * @param L - [..., n, n]
 * @param options - with `upper` the factor is Lᵀ
 * @see https://pytorch.org/docs/stable/generated/torch.cholesky_inverse.html
 * @example
 * g.choleskyInverse(g.tensor([[2, 0], [0, 1]])).tolist() // => [[0.25, 0], [0, 1]]
 */
export function choleskyInverse(L: Tensor, options?: CholeskyOptions): Tensor {
  takeTensor('choleskyInverse', 'L', L)
  checkSquare('choleskyInverse', 'A', L)
  return choleskySolve(identityLike(L, L.shape.at(-1)!), L, options)
}

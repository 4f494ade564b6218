import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { DTypeError, ShapeError, TensorError, ValueError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { encode } from '../../tensor/elements.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat } from '../shape/join.ts'
import { tril, triu } from '../shape/triangle.ts'
import { filledAs } from '../../op/fill.ts'
import { factorLU } from './host/lu.ts'
import {
  batchElement,
  batchOf,
  checkDouble,
  checkMatrix,
  checkSquare,
  eachMatrix,
  identityLike,
  mT,
} from './matrices.ts'
import { matmul } from './matmul.ts'
import { triangularSolve } from './triangular.ts'

/** The two triangles of an LU factorization in one tensor, and the exchanges of rows, int32 and counted from 1. */
export interface LUFactors {
  LU: Tensor
  pivots: Tensor
}

/** {@link LUFactors}, and per matrix 0 or the place, from 1, of the first pivot that is 0: int32. */
export interface LUFactorsAndInfo extends LUFactors {
  info: Tensor
}

interface Factor {
  call: string
  check: boolean
}

const factorValues = /* @__PURE__ */ readsValues('luFactor')
const luFactorOp = /* @__PURE__ */ defineOp({
  name: 'luFactor',
  inputs: ['x'],
  outputs: ['LU', 'pivots', 'info'],
  attrs: attributes<Factor>(),
  autocast: 'fp32',
  infer({ x }, { call }) {
    checkMatrix(call, 'A', x)
    checkDouble(call, x)
    const batch = batchOf(x)
    return {
      LU: { shape: x.shape, dtype: x.dtype },
      pivots: { shape: [...batch, Math.min(...x.shape.slice(-2))], dtype: 'int32' },
      info: { shape: batch, dtype: 'int32' },
    }
  },
  kernel(on, { x }, { LU, pivots, info }, { call, check }) {
    const [m, n] = x.layout.shape.slice(-2)
    const batch = batchOf({ shape: x.layout.shape, dtype: x.dtype })
    eachMatrix(on, factorValues, batch, [x], [LU, pivots, info], ([a], [lu, rows, failed], b) => {
      failed[0] = factorLU(a, m, n, rows)
      lu.set(a)
      if (check && failed[0] > 0) {
        throw new TensorError(
          `${call}: ${batchElement(batch, b)}U[${failed[0]},${failed[0]}] is zero and using it on luSolve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.luFactorEx`,
        )
      }
    })
  },
  vjp: savingAll(['LU', 'pivots'], ([g], { LU, pivots }) => ({ x: factorBackward(g, LU, pivots) })),
})

/*
 * With A = P L U, square: gA = P L⁻ᵀ (tril(Lᵀ gL, -1) + triu(gU Uᵀ)) U⁻ᵀ. Columns beyond the rows are U₂ = L⁻¹ Pᵀ A₂, rows beyond
 * the columns L₂ = A₂ U⁻¹: what depends on L and U through them is part of their gradients.
 */
function factorBackward(g: Tensor, LU: Tensor, pivots: Tensor): Tensor {
  const [m, n] = LU.shape.slice(-2)
  const k = Math.min(m, n)
  const square = LU.narrow(-2, 0, k).narrow(-1, 0, k)
  const gSquare = g.narrow(-2, 0, k).narrow(-1, 0, k)
  const L = tril(square, -1).add(identityLike(LU, k))
  const U = triu(square)
  let left = matmul(mT(L), tril(gSquare, -1))
  let right = matmul(triu(gSquare), mT(U))
  if (n > k) left = left.sub(matmul(g.narrow(-1, k, n - k), mT(LU.narrow(-1, k, n - k))))
  if (m > k) right = right.sub(matmul(mT(LU.narrow(-2, k, m - k)), g.narrow(-2, k, m - k)))
  const inner = tril(left, -1).add(triu(right))
  let gA = triangularSolve(mT(L), mT(triangularSolve(U, mT(inner), { upper: true })), {
    upper: true,
    unit: true,
  })
  if (n > k) {
    const rest = triangularSolve(mT(L), g.narrow(-1, k, n - k), { upper: true, unit: true })
    gA = cat([gA, rest], -1)
  }
  if (m > k) {
    const rest = mT(triangularSolve(U, mT(g.narrow(-2, k, m - k)), { upper: true }))
    gA = cat([gA, rest], -2)
  }
  return matmul(permutationOf(pivots, m, LU), gA)
}

const unpackValues = /* @__PURE__ */ readsValues('luUnpack')

/** The matrices P `[..., m, m]` of exchanges of rows, counted from 1, in the dtype of `like`. */
export function permutationOf(pivots: Tensor, m: number, like: Tensor): Tensor {
  const data = hostValues(unpackValues, pivots)
  const k = pivots.shape.at(-1)!
  const batch = pivots.shape.slice(0, -1)
  const count = batch.reduce((a, b) => a * b, 1)
  const out = new Float64Array(count * m * m)
  for (let b = 0; b < count; b++) {
    const rows = Array.from({ length: m }, (_, i) => i)
    for (let i = 0; i < k; i++) {
      const other = Number(data[b * k + i]) - 1
      if (!(other >= 0 && other < m)) {
        throw new ValueError(
          'pivots passed to luUnpack must be between 1 and LU.shape.at(-2) inclusive. Did you properly pass the result of linalg.luFactor?',
        )
      }
      ;[rows[i], rows[other]] = [rows[other], rows[i]]
    }
    rows.forEach((row, i) => (out[(b * m + row) * m + i] = 1))
  }
  return tensorBeside(like, encode(out, like.dtype), [...batch, m, m], like.dtype)
}

/** Options of {@link luFactor} and {@link lu}. */
export interface LUOptions {
  /** Exchanges rows; the only way on the CPU. */
  pivot?: boolean
}
/** The kinds of {@link LUOptions}. */
export const luOptions = /* @__PURE__ */ defineOptions<LUOptions>({ pivot: flag })

/** Options of {@link luFactorEx}. */
export interface LUFactorExOptions extends LUOptions {
  /** Throws where `info` would not be 0. */
  checkErrors?: boolean
}
/** The kinds of {@link LUFactorExOptions}. */
export const luFactorExOptions = /* @__PURE__ */ defineOptions<LUFactorExOptions, LUOptions>(
  { checkErrors: flag },
  luOptions,
)

function checkPivot(call: string, pivot = true): void {
  if (!pivot) throw new ValueError(`${call}: LU without pivoting is not implemented on the CPU`)
}

/**
 * `P · L · U` of a matrix or batch of them, with partial pivoting, as {@link luSolve} and {@link luUnpack} take it.
 *
 * @param A - [..., m, n], float32 or float64
 * @throws TensorError for a pivot that is 0; ValueError for `pivot: false`
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_factor.html
 * @example
 * g.linalg.luFactor(g.tensor([[1, 2], [4, 4]])).LU.tolist() // => [[4, 4], [0.25, 1]]
 */
export function luFactor(A: Tensor, options?: LUOptions): LUFactors {
  const { pivot } = takeOptions('luFactor', luOptions, options)
  checkPivot('linalg.luFactor', pivot)
  const { LU, pivots } = luFactorOp({ x: A }, { call: 'linalg.luFactor', check: true })
  return { LU, pivots }
}

/**
 * {@link luFactor} that says in `info` which pivot is 0, rather than throwing.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_factor_ex.html
 */
export function luFactorEx(A: Tensor, options?: LUFactorExOptions): LUFactorsAndInfo {
  const { pivot, checkErrors = false } = takeOptions('luFactorEx', luFactorExOptions, options)
  checkPivot('linalg.luFactor', pivot)
  return luFactorOp({ x: A }, { call: 'linalg.luFactorEx', check: checkErrors })
}

/** The factors of an LU factorization. */
export interface LU {
  P: Tensor
  L: Tensor
  U: Tensor
}

/**
 * `A = P · L · U` of a matrix or batch of them: P a permutation, L with ones on its diagonal.
 *
 * @param A - [..., m, n], float32 or float64
 * @returns P [..., m, m], L [..., m, k], U [..., k, n] with k = min(m, n)
 * @throws ValueError for `pivot: false`
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu.html
 * @example
 * g.linalg.lu(g.tensor([[1, 2], [4, 4]])).U.tolist() // => [[4, 4], [0, 1]]
 */
export function lu(A: Tensor, options?: LUOptions): LU {
  const { pivot } = takeOptions('lu', luOptions, options)
  checkPivot('linalg.lu', pivot)
  const { LU, pivots } = luFactorOp({ x: A }, { call: 'linalg.lu', check: false })
  return luUnpack(LU, pivots)
}

/** Options of {@link luUnpack}. */
export interface LUUnpackOptions {
  /** Makes L and U; else they are empty. */
  unpackData?: boolean
  /** Makes P; else it is empty. */
  unpackPivots?: boolean
}
/** The kinds of {@link LUUnpackOptions}. */
export const luUnpackOptions = /* @__PURE__ */ defineOptions<LUUnpackOptions>({
  unpackData: flag,
  unpackPivots: flag,
})

/**
 * P, L and U of what {@link luFactor} gives.
 *
 * @throws DTypeError unless the pivots are int32
 * @see https://pytorch.org/docs/stable/generated/torch.lu_unpack.html
 */
export function luUnpack(LU: Tensor, pivots: Tensor, options?: LUUnpackOptions): LU {
  takeTensor('luUnpack', 'LU', LU)
  takeTensor('luUnpack', 'pivots', pivots)
  const { unpackData = true, unpackPivots = true } = takeOptions('luUnpack', luUnpackOptions, options)
  checkMatrix('luUnpack', 'LU', LU)
  if (unpackPivots && pivots.dtype !== 'int32') {
    throw new DTypeError(
      'luUnpack: LU_pivots is expected to be a contiguous tensor of int32 dtype. Note: this function is intended to be used with the output produced by linalg.luFactor',
    )
  }
  const [m, n] = LU.shape.slice(-2)
  const k = Math.min(m, n)
  const none = (): Tensor => filledAs(LU, [0], 0)
  const P = unpackPivots ? permutationOf(pivots, m, LU) : none()
  if (!unpackData) return { P, L: none(), U: none() }
  const ones = identityLike(LU, k)
  const padded = m > k ? cat([ones, filledAs(LU, [m - k, k], 0)], 0) : ones
  return { P, L: tril(LU.narrow(-1, 0, k), -1).add(padded), U: triu(LU.narrow(-2, 0, k)) }
}

/** Options of {@link luSolve}. */
export interface LUSolveOptions {
  /** Solves `A X = B`; with `false` `X A = B`. */
  left?: boolean
  /** Takes Aᵀ for A. */
  adjoint?: boolean
}
/** The kinds of {@link LUSolveOptions}. */
export const luSolveOptions = /* @__PURE__ */ defineOptions<LUSolveOptions>({ left: flag, adjoint: flag })

/**
 * Solves `A X = B` by the factors that {@link luFactor} gives of A.
 *
 * @param LU - [..., n, n]
 * @param pivots - [..., n], int32
 * @param B - [..., n, k]; batch axes broadcast
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html
 * @example
 * const { LU, pivots } = g.linalg.luFactor(g.tensor([[2, 0], [0, 4]]))
 * g.linalg.luSolve(LU, pivots, g.ones(2, 1)).tolist() // => [[0.5], [0.25]]
 */
export function luSolve(LU: Tensor, pivots: Tensor, B: Tensor, options?: LUSolveOptions): Tensor {
  takeTensor('luSolve', 'LU', LU)
  takeTensor('luSolve', 'pivots', pivots)
  takeTensor('luSolve', 'B', B)
  const { left = true, adjoint = false } = takeOptions('luSolve', luSolveOptions, options)
  checkSquare('linalg.luSolve', 'LU', LU)
  if (LU.dtype !== B.dtype) {
    throw new DTypeError(
      `linalg.luSolve: Expected LU and B to have the same dtype, but found LU of type ${LU.dtype} and B of type ${B.dtype} instead`,
    )
  }
  if (pivots.dtype !== 'int32')
    throw new DTypeError('linalg.luSolve: pivots must be int32, as luFactor gives them')
  if (LU.shape.at(-1) !== pivots.shape.at(-1)) {
    throw new ShapeError(
      'linalg.luSolve: Number of pivots per batch should be same as the dimension of the matrix',
    )
  }
  // X A = B is Aᵀ Xᵀ = Bᵀ
  if (!left) return mT(luSolve(LU, pivots, mT(B), { adjoint: !adjoint }))
  const n = LU.shape.at(-1)!
  const P = permutationOf(pivots, n, LU)
  const lower = { upper: false, unit: true }
  if (!adjoint) return triangularSolve(LU, triangularSolve(LU, matmul(mT(P), B), lower), { upper: true })
  const first = triangularSolve(mT(LU), B, { upper: false })
  return matmul(P, triangularSolve(mT(LU), first, { upper: true, unit: true }))
}

/** {@link luSolve} with the right side first: `torch.lu_solve`. */
export const luSolveOf = (B: Tensor, LU: Tensor, pivots: Tensor): Tensor => luSolve(LU, pivots, B)

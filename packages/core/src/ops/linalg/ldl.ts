import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { DTypeError, ShapeError, TensorError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { factorIndefinite, solveIndefinite } from './host/indefinite.ts'
import { checkOptions, type CheckOptions } from './inverse.ts'
import {
  batchElement,
  batchOf,
  checkDouble,
  checkSquare,
  eachMatrix,
  sharedBatch,
  spread,
} from './matrices.ts'

/** L below the diagonal, the blocks of D on it, and LAPACK's exchanges: int32, negative where a block is of two. */
export interface LDL {
  LD: Tensor
  pivots: Tensor
}

const factorValues = /* @__PURE__ */ readsValues('ldlFactor')
const ldlFactorOp = /* @__PURE__ */ defineOp({
  name: 'ldlFactor',
  inputs: ['x'],
  outputs: ['LD', 'pivots', 'info'],
  attrs: attributes<{ call: string; check: boolean }>(),
  autocast: 'fp32',
  infer({ x }, { call }) {
    checkSquare(call, 'A', x)
    checkDouble(call, x)
    return {
      LD: { shape: x.shape, dtype: x.dtype },
      pivots: { shape: x.shape.slice(0, -1), dtype: 'int32' },
      info: { shape: batchOf(x), dtype: 'int32' },
    }
  },
  kernel(on, { x }, { LD, pivots, info }, { call, check }) {
    const n = x.layout.shape.at(-1)!
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, factorValues, batch, [x], [LD, pivots, info], ([a], [ld, rows, failed], b) => {
      failed[0] = factorIndefinite(a, n, rows)
      if (check && failed[0] > 0) {
        throw new TensorError(
          `${call}: ${batchElement(batch, b)}The diagonal element ${failed[0]} is zero, the solve could not be completed because the input matrix is singular.`,
        )
      }
      for (let i = 0; i < n; i++) ld.set(a.subarray(i * n, i * n + i + 1), i * n)
    })
  },
})

/** Options of {@link ldlFactor}. */
export interface LDLOptions {
  /** Of complex matrices: a real one is symmetric either way. */
  hermitian?: boolean
}
/** The kinds of {@link LDLOptions}. */
export const ldlOptions = /* @__PURE__ */ defineOptions<LDLOptions>({ hermitian: flag })

/** Options of {@link ldlFactorEx}. */
export interface LDLExOptions extends LDLOptions, CheckOptions {}
/** The kinds of {@link LDLExOptions}. */
export const ldlExOptions = /* @__PURE__ */ defineOptions<LDLExOptions, CheckOptions>(
  { hermitian: flag },
  checkOptions,
)

/**
 * `A = P L D Lᵀ Pᵀ` of a symmetric matrix or batch of them, as {@link ldlSolve} takes it (Bunch & Kaufman 1977). The lower
 * triangle is read. It has no gradient, as in PyTorch.
 *
 * @param A - [..., n, n], float32 or float64
 * @throws TensorError where a block of D is 0
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_factor.html
 * @example
 * g.linalg.ldlFactor(g.tensor([[2, 1], [1, 2]])).LD.tolist() // => [[2, 0], [0.5, 1.5]]
 */
export function ldlFactor(A: Tensor, options?: LDLOptions): LDL {
  takeOptions('ldlFactor', ldlOptions, options)
  const { LD, pivots } = ldlFactorOp({ x: A }, { call: 'linalg.ldlFactor', check: true })
  return { LD, pivots }
}

/**
 * {@link ldlFactor} that says in `info`, int32, per matrix 0 or which block of D, from 1, is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_factor_ex.html
 */
export function ldlFactorEx(A: Tensor, options?: LDLExOptions): LDL & { info: Tensor } {
  const { checkErrors = false } = takeOptions('ldlFactorEx', ldlExOptions, options)
  return ldlFactorOp({ x: A }, { call: 'linalg.ldlFactorEx', check: checkErrors })
}

const solveValues = /* @__PURE__ */ readsValues('ldlSolve')
const ldlSolveOp = /* @__PURE__ */ defineOp({
  name: 'ldlSolve',
  inputs: ['LD', 'pivots', 'B'],
  autocast: 'fp32',
  infer: ({ LD, B }) => ({ shape: [...sharedBatch(LD, B), ...B.shape.slice(-2)], dtype: B.dtype }),
  kernel(on, { LD, pivots, B }, { out }) {
    const [n, columns] = out.layout.shape.slice(-2)
    const batch = out.layout.shape.slice(0, -2)
    const operands = [spread(LD, batch), spread(pivots, batch, 1), spread(B, batch)]
    eachMatrix(on, solveValues, batch, operands, [out], ([ld, rows, x], [to]) => {
      solveIndefinite(ld, n, rows, x, columns)
      to.set(x)
    })
  },
  // A is symmetric: the gradient of B is solved for likewise
  vjp: {
    LD: null,
    pivots: null,
    B: saving(['LD', 'pivots'], (g, { LD, pivots }): Tensor => solvedBy(LD, pivots, g)),
  },
})

const solvedBy = (LD: Tensor, pivots: Tensor, B: Tensor): Tensor => ldlSolveOp({ LD, pivots, B }, undefined)

/**
 * Solves `A X = B` by what {@link ldlFactor} gives of a symmetric A. The gradient is that of B alone, as in PyTorch.
 *
 * @param LD - [..., n, n]
 * @param pivots - [..., n], int32
 * @param B - [..., n, k]; batch axes broadcast
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_solve.html
 * @example
 * const { LD, pivots } = g.linalg.ldlFactor(g.tensor([[2, 1], [1, 2]]))
 * g.linalg.ldlSolve(LD, pivots, g.tensor([[3], [3]])).tolist() // => [[1], [1]]
 */
export function ldlSolve(LD: Tensor, pivots: Tensor, B: Tensor, options?: LDLOptions): Tensor {
  takeTensor('linalg.ldlSolve', 'LD', LD)
  takeTensor('linalg.ldlSolve', 'pivots', pivots)
  takeTensor('linalg.ldlSolve', 'B', B)
  takeOptions('ldlSolve', ldlOptions, options)
  const call = 'linalg.ldlSolve'
  checkSquare(call, 'LD', LD)
  checkDouble(call, LD)
  if (B.ndim < 2)
    throw new ShapeError(
      `${call}: Expected B to have at least 2 dimensions, but it has ${B.ndim} dimensions instead`,
    )
  if (LD.shape.at(-1) !== B.shape.at(-2)) {
    throw new ShapeError(
      `${call}: Incompatible shapes of A and B for the equation AX = B (${LD.shape.at(-1)}x${LD.shape.at(-1)} and ${B.shape.at(-2)}x${B.shape.at(-1)})`,
    )
  }
  if (pivots.dtype !== 'int32')
    throw new DTypeError(`${call}: Expected pivots to be integers. Got ${pivots.dtype}`)
  if (LD.dtype !== B.dtype) {
    throw new DTypeError(`${call}: LD dtype${LD.dtype} does not match b dtype ${B.dtype}`)
  }
  return solvedBy(LD, pivots, B)
}

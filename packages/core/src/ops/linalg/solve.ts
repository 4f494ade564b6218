import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { ShapeError, TensorError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { block } from './host/block.ts'
import { factorLU, solveFactored } from './host/lu.ts'
import { checkOptions, type CheckOptions } from './inverse.ts'
import { batchElement, batchOf, checkDouble, eachMatrix, sharedBatch, spread, mT } from './matrices.ts'
import { matmul } from './matmul.ts'
import { checkSystem } from './triangular.ts'

const solveValues = /* @__PURE__ */ readsValues('solve')
const solveOp = /* @__PURE__ */ defineOp({
  name: 'solve',
  inputs: ['A', 'B'],
  outputs: ['result', 'info'],
  attrs: attributes<{ check: boolean }>(),
  autocast: 'fp32',
  infer({ A, B }) {
    checkDouble('linalg.solve', A)
    const batch = sharedBatch(A, B)
    return {
      result: { shape: [...batch, ...B.shape.slice(-2)], dtype: B.dtype },
      info: { shape: batchOf(A), dtype: 'int32' },
    }
  },
  kernel(on, { A, B }, { result, info }, { check }) {
    const [n, columns] = result.layout.shape.slice(-2)
    const batch = result.layout.shape.slice(0, -2)
    const operands = [spread(A, batch), spread(B, batch)]
    const failures = batch.reduce((a, b) => a * b, 1) === info.layout.size ? [info] : []
    eachMatrix(on, solveValues, batch, operands, [result, ...failures], ([a, b], [x, failed], i) => {
      const pivots = new Float64Array(n)
      const place = factorLU(a, n, n, pivots)
      if (failed) failed[0] = place
      if (check && place > 0) {
        throw new TensorError(
          `linalg.solve: ${batchElement(batch, i)}The solver failed because the input matrix is singular.`,
        )
      }
      solveFactored(block(a, n), n, pivots, b, columns)
      x.set(b)
    })
    // one matrix for several right sides: its place is found once more
    if (failures.length === 0) {
      eachMatrix(on, solveValues, info.layout.shape, [A], [info], ([a], [failed]) => {
        failed[0] = factorLU(a, n, n, new Float64Array(n))
      })
    }
  },
  vjp: savingAll(['A', 'result'], ([g], { A, result }) => {
    const gB: Tensor = solved(mT(A), g, true, false).result
    return { A: matmul(gB, mT(result)).mul(-1), B: gB }
  }),
})

/** Options of {@link solve}. */
export interface SolveOptions {
  /** Solves `A X = B`; with `false` `X A = B`. */
  left?: boolean
}
/** The kinds of {@link SolveOptions}. */
export const solveOptions = /* @__PURE__ */ defineOptions<SolveOptions>({ left: flag })

/** Options of {@link solveEx}. */
export interface SolveExOptions extends SolveOptions, CheckOptions {}
/** The kinds of {@link SolveExOptions}. */
export const solveExOptions = /* @__PURE__ */ defineOptions<SolveExOptions, CheckOptions>(
  { left: flag },
  checkOptions,
)

// PyTorch's rule: a B that lacks the last axis of A is one right side per matrix
const isVectors = (A: Tensor, B: Tensor): boolean =>
  B.ndim === 1 || (A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1)))

function solved(A: Tensor, B: Tensor, left: boolean, check: boolean): { result: Tensor; info: Tensor } {
  if (isVectors(A, B)) {
    if (!left) {
      throw new ShapeError(
        'linalg.solve: Vector broadcasting of the left hand side is not supported for left: false. In this case linalg.solve is equivalent to B / A.squeeze(-1)',
      )
    }
    const columns = B.unsqueeze(-1)
    checkSystem('linalg.solve', A, columns, left)
    const { result, info } = solveOp({ A, B: columns }, { check })
    return { result: result.squeeze(-1), info }
  }
  checkSystem('linalg.solve', A, B, left)
  if (left) return solveOp({ A, B }, { check })
  // X A = B is Aᵀ Xᵀ = Bᵀ
  const { result, info } = solveOp({ A: mT(A), B: mT(B) }, { check })
  return { result: mT(result), info }
}

/**
 * The X with `A X = B`, by LU with partial pivoting, computed in double.
 *
 * @param A - [..., n, n], float32 or float64
 * @param B - [..., n, k], or [..., k, n] with `left: false`, or [..., n] for one right side; batch axes broadcast
 * @throws TensorError for a singular A; ShapeError where shapes do not fit; DTypeError for different dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve.html
 * @example
 * g.linalg.solve(g.tensor([[2, 0], [0, 4]]), g.tensor([2, 2])).tolist() // => [1, 0.5]
 */
export function solve(A: Tensor, B: Tensor, options?: SolveOptions): Tensor {
  takeTensor('linalg.solve', 'A', A)
  takeTensor('linalg.solve', 'B', B)
  const { left = true } = takeOptions('solve', solveOptions, options)
  return solved(A, B, left, true).result
}

/**
 * {@link solve} that says in `info`, int32, per matrix 0 or which pivot, from 1, is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve_ex.html
 */
export function solveEx(A: Tensor, B: Tensor, options?: SolveExOptions): { result: Tensor; info: Tensor } {
  const { left = true, checkErrors = false } = takeOptions('solveEx', solveExOptions, options)
  return solved(A, B, left, checkErrors)
}

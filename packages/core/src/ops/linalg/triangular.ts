import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { tril, triu } from '../shape/triangle.ts'
import { block } from './host/block.ts'
import { solveTriangle } from './host/triangular.ts'
import { checkDouble, checkMatrix, checkSquare, eachMatrix, sharedBatch, spread, mT } from './matrices.ts'
import { matmul } from './matmul.ts'

interface Triangular {
  upper: boolean
  unit: boolean
}

const triangularValues = /* @__PURE__ */ readsValues('solveTriangular')
const solveTriangularOp = /* @__PURE__ */ defineOp({
  name: 'solveTriangular',
  inputs: ['t', 'x'],
  attrs: attributes<Triangular>(),
  autocast: 'fp32',
  infer({ t, x }) {
    checkDouble('linalg.solveTriangular', t)
    return { shape: [...sharedBatch(t, x), ...x.shape.slice(-2)], dtype: x.dtype }
  },
  kernel(on, { t, x }, { out }, { upper, unit }) {
    const [n, columns] = out.layout.shape.slice(-2)
    const batch = out.layout.shape.slice(0, -2)
    const operands = [spread(t, batch), spread(x, batch)]
    eachMatrix(on, triangularValues, batch, operands, [out], ([a, b], [to]) => {
      solveTriangle(block(a, n), n, block(b, columns), columns, { upper, unit })
      to.set(b)
    })
  },
  vjp: {
    t: saving(['t', 'out'], (g, { t, out }, attrs: Triangular) => {
      const full = matmul(backward(t, g, attrs), mT(out)).mul(-1)
      const by = attrs.unit ? 1 : 0
      return attrs.upper ? triu(full, by) : tril(full, -by)
    }),
    x: saving(['t'], (g, { t }, attrs: Triangular) => backward(t, g, attrs)),
  },
})

/** The gradient of the right side: T⁻ᵀ g. */
const backward = (t: Tensor, g: Tensor, { upper, unit }: Triangular): Tensor =>
  solveTriangularOp({ t: mT(t), x: g }, { upper: !upper, unit })

/** `t⁻¹ x` for one triangle of `t`; the other is not read. Shapes are as checked. */
export const triangularSolve = (
  t: Tensor,
  x: Tensor,
  { upper, unit = false }: { upper: boolean; unit?: boolean },
): Tensor => solveTriangularOp({ t, x }, { upper, unit })

/** Options of {@link solveTriangular}. */
export interface SolveTriangularOptions {
  /** Whether A is an upper triangle; must be given. */
  upper: boolean
  /** Solves `A X = B`; with `false` `X A = B`. */
  left?: boolean
  /** Takes the diagonal of A for ones. */
  unitriangular?: boolean
}
/** The kinds of {@link SolveTriangularOptions}. */
export const solveTriangularOptions = /* @__PURE__ */ defineOptions<SolveTriangularOptions>({
  upper: flag,
  left: flag,
  unitriangular: flag,
})

/** @throws ShapeError, DTypeError unless a matrix and a right side go together, in PyTorch's words */
export function checkSystem(call: string, A: Tensor, B: Tensor, left: boolean): void {
  if (A.dtype !== B.dtype) {
    throw new DTypeError(
      `${call}: Expected A and B to have the same dtype, but found A of type ${A.dtype} and B of type ${B.dtype} instead`,
    )
  }
  checkMatrix(call, 'A', A)
  checkMatrix(call, 'B', B)
  checkSquare(call, 'A', A)
  const [m, n] = B.shape.slice(-2)
  const size = A.shape.at(-1)!
  if (size !== (left ? m : n)) {
    throw new ShapeError(
      `${call}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${size}x${size} and ${m}x${n})`,
    )
  }
}

/**
 * Solves `A X = B` for a triangle A; the other triangle is not read.
 *
 * @param A - [..., n, n], float32 or float64
 * @param B - [..., n, k], or [..., k, n] with `left: false`; batch axes broadcast
 * @param options - `upper` must be given
 * @throws ShapeError where shapes do not fit; DTypeError for different dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html
 * @example
 * g.linalg.solveTriangular(g.tensor([[2, 0], [1, 4]]), g.tensor([[2], [9]]), { upper: false }).tolist() // => [[1], [2]]
 */
export function solveTriangular(A: Tensor, B: Tensor, options: SolveTriangularOptions): Tensor {
  takeTensor('linalg.solveTriangular', 'A', A)
  takeTensor('linalg.solveTriangular', 'B', B)
  const {
    upper,
    left = true,
    unitriangular: unit = false,
  } = takeOptions('solveTriangular', solveTriangularOptions, options)
  if (upper === undefined) throw new DTypeError('solveTriangular needs { upper: true } or { upper: false }')
  checkSystem('linalg.solveTriangular', A, B, left)
  return left
    ? triangularSolve(A, B, { upper, unit })
    : mT(triangularSolve(mT(A), mT(B), { upper: !upper, unit }))
}

/** What `torch.triangular_solve` takes. */
export interface OldTriangularOptions {
  /** Whether A is an upper triangle; true by default. */
  upper?: boolean
  /** Takes Aᵀ for A. */
  transpose?: boolean
  /** Takes the diagonal of A for ones. */
  unitriangular?: boolean
}
/** The kinds of {@link OldTriangularOptions}. */
export const oldTriangularOptions = /* @__PURE__ */ defineOptions<OldTriangularOptions>({
  upper: flag,
  transpose: flag,
  unitriangular: flag,
})

/**
 * {@link solveTriangular} with the right side first, and a copy of A: `torch.triangular_solve`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.triangular_solve.html
 */
export function oldTriangularSolve(
  B: Tensor,
  A: Tensor,
  options?: OldTriangularOptions,
): { solution: Tensor; clonedCoefficient: Tensor } {
  const {
    upper = true,
    transpose = false,
    unitriangular: unit = false,
  } = takeOptions('triangularSolve', oldTriangularOptions, options)
  checkSystem('triangularSolve', A, B, true)
  const solution = triangularSolve(transpose ? mT(A) : A, B, { upper: upper !== transpose, unit })
  return { solution, clonedCoefficient: A.clone() }
}

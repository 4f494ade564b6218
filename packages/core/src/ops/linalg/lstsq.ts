import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { kind, nullable, real } from '../../base/kinds.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { filledAs } from '../../op/fill.ts'
import { hostNumbers, readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { product } from './host/block.ts'
import { batchOf, checkDouble, eachMatrix, spread, mT } from './matrices.ts'
import { matmul } from './matmul.ts'
import { epsOf, matrixRank, pinv, pseudoInverse } from './pinv.ts'
import { svdvals } from './svd.ts'

const lstsqValues = /* @__PURE__ */ readsValues('lstsq')
const lstsqOp = /* @__PURE__ */ defineOp({
  name: 'lstsq',
  inputs: ['A', 'B'],
  attrs: attributes<{ rtol: number }>(),
  autocast: 'fp32',
  infer: ({ A, B }) => ({
    shape: [...batchOf(A), A.shape.at(-1)!, B.shape.at(-1)!],
    dtype: A.dtype,
  }),
  kernel(on, { A, B }, { out }, { rtol }) {
    const [m, n] = A.layout.shape.slice(-2)
    const columns = B.layout.shape.at(-1)!
    const batch = A.layout.shape.slice(0, -2)
    eachMatrix(on, lstsqValues, batch, [A, spread(B, batch)], [out], ([a, b], [x]) => {
      x.set(product(pseudoInverse(a, m, n, 0, rtol, false), b, n, m, columns))
    })
  },
  // the differential of the pseudoinverse, of constant rank, times B: see pinv
  vjp: savingAll(['A', 'B', 'out'], ([g], { A, B, out: X }, _needs, { rtol }: { rtol: number }) => {
    const P = pinv(A, { rtol })
    const gB = matmul(mT(P), g)
    const left = B.sub(matmul(A, X))
    const along = matmul(matmul(left, mT(g)), matmul(P, mT(P)))
    const free = mT(g).sub(matmul(matmul(mT(g), P), A))
    return { A: along.add(matmul(matmul(mT(P), X), free)).sub(matmul(gB, mT(X))), B: gB }
  }),
})

/** A least-squares solution, with what its driver finds besides; what it does not find is empty. */
export interface Lstsq {
  solution: Tensor
  /** Sums of squares of what is left, where m > n and every matrix is of full rank. */
  residuals: Tensor
  /** int64; not of 'gels'. */
  rank: Tensor
  /** Of 'gelsd' and 'gelss'. */
  singularValues: Tensor
}

/** The routines of LAPACK: the last three take matrices of any rank. */
export type LstsqDriver = 'gels' | 'gelsy' | 'gelsd' | 'gelss'

/** Options of {@link lstsq}. */
export interface LstsqOptions {
  /** Singular values up to this times the largest count as 0; `max(m, n) · eps` by default, and not of 'gels'. */
  rcond?: number | null
  /** 'gelsy' by default. */
  driver?: LstsqDriver | null
}
/** The kinds of {@link LstsqOptions}. */
export const lstsqOptions = /* @__PURE__ */ defineOptions<LstsqOptions>({
  rcond: /* @__PURE__ */ nullable(real),
  driver: /* @__PURE__ */ nullable(
    /* @__PURE__ */ kind<LstsqDriver>(
      "'gels', 'gelsy', 'gelsd' or 'gelss'",
      (x) => typeof x === 'string' && /^gels[yds]?$/.test(x),
      () => 'linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)',
    ),
  ),
})

/**
 * The X for which `‖A X - B‖` is least; where many are, the shortest.
 *
 * By the pseudoinverse of A, whose tolerance is `rcond`; 'gels' takes A for a matrix of full rank.
 *
 * @param A - [..., m, n], float32 or float64
 * @param B - [..., m, k], or [..., m] for one right side
 * @throws ShapeError where shapes do not fit; ArgumentError for another driver
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lstsq.html
 * @example
 * g.linalg.lstsq(g.tensor([[1], [1]]), g.tensor([[1], [3]])).solution.tolist() // => [[2]]
 */
export function lstsq(A: Tensor, B: Tensor, options?: LstsqOptions): Lstsq {
  takeTensor('linalg.lstsq', 'A', A)
  takeTensor('linalg.lstsq', 'B', B)
  const { rcond = null, driver } = takeOptions('lstsq', lstsqOptions, options)
  const by = driver ?? 'gelsy'
  if (A.ndim < 2) throw new ShapeError('linalg.lstsq: input must have at least 2 dimensions.')
  if (B.ndim < 1) throw new ShapeError('linalg.lstsq: other must have at least 1 dimension.')
  const difference = A.ndim - B.ndim
  if (difference < 0 || difference > 1) {
    throw new ShapeError(
      'linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1',
    )
  }
  const vector = difference === 1
  const right = vector ? B.unsqueeze(-1) : B
  const [m, n] = A.shape.slice(-2)
  if (m !== right.shape.at(-2)) {
    throw new ShapeError(`linalg.lstsq: input.size(-2) should match other.size(-${vector ? 1 : 2})`)
  }
  if (A.dtype !== B.dtype)
    throw new DTypeError(
      `linalg.lstsq: Expected input and other to have the same dtype, but got input's dtype ${A.dtype} and other's dtype ${B.dtype}`,
    )
  checkDouble('linalg.lstsq', A)
  const rtol = by === 'gels' ? 0 : (rcond ?? Math.max(m, n) * epsOf(A))
  const X = lstsqOp({ A, B: right }, { rtol })
  const found = by === 'gels' ? null : matrixRank(A, { rtol })
  const empty = (dtype: Tensor['dtype']): Tensor => filledAs(A, [0], 0, dtype)
  const isFull = found === null || hostNumbers(lstsqValues, found).every((r) => r === n)
  const left = right.sub(matmul(A, X))
  return {
    solution: vector ? X.squeeze(-1) : X,
    // empty, and of the same history: as PyTorch's
    residuals:
      m > n && isFull ? left.mul(left).sum(-2) : left.reshape([left.numel()]).narrow(0, 0, 0).clone(),
    rank: found ?? empty('int64'),
    singularValues: by === 'gelsd' || by === 'gelss' ? svdvals(A.detach()) : empty(A.dtype),
  }
}

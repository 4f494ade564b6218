import { takeTensors, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { nullable, whole, wholes } from '../../base/kinds.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { sizeOf } from '../../base/shape.ts'
import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cumprod } from '../reduce/scan.ts'
import { cat } from '../shape/join.ts'
import { movedim } from '../view/axes.ts'
import { inv } from './inverse.ts'
import { matmul } from './matmul.ts'
import { solve } from './solve.ts'

const listed = (x: Tensor): string => `[${x.shape.join(', ')}]`

/**
 * The product of two or more matrices in the order of least work; the first and the last may be vectors.
 *
 * @throws ShapeError where shapes do not fit; DTypeError for different dtypes
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.multi_dot.html
 * @example
 * g.linalg.multiDot([g.ones(2, 3), g.ones(3, 4), g.ones(4)]).tolist() // => [12, 12]
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  takeTensors('linalg.multiDot', 'tensors', tensors)
  const n = tensors.length
  if (n < 2) throw new ShapeError(`multiDot(): expected at least 2 tensors but got ${n}`)
  const [first, last] = [tensors[0], tensors[n - 1]]
  const check = (x: Tensor, which: string): void => {
    if (x.ndim !== 1 && x.ndim !== 2)
      throw new ShapeError(`multiDot(): the ${which} tensor must be 1D or 2D but got ${x.ndim}D`)
  }
  check(first, 'first')
  check(last, 'last')
  tensors.forEach((x, i) => {
    if (i > 0 && i < n - 1 && x.ndim !== 2)
      throw new ShapeError(`multiDot(): tensor ${i} must be 2D but got ${x.ndim}D`)
    if (x.dtype !== first.dtype) {
      throw new DTypeError(
        `multiDot(): all tensors must have be the same dtype but tensor 0 is ${first.dtype} and tensor ${i} ${x.dtype}`,
      )
    }
  })
  const matrices = tensors.map((x, i) => (x.ndim === 2 ? x : i === 0 ? x.unsqueeze(0) : x.unsqueeze(1)))
  for (let i = 1; i < n; i++) {
    if (matrices[i - 1].shape[1] !== matrices[i].shape[0]) {
      throw new ShapeError(
        `multiDot(): tensors ${i - 1} and ${i} with shapes ${listed(matrices[i - 1])} and ${listed(matrices[i])} cannot be multiplied`,
      )
    }
  }
  let product = chained(matrices)
  if (last.ndim === 1) product = product.squeeze(1)
  return first.ndim === 1 ? product.squeeze(0) : product
}

/** Matrices multiplied in the order of least work: Cormen et al., 15.2. */
function chained(matrices: readonly Tensor[]): Tensor {
  const n = matrices.length
  const sizes = [matrices[0].shape[0], ...matrices.map((x) => x.shape[1])]
  const cost = Array.from({ length: n }, () => new Float64Array(n))
  const split = Array.from({ length: n }, () => new Int32Array(n))
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length
      cost[i][j] = Infinity
      for (let k = i; k < j; k++) {
        const all = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
        if (all < cost[i][j]) [cost[i][j], split[i][j]] = [all, k]
      }
    }
  }
  const multiply = (i: number, j: number): Tensor =>
    i === j ? matrices[i] : matmul(multiply(i, split[i][j]), multiply(split[i][j] + 1, j))
  return multiply(0, n - 1)
}

/** {@link multiDot} of matrices given one by one; of one it is that. */
export const chainMatmul = (...matrices: readonly Tensor[]): Tensor =>
  matrices.length === 1 ? matrices[0].clone() : multiDot(matrices)

/**
 * The X with `tensordot(A, X, X.ndim) = B`: {@link solve} with several axes for rows and for columns.
 *
 * @param dims - axes of A that are moved to the end first
 * @throws ShapeError unless A is square when its axes are taken together
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.tensorsolve.html
 * @example
 * g.linalg.tensorsolve(g.eye(4).reshape([2, 2, 4]), g.ones(2, 2)).tolist() // => [1, 1, 1, 1]
 */
export function tensorsolve(A: Tensor, B: Tensor, dims: readonly number[] | null = null): Tensor {
  takeTensor('linalg.tensorsolve', 'A', A)
  takeTensor('linalg.tensorsolve', 'B', B)
  if (dims !== null) takeArgument('linalg.tensorsolve', 'dims', wholes, dims)
  const a =
    dims === null
      ? A
      : movedim(
          A,
          dims,
          dims.map((_, i) => A.ndim - dims.length + i),
        )
  const rest = a.shape.slice(B.ndim)
  const [rows, columns] = [sizeOf(a.shape.slice(0, B.ndim)), sizeOf(rest)]
  if (rows !== columns) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${columns} != ${rows}`,
    )
  }
  return solve(a.reshape([rows, columns]), B.reshape([B.numel()])).reshape(rest)
}

/**
 * The inverse of A as a map of its last axes to its first `ind`, with axes exchanged accordingly.
 *
 * @throws ShapeError unless A is square when its axes are taken together
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.tensorinv.html
 * @example
 * g.linalg.tensorinv(g.eye(4).reshape([2, 2, 4])).shape // => [4, 2, 2]
 */
export function tensorinv(A: Tensor, ind = 2): Tensor {
  takeTensor('linalg.tensorinv', 'A', A)
  takeArgument('tensorinv', 'ind', whole, ind)
  if (ind <= 0) throw new ValueError('Expected a strictly positive integer for `ind`')
  const [first, rest] = [A.shape.slice(0, ind), A.shape.slice(ind)]
  const [rows, columns] = [sizeOf(first), sizeOf(rest)]
  if (rows !== columns) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${columns} != ${rows}`,
    )
  }
  return inv(A.reshape([rows, columns])).reshape([...rest, ...first])
}

/** What `linalg.vander` takes. */
export interface LinalgVanderOptions {
  /** Columns; the length of the last axis by default. */
  N?: number | null
}
/** The kinds of {@link LinalgVanderOptions}. */
export const linalgVanderOptions = /* @__PURE__ */ defineOptions<LinalgVanderOptions>({
  N: /* @__PURE__ */ nullable(whole),
})

/** Powers 0 to n - 1 along a new axis. */
function powers(x: Tensor, n: number): Tensor {
  // integers are powered as they are: no product of bool or of small integers widens
  const ones = filledAs(x, [...x.shape, 1], 1)
  if (n === 1) return ones
  return cat([ones, cumprod(x.unsqueeze(-1).expand([...x.shape, n - 1]), -1)], -1)
}

/**
 * Vandermonde matrices: the powers 0 to N - 1 of each element as a row.
 *
 * @param x - [..., n]
 * @returns [..., n, N]
 * @throws ValueError for an N of 1 or less
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.vander.html
 * @example
 * g.linalg.vander(g.tensor([2, 3]), { N: 3 }).tolist() // => [[1, 2, 4], [1, 3, 9]]
 */
export function linalgVander(x: Tensor, options?: LinalgVanderOptions): Tensor {
  takeTensor('linalg.vander', 'x', x)
  const { N } = takeOptions('vander', linalgVanderOptions, options)
  const row = x.ndim === 0 ? x.unsqueeze(0) : x
  const n = N ?? row.shape.at(-1)!
  if (n <= 1) throw new ValueError('N must be greater than 1.')
  return powers(row, n)
}

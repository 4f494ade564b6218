import { describeValue } from '../../base/describe.ts'
import { wholes } from '../../base/kinds.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { takeOptions, takeArgument } from '../../base/options.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { normalizeAxis } from '../../base/shape.ts'
import { gt } from '../elementwise/compare.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { maskedFill } from '../elementwise/ternary.ts'
import { abs } from '../elementwise/unary.ts'
import { accumulateOptions, type AccumulateOptions } from '../reduce/reduce.ts'
import { amax, amin } from '../reduce/extremes.ts'
import { filledAs } from '../../op/fill.ts'
import { movedim } from '../view/axes.ts'
import { invEx } from './inverse.ts'
import { batchOf, checkMatrix, checkSquare } from './matrices.ts'
import { svdvals } from './svd.ts'
import { vectorNorm } from './vector-norm.ts'

/** A norm of matrices: Frobenius, nuclear, or induced by the 1-, 2- and ∞-norm, the least gain with a minus. */
export type MatrixOrder = 'fro' | 'nuc' | number

const call = 'linalg.matrixNorm'

/**
 * A norm of the matrices on two axes.
 *
 * @param x - [..., m, n], floating
 * @param ord - 'fro' (default), 'nuc' (the sum of singular values), 2 and -2 (the largest and smallest), 1 and -1 (the largest and
 * smallest sum of a column's |x|), Infinity and -Infinity (of a row's)
 * @param axes - the last two by default
 * @throws ValueError for another order; ShapeError unless two axes are given
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
 * @example
 * g.linalg.matrixNorm(g.tensor([[3, 4], [0, 0]]), 'nuc').item() // => 5
 */
export function matrixNorm(
  x: Tensor,
  ord: MatrixOrder = 'fro',
  axes: readonly number[] = [-2, -1],
  options?: AccumulateOptions,
): Tensor {
  takeTensor('linalg.matrixNorm', 'x', x)
  takeArgument('linalg.matrixNorm', 'axes', wholes, axes)
  const { keepdim = false, dtype } = takeOptions('matrixNorm', accumulateOptions, options)
  checkMatrix(call, 'A', x)
  if (!isFloat(x.dtype))
    throw new DTypeError(`${call}: Expected a floating point or complex tensor as input. Got ${x.dtype}`)
  if (axes.length !== 2) throw new ShapeError(`${call}: dim must be a 2-tuple. Got ${axes.join(', ')}`)
  const [a, b] = axes.map((axis) => normalizeAxis(axis, x.ndim))
  if (a === b) throw new ShapeError(`${call}: dims must be different. Got (${axes.join(', ')})`)
  const y = dtype === undefined ? x : x.to(dtype)
  switch (ord) {
    case 'fro':
      return vectorNorm(y, 2, [a, b], { keepdim })
    case 'nuc':
    case 2:
    case -2: {
      const S = svdvals(movedim(y, [a, b], [-2, -1]))
      const value = ord === 'nuc' ? S.sum(-1) : ord === 2 ? amax(S, -1) : amin(S, -1)
      return keepdim ? unsqueezed(value, a, b) : value
    }
    case 1:
    case -1:
    case Infinity:
    case -Infinity: {
      // sums over one axis, of which the largest or smallest along the other
      const [summed, kept] = Math.abs(ord) === 1 ? [a, b] : [b, a]
      const sums = abs(y).sum(summed, { keepdim: true })
      const value = ord > 0 ? amax(sums, kept, { keepdim: true }) : amin(sums, kept, { keepdim: true })
      return keepdim ? value : value.squeeze([a, b])
    }
    default:
      throw new ValueError(
        `${call}: Order ${typeof ord === 'string' ? ord : describeValue(ord)} not supported.`,
        { hint: "ord is 'fro', 'nuc', ±1, ±2 or ±Infinity" },
      )
  }
}

/** Axes of length 1 put in where two were reduced. */
function unsqueezed(x: Tensor, a: number, b: number): Tensor {
  const [first, second] = a < b ? [a, b] : [b, a]
  return x.unsqueeze(first).unsqueeze(second)
}

/**
 * A norm of vectors or matrices: {@link matrixNorm} where `ord` is given and there are two axes, else {@link vectorNorm}.
 *
 * @param ord - null (default) is the 2-norm of all elements
 * @param axes - one or two; all by default
 * @throws ShapeError for an order without axes where x has more than two
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.norm.html
 * @example
 * g.linalg.norm(g.tensor([[3, 4], [0, 0]]), 1).item() // => 4
 */
export function linalgNorm(
  x: Tensor,
  ord: MatrixOrder | null = null,
  axes: number | readonly number[] | null = null,
  options?: AccumulateOptions,
): Tensor {
  const list = typeof axes === 'number' ? [axes] : axes
  if (list !== null && ord !== null && list.length !== 1 && list.length !== 2) {
    throw new ShapeError(
      `linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${list.join(', ')}]`,
    )
  }
  if (list === null && ord !== null && x.ndim !== 1 && x.ndim !== 2) {
    throw new ShapeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${x.ndim}D.`,
    )
  }
  if (ord !== null && (list === null ? x.ndim === 2 : list.length === 2)) {
    return matrixNorm(x, ord, list ?? [0, 1], options)
  }
  if (typeof ord === 'string') {
    throw new ShapeError(`${call}: The input tensor A must have at least 2 dimensions.`)
  }
  return vectorNorm(x, ord ?? 2, list, options)
}

/**
 * The condition number of a matrix or batch of them: how far errors of a right side may grow in the solution.
 *
 * @param A - [..., n, n]; [..., m, n] for the default and ±2
 * @param p - the norm, as of {@link matrixNorm}; null (default) is 2
 * @throws ValueError for another norm
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cond.html
 * @example
 * g.linalg.cond(g.tensor([[2, 0], [0, 1]])).item() // => 2
 */
export function cond(A: Tensor, p: MatrixOrder | null = null): Tensor {
  takeTensor('linalg.cond', 'A', A)
  checkMatrix('linalg.cond', 'A', A)
  if (p === null || p === 2 || p === -2) {
    const S = svdvals(A)
    const k = S.shape.at(-1)!
    if (k === 0) return filledAs(S, batchOf(A), 0)
    const [first, last] = [S.select(-1, 0), S.select(-1, k - 1)]
    return p === -2 ? last.div(first) : first.div(last)
  }
  if (p !== 'fro' && p !== 'nuc' && p !== 1 && p !== -1 && p !== Infinity && p !== -Infinity) {
    throw new ValueError(`linalg.cond got an invalid norm type: ${String(p)}`)
  }
  checkSquare('linalg.cond', 'A', A)
  if (A.shape.at(-1) === 0) return filledAs(A, batchOf(A), 0)
  const { inverse, info } = invEx(A)
  const value = matrixNorm(A, p).mul(matrixNorm(inverse, p))
  return maskedFill(value, gt(info, 0), Infinity)
}

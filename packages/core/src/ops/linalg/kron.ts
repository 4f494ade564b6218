import { takeTensor } from '../../tensor/kind.ts'
import { count, flag, nullable } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError } from '../../base/errors.ts'
import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cumprod } from '../reduce/scan.ts'
import { cat } from '../shape/join.ts'
import { flip } from '../shape/rearrange.ts'

/**
 * The Kronecker product: every element of `x` times all of `y`, in blocks. The tensor with fewer axes gets some in front.
 *
 * @returns the product of the sizes along each axis
 * @see https://pytorch.org/docs/stable/generated/torch.kron.html
 * @example
 * g.kron(g.eye(2), g.tensor([[1, 2]])).tolist() // => [[1, 2, 0, 0], [0, 0, 1, 2]]
 */
export function kron(x: Tensor, y: Tensor): Tensor {
  takeTensor('kron', 'x', x)
  takeTensor('kron', 'y', y)
  const rank = Math.max(x.ndim, y.ndim)
  const padded = (t: Tensor): number[] => [...Array<number>(rank - t.ndim).fill(1), ...t.shape]
  const [a, b] = [padded(x), padded(y)]
  return x
    .reshape(a.flatMap((n) => [n, 1]))
    .mul(y.reshape(b.flatMap((n) => [1, n])))
    .reshape(a.map((n, i) => n * b[i]))
}

/** Options of {@link vander}. */
export interface VanderOptions {
  /** Columns; as many as `x` has elements by default. */
  N?: number | null
  /** Whether powers increase from left to right; false by default. */
  increasing?: boolean
}
const vanderOptions = /* @__PURE__ */ defineOptions<VanderOptions>({
  N: /* @__PURE__ */ nullable(count),
  increasing: flag,
})

/**
 * The powers of the elements of a vector, a row for each: x⁰ in the last column.
 *
 * @param x - [n]
 * @throws ShapeError unless a vector
 * @see https://pytorch.org/docs/stable/generated/torch.vander.html
 * @example
 * g.vander(g.tensor([2, 3]), { N: 3 }).tolist() // => [[4, 2, 1], [9, 3, 1]]
 */
export function vander(x: Tensor, options?: VanderOptions): Tensor {
  takeTensor('vander', 'x', x)
  const { N = null, increasing = false } = takeOptions('vander', vanderOptions, options)
  if (x.ndim !== 1) throw new ShapeError('x must be a one-dimensional tensor.')
  const [n, columns] = [x.shape[0], takeArgument('vander', 'N', count, N ?? x.shape[0])]
  if (columns === 0) return filledAs(x, [n, 0], 1)
  const ones = filledAs(x, [n, 1], 1)
  const powers = cat([ones, cumprod(x.unsqueeze(-1).expand([n, columns - 1]), 1, { dtype: x.dtype })], 1)
  return increasing ? powers : flip(powers, [1])
}

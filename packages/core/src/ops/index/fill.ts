import { flag, plainValue } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError } from '../../base/errors.ts'
import { takeOperand, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { clone } from '../elementwise/convert.ts'
import { asStrided } from '../view/stride.ts'

/**
 * A copy of a tensor with every element one value; a gradient flows to a value that is a tensor.
 *
 * @param value - a number, or a tensor without axes
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
 * @example
 * g.fill(g.ones(2), 3).tolist() // => [3, 3]
 */
export function fill(x: Tensor, value: Tensor | number | boolean): Tensor {
  takeTensor('fill', 'x', x)
  takeOperand('fill', 'value', value)
  if (typeof value === 'object' && value.ndim !== 0)
    throw new ShapeError(
      `fill only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
    )
  return clone(x).copy_(value)
}

/** Options of {@link fillDiagonal_}. */
export interface FillDiagonalOptions {
  /** Begins the diagonal again below it in a matrix of more rows than columns; false by default. */
  wrap?: boolean
}
const fillDiagonalOptions = /* @__PURE__ */ defineOptions<FillDiagonalOptions>({ wrap: flag })

/**
 * Writes one value on the main diagonal of a matrix, or of a tensor whose axes are all equal.
 *
 * @throws ShapeError for fewer than two axes, and for more of different lengths
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_diagonal_.html
 * @example
 * g.fillDiagonal_(g.zeros(2, 2), 5).tolist() // => [[5, 0], [0, 5]]
 */
export function fillDiagonal_(x: Tensor, value: number | boolean, options?: FillDiagonalOptions): Tensor {
  takeTensor('fillDiagonal_', 'x', x)
  takeArgument('fillDiagonal_', 'value', plainValue, value)
  const { wrap = false } = takeOptions('fillDiagonal_', fillDiagonalOptions, options)
  if (x.ndim < 2) throw new ShapeError('dimensions must larger than 1')
  const { shape, strides, offset } = x.layout
  if (x.ndim > 2 && shape.some((n) => n !== shape[0]))
    throw new ShapeError('all dimensions of input must be of equal length')
  const step = strides.reduce((sum, s) => sum + s, 0)
  const write = (count: number, from: number): void => {
    asStrided(x, [count], [step], from).copy_(value)
  }
  const length = Math.min(...shape)
  write(length, offset)
  // behind each block of columns + 1 rows the diagonal begins again
  if (wrap && x.ndim === 2) {
    const [rows, columns] = shape
    for (let row = columns + 1; row < rows; row += columns + 1)
      write(Math.min(columns, rows - row), offset + row * strides[0])
  }
  return x
}

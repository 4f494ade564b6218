import { takeArgument } from '../../base/options.ts'
import { whole } from '../../base/kinds.ts'
import { ShapeError } from '../../base/errors.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { asStrided } from '../view/stride.ts'
import { diagonal, select, slice, type SliceOptions } from '../view/view.ts'

/** A copy of `x` with the part that a view picks replaced. */
function replaced(name: string, x: Tensor, source: Tensor, view: (copy: Tensor) => Tensor): Tensor {
  takeArgument(name, 'source', aTensor, source)
  const copy = x.clone()
  const part = view(copy)
  if (!sameShape(part.shape, source.shape)) {
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = [${source.shape.join(', ')}], slice size = [${part.shape.join(', ')}]`,
      { where: name },
    )
  }
  part.copy_(source)
  return copy
}

/**
 * A copy of `x` with one position of an axis replaced: what `x.select(axis, index)` gives is `source`.
 *
 * @param source - the shape of `x` without the axis
 * @throws ShapeError for a source of another shape
 * @see https://pytorch.org/docs/stable/generated/torch.select_scatter.html
 * @example
 * g.selectScatter(g.zeros(2, 2), g.ones(2), 0, 1).tolist() // => [[0, 0], [1, 1]]
 */
export const selectScatter = (x: Tensor, source: Tensor, axis: number, index: number): Tensor => {
  takeTensor('selectScatter', 'x', x)
  takeTensor('selectScatter', 'source', source)
  return replaced('selectScatter', x, source, (copy) => select(copy, axis, index))
}

/**
 * A copy of `x` with a range of an axis replaced: what `g.slice` with the same bounds gives is `source`.
 *
 * @param start - 0 by default
 * @param end - excluded; the length of the axis by default
 * @param options - `axis` 0 and `step` 1 by default
 * @throws ShapeError for a source of another shape
 * @see https://pytorch.org/docs/stable/generated/torch.slice_scatter.html
 * @example
 * g.sliceScatter(g.zeros(4), g.ones(2), 1, 3).tolist() // => [0, 1, 1, 0]
 */
export const sliceScatter = (
  x: Tensor,
  source: Tensor,
  start?: number | null,
  end?: number | null,
  options?: SliceOptions,
): Tensor => {
  takeTensor('sliceScatter', 'x', x)
  takeTensor('sliceScatter', 'source', source)
  return replaced('sliceScatter', x, source, (copy) => slice(copy, start ?? null, end ?? null, options))
}

/**
 * A copy of `x` with a diagonal replaced.
 *
 * @param source - the shape that `diagonal` with the same arguments gives
 * @throws ShapeError for a source of another shape
 * @see https://pytorch.org/docs/stable/generated/torch.diagonal_scatter.html
 * @example
 * g.diagonalScatter(g.zeros(2, 2), g.ones(2)).tolist() // => [[1, 0], [0, 1]]
 */
export const diagonalScatter = (x: Tensor, source: Tensor, offset = 0, axis1 = 0, axis2 = 1): Tensor => {
  takeTensor('diagonalScatter', 'x', x)
  takeTensor('diagonalScatter', 'source', source)
  return replaced('diagonalScatter', x, source, (copy) => diagonal(copy, offset, axis1, axis2))
}

/**
 * A copy of `x` with the elements of a view of any geometry replaced; see `asStrided`.
 *
 * @param offset - that of `x` by default
 * @throws ShapeError for a source of another shape
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided_scatter.html
 * @example
 * g.asStridedScatter(g.zeros(3), g.ones(2), [2], [2]).tolist() // => [1, 0, 1]
 */
export function asStridedScatter(
  x: Tensor,
  source: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): Tensor {
  takeTensor('asStridedScatter', 'x', x)
  takeTensor('asStridedScatter', 'source', source)
  takeArgument('asStridedScatter', 'offset', whole, offset)
  return replaced('asStridedScatter', x, source, (copy) => asStrided(copy, shape, strides, offset))
}

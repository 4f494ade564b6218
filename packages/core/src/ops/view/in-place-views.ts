import { internals } from '../../op/internals.ts'
import { tapeOf } from '../../op/dispatch.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { GradError, ShapeError } from '../../base/errors.ts'
import { count, counts, wholes } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { Layout, type Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { asStrided } from './stride.ts'
import { squeeze, transpose, unsqueeze } from './view.ts'

/*
 * Views that a tensor becomes itself: its memory stays, its shape and strides are those of the view, and what is read of it
 * later has the history of the view.
 */

/** Makes `x` one of its own views. */
function become(call: string, x: Tensor, view: (x: Tensor) => Tensor): Tensor {
  takeTensor(call, 'x', x)
  const tape = tapeOf([x])
  tape?.checkWrite(x)
  const seen = view(x)
  if (seen === x) return x
  tape?.adopt(x, seen)
  x.layout = seen.layout
  internals(x).counter.value++
  return x
}

/**
 * Takes out axes of length 1 in place: see {@link squeeze}.
 *
 * @param axes - those taken out if they have length 1; all by default
 * @throws GradError for a leaf that requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.squeeze_.html
 * @example
 * g.squeeze_(g.ones(1, 2)).shape // => [2]
 */
export const squeeze_ = (x: Tensor, axes?: number | readonly number[]): Tensor =>
  become('squeeze_', x, (y) => squeeze(y, axes))

/**
 * Puts in an axis of length 1 in place: see {@link unsqueeze}.
 *
 * @throws GradError for a leaf that requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unsqueeze_.html
 * @example
 * g.unsqueeze_(g.ones(2), 0).shape // => [1, 2]
 */
export const unsqueeze_ = (x: Tensor, axis: number): Tensor =>
  become('unsqueeze_', x, (y) => unsqueeze(y, axis))

/**
 * Exchanges two axes in place: see {@link transpose}.
 *
 * @throws GradError for a leaf that requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.transpose_.html
 * @example
 * g.transpose_(g.ones(2, 3), 0, 1).shape // => [3, 2]
 */
export const transpose_ = (x: Tensor, axis0: number, axis1: number): Tensor =>
  become('transpose_', x, (y) => transpose(y, axis0, axis1))

/** {@link transpose_} under its NumPy name. */
export const swapaxes_ = (x: Tensor, axis0: number, axis1: number): Tensor =>
  become('swapaxes_', x, (y) => transpose(y, axis0, axis1))

/**
 * Transposes a matrix in place; a vector or scalar stays.
 *
 * @throws ShapeError for more than two axes
 * @throws GradError for a leaf that requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.t_.html
 * @example
 * g.t_(g.ones(2, 3)).shape // => [3, 2]
 */
export const t_ = (x: Tensor): Tensor =>
  become('t_', x, (y) => {
    if (y.ndim > 2) throw new ShapeError(`t_() expects a tensor with <= 2 dimensions, but self is ${y.ndim}D`)
    return y.ndim < 2 ? y : transpose(y, 0, 1)
  })

/**
 * Gives a tensor other sizes and strides in its memory, in place: see {@link asStrided}.
 *
 * @param offset - of the first element; that of `x` by default
 * @throws ShapeError beyond the memory
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
 * @example
 * g.asStrided_(g.arange(4), [2, 2], [1, 1]).tolist() // => [[0, 1], [1, 2]]
 */
export const asStrided_ = (x: Tensor, shape: Shape, strides: readonly number[], offset?: number): Tensor =>
  become('asStrided_', x, (y) => asStrided(y, shape, strides, offset ?? y.layout.offset))

/**
 * Makes a tensor stand for the memory of another; an empty one without arguments.
 *
 * @param storageOffset - of the first element, with `size`
 * @param size - the shape; that of `source` by default
 * @param stride - row-major by default
 * @throws GradError for a tensor that a gradient flows to; ShapeError beyond the memory
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.set_.html
 * @example
 * g.set_(g.zeros(1), g.tensor([1, 2, 3, 4]), 1, [3]).tolist() // => [2, 3, 4]
 */
export function set_(
  x: Tensor,
  source?: Tensor,
  storageOffset = 0,
  size?: Shape,
  stride?: readonly number[],
): Tensor {
  takeTensor('set_', 'x', x)
  if (source !== undefined) takeTensor('set_', 'source', source)
  takeArgument('set_', 'storageOffset', count, storageOffset)
  if (size !== undefined) takeArgument('set_', 'size', counts, size)
  if (stride !== undefined) takeArgument('set_', 'stride', wholes, stride)
  if (x.requiresGrad) throw new GradError('cannot set the memory of a tensor that requires a gradient')
  const from = source?.detach() ?? internals(x).make([0], x.dtype)
  x.data = size === undefined ? from : asStrided(from, size, stride ?? Layout.of(size).strides, storageOffset)
  return x
}

/**
 * Takes a tensor out of the graph, in place: it becomes a leaf that requires no gradient.
 *
 * @throws GradError for a view that requires a gradient, whose base would keep its history
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.detach_.html
 * @example
 * g.detach_(g.ones(2, { requiresGrad: true }).mul(2)).requiresGrad // => false
 */
export function detach_(x: Tensor): Tensor {
  takeTensor('detach_', 'x', x)
  const own = internals(x)
  if (own.viewOf !== null && own.tape !== null) {
    throw new GradError("Can't detach views in-place. Use detach() instead.")
  }
  own.ownTape = null
  own.node = null
  own.outputIndex = 0
  return x
}

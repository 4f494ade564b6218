import { counts } from '../base/kinds.ts'
import { takeArgument, takeOptions } from '../base/options.ts'
import { bytesOf, type DType } from '../base/dtype.ts'
import { IndexError, ShapeError, ValueError } from '../base/errors.ts'
import { Layout, type Shape } from '../base/layout.ts'
import { sizeOf } from '../base/shape.ts'
import { currentBackend } from '../backend/current.ts'
import type { Backend } from '../backend/types.ts'
import { Tensor } from '../fluent/tensor.ts'
import { Storage } from '../tensor/storage.ts'
import { finish, tensorOptions, type TensorOptions } from './create.ts'

function allocated(
  call: string,
  on: Backend,
  shape: Shape,
  strides: readonly number[],
  dtype: DType,
): Tensor {
  takeArgument(call, 'shape', counts, shape)
  takeArgument(call, 'strides', counts, strides)
  if (shape.length !== strides.length) {
    throw new ShapeError(
      `dimensionality of sizes (${shape.length}) must match dimensionality of strides (${strides.length})`,
    )
  }
  const layout = new Layout([...shape], [...strides], 0)
  const span = layout.span()
  return new Tensor(new Storage(on, span ? (span.to + 1) * bytesOf(dtype) : 0), layout, dtype)
}

/**
 * Memory of a shape with given steps between neighbours, uninitialised; float32 by default.
 *
 * @param strides - one for each axis, in elements
 * @throws ShapeError for another number of strides than axes
 * @see https://pytorch.org/docs/stable/generated/torch.empty_strided.html
 * @example
 * g.emptyStrided([2, 3], [1, 2]).stride() // => [1, 2]
 */
export function emptyStrided(shape: Shape, strides: readonly number[], options?: TensorOptions): Tensor {
  const { dtype = 'float32', ...rest } = takeOptions('emptyStrided', tensorOptions, options)
  return finish(allocated('emptyStrided', currentBackend(), shape, strides, dtype), rest)
}

/** {@link emptyStrided} in the dtype, and on the backend, of another tensor. */
export function newEmptyStrided(
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  options?: TensorOptions,
): Tensor {
  const { dtype = x.dtype, ...rest } = takeOptions('newEmptyStrided', tensorOptions, options)
  return finish(allocated('newEmptyStrided', x.backend, shape, strides, dtype), rest)
}

/**
 * Memory of a shape without gaps, uninitialised, whose axes lie in a given order: the last of them has neighbours next to
 * each other.
 *
 * @param order - each axis once, the outermost first
 * @throws ValueError for an order that does not name each axis once
 * @see https://pytorch.org/docs/stable/generated/torch.empty_permuted.html
 * @example
 * g.emptyPermuted([2, 3, 5], [0, 2, 1]).stride() // => [15, 1, 3]
 */
export function emptyPermuted(shape: Shape, order: readonly number[], options?: TensorOptions): Tensor {
  const { dtype = 'float32', ...rest } = takeOptions('emptyPermuted', tensorOptions, options)
  takeArgument('emptyPermuted', 'shape', counts, shape)
  takeArgument('emptyPermuted', 'order', counts, order)
  const outside = order.findIndex((a) => a >= shape.length)
  if (order.length === shape.length && outside >= 0) {
    throw new IndexError(
      `Dimension out of range (expected to be between 0 and ${shape.length - 1}, but got ${order[outside]} at index ${outside}).  NB: negative dims not currently supported; file an issue if you want it.`,
    )
  }
  if (order.length !== shape.length || new Set(order).size !== order.length) {
    throw new ValueError(
      `Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ${shape.length} is not equal to len(physical_layout) = ${order.length}, or an axis is named twice`,
    )
  }
  const strides = shape.map((_, a) => sizeOf(order.slice(order.indexOf(a) + 1).map((b) => shape[b])))
  return finish(allocated('emptyPermuted', currentBackend(), shape, strides, dtype), rest)
}

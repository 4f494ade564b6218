import { contiguous } from '../elementwise/convert.ts'
import { takeTensor, takeTensors } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { wholes, integers } from '../../base/kinds.ts'
import { asList } from '../../base/shape.ts'
import { ShapeError } from '../../base/errors.ts'
import { type Shape } from '../../base/layout.ts'
import { broadcastShapes, inferShape, normalizeAxis, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * Axes moved to other places, the rest keeping their order: a view.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.movedim.html
 * @example
 * g.movedim(g.zeros(2, 3, 4), 0, -1).shape // => [3, 4, 2]
 */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  takeTensor('movedim', 'x', x)
  takeArgument('movedim', 'source', integers, source)
  takeArgument('movedim', 'destination', integers, destination)
  const [from, to] = [asList(source), asList(destination)]
  if (from.length !== to.length) {
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source ([${from.join(', ')}] dims) should contain the same number of dims as destination ([${to.join(', ')}] dims)`,
    )
  }
  const [a, b] = [from.map((d) => normalizeAxis(d, x.ndim)), to.map((d) => normalizeAxis(d, x.ndim))]
  if (new Set(a).size !== a.length)
    throw new ShapeError(`movedim: repeated dim in \`source\` ([${from.join(', ')}])`)
  if (new Set(b).size !== b.length)
    throw new ShapeError(`movedim: repeated dim in \`destination\` ([${to.join(', ')}])`)
  if (x.ndim === 0) return x
  const rest = x.shape.map((_, i) => i).filter((i) => !a.includes(i))
  return x.permute(x.shape.map((_, i) => (b.includes(i) ? a[b.indexOf(i)] : rest.shift()!)))
}

/** {@link movedim} under its NumPy name. */
export const moveaxis = movedim

/**
 * Matrices with rows and columns exchanged, as a view: numbers here are their own conjugates.
 *
 * @throws ShapeError for one axis
 * @see https://pytorch.org/docs/stable/generated/torch.adjoint.html
 * @example
 * g.adjoint(g.ones(2, 3)).shape // => [3, 2]
 */
export function adjoint(x: Tensor): Tensor {
  takeTensor('adjoint', 'x', x)
  if (x.ndim === 1)
    throw new ShapeError(
      'tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.',
    )
  return x.ndim === 0 ? x : x.transpose(-2, -1)
}

/** Two axes exchanged, as a view: `transpose` under its NumPy name. */
export const swapaxes = (x: Tensor, axis0: number, axis1: number): Tensor => {
  takeTensor('swapaxes', 'x', x)
  return x.transpose(axis0, axis1)
}

/**
 * One axis split into several; one size may be -1. A view where the strides allow it.
 *
 * @throws ShapeError unless the sizes multiply to the length of the axis
 * @see https://pytorch.org/docs/stable/generated/torch.unflatten.html
 */
export function unflatten(x: Tensor, axis: number, sizes: Shape): Tensor {
  takeTensor('unflatten', 'x', x)

  takeArgument('unflatten', 'sizes', wholes, sizes)
  const a = normalizeAxis(axis, x.ndim)
  if (sizes.length === 0) throw new ShapeError('unflatten: sizes must be non-empty')
  const n = x.shape[a] ?? 1
  const open = sizes.includes(-1)
  const known = sizeOf(sizes.filter((s) => s !== -1))
  if (open ? n % known !== 0 : known !== n) {
    throw new ShapeError(
      `unflatten: Provided sizes [${sizes.join(', ')}] don't multiply up to the size of dim ${a} (${n}) in the input tensor`,
    )
  }
  return x.reshape([...x.shape.slice(0, a), ...inferShape(sizes, n), ...x.shape.slice(a + 1)])
}

/** `x.expand(shape)` under its other name. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => {
  takeTensor('broadcastTo', 'x', x)

  takeArgument('broadcastTo', 'shape', wholes, shape)
  return x.expand(shape)
}

/** Tensors broadcast together, as views. */
export function broadcastTensors(tensors: readonly Tensor[]): Tensor[] {
  takeTensors('broadcastTensors', 'tensors', tensors)

  const shape = tensors.reduce<Shape>((s, x) => broadcastShapes(s, x.shape), [])
  return tensors.map((x) => x.expand(shape))
}

/** The flat tensor: a view of what is row-major, and else a copy. */
export const ravel = (x: Tensor): Tensor => {
  takeTensor('ravel', 'x', x)
  return contiguous(x).reshape([x.numel()])
}

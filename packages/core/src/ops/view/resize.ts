import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { counts } from '../../base/kinds.ts'
import { bytesOf } from '../../base/dtype.ts'
import { GradError } from '../../base/errors.ts'
import { Layout, type Shape } from '../../base/layout.ts'
import { internals } from '../../op/internals.ts'
import { sumTo } from '../reduce/reduce.ts'
import { broadcastShapes as broadcastPair } from '../../base/shape.ts'
import { ShapeError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * Gives a tensor another shape, in place: memory is kept as far as it reaches, and grows where it does not; what is new is
 * uninitialised.
 *
 * @throws GradError for a tensor that a gradient flows to
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.resize_.html
 * @example
 * g.resize_(g.tensor([[1, 2], [3, 4]]), [3]).tolist() // => [1, 2, 3]
 */
export function resize_(x: Tensor, shape: Shape): Tensor {
  takeTensor('resize_', 'x', x)
  takeArgument('resize_', 'shape', counts, shape)
  if (x.requiresGrad) throw new GradError('cannot resize variables that require grad')
  const layout = Layout.of([...shape])
  const room = x.storage.bytes / bytesOf(x.dtype)
  const moved = new Layout(layout.shape, layout.strides, x.layout.offset)
  if (x.layout.offset + layout.size <= room) x.layout = moved
  else {
    const grown = internals(x).make([x.layout.offset + layout.size], x.dtype)
    const old = internals(x).alias(Layout.of([room]))
    grown.narrow(0, 0, room).copy_(old)
    x.storage = grown.storage
    x.layout = moved
  }
  internals(x).counter.value++
  return x
}

/** {@link resize_} to the shape of another tensor. */
export const resizeAs_ = (x: Tensor, other: Tensor): Tensor => resize_(x, other.shape)

/**
 * Sums what broadcasting to the shape of `x` repeats: the gradient of `expand`.
 *
 * @param shape - one that broadcasts to that of `x`
 * @throws ShapeError for a shape that does not broadcast to that of `x`
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
 * @example
 * g.sumToSize(g.ones(2, 3), [2, 1]).tolist() // => [[3], [3]]
 */
export function sumToSize(x: Tensor, shape: Shape): Tensor {
  takeTensor('sumToSize', 'x', x)
  takeArgument('sumToSize', 'shape', counts, shape)
  const rank = x.ndim - shape.length
  if (rank < 0 || shape.some((n, a) => n !== 1 && n !== x.shape[a + rank])) {
    throw new ShapeError(`size {[${shape.join(', ')}]} is not expandable to size {[${x.shape.join(', ')}]}.`)
  }
  return sumTo(x, shape)
}

/**
 * The shape that shapes broadcast to.
 *
 * @throws ShapeError if they do not
 * @see https://pytorch.org/docs/stable/generated/torch.broadcast_shapes.html
 * @example
 * g.broadcastShapes([2, 1], [3]) // => [2, 3]
 */
export const broadcastShapes = (...shapes: readonly Shape[]): number[] =>
  shapes.reduce<number[]>(
    (a, b) => [...broadcastPair(a, takeArgument('broadcastShapes', 'shape', counts, b))],
    [],
  )

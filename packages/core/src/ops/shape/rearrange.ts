import { takeTensor, takeTensors } from '../../tensor/kind.ts'
import { ravel } from '../view/axes.ts'
import { integers, oneOf, whole, wholes } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import { hostNumber, hostNumbers, readsValues } from '../../op/host-values.ts'
import { isInteger } from '../../base/dtype.ts'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../base/errors.ts'
import { Layout, type Shape } from '../../base/layout.ts'
import { attributes, plain } from '../../op/declaration.ts'
import { asList, checkAxisSet, normalizeAxes, normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { apart, clone } from '../elementwise/convert.ts'
import { indexSelect } from '../index/index-along.ts'
import { cat, stack } from './join.ts'
import { under } from '../../op/row-program.ts'

/**
 * A tensor copied side by side, as often along each axis as `repeats` says; missing axes are added in front.
 *
 * @throws ShapeError for fewer repeats than axes
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
 * @example
 * g.repeat(g.tensor([1, 2]), [2, 2]).tolist() // => [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function repeat(x: Tensor, repeats: Shape): Tensor {
  takeTensor('repeat', 'x', x)

  takeArgument('repeat', 'repeats', wholes, repeats)
  if (repeats.length < x.ndim) {
    throw new ShapeError(
      'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
    )
  }
  repeats.forEach((r) => {
    if (r < 0)
      throw new ShapeError(`Trying to create tensor with negative dimension ${r}: [${repeats.join(', ')}]`)
  })
  const shape = [...Array<number>(repeats.length - x.ndim).fill(1), ...x.shape]
  const pairs = x.reshape(shape.flatMap((n) => [1, n])).expand(shape.flatMap((n, i) => [repeats[i], n]))
  const out = pairs.reshape(shape.map((n, i) => n * repeats[i]))
  return apart(out, x)
}

/** {@link repeat} with missing repeats taken as 1 in front. */
export const tile = (x: Tensor, repeats: Shape): Tensor => {
  takeTensor('tile', 'x', x)

  takeArgument('tile', 'repeats', wholes, repeats)
  return repeat(x, [...Array<number>(Math.max(0, x.ndim - repeats.length)).fill(1), ...repeats])
}

const repeatsRead = /* @__PURE__ */ readsValues('repeatInterleave')

/**
 * Each element repeated in place: `[1, 2]` becomes `[1, 1, 2, 2]`.
 *
 * @param repeats - how often, for all or (a vector of integers) for each position of the axis
 * @param axis - the flat tensor by default
 * @see https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html
 */
export function repeatInterleave(x: Tensor, repeats: number | Tensor, axis?: number): Tensor {
  takeTensor('repeatInterleave', 'x', x)
  if (typeof repeats !== 'number') takeTensor('repeatInterleave', 'repeats', repeats)
  if (axis === undefined) return repeatInterleave(x.reshape([x.numel()]), repeats, 0)
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a] ?? 1
  if (typeof repeats === 'number' || repeats.numel() === 1) {
    const count = hostNumber(repeatsRead, repeats)
    if (count < 0) throw new ValueError('Repeats must be non-negative')
    const shape = x.ndim === 0 ? [1] : x.shape
    const wide = x.reshape(shape).unsqueeze(a + 1)
    return apart(wide.expand(shape.toSpliced(a + 1, 0, count)).reshape(shape.with(a, n * count)), x)
  }
  if (!isInteger(repeats.dtype)) throw new DTypeError('repeats has to be Long or Int tensor')
  if (repeats.ndim !== 1) throw new ShapeError('repeat_interleave only accept 1D vector as repeat')
  const counts = hostNumbers(repeatsRead, repeats)
  if (counts.length !== n) {
    throw new ShapeError('repeats must have the same size as input along dim')
  }
  if (counts.some((c) => c < 0)) throw new ValueError('repeats can not be negative')
  const index = Int32Array.from(counts.flatMap((c, i) => Array<number>(c).fill(i)))
  return indexSelect(x, a, internals(x).makeFrom(index, [index.length], 'int32'))
}

const flipOp = /* @__PURE__ */ defineOp({
  name: 'flip',
  inputs: ['x'],
  attrs: attributes<readonly number[]>(),
  infer: ({ x }) => (x.layout ? { shape: x.shape, dtype: x.dtype, layout: x.layout } : x),
  kernel: (on, { x }, { out }, axes) => on.copy(under(x, reversed(x.layout, axes)), out),
  vjp: { x: plain((g, axes: readonly number[]) => flip(g, axes)) },
})

/** The same elements read backwards along some axes. */
export const reversed = (x: Layout, axes: readonly number[]): Layout =>
  new Layout(
    x.shape,
    x.strides.map((s, a) => (axes.includes(a) ? -s : s)),
    x.size === 0 ? x.offset : axes.reduce((offset, a) => offset + (x.shape[a] - 1) * x.strides[a], x.offset),
  )

/**
 * A copy with the order of elements reversed along the given axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.flip.html
 * @example
 * g.flip(g.tensor([1, 2, 3]), 0).tolist() // => [3, 2, 1]
 */
export function flip(x: Tensor, axes: number | readonly number[]): Tensor {
  takeTensor('flip', 'x', x)

  const list = normalizeAxes(axes, x.ndim)
  checkAxisSet(x.ndim)
  return flipOp({ x }, list)
}

/** A copy reversed along axis 1: left to right. */
export function fliplr(x: Tensor): Tensor {
  takeTensor('fliplr', 'x', x)

  if (x.ndim < 2) throw new ShapeError('Input must be >= 2-d.')
  return flip(x, 1)
}

/** A copy reversed along axis 0: top to bottom. */
export function flipud(x: Tensor): Tensor {
  takeTensor('flipud', 'x', x)

  if (x.ndim < 1) throw new ShapeError('Input must be >= 1-d.')
  return flip(x, 0)
}

/**
 * A copy with elements moved along axes, those pushed out coming in at the other end.
 *
 * @param axes - of the flat tensor by default
 * @see https://pytorch.org/docs/stable/generated/torch.roll.html
 * @example
 * g.roll(g.tensor([1, 2, 3]), 1).tolist() // => [3, 1, 2]
 */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  axes?: number | readonly number[],
): Tensor {
  takeTensor('roll', 'x', x)

  takeArgument('roll', 'shifts', integers, shifts)
  const by = typeof shifts === 'number' ? [shifts] : shifts
  const along = axes === undefined ? [] : asList(takeArgument('roll', 'axes', integers, axes))
  if (by.length === 0) throw new ShapeError('`shifts` required')
  if (along.length === 0) {
    if (by.length !== 1) {
      throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`)
    }
    return roll(x.reshape([x.numel()]), by, 0).reshape(x.shape)
  }
  if (by.length !== along.length) {
    throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`)
  }
  if (x.numel() === 0) return clone(x)
  if (x.ndim === 0) throw new IndexError(`Dimension specified as ${along[0]} but tensor has no dimensions`)
  return along.reduce((y, axis, i) => rollOne(y, by[i], normalizeAxis(axis, x.ndim)), x)
}

function rollOne(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.shape[axis] ?? 1
  const start = (((n - shift) % n) + n) % n
  return start === 0 ? clone(x) : cat([x.narrow(axis, start, n - start), x.narrow(axis, 0, start)], axis)
}

/**
 * A copy turned by `k` quarters in the plane of two axes, from the first towards the second.
 *
 * @throws ShapeError unless `axes` are two different ones
 * @see https://pytorch.org/docs/stable/generated/torch.rot90.html
 */
export function rot90(x: Tensor, k = 1, axes: readonly [number, number] = [0, 1]): Tensor {
  takeTensor('rot90', 'x', x)

  takeArgument('rot90', 'k', whole, k)
  const [from, to] = checkPlane(x, axes)
  const quarters = ((k % 4) + 4) % 4
  if (quarters === 0) return clone(x)
  if (quarters === 2) return flip(x, [from, to])
  return quarters === 1 ? flip(x, to).transpose(from, to) : flip(x, from).transpose(from, to)
}

function checkPlane(x: Tensor, axes: readonly number[]): [from: number, to: number] {
  if (axes.length !== 2)
    throw new ShapeError(`expected total rotation dims == 2, but got dims = ${axes.length}`)
  if (x.ndim < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${x.ndim}`)
  const [from, to] = [normalizeAxis(axes[0], x.ndim), normalizeAxis(axes[1], x.ndim)]
  if (from === to) {
    throw new ShapeError(
      `expected rotation dims to be different, but got dim0 = ${axes[0]} and dim1 = ${axes[1]}`,
    )
  }
  return [from, to]
}

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** 'ij' (the default): the first vector runs along axis 0; 'xy': along axis 1. */
  indexing?: 'ij' | 'xy'
}
const meshgridOptions = /* @__PURE__ */ defineOptions<MeshgridOptions>({
  indexing: /* @__PURE__ */ oneOf('ij', 'xy'),
})

/**
 * Coordinates of a grid: each vector spread over the product of all. Views.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.meshgrid.html
 */
export function meshgrid(vectors: readonly Tensor[], options?: MeshgridOptions): Tensor[] {
  takeTensors('meshgrid', 'vectors', vectors)

  const { indexing = 'ij' } = takeOptions('meshgrid', meshgridOptions, options)
  if (vectors.length === 0) throw new ValueError('meshgrid expects a non-empty TensorList')
  const dtype = vectors[0].dtype
  vectors.forEach((v) => {
    if (v.ndim > 1) {
      throw new ShapeError(`meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${v.ndim}D`)
    }
    if (v.dtype !== dtype) throw new DTypeError('meshgrid expects all tensors to have the same dtype')
  })
  const swap = indexing === 'xy' && vectors.length > 1
  const list = swap ? [vectors[1], vectors[0], ...vectors.slice(2)] : vectors
  const shape = list.map((v) => v.numel())
  const grids = list.map((v, i) => v.reshape(shape.map((n, a) => (a === i ? n : 1))).expand(shape))
  return swap ? [grids[1], grids[0], ...grids.slice(2)] : grids
}

/** All combinations of the elements of vectors, one per row; of one vector itself. */
export function cartesianProd(vectors: readonly Tensor[]): Tensor {
  takeTensors('cartesianProd', 'vectors', vectors)

  vectors.forEach((v) => {
    if (v.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${v.shape.join(', ')}]`)
  })
  if (vectors.length === 1) return vectors[0]
  return stack(meshgrid(vectors).map(ravel), 1)
}

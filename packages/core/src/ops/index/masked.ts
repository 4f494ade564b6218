import { takeTensor } from '../../tensor/kind.ts'
import { defineOp } from '../../op/define-op.ts'
import { hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import { internals } from '../../op/internals.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { broadcastShapes, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { scatter } from './gather.ts'
import { indexSelect } from './index-along.ts'

/** Row-major positions of the elements that are not zero. */
export function positionsOf(reader: HostReader, x: Tensor): Int32Array {
  const data = hostValues(reader, x)
  const found: number[] = []
  for (let i = 0; i < data.length; i++) if (Number(data[i]) !== 0) found.push(i)
  return Int32Array.from(found)
}

/** Row-major positions as coordinates: one array per axis. */
export function coordinatesOf(positions: Int32Array, shape: readonly number[]): Int32Array[] {
  return shape.map((n, a) => {
    const step = sizeOf(shape.slice(a + 1))
    return positions.map((p) => Math.floor(p / step) % n)
  })
}

const nonzeroValues = /* @__PURE__ */ readsValues('nonzero')
const nonzeroOp = /* @__PURE__ */ defineOp({
  name: 'nonzero',
  inputs: ['x'],
  attrs: attributes<{ positions: Int32Array }>(),
  index: ['out'],
  infer: ({ x }, { positions }) => ({ shape: [positions.length, x.shape.length], dtype: 'int32' }),
  kernel(on, { x }, { out }, { positions }) {
    const columns = coordinatesOf(positions, x.layout.shape)
    const rows = new Int32Array(positions.length * columns.length)
    columns.forEach((column, a) => column.forEach((c, i) => (rows[i * columns.length + a] = c)))
    on.write(out.storage.block, rows)
  },
})

/**
 * Coordinates of the elements that are not zero, in row-major order: int32 [n, axes].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nonzero.html
 * @example
 * g.nonzero(g.tensor([0, 5, 0, 7])).tolist() // => [[1], [3]]
 */
export function nonzero(x: Tensor): Tensor {
  takeTensor('nonzero', 'x', x)
  return nonzeroOp({ x }, { positions: positionsOf(nonzeroValues, x) })
}

const nonzeroTupleValues = /* @__PURE__ */ readsValues('nonzeroTuple')

/** {@link nonzero} as one vector per axis, as indexing takes them. A scalar counts as a vector. */
export function nonzeroTuple(x: Tensor): Tensor[] {
  takeTensor('nonzeroTuple', 'x', x)

  const own = x.ndim === 0 ? x.reshape([1]) : x
  return coordinatesOf(positionsOf(nonzeroTupleValues, own), own.shape).map((c) =>
    internals(own).makeFrom(c, [c.length], 'int32'),
  )
}

/** {@link nonzero} under its other name. */
export const argwhere = nonzero

const maskedSelectValues = /* @__PURE__ */ readsValues('maskedSelect')

/**
 * The elements where a mask is true, as a vector; the two are broadcast together.
 *
 * @param mask - bool
 * @see https://pytorch.org/docs/stable/generated/torch.masked_select.html
 * @example
 * g.maskedSelect(g.tensor([1, 2, 3]), g.tensor([true, false, true])).tolist() // => [1, 3]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  takeTensor('maskedSelect', 'mask', mask)

  takeTensor('maskedSelect', 'x', x)

  if (mask.dtype !== 'bool') throw new DTypeError('masked_select: expected BoolTensor for mask')
  const shape = broadcastShapes(x.shape, mask.shape)
  const at = positionsOf(maskedSelectValues, mask.expand(shape))
  return indexSelect(
    x.expand(shape).reshape([sizeOf(shape)]),
    0,
    internals(x).makeFrom(at, [at.length], 'int32'),
  )
}

const maskedScatterValues = /* @__PURE__ */ readsValues('maskedScatter')

/**
 * `x` with the elements where a mask is true replaced by those of `source`, one after the other.
 *
 * @param mask - bool, broadcasts to x
 * @throws ShapeError where the source is too short
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter_.html
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  takeTensor('maskedScatter', 'x', x)
  takeTensor('maskedScatter', 'source', source)

  takeTensor('maskedScatter', 'mask', mask)

  if (mask.dtype !== 'bool') {
    throw new DTypeError(`masked_scatter_ only supports boolean masks, but got mask with dtype ${mask.dtype}`)
  }
  if (x.dtype !== source.dtype) {
    throw new DTypeError(
      `masked_scatter: expected self and source to have same dtypes but got ${x.dtype} and ${source.dtype}`,
    )
  }
  const shape = broadcastShapes(x.shape, mask.shape)
  const at = positionsOf(maskedScatterValues, mask.expand(shape))
  if (source.numel() < at.length) {
    throw new ShapeError(
      `masked_scatter: expected self and source to have the same number of elements, but the mask picks ${at.length} and source has ${source.numel()}`,
    )
  }
  const values = source.reshape([source.numel()]).narrow(0, 0, at.length)
  const flat = x.expand(shape).reshape([sizeOf(shape)])
  return scatter(flat, 0, internals(x).makeFrom(at, [at.length], 'int32'), values).reshape(shape)
}

/** {@link maskedScatter} written into `x`. */
export const maskedScatter_ = (x: Tensor, mask: Tensor, source: Tensor): Tensor => {
  takeTensor('maskedScatter_', 'x', x)
  takeTensor('maskedScatter_', 'source', source)

  takeTensor('maskedScatter_', 'mask', mask)
  return x.copy_(maskedScatter(x, mask, source))
}

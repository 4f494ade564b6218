import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { counts, whole, wholes } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { Layout, type Shape } from '../../base/layout.ts'
import { attributes, plain } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { indexAdd } from '../index/index-along.ts'
import { filledAs } from '../../op/fill.ts'
import { place } from '../../op/place.ts'

interface Strided {
  to: Layout
  from: Layout
}
const asStridedOp = /* @__PURE__ */ defineOp({
  name: 'asStrided',
  inputs: ['x'],
  attrs: attributes<Strided>(),
  view: (_, { to }) => to,
  vjp: { x: plain((g, { to, from }: Strided) => throughStorage(g, to, from)) },
})

/**
 * A view of the storage of `x` with any geometry, counted in elements from the beginning of the storage.
 *
 * Its gradient goes by way of the storage: gradients of view elements at one place are summed, and the sum is shared evenly
 * among the elements of `x` at that place.
 *
 * @param offset - that of `x` by default
 * @throws ShapeError if the view leaves the storage
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
 * @example
 * g.asStrided(g.arange(4), [2, 2], [1, 1]).tolist() // => [[0, 1], [1, 2]]
 */
export function asStrided(
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number = x.layout.offset,
): Tensor {
  takeTensor('asStrided', 'x', x)

  takeArgument('asStrided', 'shape', counts, shape)
  takeArgument('asStrided', 'strides', wholes, strides)
  takeArgument('asStrided', 'offset', whole, offset)
  if (shape.length !== strides.length) {
    throw new ShapeError(`mismatch in length of strides and shape: ${strides.length} and ${shape.length}`)
  }
  if (strides.some((s) => s < 0)) {
    throw new ValueError(
      `as_strided: Negative strides are not supported at the moment, got strides: [${strides.join(', ')}]`,
    )
  }
  // copies: the caller's arrays may change
  const to = new Layout([...shape], [...strides], offset)
  const span = to.span()
  const available = x.storage.bytes / x.elementSize()
  if (span && (span.from < 0 || span.to >= available)) {
    throw new ShapeError(
      `setStorage: sizes [${shape.join(', ')}], strides [${strides.join(', ')}], storage offset ${offset}, and itemsize ${x.elementSize()} requiring a storage size of ${(span.to + 1) * x.elementSize()} are out of bounds for storage of size ${x.storage.bytes}`,
    )
  }
  return asStridedOp({ x }, { to, from: x.layout })
}

/** Storage positions of the elements, in row-major order. */
function positionsOf({ shape, strides, offset, size }: Layout): Int32Array {
  const positions = new Int32Array(size)
  const at = shape.map(() => 0)
  let position = offset
  for (let i = 0; i < size; i++) {
    positions[i] = position
    for (let a = shape.length - 1; a >= 0; a--) {
      position += strides[a]
      if (++at[a] < shape[a]) break
      position -= shape[a] * strides[a]
      at[a] = 0
    }
  }
  return positions
}

const moved = (x: Layout, by: number): Layout => new Layout(x.shape, x.strides, x.offset + by)

function throughStorage(g: Tensor, to: Layout, from: Layout): Tensor {
  const source = to.span()
  const target = from.span()
  if (!target) return internals(g).make(from.shape, g.dtype)
  const first = Math.min(target.from, source?.from ?? target.from)
  const length = Math.max(target.to, source?.to ?? target.to) - first + 1
  const view = moved(to, -first)
  let storage: Tensor
  if (to.overlaps) {
    const index = internals(g).makeFrom(positionsOf(view), [view.size], 'int32')
    storage = indexAdd(filledAs(g, [length], 0), 0, index, g.reshape([view.size]))
  } else {
    const { shape, strides, offset } = view
    storage = place(g, {
      shape: [length],
      layout: () => view,
      view: (base) => asStrided(base.contiguous(), shape, strides, offset),
    })
  }
  const own = moved(from, -first)
  if (from.overlaps) {
    const counts = new Float64Array(length)
    for (const p of positionsOf(own)) counts[p]++
    // positions that x does not reach are not read
    const shares = internals(g)
      .makeFrom(
        counts.map((n) => 1 / Math.max(1, n)),
        [length],
        'float64',
      )
      .to(g.dtype)
    storage = storage.mul(shares)
  }
  return asStrided(storage, own.shape, own.strides, own.offset)
}

interface Unfold {
  axis: number
  size: number
  step: number
}
const unfoldOp = /* @__PURE__ */ defineOp({
  name: 'unfold',
  inputs: ['x'],
  attrs: attributes<Unfold>(),
  view(x, { axis, size, step }) {
    const stride = x.strides[axis] ?? 1
    const count = Math.floor(((x.shape[axis] ?? 1) - size) / step) + 1
    return new Layout(
      [...(x.rank === 0 ? [] : x.shape.with(axis, count)), size],
      [...(x.rank === 0 ? [] : x.strides.with(axis, stride * step)), stride],
      x.offset,
    )
  },
  vjp: {
    x: plain((g, { axis, size, step }: Unfold, { x }) => {
      const { shape } = x
      if (shape.length === 0) return g.sum()
      const count = g.shape[axis]
      const lead = g.shape.slice(0, axis)
      const rest = g.shape.slice(axis + 1, -1)
      const last = g.ndim - 1
      const order = [...lead.map((_, i) => i), axis, last, ...rest.map((_, i) => axis + 1 + i)]
      const index = Int32Array.from(
        { length: count * size },
        (_, i) => Math.floor(i / size) * step + (i % size),
      )
      return indexAdd(
        filledAs(g, shape, 0),
        axis,
        internals(g).makeFrom(index, [index.length], 'int32'),
        g.permute(order).reshape([...lead, count * size, ...rest]),
      )
    }),
  },
})

/**
 * All windows of `size` elements along an axis, `step` apart, as a new last axis: a view.
 *
 * @returns [..., (n - size) / step + 1, ..., size]
 * @throws ShapeError for a size beyond the axis; ValueError for a step below 1
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
 * @example
 * g.arange(5).unfold(0, 2, 2).tolist() // => [[0, 1], [2, 3]]
 */
export function unfold(x: Tensor, axis: number, size: number, step: number): Tensor {
  takeTensor('unfold', 'x', x)

  takeArgument('unfold', 'size', whole, size)
  takeArgument('unfold', 'step', whole, step)
  const a = normalizeAxis(axis, x.ndim)
  const length = x.shape[a] ?? 1
  if (!(size >= 0)) throw new ValueError(`size is ${size} but must be >= 0`)
  if (size > length) {
    throw new ShapeError(`maximum size for tensor at dimension ${a} is ${length} but size is ${size}`)
  }
  if (!(step > 0)) throw new ValueError(`step is ${step} but must be > 0`)
  return unfoldOp({ x }, { axis: a, size, step })
}

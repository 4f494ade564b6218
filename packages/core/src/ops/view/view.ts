import { takeTensor } from '../../tensor/kind.ts'
import { whole, wholes, number } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { ArgumentError, IndexError, ShapeError, ValueError } from '../../base/errors.ts'
import { integer, nullable, real } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { attributes, plain } from '../../op/declaration.ts'
import { inferShape, normalizeAxes, normalizeAxis, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { clone, contiguous } from '../elementwise/convert.ts'
import { diagonalLayout, place, type Diagonal } from '../../op/place.ts'

const viewOp = /* @__PURE__ */ defineOp({
  name: 'view',
  inputs: ['x'],
  attrs: attributes<Shape>(),
  view(x, shape) {
    const layout = x.reshape(inferShape(shape, x.size))
    if (!layout) {
      throw new ShapeError(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      )
    }
    return layout
  },
  vjp: { x: plain((g, _shape, { x }) => reshape(g, x.shape)) },
})

const permuteOp = /* @__PURE__ */ defineOp({
  name: 'permute',
  inputs: ['x'],
  attrs: attributes<readonly number[]>(),
  view: (x, axes) => x.permute(axes),
  vjp: {
    x: plain((g, axes: readonly number[]) => permute(g, inverse(axes))),
  },
})
const inverse = (axes: readonly number[]): number[] => axes.map((_, i) => axes.indexOf(i))

// the tape sums a gradient down to its input's shape
const expandOp = /* @__PURE__ */ defineOp({
  name: 'expand',
  inputs: ['x'],
  attrs: attributes<Shape>(),
  view: (x, shape) => x.expand(shape),
  vjp: { x: plain((g) => g) },
})

const unsqueezeOp = /* @__PURE__ */ defineOp({
  name: 'unsqueeze',
  inputs: ['x'],
  attrs: attributes<number>(),
  view: (x, axis) => x.unsqueeze(axis),
  vjp: { x: plain((g, axis: number) => squeezeOp({ x: g }, [axis])) },
})

const squeezeOp = /* @__PURE__ */ defineOp({
  name: 'squeeze',
  inputs: ['x'],
  attrs: attributes<readonly number[]>(),
  view: (x, axes) => x.squeeze(axes),
  vjp: { x: plain((g, _axes, { x }) => reshape(g, x.shape)) },
})

interface Select {
  axis: number
  index: number
}
const selectOp = /* @__PURE__ */ defineOp({
  name: 'select',
  inputs: ['x'],
  attrs: attributes<Select>(),
  view: (x, { axis, index }) => x.select(axis, index),
  vjp: {
    x: plain((g, at: Select, { x }) =>
      place(g, {
        shape: x.shape,
        layout: (l) => l.select(at.axis, at.index),
        view: (base) => base.select(at.axis, at.index),
      }),
    ),
  },
})

interface Slice {
  axis: number
  start: number
  length: number
  step: number
}
const sliceOp = /* @__PURE__ */ defineOp({
  name: 'slice',
  inputs: ['x'],
  attrs: attributes<Slice>(),
  view: (x, { axis, start, length, step }) => x.slice(axis, start, length, step),
  vjp: {
    x: plain((g, at: Slice, { x }) =>
      place(g, {
        shape: x.shape,
        layout: (l) => l.slice(at.axis, at.start, at.length, at.step),
        view: (base) =>
          base.slice(at.start, at.start + at.length * at.step, { axis: at.axis, step: at.step }),
      }),
    ),
  },
})

const diagonalOp = /* @__PURE__ */ defineOp({
  name: 'diagonal',
  inputs: ['x'],
  attrs: attributes<Diagonal>(),
  view: (x, at) => diagonalLayout(x, at),
  vjp: {
    x: plain((g, at: Diagonal, { x }) =>
      place(g, {
        shape: x.shape,
        layout: (l) => diagonalLayout(l, at),
        view: (base) => diagonal(base, at.offset, at.axis1, at.axis2),
      }),
    ),
  },
})

/**
 * The same elements under another shape, sharing memory; one size may be -1.
 *
 * @throws ShapeError if the strides do not allow it (`reshape` copies then) or the sizes do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.view.html
 */
export const view = (x: Tensor, shape: Shape): Tensor => {
  takeArgument('view', 'shape', wholes, shape)
  return viewOp({ x }, shape)
}

/**
 * The same elements under another shape: a view where the strides allow it, else a copy. One size may be -1.
 *
 * @throws ShapeError if the number of elements differs
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  takeTensor('reshape', 'x', x)

  takeArgument('reshape', 'shape', wholes, shape)
  const full = x.layout.size === sizeOf(shape) && !shape.includes(-1) ? shape : null
  if (full && x.layout.reshape(full) === null) return viewOp({ x: contiguous(x) }, full)
  if (full === null) {
    const inferred = checked(x, shape)
    return viewOp({ x: x.layout.reshape(inferred) ? x : contiguous(x) }, inferred)
  }
  return viewOp({ x }, full)
}
const checked = (x: Tensor, shape: Shape): Shape => {
  try {
    return inferShape(shape, x.layout.size)
  } catch (error) {
    throw error instanceof ShapeError ? error.at(`reshape(x: ${x.dtype}[${x.shape.join(', ')}])`) : error
  }
}

/** Axes in another order, as a view. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  takeTensor('permute', 'x', x)

  takeArgument('permute', 'axes', wholes, axes)
  if (axes.length !== x.ndim) {
    throw new ShapeError(
      `permute: number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${x.ndim} is not equal to len(dims) = ${axes.length}`,
    )
  }
  return permuteOp({ x }, normalizeAxes(axes, x.ndim))
}

/** Two axes exchanged, as a view. */
export function transpose(x: Tensor, axis0: number, axis1: number): Tensor {
  takeTensor('transpose', 'x', x)

  const [a, b] = [normalizeAxis(axis0, x.ndim), normalizeAxis(axis1, x.ndim)]
  if (x.ndim === 0) return permuteOp({ x }, [])
  const axes = x.shape.map((_, i) => (i === a ? b : i === b ? a : i))
  return permuteOp({ x }, axes)
}

/** The transpose of a matrix as a view; a vector or scalar is itself. */
export function t(x: Tensor): Tensor {
  takeTensor('t', 'x', x)

  if (x.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${x.ndim}D`)
  return x.ndim < 2
    ? permuteOp(
        { x },
        x.shape.map((_, i) => i),
      )
    : transpose(x, 0, 1)
}

/** Broadcast to a larger shape as a view with stride 0; -1 keeps a size. */
export function expand(x: Tensor, sizes: Shape): Tensor {
  takeTensor('expand', 'x', x)

  takeArgument('expand', 'sizes', wholes, sizes)
  const lead = sizes.length - x.ndim
  if (lead < 0) {
    throw new ShapeError(
      `expand([${x.shape.join(', ')}], size=[${sizes.join(', ')}]): the number of sizes provided (${sizes.length}) must be greater or equal to the number of dimensions in the tensor (${x.ndim})`,
    )
  }
  const target = sizes.map((n, i) => (n === -1 && i >= lead ? x.shape[i - lead] : n))
  target.forEach((n, i) => {
    const have = i < lead ? 1 : x.shape[i - lead]
    if (n < 0)
      throw new ShapeError(
        `The expanded size of the tensor (${n}) isn't allowed in a leading, non-existing dimension ${i}`,
      )
    if (have !== 1 && have !== n) {
      throw new ShapeError(
        `The expanded size of the tensor (${n}) must match the existing size (${have}) at non-singleton dimension ${i}.  Target sizes: [${sizes.join(', ')}].  Tensor sizes: [${x.shape.join(', ')}]`,
      )
    }
  })
  return expandOp({ x }, target)
}

/** A new axis of length 1 before `axis`, as a view. */
export const unsqueeze = (x: Tensor, axis: number): Tensor => {
  takeTensor('unsqueeze', 'x', x)
  return unsqueezeOp({ x }, normalizeAxis(axis, x.ndim + 1))
}

/** Without axes of length 1: all of them, or the named ones that have it. */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  takeTensor('squeeze', 'x', x)

  const ones = normalizeAxes(axes, x.ndim).filter((a) => x.shape[a] === 1)
  return squeezeOp({ x }, ones)
}

/** One position of an axis, which is dropped: a view. A negative index counts from the end. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  takeTensor('select', 'x', x)

  takeArgument('select', 'index', whole, index)
  if (x.ndim === 0) throw new IndexError('select() cannot be applied to a 0-dim tensor.')
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a]
  if (index < -n || index >= n) {
    throw new IndexError(
      `select(): index ${index} out of range for tensor of size [${x.shape.join(', ')}] at dimension ${a}`,
    )
  }
  return selectOp({ x }, { axis: a, index: index < 0 ? index + n : index })
}

/** Options of {@link slice}. */
export interface SliceOptions {
  /** The axis that is cut; 0 by default. */
  axis?: number
  /** Distance between positions, at least 1; 1 by default. */
  step?: number
}
const sliceOptions = /* @__PURE__ */ defineOptions<SliceOptions>({ axis: integer(), step: real })
const bound = /* @__PURE__ */ nullable(/* @__PURE__ */ integer())

/**
 * Positions `start` to `end` (excluded) of an axis: a view. As with arrays, negative bounds count from the end, and bounds
 * beyond the axis are cut.
 *
 * @param start - 0 if left out or null
 * @param end - the length of the axis if left out or null
 * @throws TypeError for the form `(axis, start, end, step)`, which `narrow` and `options.axis` replace
 * @example
 * g.arange(6).slice(1, 5, { step: 2 }).tolist() // => [1, 3]
 * g.arange(6).view(2, 3).slice(-2, null, { axis: 1 }).tolist() // => [[1, 2], [4, 5]]
 */
export function slice(
  x: Tensor,
  start?: number | null,
  end?: number | null,
  options: SliceOptions = {},
): Tensor {
  takeTensor('slice', 'x', x)

  if (typeof options === 'number') {
    throw new ArgumentError('slice takes (start, end, { axis, step })', {
      hint: `x.slice(start, end, { axis: ${start} }) for axis ${start}, or x.narrow(axis, start, length)`,
    })
  }
  const { axis = 0, step = 1 } = takeOptions('slice', sliceOptions, options)
  if (start !== undefined) takeArgument('slice', 'start', bound, start)
  if (end !== undefined) takeArgument('slice', 'end', bound, end)
  if (x.ndim === 0) throw new IndexError('slice() cannot be applied to a 0-dim tensor.')
  const a = normalizeAxis(axis, x.ndim)
  if (!Number.isSafeInteger(step) || step <= 0) throw new ValueError('slice step must be positive')
  const n = x.shape[a]
  const clip = (i: number): number => Math.min(n, Math.max(0, i < 0 ? i + n : i))
  const from = clip(start ?? 0)
  const to = clip(end ?? n)
  return sliceOp({ x }, { axis: a, start: from, length: Math.max(0, Math.ceil((to - from) / step)), step })
}

function narrowed(x: Tensor, axis: number, start: number, length: number): Tensor {
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a]
  if (start < -n || start > n) {
    throw new IndexError(`start out of range (expected to be in range of [${-n}, ${n}], but got ${start})`)
  }
  const from = start < 0 ? start + n : start
  if (length < 0 || from + length > n) {
    throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${n}).`)
  }
  return sliceOp({ x }, { axis: a, start: from, length, step: 1 })
}

function checkNotScalar(x: Tensor): void {
  if (x.ndim === 0) throw new IndexError('narrow() cannot be applied to a 0-dim tensor.')
}

/** `length` positions of an axis from `start`: a view. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  takeTensor('narrow', 'x', x)

  takeArgument('narrow', 'start', whole, start)
  takeArgument('narrow', 'length', whole, length)
  checkNotScalar(x)
  if (length < 0) throw new ShapeError('narrow(): length must be non-negative.')
  return narrowed(x, axis, start, length)
}

/**
 * {@link narrow} as a copy.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.narrow_copy.html
 */
export function narrowCopy(x: Tensor, axis: number, start: number, length: number): Tensor {
  takeTensor('narrowCopy', 'x', x)

  takeArgument('narrowCopy', 'start', whole, start)
  takeArgument('narrowCopy', 'length', whole, length)
  checkNotScalar(x)
  return clone(narrowed(x, axis, start, length))
}

/** The diagonal of two axes as the last axis of a view; `offset` above (positive) or below. */
export function diagonal(x: Tensor, offset = 0, axis1 = 0, axis2 = 1): Tensor {
  takeTensor('diagonal', 'x', x)
  takeArgument('diagonal', 'offset', number, offset)

  const [a, b] = [normalizeAxis(axis1, x.ndim), normalizeAxis(axis2, x.ndim)]
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${axis1}, ${axis2}`)
  return diagonalOp({ x }, { offset, axis1: a, axis2: b })
}

/** Axes `start` to `end` (included) merged into one; a view where the strides allow it. */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  takeTensor('flatten', 'x', x)

  const [from, to] = [normalizeAxis(start, x.ndim), normalizeAxis(end, x.ndim)]
  if (from > to) throw new ShapeError('flatten() has invalid args: start_dim cannot come after end_dim')
  if (x.ndim === 0) return reshape(x, [1])
  if (from === to) return x
  return reshape(x, [
    ...x.shape.slice(0, from),
    sizeOf(x.shape.slice(from, to + 1)),
    ...x.shape.slice(to + 1),
  ])
}

/** Whether two tensors have the same shape. */
export const isSameSize = (x: Tensor, y: Tensor): boolean => {
  takeTensor('isSameSize', 'x', x)
  takeTensor('isSameSize', 'y', y)
  return sameShape(x.shape, y.shape)
}

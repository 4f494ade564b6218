import { takeOperand, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { real } from '../../base/kinds.ts'
import { IndexError, ShapeError } from '../../base/errors.ts'
import { internals } from '../../op/internals.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { normalizeAxis, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { filledAs } from '../../op/fill.ts'
import { maskedFill, maskedFill_ } from '../elementwise/ternary.ts'
import { asIndex, gather, scatter, scatter_, scatterAdd, scatterAdd_ } from './gather.ts'

/** One position per index, spread over the other axes of a shape. */
export function spreadIndex(index: Tensor, axis: number, shape: readonly number[]): Tensor {
  const along = shape.map((_, a) => (a === axis ? index.numel() : 1))
  return index.reshape(along).expand(shape.map((n, a) => (a === axis ? index.numel() : n)))
}

function checkVector(name: string, index: Tensor): void {
  if (index.ndim > 1) throw new IndexError(`${name}: Index is supposed to be a vector`)
}

/**
 * Whole slices picked along an axis, in the order of a vector of indices.
 *
 * @param index - integers, [n], not negative
 * @returns the shape of `x` with length n along the axis
 * @throws IndexError for an index beyond the axis
 * @see https://pytorch.org/docs/stable/generated/torch.index_select.html
 * @example
 * g.indexSelect(g.tensor([[1, 2], [3, 4]]), 0, g.tensor([1, 1], { dtype: 'int32' })).tolist() // => [[3, 4], [3, 4]]
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  takeTensor('indexSelect', 'x', x)
  takeTensor('indexSelect', 'index', index)

  const a = normalizeAxis(axis, x.ndim)
  checkVector('index_select()', index)
  const at = asIndex(index, 'index_select')
  return x.ndim === 0
    ? gather(x, 0, at.reshape([index.numel()])).reshape([])
    : gather(x, a, spreadIndex(at, a, x.shape))
}

function sourceShape(x: Tensor, axis: number, index: Tensor, source: Tensor): void {
  const expected = x.shape.map((n, a) => (a === axis ? index.numel() : n))
  if (source.ndim === x.ndim && source.shape.every((n, a) => n === expected[a])) return
  if (source.ndim === x.ndim && source.shape[axis] !== index.numel()) {
    throw new ShapeError(
      `index_add_(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${source.shape[axis] ?? 1}), for dim: ${axis}`,
    )
  }
  throw new ShapeError(
    `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = [${x.shape.join(', ')}] source.shape = [${source.shape.join(', ')}]`,
  )
}

type Write = (x: Tensor, axis: number, index: Tensor, source: Tensor) => Tensor

function along(write: Write, x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const a = normalizeAxis(axis, x.ndim)
  checkVector('index_add_()', index)
  const at = asIndex(index, 'index_add')
  if (x.ndim === 0) return write(x, 0, at.reshape([index.numel()]), source.reshape([source.numel()]))
  sourceShape(x, a, index, source)
  return write(x, a, spreadIndex(at, a, x.shape), source)
}

/** Options of {@link indexAdd}. */
export interface IndexAddOptions {
  /** Multiplies the source; 1 by default. */
  alpha?: number
}
/** The kinds of {@link IndexAddOptions}. */
export const indexAddOptions = /* @__PURE__ */ defineOptions<IndexAddOptions>({ alpha: real })

const scaled = (source: Tensor, { alpha = 1 }: IndexAddOptions): Tensor =>
  alpha === 1 ? source : source.mul(alpha)

/**
 * `x` with slices of `source` added at the positions of a vector of indices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
 * @example
 * g.indexAdd(g.zeros(2), 0, g.tensor([1, 1], { dtype: 'int32' }), g.ones(2)).tolist() // => [0, 2]
 */
export const indexAdd = (
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
  options?: IndexAddOptions,
): Tensor => {
  takeTensor('indexAdd', 'x', x)
  takeTensor('indexAdd', 'index', index)
  takeTensor('indexAdd', 'source', source)
  return along(scatterAdd, x, axis, index, scaled(source, takeOptions('indexAdd', indexAddOptions, options)))
}

/** {@link indexAdd} written into `x`. */
export const indexAdd_ = (
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
  options?: IndexAddOptions,
): Tensor => {
  takeTensor('indexAdd_', 'x', x)
  takeTensor('indexAdd_', 'index', index)
  takeTensor('indexAdd_', 'source', source)
  return along(
    scatterAdd_,
    x,
    axis,
    index,
    scaled(source, takeOptions('indexAdd_', indexAddOptions, options)),
  )
}

/** `x` with its slices at the positions of a vector of indices replaced by those of `source`. */
export const indexCopy = (x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor => {
  takeTensor('indexCopy', 'x', x)
  takeTensor('indexCopy', 'index', index)
  takeTensor('indexCopy', 'source', source)
  return along(scatter, x, axis, index, source)
}

/** {@link indexCopy} written into `x`. */
export const indexCopy_ = (x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor => {
  takeTensor('indexCopy_', 'x', x)
  takeTensor('indexCopy_', 'index', index)
  takeTensor('indexCopy_', 'source', source)
  return along(scatter_, x, axis, index, source)
}

function filling(write: Write, x: Tensor, axis: number, index: Tensor, value: number): Tensor {
  const a = normalizeAxis(axis, x.ndim)
  const one = internals(x).make([], x.dtype).fill_(value)
  const shape = x.ndim === 0 ? [index.numel()] : x.shape.map((n, i) => (i === a ? index.numel() : n))
  return along(write, x, axis, index, one.expand(shape))
}

/** A mask of the filled positions of the axis. A position named twice counts once in the gradient of the value. */
function filled(x: Tensor, axis: number, index: Tensor, value: Tensor): Tensor {
  if (value.ndim > 0) {
    throw new ShapeError(
      `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
    )
  }
  const a = normalizeAxis(axis, x.ndim)
  const length = x.shape[a] ?? 1
  const mask = filling(scatter, filledAs(x, [length], 0, 'bool'), 0, index, 1)
  return mask.reshape(x.shape.map((_, i) => (i === a ? length : 1)))
}

/**
 * `x` with its slices at the positions of a vector of indices filled with one value.
 *
 * @param value - a number, or a tensor without axes, which gets the sum of the gradients of what it filled
 * @throws ShapeError for a value with axes; IndexError for an index beyond the axis
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
 * @example
 * g.indexFill(g.zeros(3), 0, g.tensor([0, 2], { dtype: 'int32' }), 7).tolist() // => [7, 0, 7]
 */
export const indexFill = (x: Tensor, axis: number, index: Tensor, value: number | Tensor): Tensor => {
  takeTensor('indexFill', 'x', x)
  takeTensor('indexFill', 'index', index)
  takeOperand('indexFill', 'value', value)
  return typeof value === 'object'
    ? maskedFill(x, filled(x, axis, index, value), value)
    : filling(scatter, x, axis, index, value)
}

/** {@link indexFill} written into `x`. */
export const indexFill_ = (x: Tensor, axis: number, index: Tensor, value: number | Tensor): Tensor => {
  takeTensor('indexFill_', 'x', x)
  takeTensor('indexFill_', 'index', index)
  takeOperand('indexFill', 'value', value)
  return typeof value === 'object'
    ? maskedFill_(x, filled(x, axis, index, value), value)
    : filling(scatter_, x, axis, index, value)
}

/**
 * Elements picked by their row-major position; negative positions count from the end.
 *
 * @returns the shape of `index`
 * @see https://pytorch.org/docs/stable/generated/torch.take.html
 */
export function take(x: Tensor, index: Tensor): Tensor {
  takeTensor('take', 'x', x)
  takeTensor('take', 'index', index)

  const n = sizeOf(x.shape)
  const at = wrapped(asIndex(index, 'take'), n)
  return gather(x.reshape([n]), 0, at.reshape([index.numel()])).reshape(index.shape)
}

/** Negative positions counted from the end of an axis of length `n`. */
export const wrapped = /* @__PURE__ */ definePointwise(
  'wrapIndex',
  { result: 'first', inputs: ['index', 'n'] },
  (i, n) => f.where(f.lt(i, 0), f.add(i, n), i),
)

/**
 * Values picked along an axis by indices that broadcast against `x`; without an axis, from the flat tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.take_along_dim.html
 */
export function takeAlongDim(x: Tensor, index: Tensor, axis?: number): Tensor {
  takeTensor('takeAlongDim', 'x', x)
  takeTensor('takeAlongDim', 'index', index)

  const at = asIndex(index, 'take_along_dim')
  if (axis === undefined) return takeAlongDim(x.reshape([x.numel()]), at.reshape([at.numel()]), 0)
  const a = normalizeAxis(axis, x.ndim)
  if (at.ndim !== x.ndim) {
    throw new ShapeError(
      `takeAlongDim(): input and indices should have the same number of dimensions, but got ${x.ndim} dimensions for input, and ${at.ndim} dimensions for indices`,
    )
  }
  const common = x.shape.map((n, i) => (n === 1 ? at.shape[i] : n))
  const own = wrapped(at, x.shape[a] ?? 1)
  return gather(
    x.expand(common.map((n, i) => (i === a ? x.shape[a] : n))),
    a,
    own.expand(common.map((n, i) => (i === a ? at.shape[a] : n))),
  )
}

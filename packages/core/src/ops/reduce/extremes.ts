import { takeTensor } from '../../tensor/kind.ts'
import type { Axes } from '../../base/shape.ts'
import { takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType } from '../../base/dtype.ts'
import { IndexError } from '../../base/errors.ts'
import { attributes, saving, type Meta } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import { index, input, reduced, size, type Axis, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { maximum, minimum } from '../elementwise/binary.ts'
import { scatterToZeros } from '../index/gather.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import { reducedShape, reduceOf, unreduce, type Reduce, type ReduceOptions, reduceOptions } from './reduce.ts'

type Which = 'max' | 'min'

/** Refuses to reduce over nothing: an extreme has no identity. */
export function checkNonEmpty(name: string, x: Meta, axes: readonly number[], all: boolean): void {
  if (!axes.some((a) => x.shape[a] === 0)) return
  if (all) {
    throw new IndexError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    )
  }
  const axis = axes.find((a) => x.shape[a] === 0)
  throw new IndexError(`${name}(): Expected reduction dim ${axis} to have non-zero size.`)
}

/** 1 where an element is the extreme of its row, NaN included; constant for gradients of gradients. */
export const tied = /* @__PURE__ */ definePointwise(
  'tied',
  { result: 'promote', inputs: ['x', 'extreme'] },
  (x, y) =>
    f.where(f.or(f.eq(x, y), f.and(f.isNaN(x), f.isNaN(y))), f.literal(1, x.type), f.literal(0, x.type)),
)

/** The gradient of an extreme, in equal parts to all elements that are it. */
export function shared(g: Tensor, x: Tensor, out: Tensor, attrs: Reduce): Tensor {
  const mask = tied(x, unreduce(out, x.shape, attrs))
  return unreduce(g, x.shape, attrs).mul(mask.div(mask.sum(attrs.axes, { keepdim: true })))
}

const extremeProgram = /* @__PURE__ */ memo((dtype: DType, which: Which) => {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: [{ combine: which, value: input(0, num) }],
    outputs: [{ dtype, value: reduced(0, num), over: 'outer' }],
  })
})

interface Extreme extends Reduce {
  name: string
  which: Which
  all: boolean
}
const extremeOp = /* @__PURE__ */ defineOp({
  name: 'amax',
  inputs: ['x'],
  attrs: attributes<Extreme>(),
  infer({ x }, attrs) {
    checkNonEmpty(attrs.name, x, attrs.axes, attrs.all)
    return { shape: reducedShape(x.shape, attrs), dtype: x.dtype }
  },
  kernel: (on, { x }, { out }, { axes, keepdim, which }) =>
    on.run(extremeProgram(x.dtype, which), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
  vjp: { x: saving(['x', 'out'], (g, { x, out }, attrs: Extreme) => shared(g, x, out, attrs)) },
})

const extreme = (
  which: Which,
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  options: ReduceOptions,
): Tensor => {
  const reduce = reduceOf(x, axes, options)
  return extremeOp(
    { x },
    { ...reduce, which, name, all: axes === undefined || axes === null || reduce.axes.length === 0 },
  )
}

/**
 * Largest value over axes, or all of them; NaN wins. Equal ones share the gradient.
 *
 * @throws IndexError over an axis of length 0
 * @see https://pytorch.org/docs/stable/generated/torch.amax.html
 */
export const amax = (x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor => {
  takeTensor('amax', 'x', x)
  return extreme('max', 'amax', x, axes, takeOptions('amax', reduceOptions, options))
}

/** Smallest value over axes, or all of them; NaN wins. Equal ones share the gradient. */
export const amin = (x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor => {
  takeTensor('amin', 'x', x)
  return extreme('min', 'amin', x, axes, takeOptions('amin', reduceOptions, options))
}

/** {@link amin} and {@link amax} at once. */
export function aminmax(
  x: Tensor,
  axis?: number | null,
  options?: ReduceOptions,
): { min: Tensor; max: Tensor } {
  takeTensor('aminmax', 'x', x)

  options = takeOptions('aminmax', reduceOptions, options)
  const all = axis === undefined || axis === null
  if (all ? x.numel() === 0 : x.shape[normalizeAxis(axis, x.ndim)] === 0) {
    throw new IndexError(
      all
        ? 'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.'
        : `aminmax: Expected reduction dim ${axis} to have non-zero size.`,
    )
  }
  return { min: amin(x, axis, options), max: amax(x, axis, options) }
}

/** Position of an extreme in its row: the first of equals, and of NaNs. */
function firstOf(x: Expr, extreme: Expr, axis: Axis): Expr {
  const hit = x.type === 'f32' || x.type === 'f64' ? f.or(f.eq(x, extreme), f.isNaN(x)) : f.eq(x, extreme)
  return f.where(hit, index(axis), size(axis))
}
const flat: Axis = { of: 'inner', axis: 'flat' }

const withIndexProgram = /* @__PURE__ */ memo((dtype: DType, which: Which, values: boolean) => {
  const num = numOf(dtype)
  const x = input(0, num)
  const at = { dtype: 'int32', value: reduced(1, 'i32'), over: 'outer' } as const
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: [
      { combine: which, value: x },
      { combine: 'min', value: firstOf(x, reduced(0, num), flat) },
    ],
    outputs: values ? [{ dtype, value: reduced(0, num), over: 'outer' }, at] : [at],
  })
})

const withIndexOp = /* @__PURE__ */ defineOp({
  name: 'max',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Extreme>(),
  infer({ x }, attrs) {
    checkNonEmpty(attrs.name, x, attrs.axes, attrs.all)
    const shape = reducedShape(x.shape, attrs)
    return { values: { shape, dtype: x.dtype }, indices: { shape, dtype: 'int32' } }
  },
  kernel: (on, { x }, { values, indices }, { axes, keepdim, which }) =>
    on.run(withIndexProgram(x.dtype, which, true), [
      rowBinding(x.layout, axes, [
        rows(x, axes),
        outer(values, axes, keepdim),
        outer(indices, axes, keepdim),
      ]),
    ]),
  vjp: {
    x: saving(['indices'], (g, { indices }, attrs: Extreme, { x }) => picked(g, indices, x.shape, attrs)),
  },
})

/** The gradient of values that were picked at `indices` along the one reduced axis. */
export function picked(g: Tensor, indices: Tensor, shape: readonly number[], attrs: Reduce): Tensor {
  const [axis] = attrs.axes
  if (axis === undefined) return g.reshape(shape)
  return scatterToZeros(unreduce(g, shape, attrs), axis, unreduce(indices, shape, attrs), shape)
}

/** Values of a reduction and where they were found along the axis, int32. */
export interface ValuesAndIndices {
  values: Tensor
  indices: Tensor
}

function extremes(
  which: Which,
  x: Tensor,
  second: Tensor | number | null | undefined,
  options: ReduceOptions,
): Tensor | ValuesAndIndices {
  if (second === undefined || second === null) return extreme(which, which, x, null, {})
  if (typeof second === 'object') return which === 'max' ? maximum(x, second) : minimum(x, second)
  return withIndexOp({ x }, { ...reduceOf(x, second, options), which, name: which, all: false })
}

/**
 * The largest element; along an axis, the largest of each row with its position; of two tensors, `maximum`. NaN wins.
 *
 * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
 *
 * @throws IndexError for an empty tensor or axis
 * @see https://pytorch.org/docs/stable/generated/torch.max.html
 * @example
 * const { values, indices } = g.max(g.tensor([[1, 3], [4, 2]]), 1)
 * values.tolist() // => [3, 4]
 * indices.tolist() // => [1, 0]
 */
export function max(x: Tensor): Tensor
export function max(x: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
export function max(x: Tensor, y: Tensor): Tensor
export function max(
  x: Tensor,
  second?: Tensor | number | null,
  options?: ReduceOptions,
): Tensor | ValuesAndIndices {
  takeTensor('max', 'x', x)
  options = takeOptions('max', reduceOptions, options)
  return extremes('max', x, second, options)
}

/** The smallest element; along an axis, the smallest of each row with its position; of two tensors, `minimum`: see {@link max}. */
export function min(x: Tensor): Tensor
export function min(x: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
export function min(x: Tensor, y: Tensor): Tensor
export function min(
  x: Tensor,
  second?: Tensor | number | null,
  options?: ReduceOptions,
): Tensor | ValuesAndIndices {
  takeTensor('min', 'x', x)
  options = takeOptions('min', reduceOptions, options)
  return extremes('min', x, second, options)
}

const argOp = /* @__PURE__ */ defineOp({
  name: 'argmax',
  inputs: ['x'],
  index: ['out'],
  attrs: attributes<Extreme>(),
  infer({ x }, attrs) {
    checkNonEmpty(attrs.name, x, attrs.axes, attrs.all)
    return { shape: reducedShape(x.shape, attrs), dtype: 'int32' }
  },
  kernel: (on, { x }, { out }, { axes, keepdim, which }) =>
    on.run(withIndexProgram(x.dtype, which, false), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
})

const arg = (which: Which, x: Tensor, axis: number | null | undefined, options: ReduceOptions): Tensor =>
  argOp(
    { x },
    { ...reduceOf(x, axis, options), which, name: `arg${which}`, all: axis === undefined || axis === null },
  )

/**
 * Position of the largest element along an axis, or in the flat tensor: int32, the first of equals, NaN wins.
 *
 * @throws IndexError for an empty tensor or axis
 * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
 * @example
 * g.argmax(g.tensor([[1, 3], [4, 2]]), 1).tolist() // => [1, 0]
 */
export const argmax = (x: Tensor, axis?: number | null, options?: ReduceOptions): Tensor => {
  takeTensor('argmax', 'x', x)
  return arg('max', x, axis, takeOptions('argmax', reduceOptions, options))
}

/** Position of the smallest element along an axis, or in the flat tensor: see {@link argmax}. */
export const argmin = (x: Tensor, axis?: number | null, options?: ReduceOptions): Tensor => {
  takeTensor('argmin', 'x', x)
  return arg('min', x, axis, takeOptions('argmin', reduceOptions, options))
}

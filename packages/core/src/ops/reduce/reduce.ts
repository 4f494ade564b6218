import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { dtypeName, flag } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { categoryOf, isFloat, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { attributes, plain, type Meta } from '../../op/declaration.ts'
import { convert, input, param, reduced } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import { checkAxisSet, normalizeAxes } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'

/** Options of every reduction. */
export interface ReduceOptions {
  /** Leaves reduced axes with length 1. */
  keepdim?: boolean
}
/** The kinds of {@link ReduceOptions}. */
export const reduceOptions = /* @__PURE__ */ defineOptions<ReduceOptions>({ keepdim: flag })
/** Options of sums and products. */
export interface AccumulateOptions extends ReduceOptions {
  /** dtype of the result; integers and bool give int64 by default. */
  dtype?: DType
}
/** The kinds of {@link AccumulateOptions}. */
export const accumulateOptions = /* @__PURE__ */ defineOptions<AccumulateOptions, ReduceOptions>(
  { dtype: dtypeName },
  reduceOptions,
)

/** Attributes of a reduction, axes counted from the front. */
export interface Reduce {
  axes: readonly number[]
  keepdim: boolean
}

/** The shape that remains of `shape`. */
export const reducedShape = (shape: Shape, { axes, keepdim }: Reduce): Shape =>
  keepdim ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i))

/** A result's gradient with its reduced axes back in place, ready to broadcast. */
export function unreduce(g: Tensor, shape: Shape, { axes, keepdim }: Reduce): Tensor {
  return keepdim || sameShape(g.shape, shape) ? g : g.reshape(shape.map((n, i) => (axes.includes(i) ? 1 : n)))
}

const sumDType = (x: Meta, dtype: DType | undefined): DType => dtype ?? (isFloat(x.dtype) ? x.dtype : 'int64')

const sumProgram = /* @__PURE__ */ memo((from: DType, to: DType) => {
  const num = numOf(to)
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    reductions: [{ combine: 'sum', value: convert(input(0, numOf(from)), num) }],
    outputs: [{ dtype: to, value: reduced(0, num), over: 'outer' }],
  })
})

interface Sum extends Reduce {
  dtype?: DType
}
const sumOp = /* @__PURE__ */ defineOp({
  name: 'sum',
  inputs: ['x'],
  attrs: attributes<Sum>(),
  autocast: 'fp32-dtype',
  infer: ({ x }, attrs) => ({ shape: reducedShape(x.shape, attrs), dtype: sumDType(x, attrs.dtype) }),
  kernel: (on, { x }, { out }, { axes, keepdim }) =>
    on.run(sumProgram(x.dtype, out.dtype), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
  vjp: { x: plain((g, attrs: Sum, { x }) => unreduce(g, x.shape, attrs).expand(x.shape)) },
})

const meanProgram = /* @__PURE__ */ memo((from: DType, to: DType) => {
  const num = numOf(to)
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    params: [num],
    reductions: [{ combine: 'sum', value: convert(input(0, numOf(from)), num) }],
    outputs: [{ dtype: to, value: f.div(reduced(0, num), param(0, num)), over: 'outer' }],
  })
})
const meanOp = /* @__PURE__ */ defineOp({
  name: 'mean',
  inputs: ['x'],
  attrs: attributes<Sum>(),
  infer({ x }, attrs) {
    const dtype = attrs.dtype ?? x.dtype
    if (categoryOf(dtype) !== 'float') {
      throw new DTypeError(
        `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${dtype}`,
        { hint: "pass { dtype: 'float32' }" },
      )
    }
    return { shape: reducedShape(x.shape, attrs), dtype }
  },
  kernel: (on, { x }, { out }, { axes, keepdim }) =>
    on.run(meanProgram(x.dtype, out.dtype), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)], [countOf(x.layout.shape, axes)]),
    ]),
  vjp: {
    x: plain((g, attrs: Sum, { x }) =>
      unreduce(g, x.shape, attrs).div(countOf(x.shape, attrs.axes)).expand(x.shape),
    ),
  },
})

/** Number of elements that fall on one of the result. */
export const countOf = (shape: Shape, axes: readonly number[]): number =>
  axes.reduce((n, a) => n * shape[a], 1)

/** Axes and options as attributes of a reduction. */
export const reduceOf = (
  x: Tensor,
  axes: number | readonly number[] | null | undefined,
  options: ReduceOptions,
): Reduce => {
  const list = normalizeAxes(axes, x.ndim)
  if (axes !== undefined && axes !== null) checkAxisSet(x.ndim)
  return { axes: emptyMeansAll(list, x.ndim), keepdim: options.keepdim ?? false }
}
// an empty list of axes is all of them, as in PyTorch
const emptyMeansAll = (axes: number[], rank: number): number[] =>
  axes.length === 0 ? Array.from({ length: rank }, (_, i) => i) : axes

/**
 * Sum over axes, or all of them. Integers and bool add up in int64; float16 and bfloat16 in float32, rounded at the end.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sum.html
 * @example
 * g.tensor([[1, 2], [3, 4]]).sum(0).tolist() // => [4, 6]
 */
export const sum = (
  x: Tensor,
  axes?: number | readonly number[] | null,
  options?: AccumulateOptions,
): Tensor => {
  takeTensor('sum', 'x', x)

  options = takeOptions('sum', accumulateOptions, options)
  return sumOp({ x }, { ...reduceOf(x, axes, options), ...(options.dtype && { dtype: options.dtype }) })
}

/**
 * Mean over axes, or all of them. The mean of nothing is NaN.
 *
 * @throws DTypeError for integers without a floating `dtype`
 * @see https://pytorch.org/docs/stable/generated/torch.mean.html
 */
export const mean = (
  x: Tensor,
  axes?: number | readonly number[] | null,
  options?: AccumulateOptions,
): Tensor => {
  takeTensor('mean', 'x', x)

  options = takeOptions('mean', accumulateOptions, options)
  return meanOp({ x }, { ...reduceOf(x, axes, options), ...(options.dtype && { dtype: options.dtype }) })
}

/** Sums a broadcast result back to the shape it came from: it undoes broadcasting in gradients. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const lead = x.ndim - shape.length
  const axes = x.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1))
  const folded = axes.length > 0 ? sumOp({ x }, { axes, keepdim: true, dtype: x.dtype }) : x
  return folded.reshape(shape)
}

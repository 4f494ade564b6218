import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { dtypeName } from '../../base/kinds.ts'
import type { View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { tapeOf } from '../../op/dispatch.ts'
import { isFloat, type DType } from '../../base/dtype.ts'
import { attributes, plain, saving } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { eq } from '../elementwise/compare.ts'
import { scatterToZeros } from '../index/gather.ts'
import { withoutDiagonal } from './prod.ts'
import { under } from '../../op/row-program.ts'
import { reversed } from '../shape/rearrange.ts'
import { where } from '../elementwise/ternary.ts'
import { triu } from '../shape/triangle.ts'
import type { ValuesAndIndices } from './extremes.ts'

export interface Scan {
  axis: number
  reverse: boolean
  dtype?: DType
}

/** A scalar as a vector: scans run along an axis. */
export const lined = (x: View, { axis, reverse }: Scan): View => {
  const layout = x.layout.rank === 0 ? x.layout.unsqueeze(0) : x.layout
  return under(x, reverse ? reversed(layout, [axis]) : layout)
}

const accumulated = (x: { dtype: DType }, dtype: DType | undefined): DType =>
  dtype ?? (isFloat(x.dtype) ? x.dtype : 'int64')

const cumsumOp = /* @__PURE__ */ defineOp({
  name: 'cumsum',
  inputs: ['x'],
  attrs: attributes<Scan>(),
  autocast: 'fp32-dtype',
  infer: ({ x }, { dtype }) => ({ shape: x.shape, dtype: accumulated(x, dtype) }),
  kernel: (on, { x }, { out }, scan) => on.scan('sum', lined(x, scan), scan.axis, lined(out, scan)),
  vjp: { x: plain((g, { axis, reverse }: Scan) => runningSum(g, axis, !reverse)) },
})
const runningSum = (x: Tensor, axis: number, reverse: boolean): Tensor => cumsumOp({ x }, { axis, reverse })

/** Options of running sums and products. */
export interface ScanOptions {
  /** dtype of the result; integers and bool give int64 by default. */
  dtype?: DType
}
/** The kinds of {@link ScanOptions}. */
export const scanOptions = /* @__PURE__ */ defineOptions<ScanOptions>({ dtype: dtypeName })

/**
 * Running sum along an axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cumsum.html
 * @example
 * g.cumsum(g.tensor([1, 2, 3]), 0).tolist() // => [1, 3, 6]
 */
export const cumsum = (x: Tensor, axis: number, options?: ScanOptions): Tensor => {
  takeTensor('cumsum', 'x', x)

  const { dtype } = takeOptions('cumsum', scanOptions, options)
  return cumsumOp({ x }, { axis: normalizeAxis(axis, x.ndim), reverse: false, ...(dtype && { dtype }) })
}

const cumprodOp = /* @__PURE__ */ defineOp({
  name: 'cumprod',
  inputs: ['x'],
  attrs: attributes<Scan>(),
  autocast: 'fp32-dtype',
  infer: ({ x }, { dtype }) => ({ shape: x.shape, dtype: accumulated(x, dtype) }),
  kernel: (on, { x }, { out }, scan) => on.scan('prod', lined(x, scan), scan.axis, lined(out, scan)),
  vjp: {
    x: saving(['x'], (g, { x }, { axis }: Scan) => {
      const own = x.to(g.dtype)
      if (x.ndim === 0) return g
      return tapeOf([g, own]) === null ? cumprodGradient(g, own, axis) : cumprodGradientAgain(g, own, axis)
    }),
  },
})

/**
 * Exact with zeros, in linear time. Before the first zero of a row the products are divided by x. From there on only that
 * zero has a gradient: the sum of products of the other elements up to the second zero.
 */
function cumprodGradient(g: Tensor, x: Tensor, axis: number): Tensor {
  const isZero = eq(x, 0)
  const zeros = cumsum(isZero.to('int32'), axis, { dtype: 'int32' })
  const products = g.mul(cumprod(where(isZero, 1, x), axis))
  const before = runningSum(where(eq(zeros, 0), products, 0), axis, true).div(x)
  const at = runningSum(where(eq(zeros, 1), products, 0), axis, true)
  return where(isZero, where(eq(zeros, 1), at, 0), before)
}

/** The same as a sum over rows without one element each: quadratic in memory, differentiable to any order. */
function cumprodGradientAgain(g: Tensor, x: Tensor, axis: number): Tensor {
  const products = cumprod(withoutDiagonal(x.transpose(axis, -1)), -1)
  return triu(products).mul(g.transpose(axis, -1).unsqueeze(-2)).sum(-1).transpose(axis, -1)
}

/**
 * Running product along an axis. Its gradient is exact with zeros too.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cumprod.html
 */
export const cumprod = (x: Tensor, axis: number, options?: ScanOptions): Tensor => {
  takeTensor('cumprod', 'x', x)

  const { dtype } = takeOptions('cumprod', scanOptions, options)
  return cumprodOp({ x }, { axis: normalizeAxis(axis, x.ndim), reverse: false, ...(dtype && { dtype }) })
}

const runningExtreme = (name: 'cummax' | 'cummin', kind: 'max' | 'min') =>
  defineOp({
    name,
    inputs: ['x'],
    outputs: ['values', 'indices'],
    index: ['indices'],
    attrs: attributes<Scan>(),
    infer: ({ x }) => ({
      values: { shape: x.shape, dtype: x.dtype },
      indices: { shape: x.shape, dtype: 'int32' },
    }),
    kernel: (on, { x }, { values, indices }, scan) =>
      on.scan(kind, lined(x, scan), scan.axis, lined(values, scan), lined(indices, scan)),
    vjp: {
      x: saving(['indices'], (g, { indices }, { axis }: Scan, { x }) =>
        x.shape.length === 0 ? g : scatterToZeros(g, axis, indices, x.shape),
      ),
    },
  })
const cummaxOp = /* @__PURE__ */ runningExtreme('cummax', 'max')
const cumminOp = /* @__PURE__ */ runningExtreme('cummin', 'min')

/**
 * Running maximum along an axis and where it is, int32, the last of equals; NaN wins.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cummax.html
 */
export const cummax = (x: Tensor, axis: number): ValuesAndIndices => {
  takeTensor('cummax', 'x', x)
  return cummaxOp({ x }, { axis: normalizeAxis(axis, x.ndim), reverse: false })
}

/** Running minimum along an axis and where it is: see {@link cummax}. */
export const cummin = (x: Tensor, axis: number): ValuesAndIndices => {
  takeTensor('cummin', 'x', x)
  return cumminOp({ x }, { axis: normalizeAxis(axis, x.ndim), reverse: false })
}

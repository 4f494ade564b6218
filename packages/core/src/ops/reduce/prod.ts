import { takeTensor } from '../../tensor/kind.ts'
import { takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, numOf, type DType } from '../../base/dtype.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { convert, index, input, reduced, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import {
  reducedShape,
  reduceOf,
  unreduce,
  type AccumulateOptions,
  type Reduce,
  accumulateOptions,
} from './reduce.ts'

const productProgram = /* @__PURE__ */ memo((from: DType, to: DType) => {
  const num = numOf(to)
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    reductions: [{ combine: 'prod', value: convert(input(0, numOf(from)), num) }],
    outputs: [{ dtype: to, value: reduced(0, num), over: 'outer' }],
  })
})

interface Product extends Reduce {
  dtype?: DType
}
const prodOp = /* @__PURE__ */ defineOp({
  name: 'prod',
  inputs: ['x'],
  attrs: attributes<Product>(),
  autocast: 'fp32-dtype',
  infer: ({ x }, attrs) => ({
    shape: reducedShape(x.shape, attrs),
    dtype: attrs.dtype ?? (isFloat(x.dtype) ? x.dtype : 'int64'),
  }),
  kernel: (on, { x }, { out }, { axes, keepdim }) =>
    on.run(productProgram(x.dtype, out.dtype), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
  vjp: {
    x: saving(['x'], (g, { x }, attrs: Product) =>
      prodBackwardOp({ g: unreduce(g, x.shape, attrs), x: x.to(g.dtype) }, attrs.axes),
    ),
  },
})

// the product of all others: of the non-zero ones alone where x is the only zero, and 0 where there is another zero
const prodBackwardProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  const [g, x] = [input(0, num), input(1, num)]
  const isZero = f.eq(x, 0)
  const [zeros, product] = [reduced(0, num), reduced(1, num)]
  const others: Expr = f.where(
    isZero,
    f.where(f.eq(zeros, 1), product, 0),
    f.where(f.eq(zeros, 0), f.div(product, x), 0),
  )
  return new Program({
    inputs: [
      { dtype, over: 'outer' },
      { dtype, over: 'all' },
    ],
    reductions: [
      { combine: 'sum', value: f.where(isZero, f.literal(1, num), f.literal(0, num)) },
      { combine: 'prod', value: f.where(isZero, 1, x) },
    ],
    outputs: [{ dtype, value: f.mul(g, others), over: 'all' }],
  })
})

const prodBackwardOp = /* @__PURE__ */ defineOp({
  name: 'prodBackward',
  inputs: ['g', 'x'],
  attrs: attributes<readonly number[]>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel: (on, { g, x }, { out }, axes) =>
    on.run(prodBackwardProgram(x.dtype), [
      rowBinding(x.layout, axes, [outer(g, axes, true), rows(x, axes), rows(out, axes)]),
    ]),
  // each product of all others as a product of its own: exact with any number of zeros, and differentiable again
  decompose({ g, x }, axes) {
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
    const order = [...kept, ...axes]
    const count = axes.reduce((n, a) => n * x.shape[a], 1)
    const rowsOf = x.permute(order)
    const flat = rowsOf.reshape([...kept.map((a) => x.shape[a]), count])
    const others = prod(withoutDiagonal(flat), -1).reshape(rowsOf.shape)
    return others.permute(order.map((_, i) => order.indexOf(i))).mul(g)
  },
})

/** [..., n] as n copies of each row, the i-th with 1 in place of element i: [..., n, n]. */
export function withoutDiagonal(x: Tensor): Tensor {
  const n = x.shape.at(-1)!
  return oneOnDiagonal(x.unsqueeze(-2).expand([...x.shape.slice(0, -1), n, n]))
}

const diagonalProgram = /* @__PURE__ */ memo((dtype: DType, rank: number, value: number) => {
  const num = numOf(dtype)
  const onDiagonal = f.eq(index({ of: 'outer', axis: rank - 2 }), index({ of: 'outer', axis: rank - 1 }))
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    outputs: [{ dtype, value: f.where(onDiagonal, value, input(0, num)), over: 'all' }],
  })
})
const diagonalOp = /* @__PURE__ */ defineOp({
  name: 'fillDiagonal',
  inputs: ['x'],
  attrs: attributes<0 | 1>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel: (on, { x }, { out }, value) =>
    on.run(diagonalProgram(x.dtype, x.layout.rank, value), [
      { outer: x.layout.shape, inner: [], operands: [x, out], params: [] },
    ]),
  vjp: { x: saving([], (g) => zeroOnDiagonal(g)) },
})
const oneOnDiagonal = (x: Tensor): Tensor => diagonalOp({ x }, 1)
const zeroOnDiagonal = (x: Tensor): Tensor => diagonalOp({ x }, 0)

/**
 * Product over an axis, or of all elements. Integers and bool multiply in int64. The gradient is exact with zeros too.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.prod.html
 * @example
 * g.prod(g.tensor([2, 3, 4])).item() // => 24
 */
export const prod = (x: Tensor, axis?: number | null, options?: AccumulateOptions): Tensor => {
  takeTensor('prod', 'x', x)

  options = takeOptions('prod', accumulateOptions, options)
  return prodOp({ x }, { ...reduceOf(x, axis, options), ...(options.dtype && { dtype: options.dtype }) })
}

import { type Axes } from '../../base/shape.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, numOf, type DType } from '../../base/dtype.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import { convert, input, reduced } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import { reducedShape, reduceOf, unreduce, type Reduce, type ReduceOptions, reduceOptions } from './reduce.ts'

const logsumexpProgram = /* @__PURE__ */ memo((from: DType, to: DType) => {
  const num = numOf(to)
  const x = convert(input(0, numOf(from)), num)
  const top = reduced(0, num)
  // an infinite maximum is not subtracted: inf - inf has no value
  const shift = f.where(f.eq(f.abs(top), Infinity), 0, top)
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      { combine: 'sum', value: f.exp(f.sub(x, shift)) },
    ],
    outputs: [{ dtype: to, value: f.add(f.log(reduced(1, num)), shift), over: 'outer' }],
  })
})

const logsumexpOp = /* @__PURE__ */ defineOp({
  name: 'logsumexp',
  inputs: ['x'],
  attrs: attributes<Reduce>(),
  autocast: 'fp32',
  infer: ({ x }, attrs) => ({
    shape: reducedShape(x.shape, attrs),
    dtype: isFloat(x.dtype) ? x.dtype : 'float32',
  }),
  kernel: (on, { x }, { out }, { axes, keepdim }) =>
    on.run(logsumexpProgram(x.dtype, out.dtype), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
  vjp: {
    x: saving(['x', 'out'], (g, { x, out }, attrs: Reduce) =>
      weighted(unreduce(g, x.shape, attrs), x, unreduce(out, x.shape, attrs)),
    ),
  },
})

const weighted = /* @__PURE__ */ definePointwise(
  'logsumexpBackward',
  { result: 'promote', inputs: ['g', 'x', 'out'] },
  (g, x, out) => f.mul(g, f.exp(f.sub(x, out))),
)

/**
 * `log(Σ exp(x))` over axes without overflow. -∞ where all are.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logsumexp.html
 */
export const logsumexp = (x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor => {
  takeTensor('logsumexp', 'x', x)
  return logsumexpOp({ x }, reduceOf(x, axes, takeOptions('logsumexp', reduceOptions, options)))
}

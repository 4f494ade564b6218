import { takeTensor } from '../../tensor/kind.ts'
import type { Axes } from '../../base/shape.ts'
import { takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType } from '../../base/dtype.ts'
import { attributes } from '../../op/declaration.ts'
import { convert, input, reduced } from '../../program/expr.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ne } from '../elementwise/compare.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import { reducedShape, reduceOf, sum, type Reduce, type ReduceOptions, reduceOptions } from './reduce.ts'

const truthProgram = /* @__PURE__ */ memo((from: DType, to: DType, combine: string) => {
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    reductions: [
      { combine: combine === 'and' ? 'and' : 'or', value: convert(input(0, numOf(from)), 'bool') },
    ],
    outputs: [{ dtype: to, value: convert(reduced(0, 'bool'), numOf(to)), over: 'outer' }],
  })
})

interface Truth extends Reduce {
  combine: 'and' | 'or'
}
const truthOp = /* @__PURE__ */ defineOp({
  name: 'all',
  inputs: ['x'],
  attrs: attributes<Truth>(),
  // uint8 answers in uint8: it stood for bool before PyTorch had one
  infer: ({ x }, attrs) => ({
    shape: reducedShape(x.shape, attrs),
    dtype: x.dtype === 'uint8' ? 'uint8' : 'bool',
  }),
  kernel: (on, { x }, { out }, { axes, keepdim, combine }) =>
    on.run(truthProgram(x.dtype, out.dtype, combine), [
      rowBinding(x.layout, axes, [rows(x, axes), outer(out, axes, keepdim)]),
    ]),
})

/**
 * Whether all elements over axes are non-zero (NaN is); true for none.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.all.html
 */
export const all = (x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor => {
  takeTensor('all', 'x', x)
  return truthOp({ x }, { ...reduceOf(x, axes, takeOptions('all', reduceOptions, options)), combine: 'and' })
}

/**
 * Whether any element over axes is non-zero (NaN is); false for none.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.any.html
 */
export const any = (x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor => {
  takeTensor('any', 'x', x)
  return truthOp({ x }, { ...reduceOf(x, axes, takeOptions('any', reduceOptions, options)), combine: 'or' })
}

/** Number of elements over axes that are not zero: int64. */
export const countNonzero = (x: Tensor, axes?: Axes): Tensor => sum(ne(x, 0), axes)

import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { dtypeName } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, numOf, type DType } from '../../base/dtype.ts'
import { attributes, saving, type Meta } from '../../op/declaration.ts'
import { convert, input, reduced } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { exp } from '../elementwise/exponential.ts'
import { memo, rowBinding, rows } from '../../op/row-program.ts'

const softmaxProgram = /* @__PURE__ */ memo((from: DType, to: DType, log: boolean) => {
  const num = numOf(to)
  const x = convert(input(0, numOf(from)), num)
  const shifted = f.sub(x, reduced(0, num))
  return new Program({
    inputs: [{ dtype: from, over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      { combine: 'sum', value: f.exp(shifted) },
    ],
    outputs: [
      {
        dtype: to,
        value: log
          ? f.sub(shifted, f.log(reduced(1, num)))
          : f.mul(f.exp(shifted), f.reciprocal(reduced(1, num))),
        over: 'all',
      },
    ],
  })
})

const backwardProgram = /* @__PURE__ */ memo((dtype: DType, log: boolean) => {
  const num = numOf(dtype)
  const [g, y] = [input(0, num), input(1, num)]
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype, over: 'all' },
    ],
    reductions: [{ combine: 'sum', value: log ? g : f.mul(g, y) }],
    outputs: [
      {
        dtype,
        value: log ? f.sub(g, f.mul(f.exp(y), reduced(0, num))) : f.mul(y, f.sub(g, reduced(0, num))),
        over: 'all',
      },
    ],
  })
})

interface Softmax {
  axis: number
  dtype?: DType
}
const dtypeOf = (x: Meta, { dtype }: Softmax): DType => dtype ?? (isFloat(x.dtype) ? x.dtype : 'float32')
const axesOf = (rank: number, { axis }: Softmax): number[] => (rank === 0 ? [] : [axis])

const softmaxOf = (name: string, log: boolean) => {
  const backward = defineOp({
    name: `${name}Backward`,
    inputs: ['g', 'y'],
    attrs: attributes<Softmax>(),
    infer: ({ y }) => ({ shape: y.shape, dtype: y.dtype }),
    kernel(on, { g, y }, { out }, attrs) {
      const axes = axesOf(y.layout.rank, attrs)
      on.run(backwardProgram(y.dtype, log), [
        rowBinding(y.layout, axes, [rows(g, axes), rows(y, axes), rows(out, axes)]),
      ])
    },
    decompose: ({ g, y }, { axis }) =>
      log
        ? g.sub(exp(y).mul(g.sum(axis, { keepdim: true })))
        : y.mul(g.sub(g.mul(y).sum(axis, { keepdim: true }))),
  })
  return defineOp({
    name,
    inputs: ['x'],
    attrs: attributes<Softmax>(),
    autocast: 'fp32-dtype',
    infer: ({ x }, attrs) => ({ shape: x.shape, dtype: dtypeOf(x, attrs) }),
    kernel(on, { x }, { out }, attrs) {
      const axes = axesOf(x.layout.rank, attrs)
      on.run(softmaxProgram(x.dtype, out.dtype, log), [
        rowBinding(x.layout, axes, [rows(x, axes), rows(out, axes)]),
      ])
    },
    vjp: { x: saving(['out'], (g, { out }, attrs: Softmax) => backward({ g, y: out }, attrs)) },
  })
}
const softmaxOp = /* @__PURE__ */ softmaxOf('softmax', false)
const logSoftmaxOp = /* @__PURE__ */ softmaxOf('logSoftmax', true)

/** Options of {@link softmax}. */
export interface SoftmaxOptions {
  /** Converts first: keeps half precision from overflowing. */
  dtype?: DType
}
/** The kinds of {@link SoftmaxOptions}. */
export const softmaxOptions = /* @__PURE__ */ defineOptions<SoftmaxOptions>({ dtype: dtypeName })

const attributesOf = (x: Tensor, axis: number, { dtype }: SoftmaxOptions): Softmax => ({
  axis: normalizeAxis(axis, x.ndim),
  ...(dtype && { dtype }),
})

/**
 * `exp(x) / Σ exp(x)` along an axis: positive, and adding up to 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 * @example
 * g.softmax(g.tensor([0, 0]), 0).tolist() // => [0.5, 0.5]
 */
export const softmax = (x: Tensor, axis: number, options?: SoftmaxOptions): Tensor => {
  takeTensor('softmax', 'x', x)
  return softmaxOp({ x }, attributesOf(x, axis, takeOptions('softmax', softmaxOptions, options)))
}

/**
 * `log(softmax(x))` along an axis, without underflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
export const logSoftmax = (x: Tensor, axis: number, options?: SoftmaxOptions): Tensor => {
  takeTensor('logSoftmax', 'x', x)
  return logSoftmaxOp({ x }, attributesOf(x, axis, takeOptions('logSoftmax', softmaxOptions, options)))
}

/** {@link softmax} of `-x`: the smallest gets the most. */
export const softmin = (x: Tensor, axis: number, options?: SoftmaxOptions): Tensor => {
  takeTensor('softmin', 'x', x)
  return softmax(x.mul(-1), axis, takeOptions('softmin', softmaxOptions, options))
}

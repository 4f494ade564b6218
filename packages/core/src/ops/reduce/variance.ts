import { takeTensor } from '../../tensor/kind.ts'
import type { Axes } from '../../base/shape.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, nullable, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { definePointwise } from '../../op/pointwise.ts'
import { input, param } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { warn } from '../../base/warnings.ts'
import { spreadOf } from '../../op/spread.ts'
import { memo, outer, rowBinding, rows } from '../../op/row-program.ts'
import {
  countOf,
  mean,
  reducedShape,
  reduceOf,
  unreduce,
  type Reduce,
  type ReduceOptions,
  reduceOptions,
} from './reduce.ts'

/** Options of variances. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the number of elements in the divisor; 1 by default (Bessel's correction). */
  correction?: number | null
  /** `false` is `correction: 0`, `true` is 1. */
  unbiased?: boolean
}
/** The kinds of {@link VarianceOptions}. */
export const varianceOptions = /* @__PURE__ */ defineOptions<VarianceOptions, ReduceOptions>(
  { correction: /* @__PURE__ */ nullable(real), unbiased: flag },
  reduceOptions,
)

const varianceProgram = /* @__PURE__ */ memo((dtype: DType, root: boolean) => {
  const num = numOf(dtype)
  const { reductions, squares, isLarge, scale } = spreadOf(dtype, input(0, num), param(0, num), true)
  const own = f.div(squares, param(1, num))
  const variance = root ? f.sqrt(own) : own
  const back = f.where(isLarge, f.literal(1 / scale, num), 1)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    params: [num, num],
    reductions,
    outputs: [{ dtype, value: f.mul(root ? variance : f.mul(variance, back), back), over: 'outer' }],
  })
})

interface Variance extends Reduce {
  correction: number
}
const freedom = (shape: Shape, { axes, correction }: Variance): number =>
  Math.max(0, countOf(shape, axes) - correction)

const varianceOf = (name: 'var' | 'std') =>
  defineOp({
    name,
    inputs: ['x'],
    attrs: attributes<Variance>(),
    infer({ x }, attrs) {
      if (!isFloat(x.dtype))
        throw new DTypeError('std and var only support floating point and complex dtypes')
      return { shape: reducedShape(x.shape, attrs), dtype: x.dtype }
    },
    kernel: (on, { x }, { out }, attrs) =>
      on.run(varianceProgram(x.dtype, name === 'std'), [
        rowBinding(
          x.layout,
          attrs.axes,
          [rows(x, attrs.axes), outer(out, attrs.axes, attrs.keepdim)],
          [countOf(x.layout.shape, attrs.axes), freedom(x.layout.shape, attrs)],
        ),
      ]),
    vjp: {
      x: saving(name === 'std' ? ['x', 'out'] : ['x'], (g, { x, out }, attrs: Variance) =>
        varianceBackward(name === 'std' ? halfOver(g, out) : g, x, attrs),
      ),
    },
  })
const varOp = /* @__PURE__ */ varianceOf('var')
const stdOp = /* @__PURE__ */ varianceOf('std')

// the square root's derivative; 0 where all elements are equal, as PyTorch
const halfOver = /* @__PURE__ */ definePointwise(
  'stdBackward',
  { result: 'promote', inputs: ['g', 'out'] },
  (g, out) => f.where(f.eq(out, 0), 0, f.div(g, f.mul(out, 2))),
)

function varianceBackward(g: Tensor, x: Tensor, attrs: Variance): Tensor {
  const deviation = x.sub(mean(x, attrs.axes, { keepdim: true }))
  return unreduce(g, x.shape, attrs)
    .mul(2 / freedom(x.shape, attrs))
    .mul(deviation)
}

function varianceAttributes(
  name: string,
  x: Tensor,
  axes: Axes | undefined,
  options: VarianceOptions,
): Variance {
  const correction = options.correction ?? (options.unbiased === false ? 0 : 1)
  const attrs = { ...reduceOf(x, axes, options), correction }
  if (freedom(x.shape, attrs) <= 0 && x.numel() > 0) {
    warn(
      `${name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor`,
    )
  }
  return attrs
}

/**
 * Variance over axes, or all of them: squared deviations from the mean over n - correction.
 *
 * @throws DTypeError for integers
 * @see https://pytorch.org/docs/stable/generated/torch.var.html
 * @example
 * g.var(g.tensor([1, 2, 3])).item() // => 1
 */
const varianceAlong = (x: Tensor, axes?: Axes, options?: VarianceOptions): Tensor => {
  takeTensor('var', 'x', x)
  return varOp({ x }, varianceAttributes('var', x, axes, takeOptions('var', varianceOptions, options)))
}
// `var` is a word of the language, and a name only outside
export { varianceAlong as var }

/**
 * Standard deviation over axes, or all of them: the root of `var`. NaN for one element, unless `correction: 0`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.std.html
 */
export const std = (x: Tensor, axes?: Axes, options?: VarianceOptions): Tensor => {
  takeTensor('std', 'x', x)
  return stdOp({ x }, varianceAttributes('std', x, axes, takeOptions('std', varianceOptions, options)))
}

/** `var` and mean. */
export const varMean = (
  x: Tensor,
  axes?: Axes,
  options?: VarianceOptions,
): [variance: Tensor, mean: Tensor] => {
  takeTensor('varMean', 'x', x)

  options = takeOptions('varMean', varianceOptions, options)
  return [varianceAlong(x, axes, options), mean(x, axes, { keepdim: options.keepdim })]
}

/** {@link std} and mean. */
export const stdMean = (x: Tensor, axes?: Axes, options?: VarianceOptions): [std: Tensor, mean: Tensor] => {
  takeTensor('stdMean', 'x', x)

  options = takeOptions('stdMean', varianceOptions, options)
  return [std(x, axes, options), mean(x, axes, { keepdim: options.keepdim })]
}

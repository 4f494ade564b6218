import type { View } from '../../backend/types.ts'
import { internals } from '../../op/internals.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat, isHalf, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { sameShape } from '../../base/layout.ts'
import { attributes, savingAll, type Autocast } from '../../op/declaration.ts'
import { convert, input, param, reduced, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program, type ProgramSpec } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { rsqrt } from '../elementwise/power.ts'
import { spreadOf } from '../../op/spread.ts'
import { memo, outer, rowBinding, rows, under } from '../../op/row-program.ts'
import { countOf, mean, sumTo, type Reduce } from '../reduce/reduce.ts'

/**
 * The row programs behind layerNorm, batchNorm, groupNorm, instanceNorm and rmsNorm: rows over `axes` are brought to mean 0
 * (unless `centered` is false) and variance 1, then scaled and moved by a weight and a bias that broadcast to x.
 */
export interface Normalization {
  axes: readonly number[]
  eps: number
  /** Whether the mean is subtracted: not for rmsNorm. */
  centered: boolean
}

/** Statistics are kept in float32 where x is half precision. */
const statistics = (dtype: DType): DType => (isHalf(dtype) ? 'float32' : dtype)

const forwardProgram = /* @__PURE__ */ memo(
  (dtype: DType, weight: DType | 'none', bias: DType | 'none', centered: boolean) => {
    const num = numOf(dtype)
    const inputs: ProgramSpec['inputs'][number][] = [{ dtype, over: 'all' }]
    const next = (of: DType): Expr => {
      inputs.push({ dtype: of, over: 'all' })
      return convert(input(inputs.length - 1, numOf(of)), num)
    }
    const count = param(0, num)
    const { reductions, mean, squares, isLarge, scale } = spreadOf(dtype, input(0, num), count, centered)
    // beside squares that overflow eps is nothing
    const variance = f.add(f.div(squares, count), f.where(isLarge, 0, param(1, num)))
    const rstd = f.mul(f.rsqrt(variance), f.where(isLarge, f.literal(scale, num), 1))
    let value = f.mul(centered ? f.sub(input(0, num), mean) : input(0, num), rstd)
    if (weight !== 'none') value = f.mul(value, next(weight))
    if (bias !== 'none') value = f.add(value, next(bias))
    const kept = { dtype: statistics(dtype), over: 'outer' } as const
    return new Program({
      inputs,
      params: [num, num],
      reductions,
      outputs: [
        { dtype, value, over: 'all' },
        { ...kept, value: mean },
        { ...kept, value: rstd },
      ],
    })
  },
)

// inputs of both backward programs, in this order: g, x, mean, rstd, and weight where there is one
const backwardInputs = (g: DType, x: DType, over: 'all' | 'outer'): ProgramSpec['inputs'][number][] => [
  { dtype: g, over: 'all' },
  { dtype: x, over: 'all' },
  { dtype: statistics(x), over },
  { dtype: statistics(x), over },
]
const deviations = (g: DType, x: DType): { gradient: Expr; deviation: Expr; rstd: Expr } => {
  const num = numOf(x)
  const [mean, rstd] = [input(2, num), input(3, num)]
  return { gradient: convert(input(0, numOf(g)), num), deviation: f.sub(input(1, num), mean), rstd }
}

const inputProgram = /* @__PURE__ */ memo((g: DType, x: DType, weight: DType | 'none', centered: boolean) => {
  const num = numOf(x)
  const { gradient, deviation, rstd } = deviations(g, x)
  const inputs = backwardInputs(g, x, 'outer')
  let scaled = gradient
  if (weight !== 'none') {
    inputs.push({ dtype: weight, over: 'all' })
    scaled = f.mul(gradient, convert(input(4, numOf(weight)), num))
  }
  // factors that are constant along the row are multiplied first, in an order that overflows only if the result does
  const meanOf = (sum: number): Expr => f.div(f.mul(reduced(sum, num), rstd), param(0, num))
  const along = f.mul(deviation, f.mul(f.mul(meanOf(0), rstd), rstd))
  const less = centered ? f.add(along, meanOf(1)) : along
  return new Program({
    inputs,
    params: [num],
    reductions: [
      { combine: 'sum', value: f.mul(scaled, deviation) },
      ...(centered ? [{ combine: 'sum', value: scaled } as const] : []),
    ],
    outputs: [{ dtype: x, value: f.sub(f.mul(scaled, rstd), less), over: 'all' }],
  })
})

const affineProgram = /* @__PURE__ */ memo((g: DType, x: DType, to: DType, bias: boolean) => {
  const { gradient, deviation, rstd } = deviations(g, x)
  const values = [f.mul(gradient, f.mul(deviation, rstd)), ...(bias ? [gradient] : [])]
  return new Program({
    inputs: backwardInputs(g, x, 'all'),
    reductions: values.map((value) => ({ combine: 'sum', value })),
    outputs: values.map((_, i) => ({
      dtype: to,
      value: convert(reduced(i, numOf(x)), numOf(to)),
      over: 'outer',
    })),
  })
})

/** An operand that broadcasts to x, spread over all its axes. */
const spread = (operand: View, x: View): View => under(operand, operand.layout.expand(x.layout.shape))

/** A row's statistic, kept with axes of length 1, under the axes that are not reduced. */
const perRow = (operand: View, axes: readonly number[]): View => outer(operand, axes, true)

/** The axes of x along which a weight does not change: those its gradient is summed over. */
const summedAxes = (shape: readonly number[], x: readonly number[]): number[] =>
  x.map((_, a) => a).filter((a) => a < x.length - shape.length || shape[a - (x.length - shape.length)] === 1)

// differentiable again: mean and rstd from x itself
function standardized(x: Tensor, { axes, eps, centered }: Normalization): { value: Tensor; rstd: Tensor } {
  const deviation = centered ? x.sub(mean(x, axes, { keepdim: true })) : x
  const rstd = rsqrt(mean(deviation.mul(deviation), axes, { keepdim: true }).add(eps))
  return { value: deviation.mul(rstd), rstd }
}

const inputBackwardOp = /* @__PURE__ */ defineOp({
  name: 'normalizationBackward',
  inputs: ['g', 'x', 'mean', 'rstd', 'weight?'],
  attrs: attributes<Normalization>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { g, x, mean, rstd, weight }, { out }, { axes, centered }) {
    const operands = [rows(g, axes), rows(x, axes), perRow(mean, axes), perRow(rstd, axes)]
    if (weight) operands.push(rows(spread(weight, x), axes))
    on.run(inputProgram(g.dtype, x.dtype, weight?.dtype ?? 'none', centered), [
      rowBinding(x.layout, axes, [...operands, rows(out, axes)], [countOf(x.layout.shape, axes)]),
    ])
  },
  decompose({ g, x, weight }, attrs) {
    const { value, rstd } = standardized(x, attrs)
    const scaled = weight ? g.mul(weight) : g
    const along = value.mul(mean(scaled.mul(value), attrs.axes, { keepdim: true }))
    const inner = attrs.centered
      ? scaled.sub(mean(scaled, attrs.axes, { keepdim: true })).sub(along)
      : scaled.sub(along)
    return inner.mul(rstd)
  },
})

interface WeightGradient extends Normalization {
  shape: readonly number[]
  dtype: DType
  /** Whether the gradient of the bias is wanted too; it is empty otherwise. */
  bias: boolean
}
// both gradients in one pass over g
const affineBackwardOp = /* @__PURE__ */ defineOp({
  name: 'normalizationBackwardAffine',
  inputs: ['g', 'x', 'mean', 'rstd'],
  outputs: ['weight', 'bias'],
  attrs: attributes<WeightGradient>(),
  infer: (_, { shape, dtype, bias }) => ({
    weight: { shape, dtype },
    bias: { shape: bias ? shape : [0], dtype },
  }),
  kernel(on, { g, x, mean, rstd }, { weight, bias }, { shape, bias: both }) {
    const axes = summedAxes(shape, x.layout.shape)
    const lead = x.layout.rank - shape.length
    const ones = axes.filter((a) => a >= lead).map((a) => a - lead)
    on.run(affineProgram(g.dtype, x.dtype, weight.dtype, both), [
      rowBinding(x.layout, axes, [
        ...[g, x, spread(mean, x), spread(rstd, x)].map((v) => rows(v, axes)),
        ...(both ? [weight, bias] : [weight]).map((v) => under(v, v.layout.squeeze(ones))),
      ]),
    ])
  },
  decompose: ({ g, x }, attrs) => ({
    weight: sumTo(g.mul(standardized(x, attrs).value), attrs.shape),
    bias: attrs.bias ? sumTo(g, attrs.shape) : internals(g).make([0], attrs.dtype),
  }),
})

/** A normalization op; its weight and bias have any shape that broadcasts to x. */
export const normalizationOf = (name: string, autocast: Autocast) =>
  defineOp({
    name,
    inputs: ['x', 'weight?', 'bias?'],
    aux: ['mean', 'rstd'],
    attrs: attributes<Normalization>(),
    autocast,
    infer({ x }, { axes }) {
      if (!isFloat(x.dtype)) throw new DTypeError(`"${name}" not implemented for '${x.dtype}'`)
      const reduce: Reduce = { axes, keepdim: true }
      const shape = x.shape.map((n, a) => (reduce.axes.includes(a) ? 1 : n))
      const kept = { shape, dtype: statistics(x.dtype) }
      return { out: { shape: x.shape, dtype: x.dtype }, mean: kept, rstd: kept }
    },
    kernel(on, { x, weight, bias }, { out, mean, rstd }, { axes, eps, centered }) {
      const operands = [rows(x, axes)]
      for (const operand of [weight, bias]) if (operand) operands.push(rows(spread(operand, x), axes))
      operands.push(rows(out, axes), perRow(mean, axes), perRow(rstd, axes))
      on.run(forwardProgram(x.dtype, weight?.dtype ?? 'none', bias?.dtype ?? 'none', centered), [
        rowBinding(x.layout, axes, operands, [countOf(x.layout.shape, axes), eps]),
      ])
    },
    vjp: savingAll(
      ['x', 'mean', 'rstd', 'weight'],
      ([g], { x, mean, rstd, weight }, needs, attrs: Normalization, { bias }) => {
        const saved = { g, x, mean, rstd }
        const { shape, dtype } = weight ?? g
        const too = needs.bias && bias?.dtype === dtype && sameShape(bias.shape, shape)
        const affine =
          weight && needs.weight ? affineBackwardOp(saved, { ...attrs, shape, dtype, bias: too }) : null
        return {
          // an absent weight is not saved, and then not there
          x: needs.x ? inputBackwardOp({ ...saved, weight: weight ?? null }, attrs) : null,
          weight: affine && affine.weight,
          bias: affine && too ? affine.bias : g,
        }
      },
    ),
  })

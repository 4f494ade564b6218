import { real, flag } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import type { Backend, View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType } from '../../base/dtype.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { convert, index, input, param, reduced } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { memo, rowBinding, rows, under } from '../../op/row-program.ts'

/** The parameters that turn scores into weights. */
export interface Weights {
  /** Multiplies the scores. */
  scale: number
  /** Row i sees columns up to i. */
  causal: boolean
}

/*
 * softmax(scale · x + mask) over the last axis in one pass per row. A row that sees nothing gets zeros, not NaN: PyTorch's
 * _safe_softmax.
 */
const weightsProgram = /* @__PURE__ */ memo(
  (dtype: DType, mask: DType | 'none', rank: number, causal: boolean) => {
    const num = numOf(dtype)
    const unseen = f.literal(-Infinity, num)
    let score = f.mul(input(0, num), param(0, num))
    if (mask === 'bool') score = f.where(input(1, 'bool'), score, unseen)
    else if (mask !== 'none') score = f.add(score, convert(input(1, numOf(mask)), num))
    if (causal) {
      const row = f.add(index({ of: 'outer', axis: rank - 2 }), param(1, 'i32'))
      const past = f.le(index({ of: 'inner', axis: 0 }), row)
      score = f.where(past, score, unseen)
    }
    // Every row that sees a key has a highest score, whose share is 1. Shares below e^least count as none: kernels compute exp of
    // -Infinity apart. A share that is read from exp alone is computed once and kept.
    const least = num === 'f64' ? -700 : -80
    const highest = f.where(f.eq(reduced(0, num), -Infinity), 0, reduced(0, num))
    const share = f.exp(f.max(f.sub(score, highest), least))
    const seen = f.where(f.le(share, 1.01 * Math.exp(least)), 0, share)
    return new Program({
      inputs: [{ dtype, over: 'all' }, ...(mask === 'none' ? [] : [{ dtype: mask, over: 'all' } as const])],
      params: causal ? [num, 'i32'] : [num],
      reductions: [
        { combine: 'max', value: score },
        { combine: 'sum', value: share },
      ],
      outputs: [{ dtype, value: f.mul(seen, f.reciprocal(reduced(1, num))), over: 'all' }],
    })
  },
)

const gradientProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  const [g, y] = [input(0, num), input(1, num)]
  return new Program({
    inputs: [
      { dtype, over: 'all' },
      { dtype, over: 'all' },
    ],
    params: [num],
    reductions: [{ combine: 'sum', value: f.mul(g, y) }],
    outputs: [{ dtype, value: f.mul(param(0, num), f.mul(y, f.sub(g, reduced(0, num)))), over: 'all' }],
  })
})

/**
 * Writes the weights of scores, which may be where the scores are.
 *
 * @param first - the number of the first row, which a causal mask asks for
 */
export function weigh(
  on: Backend,
  x: View,
  mask: View | null,
  out: View,
  { scale, causal }: Weights,
  first = 0,
): void {
  const { rank, shape } = x.layout
  const axes = [rank - 1]
  const spread = mask ? [rows(under(mask, mask.layout.expand(shape)), axes)] : []
  on.run(weightsProgram(x.dtype, mask?.dtype ?? 'none', rank, causal), [
    rowBinding(
      x.layout,
      axes,
      [rows(x, axes), ...spread, rows(out, axes)],
      causal ? [scale, first] : [scale],
    ),
  ])
}

/** Writes the gradient of scores from weights y and their gradient, which may be where that is. */
export function weighBackward(on: Backend, g: View, y: View, out: View, scale: number): void {
  const axes = [y.layout.rank - 1]
  on.run(gradientProgram(y.dtype), [
    rowBinding(y.layout, axes, [rows(g, axes), rows(y, axes), rows(out, axes)], [scale]),
  ])
}

/** The gradient of scores as a tensor. */
export const gradientOp = /* @__PURE__ */ defineOp({
  name: 'attentionWeightsBackward',
  inputs: ['g', 'y'],
  attrs: attributes<number>(),
  infer: ({ y }) => ({ shape: y.shape, dtype: y.dtype }),
  kernel: (on, { g, y }, { out }, scale) => weighBackward(on, g, y, out, scale),
  decompose: ({ g, y }, scale) => y.mul(g.sub(g.mul(y).sum(-1, { keepdim: true }))).mul(scale),
})

/** Weights `[..., queries, keys]` of scores. */
export const weightsOp = /* @__PURE__ */ defineOp({
  name: 'attentionWeights',
  inputs: ['x', 'mask?'],
  attrs: attributes<Weights>(),
  autocast: 'lower',
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel: (on, { x, mask }, { out }, attrs) => weigh(on, x, mask, out, attrs),
  vjp: {
    x: saving(['out'], (g, { out }, { scale }: Weights) => gradientOp({ g, y: out }, scale)),
    mask: saving(['out'], (g, { out }) => gradientOp({ g, y: out }, 1)),
  },
})

/** Options of {@link attentionWeights}. */
export interface AttentionWeightsOptions {
  /** Multiplies the scores; 1 by default. */
  scale?: number
  /** Hides later keys from a query; false by default. */
  isCausal?: boolean
}
const attentionWeightsOptions = /* @__PURE__ */ defineOptions<AttentionWeightsOptions>({
  scale: real,
  isCausal: flag,
})

/** The weights of {@link scaledDotProductAttention} for given scores `[..., queries, keys]`. */
export const attentionWeights = (
  scores: Tensor,
  mask: Tensor | null = null,
  options?: AttentionWeightsOptions,
): Tensor => {
  const { scale = 1, isCausal = false } = takeOptions('attentionWeights', attentionWeightsOptions, options)
  return weightsOp({ x: scores, mask }, { scale, causal: isCausal })
}

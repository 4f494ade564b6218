import { defineOp } from '../define.ts'
import { isFloat, numOf, type DType } from '../dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../errors.ts'
import { attributes, saving } from '../op.ts'
import { convert, index, input, param, reduced } from '../program/expr.ts'
import * as f from '../program/formula.ts'
import { Program } from '../program/program.ts'
import { broadcastShapes } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { dropout } from './dropout.ts'
import { matmul } from './matmul.ts'
import { memo, rowBinding, rows, under } from './programs.ts'
import { repeatInterleave } from './rearrange.ts'

interface Weights {
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
      const past = f.le(index({ of: 'inner', axis: 0 }), index({ of: 'outer', axis: rank - 2 }))
      score = f.where(past, score, unseen)
    }
    // All rows but those that see nothing have a highest score, whose share is 1. Shares below e^least count as none: exp of
    // -Infinity is a case that kernels compute apart, and a share read from nothing but exp is computed once and kept.
    const least = num === 'f64' ? -700 : -80
    const highest = f.where(f.eq(reduced(0, num), -Infinity), 0, reduced(0, num))
    const share = f.exp(f.max(f.sub(score, highest), least))
    const seen = f.where(f.le(share, 1.01 * Math.exp(least)), 0, share)
    return new Program({
      inputs: [{ dtype, over: 'all' }, ...(mask === 'none' ? [] : [{ dtype: mask, over: 'all' } as const])],
      params: [num],
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

const gradientOp = /* @__PURE__ */ defineOp({
  name: 'attentionWeightsBackward',
  inputs: ['g', 'y'],
  attrs: attributes<number>(),
  infer: ({ y }) => ({ shape: y.shape, dtype: y.dtype }),
  kernel(on, { g, y }, { out }, scale) {
    const axes = [y.layout.rank - 1]
    on.run(gradientProgram(y.dtype), [
      rowBinding(y.layout, axes, [rows(g, axes), rows(y, axes), rows(out, axes)], [scale]),
    ])
  },
  decompose: ({ g, y }, scale) => y.mul(g.sub(g.mul(y).sum(-1, { keepdim: true }))).mul(scale),
})

const weightsOp = /* @__PURE__ */ defineOp({
  name: 'attentionWeights',
  inputs: ['x', 'mask?'],
  attrs: attributes<Weights>(),
  autocast: 'lower',
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x, mask }, { out }, { scale, causal }) {
    const axes = [x.layout.rank - 1]
    const spread = mask ? [rows(under(mask, mask.layout.expand(x.layout.shape)), axes)] : []
    on.run(weightsProgram(x.dtype, mask?.dtype ?? 'none', x.layout.rank, causal), [
      rowBinding(x.layout, axes, [rows(x, axes), ...spread, rows(out, axes)], [scale]),
    ])
  },
  vjp: {
    x: saving(['out'], (g, { out }, { scale }: Weights) => gradientOp({ g, y: out }, scale)),
    mask: saving(['out'], (g, { out }) => gradientOp({ g, y: out }, 1)),
  },
})

/** What {@link scaledDotProductAttention} takes. */
export interface AttentionOptions {
  /** Added to the scores, or bool: true where a query sees a key. Broadcasts to `[..., queries, keys]`. */
  attnMask?: Tensor | null
  /** Share of the weights that is dropped, with no regard to any module's mode; 0 by default. */
  dropoutP?: number
  /** Query i sees keys 0 to i; not together with a mask. */
  isCausal?: boolean
  /** Multiplies the scores; 1 / √d by default. */
  scale?: number | null
  /** Repeats the heads (axis -3) of key and value to those of query; false by default. */
  enableGqa?: boolean
}

const attentionOp = /* @__PURE__ */ defineOp({
  name: 'scaledDotProductAttention',
  inputs: ['query', 'key', 'value', 'attnMask?'],
  attrs: attributes<
    Required<Omit<AttentionOptions, 'attnMask' | 'enableGqa' | 'scale'>> & { scale: number }
  >(),
  autocast: 'lower',
  decompose({ query, key, value, attnMask }, { dropoutP, isCausal, scale }) {
    const scores = matmul(query, key.transpose(-2, -1))
    const weights = weightsOp({ x: scores, mask: attnMask }, { scale, causal: isCausal })
    return matmul(dropout(weights, dropoutP), value)
  },
})

/**
 * `softmax(query · keyᵀ · scale + mask) · value`: each query gets a mean of the values, weighted by how well its key fits.
 *
 * A query that sees no key gets zeros.
 *
 * @param query - `[..., queries, d]`
 * @param key - `[..., keys, d]`
 * @param value - `[..., keys, e]`
 * @returns `[..., queries, e]`
 * @throws ValueError for a mask together with `isCausal`; ShapeError, DTypeError for operands that do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 * @example
 * const x = g.ones(1, 2, 3, 4)
 * g.scaledDotProductAttention(x, x, x, { isCausal: true }).shape // => [1, 2, 3, 4]
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const { attnMask = null, dropoutP = 0, isCausal = false, enableGqa = false } = options
  check(query, key, value, attnMask, isCausal)
  const scale = options.scale ?? 1 / Math.sqrt(query.shape.at(-1)!)
  const heads = (x: Tensor): Tensor =>
    enableGqa && x.ndim > 2 && x.shape.at(-3) !== query.shape.at(-3)
      ? repeatInterleave(x, query.shape.at(-3)! / x.shape.at(-3)!, -3)
      : x
  return attentionOp({ query, key: heads(key), value: heads(value), attnMask }, { dropoutP, isCausal, scale })
}

function check(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null, isCausal: boolean): void {
  if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2) {
    throw new ShapeError(
      `scaled_dot_product_attention: Expected query, key, and value to all be  at least 2 dimensional, but got query.dim(): ${query.ndim}, key.dim(): ${key.ndim} and value.dim(): ${value.ndim} instead.`,
    )
  }
  if (query.dtype !== key.dtype || query.dtype !== value.dtype) {
    throw new DTypeError(
      `Expected query, key, and value to have the same dtype, but got query.dtype: ${query.dtype} key.dtype: ${key.dtype} and value.dtype: ${value.dtype} instead.`,
    )
  }
  if (mask === null) return
  if (isCausal) {
    throw new ValueError(
      'scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True',
    )
  }
  if (mask.dtype !== 'bool' && mask.dtype !== query.dtype && !isFloat(mask.dtype)) {
    throw new DTypeError(
      `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${mask.dtype} and  query.dtype: ${query.dtype} instead.`,
    )
  }
  broadcastShapes(mask.shape, [query.shape.at(-2)!, key.shape.at(-2)!])
}

/** The weights of {@link scaledDotProductAttention} for given scores `[..., queries, keys]`. */
export const attentionWeights = (
  scores: Tensor,
  mask: Tensor | null = null,
  { scale = 1, isCausal = false }: { scale?: number; isCausal?: boolean } = {},
): Tensor => weightsOp({ x: scores, mask }, { scale, causal: isCausal })

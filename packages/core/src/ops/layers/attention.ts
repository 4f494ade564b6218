import { aTensor, takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, nullable, real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { broadcastShapes } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { attendInBlocks, isBlockwise } from './attention-blocks.ts'
import { weightsOp } from './attention-weights.ts'
import { dropout } from '../random/dropout.ts'
import { matmul } from '../linalg/matmul.ts'
import { repeatInterleave } from '../shape/rearrange.ts'

/** Options of {@link scaledDotProductAttention}. */
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
/** The kinds of {@link AttentionOptions}. */
export const attentionOptions = /* @__PURE__ */ defineOptions<AttentionOptions>({
  attnMask: /* @__PURE__ */ nullable(aTensor),
  dropoutP: real,
  isCausal: flag,
  scale: /* @__PURE__ */ nullable(real),
  enableGqa: flag,
})

const attentionOp = /* @__PURE__ */ defineOp({
  name: 'scaledDotProductAttention',
  inputs: ['query', 'key', 'value', 'attnMask?'],
  attrs: attributes<
    Required<Omit<AttentionOptions, 'attnMask' | 'enableGqa' | 'scale'>> & { scale: number }
  >(),
  autocast: 'lower',
  decompose({ query, key, value, attnMask }, { dropoutP, isCausal, scale }) {
    const weights = { scale, causal: isCausal }
    if (dropoutP === 0 && isBlockwise(query, key, value, attnMask, isCausal)) {
      return attendInBlocks(query, key, value, attnMask, weights)
    }
    const scores = matmul(query, key.transpose(-2, -1))
    return matmul(dropout(weightsOp({ x: scores, mask: attnMask }, weights), dropoutP), value)
  },
})

/**
 * `softmax(query · keyᵀ · scale + mask) · value`: each query gets a mean of the values, weighted by how well its key fits.
 *
 * A query that sees no key gets zeros. With `isCausal` keys that are hidden cost nothing; a mask of one's own is read whole.
 * Memory grows with the queries, not with queries times keys, unless a mask learns or weights are dropped.
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
  options?: AttentionOptions,
): Tensor {
  takeTensor('scaledDotProductAttention', 'query', query)
  takeTensor('scaledDotProductAttention', 'key', key)

  takeTensor('scaledDotProductAttention', 'value', value)

  options = takeOptions('scaledDotProductAttention', attentionOptions, options)
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
    throw new ValueError('scaledDotProductAttention: explicit attnMask should not be set when isCausal: true')
  }
  if (mask.dtype !== 'bool' && mask.dtype !== query.dtype && !isFloat(mask.dtype)) {
    throw new DTypeError(
      `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${mask.dtype} and  query.dtype: ${query.dtype} instead.`,
    )
  }
  broadcastShapes(mask.shape, [query.shape.at(-2)!, key.shape.at(-2)!])
}

import { functional } from '@gradus/nn'
import { arange, type Tensor } from '@gradus/core'

/**
 * The mask of attention, `[n, 1, t, t]` of bool: keys that are padding (0 in `attention`, `[n, t]`) are left out, and with
 * `causal` those that come later.
 */
export function maskOf(attention: Tensor, causal: boolean): Tensor {
  const [n, t] = attention.shape
  const keys = attention.bool().view(n, 1, 1, t)
  if (!causal) return keys.expand(n, 1, t, t)
  const positions = arange(t)
  return keys.logicalAnd(positions.view(1, 1, 1, t).le(positions.view(1, 1, t, 1)))
}

/** `[n, t, heads × size]` as `[n, heads, t, size]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [n, t, c] = x.shape
  return x.view(n, t, heads, c / heads).transpose(1, 2)
}

/** Attention of `q` to `k` and `v`, `[n, heads, t, size]`, as `[n, t, heads × size]`; keys may have fewer heads. */
export function attend(q: Tensor, k: Tensor, v: Tensor, attnMask: Tensor): Tensor {
  const [n, heads, t, size] = q.shape
  const y = functional.scaledDotProductAttention(q, k, v, { attnMask, enableGqa: k.shape[1] < heads })
  return y.transpose(1, 2).reshape(n, t, heads * size)
}

import type { Expr } from '@gradus/core/backend'
import * as f from '@gradus/core/formula'

/**
 * `start + weight · (end - start)` as PyTorch rounds it: from the side of `end` for weights from 0.5 on.
 *
 * @param late - whether the weight is 0.5 or more
 */
export function lerp(start: Expr, end: Expr, weight: Expr, late: boolean): Expr {
  const difference = f.sub(end, start)
  return late ? f.sub(end, f.mul(difference, f.sub(1, weight))) : f.add(start, f.mul(weight, difference))
}

/** A running mean of squares: `decay · v + share · g²`. */
export const meanSquare = (v: Expr, g: Expr, decay: Expr, share: Expr): Expr =>
  f.add(f.mul(v, decay), f.mul(f.mul(share, g), g))

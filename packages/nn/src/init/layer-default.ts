import type { Tensor } from '@gradus/core/functions'
import { uniform_ } from './fill.ts'
import { fanOf, kaimingUniform_ } from './scaled.ts'

/**
 * How linear and convolutional layers begin: weight and bias uniform in ±1/√fanIn, the weight drawn first.
 *
 * The bound of the weight is computed by way of `kaimingUniform_` with a = √5, as in PyTorch: the same number on paper, the
 * same bits only so.
 */
export function resetBySize(weight: Tensor, bias: Tensor | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) })
  if (bias === null) return
  const { fanIn } = fanOf(weight)
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0
  uniform_(bias, -bound, bound)
}

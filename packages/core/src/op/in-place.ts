import { tapeOfWrite } from './dispatch.ts'
import { internals } from './internals.ts'
import { refuseOverlap } from './operands.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The in-place form of an op that is not pointwise: `direct` writes `x` itself where nothing is recorded; otherwise the
 * result of the op is copied in, so that the tape sees one kind of write only.
 */
export function inPlace(
  x: Tensor,
  others: readonly Tensor[],
  { direct, recorded }: { direct(): void; recorded(): Tensor },
): Tensor {
  if (tapeOfWrite(x, [x, ...others]) !== null) return x.copy_(recorded())
  refuseOverlap(x)
  direct()
  internals(x).counter.value++
  return x
}

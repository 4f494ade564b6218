import { ValueError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { mean } from '../reduce/reduce.ts'
import { describeValue } from '../../base/describe.ts'
import { kind, type Kind } from '../../base/kinds.ts'

/** How the losses of single elements become one: not at all, averaged, or added up. */
export type Reduction = 'none' | 'mean' | 'sum'

/** A {@link Reduction}; `refuses` makes the error of another text. */
/*@__NO_SIDE_EFFECTS__*/
export function reductionKind(refuses: (text: string) => string): Kind<Reduction> {
  return kind(
    "'none', 'mean' or 'sum'",
    (x) => x === 'none' || x === 'mean' || x === 'sum',
    (x) => refuses(typeof x === 'string' ? x : describeValue(x)),
  )
}
export const reductionName = /* @__PURE__ */ reductionKind(
  (text) => `${text} is not a valid value for reduction`,
)

/** @throws ValueError for another word than the types allow */
export function checkReduction(reduction: Reduction): void {
  if (!['none', 'mean', 'sum'].includes(reduction))
    throw new ValueError(`${reduction} is not a valid value for reduction`)
}

/** Applies a {@link Reduction}. */
export function reduceLoss(loss: Tensor, reduction: Reduction): Tensor {
  checkReduction(reduction)
  return reduction === 'mean' ? mean(loss) : reduction === 'sum' ? loss.sum() : loss
}

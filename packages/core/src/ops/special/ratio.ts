import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { eq } from '../elementwise/compare.ts'
import { where } from '../elementwise/ternary.ts'

/** J1(x) / x, or I1(x) / x: 1/2 where x is 0. */
export const overArgument = (y: Tensor, x: Tensor): Tensor => overOr(0.5, y, x)

/** y / x, or `limit` where x is 0. */
export function overOr(limit: number, y: Tensor, x: Tensor): Tensor {
  const none = eq(x, 0)
  return where(none, filledAs(y, [], limit), y.div(where(none, filledAs(x, [], 1), x)))
}

import { takeTensor } from '../../tensor/kind.ts'
import type { Axes } from '../../base/shape.ts'
import { takeOptions } from '../../base/options.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { sum, type AccumulateOptions, accumulateOptions } from './reduce.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { logicalNot, isnan } from '../elementwise/unary.ts'
import { where } from '../elementwise/ternary.ts'

/**
 * Sum over axes, or all of them, counting NaN as 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nansum.html
 */
export const nansum = (x: Tensor, axes?: Axes, options?: AccumulateOptions): Tensor => {
  takeTensor('nansum', 'x', x)
  return sum(
    isFloat(x.dtype) ? where(isnan(x), 0, x) : x,
    axes,
    takeOptions('nansum', accumulateOptions, options),
  )
}

/**
 * Mean over axes, or all of them, of the elements that are not NaN.
 *
 * @throws DTypeError for integers
 * @see https://pytorch.org/docs/stable/generated/torch.nanmean.html
 */
export function nanmean(x: Tensor, axes?: Axes, options?: AccumulateOptions): Tensor {
  takeTensor('nanmean', 'x', x)

  options = takeOptions('nanmean', accumulateOptions, options)
  if (!isFloat(x.dtype)) {
    throw new DTypeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${x.dtype}`,
    )
  }
  return nansum(x, axes, options).div(sum(logicalNot(isnan(x)), axes, { keepdim: options.keepdim ?? false }))
}

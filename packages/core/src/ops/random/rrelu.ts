import { takeTensor } from '../../tensor/kind.ts'
import { flag, real } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ValueError } from '../../base/errors.ts'
import { filledAs } from '../../op/fill.ts'
import { readsValues } from '../../op/host-values.ts'
import { internals } from '../../op/internals.ts'
import { written } from '../../op/in-place.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { le } from '../elementwise/compare.ts'
import { leakyRelu } from '../elementwise/rectifier.ts'
import { scatter } from '../index/gather.ts'
import { positionsOf } from '../index/masked.ts'
import { randomOptions, uniform_, type RandomOptions } from './in-place-draws.ts'

/** Options of {@link rrelu}. */
export interface RreluOptions extends RandomOptions {
  /** The smallest slope; 1/8 by default. */
  lower?: number
  /** The largest slope; 1/3 by default. */
  upper?: number
  /** Draws a slope for each element that is not positive; false, the default, takes the middle for all. */
  training?: boolean
}
/** The kinds of {@link RreluOptions}. */
export const rreluOptions = /* @__PURE__ */ defineOptions<RreluOptions, RandomOptions>(
  { lower: real, upper: real, training: flag },
  randomOptions,
)
const rreluValues = /* @__PURE__ */ readsValues('rrelu')

/**
 * `x` where it is positive, else `x` times a slope that is drawn between two bounds.
 *
 * @throws ValueError for a lower bound above the upper; DTypeError unless floating
 * @see Xu et al. 2015, https://arxiv.org/abs/1505.00853
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
 * @example
 * g.rrelu(g.tensor([2, -4]), { lower: 0.25, upper: 0.75 }).tolist() // => [2, -2]
 */
export function rrelu(x: Tensor, options?: RreluOptions): Tensor {
  takeTensor('rrelu', 'x', x)
  const {
    lower = 1 / 8,
    upper = 1 / 3,
    training = false,
    generator = null,
  } = takeOptions('rrelu', rreluOptions, options)
  if (!(lower <= upper)) throw new ValueError(`Lower bound should be less than or equal to the upper bound`)
  if (!isFloat(x.dtype)) throw new DTypeError(`"rrelu" not implemented for '${x.dtype}'`)
  if (!training) return leakyRelu(x, { negativeSlope: (lower + upper) / 2 })
  const mask = le(x.detach(), 0)
  const positions = positionsOf(rreluValues, mask)
  const n = positions.length
  // PyTorch draws a double for each of these elements alone, in their order
  const drawn = uniform_(internals(x).make([n], 'float64'), lower, upper, { generator })
  const at = internals(x).makeFrom(positions, [n], 'int32')
  const slopes = scatter(filledAs(x, [x.numel()], 1), 0, at, drawn.to(x.dtype))
  return x.mul(slopes.reshape(x.shape))
}

/** {@link rrelu} written into `x`. */
export const rrelu_ = /* @__PURE__ */ written('rrelu_', (x: Tensor, options?: RreluOptions) =>
  rrelu(x, options),
)

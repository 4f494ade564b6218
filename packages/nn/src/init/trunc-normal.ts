import { noGrad } from '@gradus/autograd'
import {
  type RandomOptions,
  type Tensor,
  ValueError,
  any,
  div_,
  emptyLike,
  erf,
  gt,
  log_,
  logicalAnd,
  logicalOr,
  lt,
  normal_ as drawNormal,
  pow_,
  sub_,
  tensor,
  uniform_ as drawUniform,
  where,
} from '@gradus/core/functions'
import { real, takeArgument, takeOptions, warn } from '@gradus/core/internal'
import { filled, randomOptions } from './fill.ts'

/**
 * Normal numbers within `[a, b]`; what falls outside is drawn again.
 *
 * @param mean - 0 by default
 * @param std - 1 by default
 * @param a - -2 by default
 * @param b - 2 by default
 */
export function truncNormal_(x: Tensor, mean = 0, std = 1, a = -2, b = 2, given?: RandomOptions): Tensor {
  filled('truncNormal_', x)
  for (const [name, value] of Object.entries({ mean, std, a, b }))
    takeArgument('truncNormal_', name, real, value)
  const options = takeOptions('truncNormal_', randomOptions, given)
  if (a > b) throw new ValueError(`truncNormal_: a has to be at most b, got ${a} and ${b}`)
  if (mean < a - 2 * std || mean > b + 2 * std) {
    warn(
      'mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.',
    )
  }
  const inRange = normalCdf((b - mean) / std) - normalCdf((a - mean) / std)
  return noGrad(() =>
    inRange > 0.3 ? redraw(x, mean, std, a, b, options) : acceptUniform(x, mean, std, a, b, options),
  )
}

/** Normal numbers, all drawn again until every element has had one in the range. */
function redraw(x: Tensor, mean: number, std: number, a: number, b: number, options: RandomOptions): Tensor {
  // the bounds as the dtype holds them, like the numbers they are compared with
  const [low, high] = [a, b].map((bound) => tensor(bound, { dtype: x.dtype }).item())
  let result = drawNormal(x, mean, std, options)
  for (;;) {
    const outside = logicalOr(lt(result, low), gt(result, high))
    if (!any(outside).item()) break
    result = where(outside, drawNormal(emptyLike(x), mean, std, options), result)
  }
  return result === x ? x : x.copy_(result)
}

/** Uniform numbers, accepted with a probability that follows the normal density. */
function acceptUniform(
  x: Tensor,
  mean: number,
  std: number,
  a: number,
  b: number,
  options: RandomOptions,
): Tensor {
  const peak = -0.5 * ((Math.max(a, Math.min(mean, b)) - mean) / std) ** 2
  const refused = (candidates: Tensor): Tensor => {
    const logDensity = sub_(pow_(div_(candidates.sub(mean), std), 2).mul_(-0.5), peak)
    return gt(log_(drawUniform(emptyLike(x), 0, 1, options)), logDensity)
  }
  let result = drawUniform(x, a, b, options)
  let pending = refused(x)
  while (any(pending).item()) {
    const candidates = drawUniform(emptyLike(x), a, b, options)
    result = where(pending, candidates, result)
    pending = logicalAnd(pending, refused(candidates))
  }
  return result === x ? x : x.copy_(result)
}

const normalCdf = (x: number): number => (1 + erf(tensor(x / Math.SQRT2, { dtype: 'float64' })).item()) / 2

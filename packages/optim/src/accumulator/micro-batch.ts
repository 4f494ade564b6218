import { GradError, isHalf, Tensor, ValueError } from '@gradus/core/functions'
import { anything, defineOptions, describeValue, oneOf } from '@gradus/core/internal'
import type { MicroBatchOptions } from './types.ts'
import { WindowError } from './window-guard.ts'

/** Kinds of {@link MicroBatchOptions}; {@link weightOf} examines the weight. */
export const microBatchOptions = /* @__PURE__ */ defineOptions<MicroBatchOptions>({
  weight: anything<number | Tensor>(),
  reduction: oneOf('mean', 'sum'),
})

/** @throws ValueError, GradError, WindowError for a value that cannot be the loss of a micro-batch */
export function checkLoss(loss: Tensor, reduction: 'mean' | 'sum'): void {
  if (!(loss instanceof Tensor) || loss.numel() !== 1) {
    const got = loss instanceof Tensor ? `one of shape [${loss.shape.join(', ')}]` : typeof loss
    throw new ValueError(`a loss is a tensor of one element, got ${got}`, {
      hint: 'reduce it to its mean, and pass what it is a mean over as { weight }',
    })
  }
  if (!loss.requiresGrad) {
    throw new GradError('element 0 of tensors does not require grad and does not have a grad_fn', {
      hint: 'a loss counts once: backward() lets go of it. Otherwise nothing it was computed from requires a gradient',
    })
  }
  if (isHalf(loss.dtype)) {
    throw new ValueError(`a loss is computed in float32, got ${loss.dtype}`, {
      hint: "convert what goes into it: lossFn(model(x).to('float32'), y)",
    })
  }
  // the accumulator divides: `loss.div(4)` is from loops that do it themselves
  const divisor = loss.gradFn?.name === 'DivBackward0' ? loss.gradFn.numbers?.[1] : null
  if (reduction === 'mean' && typeof divisor === 'number') {
    throw new WindowError(
      `the loss was divided by ${divisor}, and the window is divided by its weight again`,
      {
        hint: "pass the mean over the micro-batch as it is; a sum over n as backward(sum, { weight: n, reduction: 'sum' }); a factor of the loss itself as mul()",
      },
    )
  }
}

/** @throws ValueError for a weight that is negative, infinite or NaN */
export function weightOf(weight: number | Tensor | undefined): number {
  const w = weight instanceof Tensor ? weight.item() : (weight ?? 1)
  if (!(typeof w === 'number' && w >= 0 && w < Infinity))
    throw new ValueError(`a weight is a number from 0 on, got ${describeValue(weight)}`)
  return w
}

import { takeTensor, takeTensorOrNull } from '../../tensor/kind.ts'
import { normOptions, type NormOptions } from './layer-norm.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { setGradEnabled } from '../../op/modes.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { normalizationOf } from './standardize.ts'
import { mean } from '../reduce/reduce.ts'
import { var as variance } from '../reduce/variance.ts'

/** A per-channel operand under the axes of x, which has its channels at axis 1. */
const perChannel = (operand: Tensor | null, rank: number): Tensor | null =>
  operand && operand.reshape([operand.numel(), ...Array<number>(Math.max(0, rank - 2)).fill(1)])

const batchNormOp = /* @__PURE__ */ normalizationOf('batchNorm', 'keep')

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends NormOptions {
  /** Normalizes by the batch's own statistics and updates the running ones; false by default. */
  training?: boolean
  /** Share of the batch in the update of the running statistics; 0.1 by default. */
  momentum?: number
}
/** The kinds of {@link BatchNormOptions}. */
export const batchNormOptions = /* @__PURE__ */ defineOptions<BatchNormOptions, NormOptions>(
  { training: flag, momentum: real },
  normOptions,
)

// with statistics that are constants or not: the derivatives follow from the formula
const fixedNormOp = /* @__PURE__ */ definePointwise(
  'batchNorm',
  { result: 'first', inputs: ['x', 'mean', 'variance'], params: 1 },
  (x, mean, variance, eps) => f.div(f.sub(x, mean), f.sqrt(f.add(variance, eps))),
)

/**
 * Channels brought to mean 0 and variance 1 over the batch, or by running statistics, then `· weight + bias` per channel.
 *
 * With `training`, running statistics are updated in place: `(1 - momentum) · running + momentum · batch`, with the unbiased
 * variance.
 *
 * @param x - [n, channels, ...]
 * @param runningMean - [channels]; null only with `training`
 * @param options - `eps` is 1e-5 by default
 * @throws ShapeError for operands of another length; ValueError for one value per channel in training
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options?: BatchNormOptions,
): Tensor {
  takeTensor('batchNorm', 'x', x)
  takeTensorOrNull('batchNorm', 'runningMean', runningMean)
  takeTensorOrNull('batchNorm', 'runningVar', runningVar)
  takeTensorOrNull('batchNorm', 'weight', weight)
  takeTensorOrNull('batchNorm', 'bias', bias)

  const { training = false, momentum = 0.1, eps = 1e-5 } = takeOptions('batchNorm', batchNormOptions, options)
  const channels = x.shape[x.ndim === 1 ? 0 : 1] ?? 1
  const operands = { running_mean: runningMean, running_var: runningVar, weight, bias }
  for (const [name, operand] of Object.entries(operands)) {
    if (operand && operand.numel() !== channels) {
      throw new ShapeError(`${name} should contain ${channels} elements not ${operand.numel()}`)
    }
  }
  const own = { weight: perChannel(weight, x.ndim), bias: perChannel(bias, x.ndim) }
  if (!training) {
    if (!runningMean || !runningVar) {
      throw new ValueError('Expected runningMean and runningVar to be defined when training: false')
    }
    const fixed = fixedNormOp.with(
      [eps],
      x,
      perChannel(runningMean, x.ndim)!,
      perChannel(runningVar, x.ndim)!,
    )
    const scaled = own.weight ? fixed.mul(own.weight) : fixed
    return (own.bias ? scaled.add(own.bias) : scaled).to(x.dtype)
  }
  const count = x.numel() / channels
  if (count === 1) {
    throw new ValueError(
      `Expected more than 1 value per channel when training, got input size [${x.shape.join(', ')}]`,
    )
  }
  const axes = x.shape.map((_, a) => a).filter((a) => a !== 1)
  // an empty batch says nothing of the running statistics
  if (count > 0 && (runningMean || runningVar))
    updateRunning(x.detach(), axes, runningMean, runningVar, momentum)
  return batchNormOp({ x, ...own }, { axes, eps, centered: true })
}

function updateRunning(
  x: Tensor,
  axes: readonly number[],
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  momentum: number,
): void {
  setGradEnabled(false, () => {
    runningMean?.mul_(1 - momentum).add_(mean(x, axes), { alpha: momentum })
    runningVar?.mul_(1 - momentum).add_(variance(x, axes), { alpha: momentum })
  })
}

/**
 * Each channel of each sample brought to mean 0 and variance 1, then `· weight + bias` per channel.
 *
 * @param x - [n, channels, ...]
 * @param options - `eps` is 1e-5 by default
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 */
export function instanceNorm(
  x: Tensor,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options?: NormOptions,
): Tensor {
  takeTensor('instanceNorm', 'x', x)
  takeTensorOrNull('instanceNorm', 'weight', weight)
  takeTensorOrNull('instanceNorm', 'bias', bias)

  const { eps = 1e-5 } = takeOptions('instanceNorm', normOptions, options)
  const axes = x.shape.map((_, a) => a).slice(2)
  if (sizeOf(x.shape.slice(2)) === 1) {
    throw new ValueError(
      `Expected more than 1 spatial element when training, got input size [${x.shape.join(', ')}]`,
    )
  }
  const own = { weight: perChannel(weight, x.ndim), bias: perChannel(bias, x.ndim) }
  return batchNormOp({ x, ...own }, { axes, eps, centered: true })
}

import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { finfo } from '../../base/dtype.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { isGradEnabled, setGradEnabled } from '../../op/modes.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { normalizationOf } from './standardize.ts'
import { mean } from '../reduce/reduce.ts'
import { var as variance } from '../reduce/variance.ts'

const layerNormOp = /* @__PURE__ */ normalizationOf('layerNorm', 'fp32')
const rmsNormOp = /* @__PURE__ */ normalizationOf('rmsNorm', 'fp32')
const groupNormOp = /* @__PURE__ */ normalizationOf('groupNorm', 'fp32')
const batchNormOp = /* @__PURE__ */ normalizationOf('batchNorm', 'keep')

/** What normalizations take. */
export interface NormOptions {
  /** Added to the variance. */
  eps?: number
}
/** The kinds of {@link NormOptions}. */
export const normOptions = /* @__PURE__ */ defineOptions<NormOptions>({ eps: real })

function trailing(
  name: 'layerNorm' | 'rmsNorm',
  x: Tensor,
  shape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
): number[] {
  if (shape.length === 0) {
    throw new ShapeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []',
    )
  }
  for (const [what, operand] of [
    ['weight', weight],
    ['bias', bias],
  ] as const) {
    if (operand && !sameShape(operand.shape, shape)) {
      throw new ShapeError(
        `Expected ${what} to be of same shape as normalized_shape, but got ${what} of shape [${operand.shape.join(', ')}] and normalized_shape = [${shape.join(', ')}]`,
      )
    }
  }
  const lead = x.ndim - shape.length
  if (lead < 0 && name === 'rmsNorm')
    throw new ShapeError(`Input tensor must have at least ${shape.length} dimensions, but got ${x.ndim}`)
  if (lead < 0 || !sameShape(x.shape.slice(lead), shape)) {
    throw new ShapeError(
      `Given normalized_shape=[${shape.join(', ')}], expected input with shape [*${name === 'layerNorm' ? ', ' : ''}${shape.join(', ')}], but got input of size[${x.shape.join(', ')}]`,
      { where: `${name}(x: ${x.dtype}[${x.shape.join(', ')}])` },
    )
  }
  return shape.map((_, i) => lead + i)
}

const listOf = (shape: number | Shape): Shape => (typeof shape === 'number' ? [shape] : shape)

/**
 * Rows over the last axes brought to mean 0 and variance 1, then `· weight + bias`.
 *
 * @param normalizedShape - the shape of those axes
 * @param weight - of that shape, or null for 1
 * @param bias - of that shape, or null for 0
 * @param options - `eps` is 1e-5 by default
 * @throws ShapeError where shapes differ
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options?: NormOptions,
): Tensor {
  const { eps = 1e-5 } = takeOptions('layerNorm', normOptions, options)
  const axes = trailing('layerNorm', x, listOf(normalizedShape), weight, bias)
  return layerNormOp({ x, weight, bias }, { axes, eps, centered: true })
}

/**
 * Rows over the last axes divided by their root mean square, then `· weight`.
 *
 * @param options - `eps` is that of the dtype by default: see {@link finfo}
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  options?: NormOptions,
): Tensor {
  const { eps = finfo(x.dtype).eps } = takeOptions('rmsNorm', normOptions, options)
  const axes = trailing('rmsNorm', x, listOf(normalizedShape), weight, null)
  return rmsNormOp({ x, weight, bias: null }, { axes, eps, centered: false })
}

/** A per-channel operand under the axes of x, which has its channels at axis 1. */
const perChannel = (operand: Tensor | null, rank: number): Tensor | null =>
  operand && operand.reshape([operand.numel(), ...Array<number>(Math.max(0, rank - 2)).fill(1)])

/**
 * Groups of channels brought to mean 0 and variance 1 per sample, then `· weight + bias` per channel.
 *
 * @param x - [n, channels, ...]
 * @param weight - [channels], or null
 * @throws ShapeError unless the groups divide the channels
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
export function groupNorm(
  x: Tensor,
  groups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options?: NormOptions,
): Tensor {
  const { eps = 1e-5 } = takeOptions('groupNorm', normOptions, options)
  if (x.ndim < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${x.ndim}`)
  const [n, channels] = [x.shape[0], x.shape[1]]
  if (!(groups > 0)) throw new ValueError(`Expected num groups to be greater than 0, got ${groups}`)
  if (channels % groups !== 0) {
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape [${x.shape.join(', ')}] and num_groups=${groups}`,
    )
  }
  for (const [what, operand] of [
    ['weight', weight],
    ['bias', bias],
  ] as const) {
    if (operand && !sameShape(operand.shape, [channels])) {
      throw new ShapeError(
        `Expected ${what} to be a vector of size equal to the number of channels in input, but got ${what} of shape [${operand.shape.join(', ')}] and input of shape [${x.shape.join(', ')}]`,
      )
    }
  }
  const each = channels / groups
  const rest = sizeOf(x.shape.slice(2))
  const own = (operand: Tensor | null): Tensor | null => operand && operand.reshape([groups, each, 1])
  const grouped = x.reshape([n, groups, each, rest])
  const out = groupNormOp(
    { x: grouped, weight: own(weight), bias: own(bias) },
    { axes: [2, 3], eps, centered: true },
  )
  return out.reshape(x.shape)
}

/** What {@link batchNorm} takes. */
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
      throw new ValueError('Expected running_mean and running_var to be defined when training=False')
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
      `Expected more than 1 value per channel when training, got input size torch.Size([${x.shape.join(', ')}])`,
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
  const before = isGradEnabled()
  setGradEnabled(false)
  try {
    runningMean?.mul_(1 - momentum).add_(mean(x, axes), { alpha: momentum })
    runningVar?.mul_(1 - momentum).add_(variance(x, axes), { alpha: momentum })
  } finally {
    setGradEnabled(before)
  }
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
  const { eps = 1e-5 } = takeOptions('instanceNorm', normOptions, options)
  const axes = x.shape.map((_, a) => a).slice(2)
  if (sizeOf(x.shape.slice(2)) === 1) {
    throw new ValueError(
      `Expected more than 1 spatial element when training, got input size torch.Size([${x.shape.join(', ')}])`,
    )
  }
  const own = { weight: perChannel(weight, x.ndim), bias: perChannel(bias, x.ndim) }
  return batchNormOp({ x, ...own }, { axes, eps, centered: true })
}

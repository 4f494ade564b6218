import { takeTensor, takeTensorOrNull } from '../../tensor/kind.ts'
import { asList } from '../../base/shape.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { integers, real, whole } from '../../base/kinds.ts'
import { finfo, isHalf } from '../../base/dtype.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { normalizationOf } from './standardize.ts'

const layerNormOp = /* @__PURE__ */ normalizationOf('layerNorm', 'fp32')
const rmsNormOp = /* @__PURE__ */ normalizationOf('rmsNorm', 'fp32')
const groupNormOp = /* @__PURE__ */ normalizationOf('groupNorm', 'fp32')

/** Options of normalizations. */
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
  takeTensor('layerNorm', 'x', x)
  takeTensorOrNull('layerNorm', 'weight', weight)
  takeTensorOrNull('layerNorm', 'bias', bias)

  takeArgument('layerNorm', 'normalizedShape', integers, normalizedShape)
  const { eps = 1e-5 } = takeOptions('layerNorm', normOptions, options)
  const axes = trailing('layerNorm', x, asList(normalizedShape), weight, bias)
  return layerNormOp({ x, weight, bias }, { axes, eps, centered: true })
}

/**
 * Rows over the last axes divided by their root mean square, then `· weight`.
 *
 * @param options - `eps` is that of the dtype that is computed in by default, float32 for half precision: see {@link finfo}
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  options?: NormOptions,
): Tensor {
  takeTensor('rmsNorm', 'x', x)
  takeTensorOrNull('rmsNorm', 'weight', weight)

  takeArgument('rmsNorm', 'normalizedShape', integers, normalizedShape)
  const { eps = finfo(isHalf(x.dtype) ? 'float32' : x.dtype).eps } = takeOptions(
    'rmsNorm',
    normOptions,
    options,
  )
  const axes = trailing('rmsNorm', x, asList(normalizedShape), weight, null)
  return rmsNormOp({ x, weight, bias: null }, { axes, eps, centered: false })
}

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
  takeTensor('groupNorm', 'x', x)
  takeTensorOrNull('groupNorm', 'weight', weight)
  takeTensorOrNull('groupNorm', 'bias', bias)

  takeArgument('groupNorm', 'groups', whole, groups)
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

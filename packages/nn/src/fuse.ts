import { noGrad } from '@gradus/autograd'
import type { Tensor } from '@gradus/core/functions'
import { ones, rsqrt, ValueError, zeros } from '@gradus/core/functions'
import { takeArgument, takeTensor, takeTensorOrNull } from '@gradus/core/internal'
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './layers/conv/conv-transpose.ts'
import { AnyConv } from './layers/conv/any-conv.ts'
import type { Linear } from './layers/dense/linear.ts'
import type { BatchNorm } from './layers/norm/batch-norm.ts'
import { copyModule } from './module/copy-module.ts'
import { moduleKind } from './module/module-kind.ts'
import { nameOf } from './module/name-of.ts'
import { Parameter } from './module/parameter.ts'

/*
 * A batch normalisation in evaluation is a product and a sum per channel: the layer before it can take both into its weights.
 */

/** What a fused layer takes of a batch normalisation. */
interface Statistics {
  readonly mean: Tensor
  readonly variance: Tensor
  readonly eps: number
  readonly weight: Tensor | null
  readonly bias: Tensor | null
}

function fused(
  weight: Tensor,
  bias: Tensor | null,
  { mean, variance, eps, weight: w, bias: b }: Statistics,
  axis: number,
): [weight: Parameter, bias: Parameter] {
  return noGrad(() => {
    const scale = rsqrt(variance.add(eps)).mul(w ?? ones(variance.shape, { dtype: variance.dtype }))
    const shape = weight.shape.map((_, a) => (a === axis ? scale.numel() : 1))
    const shifted = (bias ?? zeros(mean.shape, { dtype: mean.dtype })).sub(mean).mul(scale)
    return [
      new Parameter(weight.mul(scale.reshape(shape)), weight.requiresGrad),
      new Parameter(b === null ? shifted : shifted.add(b), bias?.requiresGrad ?? weight.requiresGrad),
    ]
  })
}

function takeStatistics(call: string, given: readonly unknown[]): void {
  const names = ['bnRm', 'bnRv']
  names.forEach((name, i) => takeTensor(call, name, given[i]))
}

/**
 * The weight and bias of a convolution that does what it and a batch normalisation in evaluation do together.
 *
 * @param convW - [out, in / groups, ...kernel], or [in, out, ...kernel] with `transpose`
 * @param bnRm - running mean, [out]
 * @param bnRv - running variance, [out]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_weights.html
 * @example
 * const [w, b] = g.nn.utils.fuseConvBnWeights(g.ones(1, 1, 1), null, g.zeros(1), g.ones(1), 0, null, null)
 * w.tolist() // => [[[1]]]
 * b.tolist() // => [0]
 */
export function fuseConvBnWeights(
  convW: Tensor,
  convB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
  transpose = false,
): [weight: Parameter, bias: Parameter] {
  takeTensor('fuseConvBnWeights', 'convW', convW)
  for (const [name, x] of Object.entries({ convB, bnW, bnB })) takeTensorOrNull('fuseConvBnWeights', name, x)
  takeStatistics('fuseConvBnWeights', [bnRm, bnRv])
  const statistics = { mean: bnRm, variance: bnRv, eps: bnEps, weight: bnW, bias: bnB }
  return fused(convW, convB, statistics, transpose ? 1 : 0)
}

/**
 * The weight and bias of a linear layer that does what it and a batch normalisation in evaluation do together.
 *
 * @param linearW - [out, in]
 * @param bnRm - running mean, [out]
 * @param bnRv - running variance, [out]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_weights.html
 * @example
 * const [w] = g.nn.utils.fuseLinearBnWeights(g.ones(1, 2), null, g.zeros(1), g.full([1], 4), 0, null, null)
 * w.tolist() // => [[0.5, 0.5]]
 */
export function fuseLinearBnWeights(
  linearW: Tensor,
  linearB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
): [weight: Parameter, bias: Parameter] {
  takeTensor('fuseLinearBnWeights', 'linearW', linearW)
  for (const [name, x] of Object.entries({ linearB, bnW, bnB }))
    takeTensorOrNull('fuseLinearBnWeights', name, x)
  takeStatistics('fuseLinearBnWeights', [bnRm, bnRv])
  return fused(linearW, linearB, { mean: bnRm, variance: bnRv, eps: bnEps, weight: bnW, bias: bnB }, 0)
}

/** The running statistics of a batch normalisation. Both layers have to be in evaluation. */
function statisticsOf(call: string, layer: { readonly training: boolean }, bn: BatchNorm): Statistics {
  if (layer.training || bn.training) throw new ValueError('Fusion only for eval!', { where: call })
  const { runningMean: mean, runningVar: variance, eps, weight, bias } = bn
  if (mean === null || variance === null)
    throw new ValueError(`${call} needs a ${nameOf(bn)} that tracks running statistics`)
  return { mean, variance, eps, weight, bias }
}

/**
 * A copy of a convolution that does what it and the batch normalisation behind it do in evaluation.
 *
 * @param transpose - true for transposed convolutions
 * @throws ValueError unless both are in evaluation, and for a norm without running statistics
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
 * @example
 * const conv = new g.nn.Conv1d(2, 3, 1).eval()
 * const bn = new g.nn.BatchNorm1d(3).eval()
 * g.nn.utils.fuseConvBnEval(conv, bn)(g.ones(1, 2, 4)).allclose(bn(conv(g.ones(1, 2, 4)))) // => true
 */
export function fuseConvBnEval<C extends AnyConv>(conv: C, bn: BatchNorm, transpose = false): C {
  takeArgument('fuseConvBnEval', 'conv', moduleKind, conv)
  takeArgument('fuseConvBnEval', 'bn', moduleKind, bn)
  if (!(conv instanceof AnyConv)) throw new ValueError('fuseConvBnEval: conv must be a convolution')
  const isTransposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((C) => conv instanceof C)
  if (isTransposed !== transpose)
    throw new ValueError(`fuseConvBnEval: transpose must be ${isTransposed} for ${nameOf(conv)}`)
  const statistics = statisticsOf('fuseConvBnEval', conv, bn)
  const copy = copyModule(conv)
  const [weight, bias] = fused(copy.weight, copy.bias, statistics, transpose ? 1 : 0)
  copy.weight = weight
  copy.registerParameter('bias', bias)
  return copy
}

/**
 * A copy of a linear layer that does what it and the batch normalisation behind it do in evaluation.
 *
 * @throws ValueError unless both are in evaluation, and for a norm of another number of features
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html
 * @example
 * const linear = new g.nn.Linear(2, 3).eval()
 * const bn = new g.nn.BatchNorm1d(3).eval()
 * g.nn.utils.fuseLinearBnEval(linear, bn)(g.ones(4, 2)).allclose(bn(linear(g.ones(4, 2)))) // => true
 */
export function fuseLinearBnEval<L extends Linear>(linear: L, bn: BatchNorm): L {
  takeArgument('fuseLinearBnEval', 'linear', moduleKind, linear)
  takeArgument('fuseLinearBnEval', 'bn', moduleKind, bn)
  const statistics = statisticsOf('fuseLinearBnEval', linear, bn)
  if (bn.numFeatures !== linear.outFeatures && bn.numFeatures !== 1) {
    throw new ValueError('To fuse, linear.outFeatures == bn.numFeatures or bn.numFeatures == 1')
  }
  const copy = copyModule(linear)
  const [weight, bias] = fused(copy.weight, copy.bias, statistics, 0)
  copy.weight = weight
  copy.registerParameter('bias', bias)
  return copy
}

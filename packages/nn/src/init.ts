import { noGrad } from '@gradus/autograd'
import {
  any,
  emptyLike,
  eye,
  normal_ as drawNormal,
  randperm,
  tensor,
  uniform_ as drawUniform,
  ValueError,
  warn,
  where,
  type RandomOptions,
  type Tensor,
} from '@gradus/core'

/** How many inputs each output of a layer has, or how many outputs each input goes to. */
export type FanMode = 'fan_in' | 'fan_out'

/** What follows a layer; the `conv` names stand for no nonlinearity at all. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'conv_transpose1d'
  | 'conv_transpose2d'
  | 'conv_transpose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leaky_relu'
  | 'selu'

/** Options of {@link xavierUniform_} and {@link xavierNormal_}. */
export interface GainOptions extends RandomOptions {
  /** A factor, as from {@link calculateGain}; 1 by default. */
  gain?: number
}

/** Options of {@link kaimingUniform_} and {@link kaimingNormal_}. */
export interface KaimingOptions extends RandomOptions {
  /** The negative slope of a leaky ReLU that follows; 0 by default. */
  a?: number
  /** Keeps the variance of activations (`fan_in`, the default) or of gradients. */
  mode?: FanMode
  /** What follows; `leaky_relu` by default. */
  nonlinearity?: Nonlinearity
}

/**
 * The factor by which a nonlinearity shrinks the standard deviation, inverted.
 *
 * @param param - the negative slope of `leaky_relu`; 0.01 by default
 * @throws ValueError for a name it does not know
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 * @example
 * g.nn.init.calculateGain('tanh') // => 1.6666666666666667
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.sqrt(2)
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + param ** 2))
    case 'selu':
      // found by trial: https://github.com/pytorch/pytorch/pull/50664
      return 3 / 4
    case 'linear':
    case 'sigmoid':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'conv_transpose1d':
    case 'conv_transpose2d':
    case 'conv_transpose3d':
      return 1
    default:
      throw new ValueError(`Unsupported nonlinearity ${String(nonlinearity)}`)
  }
}

/**
 * Inputs per output and outputs per input of a weight `[out, in, ...kernel]`.
 *
 * @throws ValueError for fewer than two axes
 */
export function fanOf(weight: Tensor): { fanIn: number; fanOut: number } {
  if (weight.ndim < 2) {
    throw new ValueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions')
  }
  const field = weight.shape.slice(2).reduce((a, b) => a * b, 1)
  return { fanIn: weight.shape[1] * field, fanOut: weight.shape[0] * field }
}

/**
 * Fills with uniform numbers in `[a, b)`, [0, 1) by default.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html
 */
export const uniform_ = (x: Tensor, a = 0, b = 1, options: RandomOptions = {}): Tensor =>
  noGrad(() => drawUniform(x, a, b, options))

/** Fills with normally distributed numbers, of mean 0 and standard deviation 1 by default. */
export const normal_ = (x: Tensor, mean = 0, std = 1, options: RandomOptions = {}): Tensor =>
  noGrad(() => drawNormal(x, mean, std, options))

/** Fills with one number. */
export const constant_ = (x: Tensor, value: number): Tensor => noGrad(() => x.fill_(value))

/** Fills with ones. */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1)

/** Fills with zeros. */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0)

/**
 * Makes a matrix the identity: what goes in comes out, as far as it has room.
 *
 * @throws ValueError unless there are two axes
 */
export function eye_(x: Tensor): Tensor {
  twoAxes(x)
  return noGrad(() => x.copy_(eye(x.shape[0], x.shape[1])))
}

/**
 * Makes the kernel of a convolution the identity: each channel passes through its centre.
 *
 * @param x - `[out, in, ...kernel]` with one to three kernel axes
 * @param options.groups - of the convolution; 1 by default
 * @throws ValueError for other ranks, and channels that the groups do not divide
 */
export function dirac_(x: Tensor, { groups = 1 }: { groups?: number } = {}): Tensor {
  if (x.ndim < 3 || x.ndim > 5) throw new ValueError('Only tensors with 3, 4, or 5 dimensions are supported')
  const [out, inputs, ...kernel] = x.shape
  if (out % groups !== 0) throw new ValueError('dim 0 must be divisible by groups')
  const perGroup = out / groups
  return noGrad(() => {
    x.zero_()
    for (let group = 0; group < groups; group++) {
      for (let c = 0; c < Math.min(perGroup, inputs); c++) {
        const centre = [group * perGroup + c, c, ...kernel.map((k) => Math.floor(k / 2))]
        centre.reduce((view, at) => view.select(0, at), x).fill_(1)
      }
    }
    return x
  })
}

/**
 * Uniform in ±gain · √(6 / (fanIn + fanOut)): keeps variance through layers that are about linear.
 *
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform_(x: Tensor, { gain = 1, ...options }: GainOptions = {}): Tensor {
  const { fanIn, fanOut } = fanOf(x)
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)))
  return uniform_(x, -bound, bound, options)
}

/** Normal with standard deviation gain · √(2 / (fanIn + fanOut)): see {@link xavierUniform_}. */
export function xavierNormal_(x: Tensor, { gain = 1, ...options }: GainOptions = {}): Tensor {
  const { fanIn, fanOut } = fanOf(x)
  return normal_(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options)
}

/**
 * Uniform in ±gain · √(3 / fan): keeps variance through layers followed by a rectifier.
 *
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const std = kaimingStd(x, options)
  // in this order: the last bit depends on it
  const bound = Math.sqrt(3) * std
  return x.numel() === 0 ? x : uniform_(x, -bound, bound, options)
}

/** Normal with standard deviation gain / √fan: see {@link kaimingUniform_}. */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  const std = kaimingStd(x, options)
  return x.numel() === 0 ? x : normal_(x, 0, std, options)
}

function kaimingStd(
  x: Tensor,
  { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions,
): number {
  if (x.numel() === 0) {
    warn('Initializing zero-element tensors is a no-op')
    return 0
  }
  if (mode !== 'fan_in' && mode !== 'fan_out') {
    throw new ValueError(`Mode ${String(mode)} not supported, please use one of ['fan_in', 'fan_out']`)
  }
  const { fanIn, fanOut } = fanOf(x)
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut)
}

/**
 * Normal numbers within `[a, b]`; what falls outside is drawn again.
 *
 * @param mean - 0 by default
 * @param std - 1 by default
 * @param a - -2 by default
 * @param b - 2 by default
 */
export function truncNormal_(
  x: Tensor,
  mean = 0,
  std = 1,
  a = -2,
  b = 2,
  options: RandomOptions = {},
): Tensor {
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
    const outside = result.lt(low).logicalOr(result.gt(high))
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
    const logDensity = candidates.sub(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak)
    return drawUniform(emptyLike(x), 0, 1, options).log_().gt(logDensity)
  }
  let result = drawUniform(x, a, b, options)
  let pending = refused(x)
  while (any(pending).item()) {
    const candidates = drawUniform(emptyLike(x), a, b, options)
    result = where(pending, candidates, result)
    pending = pending.logicalAnd(refused(candidates))
  }
  return result === x ? x : x.copy_(result)
}

const normalCdf = (x: number): number =>
  (1 +
    tensor(x / Math.SQRT2, { dtype: 'float64' })
      .erf()
      .item()) /
  2

/**
 * Normal numbers with a share of each column set to 0.
 *
 * @param sparsity - the share, rounded up to whole elements
 * @throws ValueError unless there are two axes
 * @see Martens 2010, "Deep learning via Hessian-free optimization"
 */
export function sparse_(
  x: Tensor,
  sparsity: number,
  { std = 0.01, ...options }: { std?: number } & RandomOptions = {},
): Tensor {
  twoAxes(x)
  const [rows, columns] = x.shape
  const zeros = Math.ceil(sparsity * rows)
  return noGrad(() => {
    drawNormal(x, 0, std, options)
    for (let column = 0; column < columns; column++) {
      // from the default generator, whatever was given: as PyTorch does
      for (const row of [...randperm(rows)].slice(0, zeros)) x.select(1, column).select(0, row).fill_(0)
    }
    return x
  })
}

function twoAxes(x: Tensor): void {
  if (x.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported')
}

export { orthogonal_ } from './orthogonal.ts'

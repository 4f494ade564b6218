import { ArgumentError, type RandomOptions, type Tensor, ValueError } from '@gradus/core/functions'
import {
  anything,
  defineOptions,
  describeValue,
  kind,
  real,
  takeOptions,
  takeTensor,
  warn,
} from '@gradus/core/internal'
import { filled, normal_, uniform_ } from './fill.ts'

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

const gainOptions = /* @__PURE__ */ defineOptions<GainOptions>({
  gain: real,
  generator: /* @__PURE__ */ anything(),
})

export const takeGain = (call: string, x: Tensor, given: GainOptions | undefined): Partial<GainOptions> => {
  filled(call, x)
  return takeOptions(call, gainOptions, given)
}

const kaimingOptions = /* @__PURE__ */ defineOptions<KaimingOptions>({
  a: real,
  mode: /* @__PURE__ */ kind<FanMode>(
    "'fan_in' or 'fan_out'",
    (x) => x === 'fan_in' || x === 'fan_out',
    (x) => `Mode ${describeValue(x)} not supported, please use one of ['fan_in', 'fan_out']`,
  ),
  // calculateGain knows them
  nonlinearity: /* @__PURE__ */ anything<Nonlinearity>(),
  generator: /* @__PURE__ */ anything(),
})

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
  if (typeof param !== 'number' || !Number.isFinite(param))
    throw new ArgumentError(`negative_slope ${describeValue(param)} not a valid number`)
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
      throw new ValueError(
        `Unsupported nonlinearity ${typeof nonlinearity === 'string' ? nonlinearity : describeValue(nonlinearity)}`,
      )
  }
}

/**
 * Inputs per output and outputs per input of a weight `[out, in, ...kernel]`.
 *
 * @throws ValueError for fewer than two axes
 */
export function fanOf(weight: Tensor): { fanIn: number; fanOut: number } {
  takeTensor('fanOf', 'weight', weight)
  if (weight.ndim < 2) {
    throw new ValueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions')
  }
  const field = weight.shape.slice(2).reduce((a, b) => a * b, 1)
  return { fanIn: weight.shape[1] * field, fanOut: weight.shape[0] * field }
}

/**
 * Uniform in ±gain · √(6 / (fanIn + fanOut)): keeps variance through layers that are about linear.
 *
 * @see Glorot & Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export function xavierUniform_(x: Tensor, given?: GainOptions): Tensor {
  const { gain = 1, ...options } = takeGain('xavierUniform_', x, given)
  const { fanIn, fanOut } = fanOf(x)
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)))
  return uniform_(x, -bound, bound, options)
}

/** Normal with standard deviation gain · √(2 / (fanIn + fanOut)): see {@link xavierUniform_}. */
export function xavierNormal_(x: Tensor, given?: GainOptions): Tensor {
  const { gain = 1, ...options } = takeGain('xavierNormal_', x, given)
  const { fanIn, fanOut } = fanOf(x)
  return normal_(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), options)
}

/**
 * Uniform in ±gain · √(3 / fan): keeps variance through layers followed by a rectifier.
 *
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function kaimingUniform_(x: Tensor, options?: KaimingOptions): Tensor {
  const given = takeOptions('kaimingUniform_', kaimingOptions, options)
  const std = kaimingStd(filled('kaimingUniform_', x), given)
  // in this order: the last bit depends on it
  const bound = Math.sqrt(3) * std
  return x.numel() === 0 ? x : uniform_(x, -bound, bound, { generator: given.generator })
}

/** Normal with standard deviation gain / √fan: see {@link kaimingUniform_}. */
export function kaimingNormal_(x: Tensor, options?: KaimingOptions): Tensor {
  const given = takeOptions('kaimingNormal_', kaimingOptions, options)
  const std = kaimingStd(filled('kaimingNormal_', x), given)
  return x.numel() === 0 ? x : normal_(x, 0, std, { generator: given.generator })
}

function kaimingStd(
  x: Tensor,
  { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions,
): number {
  if (x.numel() === 0) {
    warn('Initializing zero-element tensors is a no-op')
    return 0
  }
  const { fanIn, fanOut } = fanOf(x)
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut)
}

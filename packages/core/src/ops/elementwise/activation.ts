import { takeTensor } from '../../tensor/kind.ts'
import { kind, number, real } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { definePointwise } from '../../op/pointwise.ts'
import type { Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { expm1BelowZero, logistic, softplus as softplusOf } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'

// backends may know Φ by this formula, and compute it as one function
const normalDistribution = (x: Expr): Expr => f.mul(f.add(f.erf(f.mul(x, Math.SQRT1_2)), 1), 0.5)
const geluOp = /* @__PURE__ */ definePointwise('gelu', { result: 'float' }, (x) =>
  f.mul(x, normalDistribution(x)),
)
// Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
const geluTanhOp = /* @__PURE__ */ definePointwise('gelu', { result: 'float' }, (x) => {
  const inner = f.mul(f.add(x, f.mul(f.mul(f.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))
  return f.mul(f.mul(x, 0.5), f.add(f.tanh(inner), 1))
})

/** Options of `gelu`. */
export interface GeluOptions {
  /** `tanh` for the formula of GPT-2; `none`, the exact one, by default. */
  approximate?: 'none' | 'tanh'
}
/** The kinds of {@link GeluOptions}. */
export const geluOptions = /* @__PURE__ */ defineOptions<GeluOptions>({
  approximate: /* @__PURE__ */ kind<'none' | 'tanh'>(
    "'none' or 'tanh'",
    (x) => x === 'none' || x === 'tanh',
    () => 'approximate argument must be either none or tanh.',
  ),
})

/**
 * `x · Φ(x)` with the distribution function Φ of the normal distribution.
 *
 * @throws ValueError for another `approximate`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 * @example
 * g.gelu(g.tensor([-1, 0, 1])).tolist() // => [-0.1587, 0, 0.8413]
 */
export function gelu(x: Tensor, options?: GeluOptions): Tensor {
  const { approximate = 'none' } = takeOptions('gelu', geluOptions, options)
  return approximate === 'none' ? geluOp(x) : geluTanhOp(x)
}

const siluOp = /* @__PURE__ */ definePointwise('silu', { result: 'float' }, (x) => f.mul(x, logistic(x)))

/**
 * `x · sigmoid(x)`, elementwise; also called swish.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 * @example
 * g.silu(g.tensor([0, 1])).tolist() // => [0, 0.7311]
 */
export const silu = (x: Tensor): Tensor => siluOp(x)
/** {@link silu} written into `x`. */
export const silu_ = (x: Tensor): Tensor => siluOp.into(x)

const mishOp = /* @__PURE__ */ definePointwise('mish', { result: 'float' }, (x) =>
  f.mul(x, f.tanh(softplusOf(x))),
)

/**
 * `x · tanh(softplus(x))`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 * @example
 * g.mish(g.tensor([0, 1])).tolist() // => [0, 0.8651]
 */
export const mish = (x: Tensor): Tensor => mishOp(x)
/** {@link mish} written into `x`. */
export const mish_ = (x: Tensor): Tensor => mishOp.into(x)

const logsigmoidOp = /* @__PURE__ */ definePointwise('logsigmoid', { result: 'float' }, (x) =>
  f.neg(softplusOf(f.neg(x))),
)

/**
 * `log(sigmoid(x))`, elementwise, without underflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 * @example
 * g.logsigmoid(g.tensor([0, -1000])).tolist() // => [-0.6931, -1000]
 */
export const logsigmoid = (x: Tensor): Tensor => logsigmoidOp(x)

const softplusOp = /* @__PURE__ */ definePointwise(
  'softplus',
  { result: 'float', params: 2, autocast: 'fp32' },
  (x, beta, threshold) => {
    const t = f.mul(x, beta)
    return f.where(f.gt(t, threshold), x, f.div(softplusOf(t), beta))
  },
)

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Scales the argument; 1 by default. */
  beta?: number
  /** Where `beta · x` is above it the function is `x`; 20 by default. */
  threshold?: number
}
/** The kinds of {@link SoftplusOptions}. */
export const softplusOptions = /* @__PURE__ */ defineOptions<SoftplusOptions>({ beta: real, threshold: real })

/**
 * `log(1 + e^(beta · x)) / beta`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 * @example
 * g.softplus(g.tensor([0, 100])).tolist() // => [0.6931, 100]
 */
export const softplus = (x: Tensor, options?: SoftplusOptions): Tensor => {
  const { beta = 1, threshold = 20 } = takeOptions('softplus', softplusOptions, options)
  return softplusOp.with([beta, threshold], x)
}

const softsignOp = /* @__PURE__ */ definePointwise('softsign', { result: 'float' }, (x) =>
  f.div(x, f.add(f.abs(x), 1)),
)

/**
 * `x / (1 + |x|)`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 * @example
 * g.softsign(g.tensor([1, -3])).tolist() // => [0.5, -0.75]
 */
export const softsign = (x: Tensor): Tensor => softsignOp(x)

// the formula's own derivative, 1 - (1 - tanh²), loses every digit near 0
const tanhshrinkOp = /* @__PURE__ */ definePointwise(
  'tanhshrink',
  { result: 'float', grads: { x: (g, [x]) => f.mul(g, f.square(f.tanh(x))) } },
  (x) => f.sub(x, f.tanh(x)),
)

/**
 * `x - tanh(x)`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 * @example
 * g.tanhshrink(g.tensor([0, 1])).tolist() // => [0, 0.2384]
 */
export const tanhshrink = (x: Tensor): Tensor => tanhshrinkOp(x)

// positive part scaled by the first number; below 0 an exponential with height and rate
const exponentialUnit = (x: Expr, scale: Expr | number, height: Expr | number, rate: Expr | number): Expr =>
  f.where(f.gt(x, 0), f.mul(x, scale), f.mul(expm1BelowZero(f.mul(x, rate)), height))

const eluOp = /* @__PURE__ */ definePointwise('elu', { result: 'float', params: 1 }, (x, alpha) =>
  exponentialUnit(x, 1, alpha, 1),
)
const celuOp = /* @__PURE__ */ definePointwise('celu', { result: 'float', params: 1 }, (x, alpha) =>
  f.where(f.gt(x, 0), x, f.mul(f.expm1(f.div(f.where(f.gt(x, 0), 0, x), alpha)), alpha)),
)
// Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
const seluScale = 1.0507009873554804934193349852946
const seluAlpha = 1.6732632423543772848170429916717
const seluOp = /* @__PURE__ */ definePointwise('selu', { result: 'float' }, (x) =>
  exponentialUnit(x, seluScale, seluScale * seluAlpha, 1),
)

/** Options of `elu` and `celu`. */
export interface EluOptions {
  /** Depth of the negative part; 1 by default. */
  alpha?: number
}
/** The kinds of {@link EluOptions}. */
export const eluOptions = /* @__PURE__ */ defineOptions<EluOptions>({ alpha: real })

/**
 * `x` above 0, `alpha · (eˣ - 1)` below.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 * @example
 * g.elu(g.tensor([-1, 2])).tolist() // => [-0.6321, 2]
 */
export const elu = (x: Tensor, options?: EluOptions): Tensor => {
  const { alpha = 1 } = takeOptions('elu', eluOptions, options)
  return eluOp.with([alpha], x)
}
/** {@link elu} written into `x`. */
export const elu_ = (x: Tensor, options?: EluOptions): Tensor => {
  const { alpha = 1 } = takeOptions('elu_', eluOptions, options)
  return eluOp.intoWith([alpha], x)
}

/**
 * `x` above 0, `alpha · (e^(x / alpha) - 1)` below: smooth at 0 for every `alpha`.
 *
 * @throws ValueError for `alpha` 0
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 * @example
 * g.celu(g.tensor([-1, 2]), { alpha: 2 }).tolist() // => [-0.7869, 2]
 */
export const celu = (x: Tensor, options?: EluOptions): Tensor => {
  const { alpha = 1 } = takeOptions('celu', eluOptions, options)
  return celuOp.with([nonzero(alpha)], x)
}
/** {@link celu} written into `x`. */
export const celu_ = (x: Tensor, options?: EluOptions): Tensor => {
  const { alpha = 1 } = takeOptions('celu_', eluOptions, options)
  return celuOp.intoWith([nonzero(alpha)], x)
}

function nonzero(alpha: number): number {
  if (alpha === 0) throw new ValueError('ZeroDivisionError: alpha cannot be 0 for CELU')
  return alpha
}

/**
 * The self-normalising unit: {@link elu} with alpha 1.6733, scaled by 1.0507.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 * @example
 * g.selu(g.tensor([-1, 1])).tolist() // => [-1.1113, 1.0507]
 */
export const selu = (x: Tensor): Tensor => seluOp(x)
/** {@link selu} written into `x`. */
export const selu_ = (x: Tensor): Tensor => seluOp.into(x)

// PyTorch's kernel: no gradient outside (eps, 1 - eps), NaN outside [0, 1] where there is no eps
const logitOp = /* @__PURE__ */ definePointwise(
  'logit',
  {
    result: 'float',
    grads: {
      x: (g, [x]) => f.where(f.or(f.lt(x, 0), f.gt(x, 1)), NaN, f.div(g, f.mul(x, f.sub(1, x)))),
    },
  },
  (x) => f.log(f.div(x, f.sub(1, x))),
)
const logitEpsOp = /* @__PURE__ */ definePointwise(
  'logit',
  {
    result: 'float',
    params: 1,
    grads: {
      x: (g, [x], _, [eps]) =>
        f.where(f.or(f.lt(x, eps), f.gt(x, f.sub(1, eps))), 0, f.div(g, f.mul(x, f.sub(1, x)))),
    },
  },
  (x, eps) => {
    const z = f.min(f.max(x, eps), f.sub(1, eps))
    return f.log(f.div(z, f.sub(1, z)))
  },
)

/**
 * `log(x / (1 - x))`, the inverse of sigmoid, elementwise.
 *
 * @param eps - holds `x` within [eps, 1 - eps]; null, the default, does not
 * @see https://pytorch.org/docs/stable/special.html#torch.special.logit
 * @example
 * g.logit(g.tensor([0.5, 0.8808])).tolist() // => [0, 2.0000]
 */
export const logit = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? logitOp(x) : logitEpsOp.with([takeArgument('logit', 'eps', number, eps)], x)
/** {@link logit} written into `x`. */
export const logit_ = (x: Tensor, eps: number | null = null): Tensor =>
  eps === null ? logitOp.into(x) : logitEpsOp.intoWith([takeArgument('logit_', 'eps', number, eps)], x)

/**
 * The first half of an axis times the sigmoid of the second.
 *
 * @param dim - the axis, of even length; the last by default
 * @throws ShapeError for an odd length
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 * @example
 * g.glu(g.tensor([1, 2, 0, 0])).tolist() // => [0.5, 1]
 */
export function glu(x: Tensor, dim = -1): Tensor {
  takeTensor('glu', 'x', x)

  if (x.ndim === 0) throw new ShapeError('glu does not support 0-dimensional tensors')
  const n = x.size(dim)
  if (n % 2 !== 0) {
    const axis = dim < 0 ? dim + x.ndim : dim
    throw new ShapeError(`Halving dimension must be even, but dimension ${axis} is size ${n}`)
  }
  return gatedOp(x.narrow(dim, 0, n / 2), x.narrow(dim, n / 2, n / 2))
}
const gatedOp = /* @__PURE__ */ definePointwise(
  'glu',
  { result: 'float', inputs: ['x', 'gate'] },
  (x, gate) => f.mul(x, logistic(gate)),
)

const preluOp = /* @__PURE__ */ definePointwise(
  'prelu',
  { result: 'promote', inputs: ['x', 'weight'], autocast: 'lower' },
  (x, weight) => f.where(f.gt(x, 0), x, f.mul(weight, x)),
)

/**
 * `x` above 0, `weight · x` below, with one weight or one per channel.
 *
 * @param x - [n, c, ...]
 * @param weight - one element, or [c]
 * @throws ShapeError for a weight of another length
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
 * @example
 * g.prelu(g.tensor([-4, 4]), g.tensor([0.25])).tolist() // => [-1, 4]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  takeTensor('prelu', 'x', x)

  takeTensor('prelu', 'weight', weight)

  if (weight.ndim > 1) {
    throw new ShapeError(
      `prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.ndim}`,
    )
  }
  if (weight.numel() === 1) return preluOp(x, weight.reshape([]))
  if (x.ndim === 0) throw new ShapeError('Not allow zero-dim input tensor.')
  const channels = x.ndim > 1 ? x.shape[1] : 1
  if (weight.numel() !== channels) {
    throw new ShapeError(
      `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.numel()} and channel size = ${channels}.`,
    )
  }
  return preluOp(x, weight.reshape([channels, ...x.shape.slice(2).map(() => 1)]))
}

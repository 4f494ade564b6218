import { reduceLoss, reductionKind } from './reduction.ts'
import { takeTensor, takeOperand } from '../../tensor/kind.ts'
import { clampMin_ } from '../elementwise/ternary.ts'
import { lt } from '../elementwise/compare.ts'
import { lossOptions } from './elementwise-loss.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, real } from '../../base/kinds.ts'
import { sameShape } from '../../base/layout.ts'
import { ValueError } from '../../base/errors.ts'
import { definePointwise } from '../../op/pointwise.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import type { Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { filledAs } from '../../op/fill.ts'
import type { LossOptions } from './elementwise-loss.ts'
import { any } from '../reduce/truth.ts'

const gaussianOp = /* @__PURE__ */ definePointwise(
  'gaussianNllLoss',
  { result: 'promote', inputs: ['x', 'target', 'variance'] },
  (x, y, v) => f.mul(f.add(f.log(v), f.div(f.square(f.sub(x, y)), v)), 0.5),
)

/** Options of {@link gaussianNllLoss}. */
export interface GaussianNllLossOptions extends LossOptions {
  /** Adds the constant ½ log 2π; false by default. */
  full?: boolean
  /** Variances are held at it; their gradients pass. 1e-6 by default. */
  eps?: number
}
/** The kinds of {@link GaussianNllLossOptions}. */
export const gaussianNllLossOptions = /* @__PURE__ */ defineOptions<GaussianNllLossOptions>({
  reduction: /* @__PURE__ */ reductionKind((text) => `${text} is not valid`),
  full: flag,
  eps: real,
})

const gaussianValues = /* @__PURE__ */ readsValues('gaussianNllLoss')

/**
 * The negative log likelihood of `target` under normal distributions of given means and variances.
 *
 * @param x - means, of any shape
 * @param variance - of the same shape, with one axis of length 1, or without the last axis; or one number
 * @throws ValueError for negative variances and a shape that does not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 * @example
 * g.gaussianNllLoss(g.tensor([1]), g.tensor([3]), g.tensor([1])).item() // => 2
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options?: GaussianNllLossOptions,
): Tensor {
  takeTensor('gaussianNllLoss', 'x', x)
  takeTensor('gaussianNllLoss', 'target', target)
  takeOperand('gaussianNllLoss', 'variance', variance)
  takeTensor('gaussianNllLoss', 'x', x)
  takeTensor('gaussianNllLoss', 'target', target)
  takeOperand('gaussianNllLoss', 'variance', variance)

  const {
    full = false,
    eps = 1e-6,
    reduction = 'mean',
  } = takeOptions('gaussianNllLoss', gaussianNllLossOptions, options)
  const given = typeof variance === 'number' ? filledAs(x, x.shape, variance) : variance
  const fitted = fit(given, x).clone()
  if (hostValues(gaussianValues, any(lt(given, 0)))[0] !== 0)
    throw new ValueError('var has negative entry/entries')
  // through an alias: bounds do not stop gradients here
  clampMin_(fitted.detach(), eps)
  const loss = gaussianOp(x, target, fitted)
  return reduceLoss(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction)
}

function fit(variance: Tensor, x: Tensor): Tensor {
  if (sameShape(variance.shape, x.shape)) return variance
  if (sameShape(variance.shape, x.shape.slice(0, -1))) return variance.unsqueeze(-1)
  const others = variance.shape.filter((n, a) => n !== x.shape[a])
  if (variance.ndim === x.ndim && others.length === 1 && others[0] === 1) return variance
  throw new ValueError('var is of incorrect size')
}

// Stirling's approximation of log(target!), which counts above 1
const stirling = (y: Expr): Expr =>
  f.where(f.gt(y, 1), f.add(f.sub(f.mul(y, f.log(y)), y), f.mul(f.log(f.mul(y, 2 * Math.PI)), 0.5)), 0)

const poissonOf = (name: string, logInput: boolean, full: boolean) =>
  definePointwise(
    name,
    { result: 'promote', inputs: ['target', 'x'], params: 1, autocast: 'fp32' },
    (y, x, eps) => {
      const loss = logInput ? f.sub(f.exp(x), f.mul(y, x)) : f.sub(x, f.mul(y, f.log(f.add(x, eps))))
      return full ? f.add(loss, stirling(y)) : loss
    },
  )
const poissonOp = /* @__PURE__ */ poissonOf('poissonNllLoss', true, false)
const poissonFullOp = /* @__PURE__ */ poissonOf('poissonNllLoss', true, true)
const poissonRateOp = /* @__PURE__ */ poissonOf('poissonNllLoss', false, false)
const poissonRateFullOp = /* @__PURE__ */ poissonOf('poissonNllLoss', false, true)

/** Options of {@link poissonNllLoss}. */
export interface PoissonNllLossOptions extends LossOptions {
  /** x is the logarithm of the rate; true by default. */
  logInput?: boolean
  /** Adds Stirling's approximation of log(target!); false by default. */
  full?: boolean
  /** Added to a rate before its logarithm is taken; 1e-8 by default. */
  eps?: number
}
/** The kinds of {@link PoissonNllLossOptions}. */
export const poissonNllLossOptions = /* @__PURE__ */ defineOptions<PoissonNllLossOptions, LossOptions>(
  { logInput: flag, full: flag, eps: real },
  lossOptions,
)

/**
 * The negative log likelihood of counts under Poisson distributions, but for a constant.
 *
 * @param x - rates or their logarithms
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 */
export function poissonNllLoss(x: Tensor, target: Tensor, options?: PoissonNllLossOptions): Tensor {
  takeTensor('poissonNllLoss', 'x', x)
  takeTensor('poissonNllLoss', 'target', target)

  const {
    logInput = true,
    full = false,
    eps = 1e-8,
    reduction = 'mean',
  } = takeOptions('poissonNllLoss', poissonNllLossOptions, options)
  const rate = full ? poissonRateFullOp : poissonRateOp
  const op = logInput ? (full ? poissonFullOp : poissonOp) : rate
  return reduceLoss(op.with([eps], target, x), reduction)
}

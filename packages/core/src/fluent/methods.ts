// Written by scripts/methods.mjs from the functions in ops/ that scripts/methods.json names: `pnpm fix methods`.
/* eslint max-lines: off -- generated: one method after the other, as the functions stand in ops/ */
import { logit, logit_, prelu } from '../ops/elementwise/activation.ts'
import {
  div,
  div_,
  floorDivide,
  fmod,
  fmod_,
  mul,
  mul_,
  remainder,
  remainder_,
  sub,
  sub_,
} from '../ops/elementwise/arithmetic.ts'
import {
  atan2,
  atan2_,
  copysign,
  copysign_,
  fmax,
  fmin,
  heaviside,
  heaviside_,
  hypot,
  hypot_,
  logaddexp,
  logaddexp2,
  maximum,
  minimum,
  xlogy,
  xlogy_,
} from '../ops/elementwise/binary.ts'
import {
  allclose,
  eq,
  eq_,
  equal,
  ge,
  ge_,
  gt,
  gt_,
  isclose,
  le,
  le_,
  lt,
  lt_,
  ne,
  ne_,
} from '../ops/elementwise/compare.ts'
import {
  exp,
  exp2,
  exp2_,
  exp_,
  expm1,
  expm1_,
  log,
  log10,
  log10_,
  log1p,
  log1p_,
  log2,
  log2_,
  log_,
  sigmoid,
  sigmoid_,
} from '../ops/elementwise/exponential.ts'
import {
  bitwiseAnd,
  bitwiseAnd_,
  bitwiseLeftShift,
  bitwiseLeftShift_,
  bitwiseOr,
  bitwiseOr_,
  bitwiseRightShift,
  bitwiseRightShift_,
  bitwiseXor,
  bitwiseXor_,
  logicalAnd,
  logicalAnd_,
  logicalOr,
  logicalOr_,
  logicalXor,
  logicalXor_,
} from '../ops/elementwise/logical.ts'
import {
  floatPower,
  ldexp,
  ldexp_,
  pow,
  pow_,
  reciprocal,
  reciprocal_,
  rsqrt,
  rsqrt_,
  sqrt,
  sqrt_,
  square,
  square_,
} from '../ops/elementwise/power.ts'
import { hardshrink, relu, relu_ } from '../ops/elementwise/rectifier.ts'
import {
  digamma,
  digamma_,
  erf,
  erf_,
  erfc,
  erfc_,
  erfinv,
  erfinv_,
  lgamma,
  lgamma_,
  mvlgamma,
} from '../ops/elementwise/special.ts'
import {
  addcdiv,
  addcdiv_,
  addcmul,
  addcmul_,
  clamp,
  clampMax,
  clampMax_,
  clampMin,
  clampMin_,
  clamp_,
  lerp,
  lerp_,
  maskedFill,
  maskedFill_,
} from '../ops/elementwise/ternary.ts'
import {
  acos,
  acos_,
  acosh,
  acosh_,
  asin,
  asin_,
  asinh,
  asinh_,
  atan,
  atan_,
  atanh,
  atanh_,
  cos,
  cos_,
  cosh,
  cosh_,
  deg2rad,
  deg2rad_,
  rad2deg,
  rad2deg_,
  sin,
  sin_,
  sinc,
  sinc_,
  sinh,
  sinh_,
  tan,
  tan_,
  tanh,
  tanh_,
} from '../ops/elementwise/trigonometry.ts'
import {
  abs,
  abs_,
  bitwiseNot,
  bitwiseNot_,
  ceil,
  ceil_,
  floor,
  floor_,
  frac,
  frac_,
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  isreal,
  logicalNot,
  logicalNot_,
  nanToNum,
  nanToNum_,
  neg,
  neg_,
  positive,
  round,
  round_,
  sign,
  sign_,
  signbit,
  trunc,
  trunc_,
} from '../ops/elementwise/unary.ts'
import { fill, fillDiagonal_ } from '../ops/index/fill.ts'
import { gather, scatter, scatterAdd, scatterAdd_, scatter_ } from '../ops/index/gather.ts'
import { indexAdd, indexAdd_, indexCopy_, indexFill_, indexSelect, take } from '../ops/index/index-along.ts'
import { at, setAt_ } from '../ops/index/indexing.ts'
import { maskedSelect, nonzero } from '../ops/index/masked.ts'
import { logSoftmax, softmax } from '../ops/layers/softmax.ts'
import { matmul } from '../ops/linalg/matmul.ts'
import { addmm, baddbmm, bmm, dot, mm, mv, outer } from '../ops/linalg/matrix-products.ts'
import { norm } from '../ops/linalg/vector-norm.ts'
import { bernoulli_, exponential_, normal_, random_, uniform_ } from '../ops/random/in-place-draws.ts'
import { amax, amin, aminmax, argmax, argmin, max, min } from '../ops/reduce/extremes.ts'
import { logsumexp } from '../ops/reduce/logsumexp.ts'
import { median } from '../ops/reduce/median.ts'
import { nanmean, nansum } from '../ops/reduce/nan-reduce.ts'
import { prod } from '../ops/reduce/prod.ts'
import { mean } from '../ops/reduce/reduce.ts'
import { cummax, cummin, cumprod, cumsum } from '../ops/reduce/scan.ts'
import { argsort, kthvalue, sort, topk } from '../ops/reduce/sort.ts'
import { all, any, countNonzero } from '../ops/reduce/truth.ts'
import { std, var as variance } from '../ops/reduce/variance.ts'
import { repeatInterleave, roll } from '../ops/shape/rearrange.ts'
import { diag, trace, tril, triu } from '../ops/shape/triangle.ts'
import { igamma, igamma_, igammac, igammac_ } from '../ops/special/incomplete-gamma.ts'
import { adjoint, broadcastTo, movedim, swapaxes, unflatten } from '../ops/view/axes.ts'
import {
  asStrided_,
  detach_,
  set_,
  squeeze_,
  swapaxes_,
  t_,
  transpose_,
  unsqueeze_,
} from '../ops/view/in-place-views.ts'
import { isInference, isNonzero, isSetTo, isSigned } from '../ops/view/queries.ts'
import { chunk, split, tensorSplit, unbind } from '../ops/view/split.ts'
import { asStrided, unfold } from '../ops/view/stride.ts'
import { diagonal, flatten } from '../ops/view/view.ts'
import type { Shape } from '../base/layout.ts'
import type { Axes } from '../base/shape.ts'
import type { Operand } from '../op/pointwise.ts'
import type { AlphaOptions, DivOptions } from '../ops/elementwise/arithmetic.ts'
import type { ClosenessOptions } from '../ops/elementwise/compare.ts'
import type { ValueOptions } from '../ops/elementwise/ternary.ts'
import type { NanToNumOptions, RoundOptions } from '../ops/elementwise/unary.ts'
import type { FillDiagonalOptions } from '../ops/index/fill.ts'
import type { IndexAddOptions } from '../ops/index/index-along.ts'
import type { Index, SetAtOptions } from '../ops/index/indexing.ts'
import type { SoftmaxOptions } from '../ops/layers/softmax.ts'
import type { AddProductOptions } from '../ops/linalg/matrix-products.ts'
import type { RandomOptions } from '../ops/random/in-place-draws.ts'
import type { ValuesAndIndices } from '../ops/reduce/extremes.ts'
import type { AccumulateOptions, ReduceOptions } from '../ops/reduce/reduce.ts'
import type { ScanOptions } from '../ops/reduce/scan.ts'
import type { KeepdimOptions, SortOptions, TopkOptions } from '../ops/reduce/sort.ts'
import type { VarianceOptions } from '../ops/reduce/variance.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { MethodForms } from './forms.ts'
/** Op functions as methods: this tensor is the first argument. */
export abstract class Methods extends MethodForms {
  /**
   * `log(x / (1 - x))`, the inverse of sigmoid, elementwise.
   *
   * @param eps - holds `x` within [eps, 1 - eps]; null, the default, does not
   * @see https://pytorch.org/docs/stable/special.html#torch.special.logit
   * @example
   * g.tensor([0.5, 0.8808]).logit().tolist() // => [0, 2.0000]
   */
  logit(this: Tensor, eps?: number | null): Tensor {
    return logit(this, eps)
  }

  /** {@link logit} written into `x`. */
  logit_(this: Tensor, eps?: number | null): Tensor {
    return logit_(this, eps)
  }

  /**
   * `x` above 0, `weight · x` below, with one weight or one per channel.
   *
   * @param weight - one element, or [c]
   * @throws ShapeError for a weight of another length
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
   * @example
   * g.tensor([-4, 4]).prelu(g.tensor([0.25])).tolist() // => [-1, 4]
   */
  prelu(this: Tensor, weight: Tensor): Tensor {
    return prelu(this, weight)
  }

  /** {@link sub} under another name. */
  subtract(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return sub(this, y, options)
  }

  /** {@link sub} written into `x`. */
  sub_(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return sub_(this, y, options)
  }

  /** {@link sub_} under another name. */
  subtract_(this: Tensor, y: Operand, options?: AlphaOptions): Tensor {
    return sub_(this, y, options)
  }

  /** {@link mul} under another name. */
  multiply(this: Tensor, y: Operand): Tensor {
    return mul(this, y)
  }

  /** {@link mul_} under another name. */
  multiply_(this: Tensor, y: Operand): Tensor {
    return mul_(this, y)
  }

  /** {@link div} under another name. */
  divide(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div(this, y, options)
  }

  /** {@link div} under another name. */
  trueDivide(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div(this, y, options)
  }

  /** {@link div} written into `x`. */
  div_(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div_(this, y, options)
  }

  /** {@link div_} under another name. */
  divide_(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div_(this, y, options)
  }

  /** {@link div_} under another name. */
  trueDivide_(this: Tensor, y: Operand, options?: DivOptions): Tensor {
    return div_(this, y, options)
  }

  /** `floor(x / y)`; integers stay integers. */
  floorDivide(this: Tensor, y: Operand): Tensor {
    return floorDivide(this, y)
  }

  /** The remainder with the sign of the divisor, as Python's `%`. */
  remainder(this: Tensor, y: Operand): Tensor {
    return remainder(this, y)
  }

  /** {@link remainder} written into `x`. */
  remainder_(this: Tensor, y: Operand): Tensor {
    return remainder_(this, y)
  }

  /** The remainder with the sign of the dividend, as C's `fmod`. */
  fmod(this: Tensor, y: Operand): Tensor {
    return fmod(this, y)
  }

  /** {@link fmod} written into `x`. */
  fmod_(this: Tensor, y: Operand): Tensor {
    return fmod_(this, y)
  }

  /**
   * The larger of two elements, NaN if either is; equal elements share the gradient.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.maximum.html
   * @example
   * g.tensor([1, 5]).maximum(g.tensor([3, 2])).tolist() // => [3, 5]
   */
  maximum(this: Tensor, y: Operand): Tensor {
    return maximum(this, y)
  }

  /**
   * The smaller of two elements, NaN if either is; equal elements share the gradient.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.minimum.html
   * @example
   * g.tensor([1, 5]).minimum(g.tensor([3, 2])).tolist() // => [1, 2]
   */
  minimum(this: Tensor, y: Operand): Tensor {
    return minimum(this, y)
  }

  /**
   * The larger of two elements, the other one where one is NaN; of equal elements the first takes the gradient.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.fmax.html
   * @example
   * g.tensor([1, NaN]).fmax(g.tensor([3, 2])).tolist() // => [3, 2]
   */
  fmax(this: Tensor, y: Operand): Tensor {
    return fmax(this, y)
  }

  /**
   * The smaller of two elements, the other one where one is NaN; of equal elements the first takes the gradient.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.fmin.html
   * @example
   * g.tensor([1, NaN]).fmin(g.tensor([3, 2])).tolist() // => [1, 2]
   */
  fmin(this: Tensor, y: Operand): Tensor {
    return fmin(this, y)
  }

  /**
   * The angle in radians of the point `(y, x)`: `atan2(x, y)` is the arc tangent of `x / y` in the quadrant of the signs.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.atan2.html
   * @example
   * g.tensor([1, -1]).atan2(g.tensor([-1, -1])).tolist() // => [2.3562, -2.3562]
   */
  atan2(this: Tensor, y: Operand): Tensor {
    return atan2(this, y)
  }

  /** {@link atan2} under another name. */
  arctan2(this: Tensor, y: Operand): Tensor {
    return atan2(this, y)
  }

  /** {@link atan2} written into `x`. */
  atan2_(this: Tensor, y: Operand): Tensor {
    return atan2_(this, y)
  }

  /** {@link atan2_} under another name. */
  arctan2_(this: Tensor, y: Operand): Tensor {
    return atan2_(this, y)
  }

  /**
   * `√(x² + y²)`, elementwise, without overflow of the squares.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.hypot.html
   * @example
   * g.tensor([3]).hypot(g.tensor([4])).tolist() // => [5]
   */
  hypot(this: Tensor, y: Operand): Tensor {
    return hypot(this, y)
  }

  /** {@link hypot} written into `x`. */
  hypot_(this: Tensor, y: Operand): Tensor {
    return hypot_(this, y)
  }

  /**
   * `log(eˣ + eʸ)`, elementwise, without overflow.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.logaddexp.html
   * @example
   * g.tensor([1000]).logaddexp(g.tensor([1000])).tolist() // => [1000.6932]
   */
  logaddexp(this: Tensor, y: Operand): Tensor {
    return logaddexp(this, y)
  }

  /**
   * `log₂(2ˣ + 2ʸ)`, elementwise, without overflow.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.logaddexp2.html
   * @example
   * g.tensor([3]).logaddexp2(g.tensor([3])).tolist() // => [4]
   */
  logaddexp2(this: Tensor, y: Operand): Tensor {
    return logaddexp2(this, y)
  }

  /**
   * `x · log(y)`, elementwise; 0 where `x` is 0, unless `y` is NaN.
   *
   * @see https://pytorch.org/docs/stable/special.html#torch.special.xlogy
   * @example
   * g.tensor([0, 2]).xlogy(g.tensor([0, 1])).tolist() // => [0, 0]
   */
  xlogy(this: Tensor, y: Operand): Tensor {
    return xlogy(this, y)
  }

  /** {@link xlogy} written into `x`. */
  xlogy_(this: Tensor, y: Operand): Tensor {
    return xlogy_(this, y)
  }

  /**
   * The magnitude of `x` with the sign of `y`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.copysign.html
   * @example
   * g.tensor([1, -2]).copysign(-1).tolist() // => [-1, -2]
   */
  copysign(this: Tensor, y: Operand): Tensor {
    return copysign(this, y)
  }

  /** {@link copysign} written into `x`. */
  copysign_(this: Tensor, y: Operand): Tensor {
    return copysign_(this, y)
  }

  /**
   * 0 below 0, 1 above, `values` at 0. No gradient flows.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.heaviside.html
   * @example
   * g.tensor([-1, 0, 2]).heaviside(0.5).tolist() // => [0, 0.5, 1]
   */
  heaviside(this: Tensor, values: Operand): Tensor {
    return heaviside(this, values)
  }

  /** {@link heaviside} written into `x`. */
  heaviside_(this: Tensor, values: Operand): Tensor {
    return heaviside_(this, values)
  }

  /**
   * Where `x` equals `y`, broadcast together. NaN equals nothing.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.eq.html
   * @example
   * g.tensor([1, 2]).eq(2).tolist() // => [false, true]
   */
  eq(this: Tensor, y: Operand): Tensor {
    return eq(this, y)
  }

  /** {@link eq} written into `x`, in its dtype. */
  eq_(this: Tensor, y: Operand): Tensor {
    return eq_(this, y)
  }

  /** Where `x` differs from `y`, broadcast together. */
  ne(this: Tensor, y: Operand): Tensor {
    return ne(this, y)
  }

  /** {@link ne} under another name. */
  notEqual(this: Tensor, y: Operand): Tensor {
    return ne(this, y)
  }

  /** {@link ne} written into `x`, in its dtype. */
  ne_(this: Tensor, y: Operand): Tensor {
    return ne_(this, y)
  }

  /** {@link ne_} under another name. */
  notEqual_(this: Tensor, y: Operand): Tensor {
    return ne_(this, y)
  }

  /** Where `x` is below `y`, broadcast together. */
  lt(this: Tensor, y: Operand): Tensor {
    return lt(this, y)
  }

  /** {@link lt} under another name. */
  less(this: Tensor, y: Operand): Tensor {
    return lt(this, y)
  }

  /** {@link lt} written into `x`, in its dtype. */
  lt_(this: Tensor, y: Operand): Tensor {
    return lt_(this, y)
  }

  /** {@link lt_} under another name. */
  less_(this: Tensor, y: Operand): Tensor {
    return lt_(this, y)
  }

  /** Where `x` is not above `y`, broadcast together. */
  le(this: Tensor, y: Operand): Tensor {
    return le(this, y)
  }

  /** {@link le} under another name. */
  lessEqual(this: Tensor, y: Operand): Tensor {
    return le(this, y)
  }

  /** {@link le} written into `x`, in its dtype. */
  le_(this: Tensor, y: Operand): Tensor {
    return le_(this, y)
  }

  /** {@link le_} under another name. */
  lessEqual_(this: Tensor, y: Operand): Tensor {
    return le_(this, y)
  }

  /** Where `x` is above `y`, broadcast together. */
  gt(this: Tensor, y: Operand): Tensor {
    return gt(this, y)
  }

  /** {@link gt} under another name. */
  greater(this: Tensor, y: Operand): Tensor {
    return gt(this, y)
  }

  /** {@link gt} written into `x`, in its dtype. */
  gt_(this: Tensor, y: Operand): Tensor {
    return gt_(this, y)
  }

  /** {@link gt_} under another name. */
  greater_(this: Tensor, y: Operand): Tensor {
    return gt_(this, y)
  }

  /** Where `x` is not below `y`, broadcast together. */
  ge(this: Tensor, y: Operand): Tensor {
    return ge(this, y)
  }

  /** {@link ge} under another name. */
  greaterEqual(this: Tensor, y: Operand): Tensor {
    return ge(this, y)
  }

  /** {@link ge} written into `x`, in its dtype. */
  ge_(this: Tensor, y: Operand): Tensor {
    return ge_(this, y)
  }

  /** {@link ge_} under another name. */
  greaterEqual_(this: Tensor, y: Operand): Tensor {
    return ge_(this, y)
  }

  /**
   * Where `|x - y| ≤ atol + rtol · |y|`, broadcast together. Infinities are close to themselves only.
   *
   * @throws DTypeError for operands of two dtypes
   * @throws ValueError for a negative tolerance
   * @see https://pytorch.org/docs/stable/generated/torch.isclose.html
   * @example
   * g.tensor([1, 1]).isclose(g.tensor([1.000001, 1.1])).tolist() // => [true, false]
   */
  isclose(this: Tensor, y: Tensor, options?: ClosenessOptions): Tensor {
    return isclose(this, y, options)
  }

  /**
   * Whether all elements are close: see {@link isclose}.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.allclose.html
   * @example
   * g.tensor([1]).allclose(g.tensor([1.000001])) // => true
   */
  allclose(this: Tensor, y: Tensor, options?: ClosenessOptions): boolean {
    return allclose(this, y, options)
  }

  /**
   * Whether two tensors have the same shape and equal elements.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.equal.html
   * @example
   * g.tensor([1, 2]).equal(g.tensor([1, 2])) // => true
   */
  equal(this: Tensor, y: Tensor): boolean {
    return equal(this, y)
  }

  /**
   * `eˣ`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.exp.html
   * @example
   * g.tensor([0, 1]).exp().tolist() // => [1, 2.7183]
   */
  exp(this: Tensor): Tensor {
    return exp(this)
  }

  /** {@link exp} written into `x`. */
  exp_(this: Tensor): Tensor {
    return exp_(this)
  }

  /**
   * `2ˣ`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.exp2.html
   * @example
   * g.tensor([0, 3]).exp2().tolist() // => [1, 8]
   */
  exp2(this: Tensor): Tensor {
    return exp2(this)
  }

  /** {@link exp2} written into `x`. */
  exp2_(this: Tensor): Tensor {
    return exp2_(this)
  }

  /**
   * `eˣ - 1`, exact near 0 where `exp(x) - 1` cancels.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.expm1.html
   * @example
   * g.tensor([0, 1]).expm1().tolist() // => [0, 1.7183]
   */
  expm1(this: Tensor): Tensor {
    return expm1(this)
  }

  /** {@link expm1} written into `x`. */
  expm1_(this: Tensor): Tensor {
    return expm1_(this)
  }

  /**
   * Natural logarithm, elementwise; NaN below 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.log.html
   * @example
   * g.tensor([1, Math.E]).log().tolist() // => [0, 1]
   */
  log(this: Tensor): Tensor {
    return log(this)
  }

  /** {@link log} written into `x`. */
  log_(this: Tensor): Tensor {
    return log_(this)
  }

  /**
   * Logarithm to base 2, elementwise; NaN below 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.log2.html
   * @example
   * g.tensor([1, 8]).log2().tolist() // => [0, 3]
   */
  log2(this: Tensor): Tensor {
    return log2(this)
  }

  /** {@link log2} written into `x`. */
  log2_(this: Tensor): Tensor {
    return log2_(this)
  }

  /**
   * Logarithm to base 10, elementwise; NaN below 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.log10.html
   * @example
   * g.tensor([1, 1000]).log10().tolist() // => [0, 3]
   */
  log10(this: Tensor): Tensor {
    return log10(this)
  }

  /** {@link log10} written into `x`. */
  log10_(this: Tensor): Tensor {
    return log10_(this)
  }

  /**
   * `log(1 + x)`, exact near 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.log1p.html
   * @example
   * g.tensor([0, 1]).log1p().tolist() // => [0, 0.6931]
   */
  log1p(this: Tensor): Tensor {
    return log1p(this)
  }

  /** {@link log1p} written into `x`. */
  log1p_(this: Tensor): Tensor {
    return log1p_(this)
  }

  /**
   * `1 / (1 + e⁻ˣ)`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sigmoid.html
   * @example
   * g.tensor([0, 2]).sigmoid().tolist() // => [0.5, 0.8808]
   */
  sigmoid(this: Tensor): Tensor {
    return sigmoid(this)
  }

  /** {@link sigmoid} written into `x`. */
  sigmoid_(this: Tensor): Tensor {
    return sigmoid_(this)
  }

  /**
   * Where both are true, or not 0; broadcast together.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.logical_and.html
   * @example
   * g.tensor([0, 2]).logicalAnd(g.tensor([1, 1])).tolist() // => [false, true]
   */
  logicalAnd(this: Tensor, y: Operand): Tensor {
    return logicalAnd(this, y)
  }

  /** {@link logicalAnd} written into `x`, in its dtype. */
  logicalAnd_(this: Tensor, y: Operand): Tensor {
    return logicalAnd_(this, y)
  }

  /** Where either is true, or not 0; broadcast together. */
  logicalOr(this: Tensor, y: Operand): Tensor {
    return logicalOr(this, y)
  }

  /** {@link logicalOr} written into `x`, in its dtype. */
  logicalOr_(this: Tensor, y: Operand): Tensor {
    return logicalOr_(this, y)
  }

  /** Where one of the two is true, or not 0; broadcast together. */
  logicalXor(this: Tensor, y: Operand): Tensor {
    return logicalXor(this, y)
  }

  /** {@link logicalXor} written into `x`, in its dtype. */
  logicalXor_(this: Tensor, y: Operand): Tensor {
    return logicalXor_(this, y)
  }

  /**
   * Bits that both have, of integers; logical and of bool.
   *
   * @throws DTypeError for floating point
   * @see https://pytorch.org/docs/stable/generated/torch.bitwise_and.html
   * @example
   * g.tensor([6], { dtype: 'int32' }).bitwiseAnd(3).tolist() // => [2]
   */
  bitwiseAnd(this: Tensor, y: Operand): Tensor {
    return bitwiseAnd(this, y)
  }

  /** {@link bitwiseAnd} written into `x`. */
  bitwiseAnd_(this: Tensor, y: Operand): Tensor {
    return bitwiseAnd_(this, y)
  }

  /** Bits that either has, of integers; logical or of bool. */
  bitwiseOr(this: Tensor, y: Operand): Tensor {
    return bitwiseOr(this, y)
  }

  /** {@link bitwiseOr} written into `x`. */
  bitwiseOr_(this: Tensor, y: Operand): Tensor {
    return bitwiseOr_(this, y)
  }

  /** Bits that one of the two has, of integers; logical exclusive or of bool. */
  bitwiseXor(this: Tensor, y: Operand): Tensor {
    return bitwiseXor(this, y)
  }

  /** {@link bitwiseXor} written into `x`. */
  bitwiseXor_(this: Tensor, y: Operand): Tensor {
    return bitwiseXor_(this, y)
  }

  /** `x · 2ʸ` of integers, wrapping; 0 where `y` is not below the number of bits. */
  bitwiseLeftShift(this: Tensor, y: Operand): Tensor {
    return bitwiseLeftShift(this, y)
  }

  /** {@link bitwiseLeftShift} written into `x`. */
  bitwiseLeftShift_(this: Tensor, y: Operand): Tensor {
    return bitwiseLeftShift_(this, y)
  }

  /** `floor(x / 2ʸ)` of integers. */
  bitwiseRightShift(this: Tensor, y: Operand): Tensor {
    return bitwiseRightShift(this, y)
  }

  /** {@link bitwiseRightShift} written into `x`. */
  bitwiseRightShift_(this: Tensor, y: Operand): Tensor {
    return bitwiseRightShift_(this, y)
  }

  /**
   * `xʸ`, elementwise, broadcast together; either may be a number.
   *
   * The derivative with respect to `x` is 0 where `y` is 0, and with respect to `y` is 0 where `x` is 0 and `y` is not negative.
   *
   * @throws ValueError for integers to a negative integer power
   * @see https://pytorch.org/docs/stable/generated/torch.pow.html
   * @example
   * g.tensor([1, 2, 3]).pow(2).tolist() // => [1, 4, 9]
   */
  pow(this: Tensor, y: Operand): Tensor {
    return pow(this, y)
  }

  /** {@link pow} written into `x`. */
  pow_(this: Tensor, y: Operand): Tensor {
    return pow_(this, y)
  }

  /**
   * `xʸ` computed and returned in float64.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.float_power.html
   * @example
   * g.tensor([2, 3]).floatPower(2).dtype // => 'float64'
   */
  floatPower(this: Tensor, y: Operand): Tensor {
    return floatPower(this, y)
  }

  /**
   * `x²`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.square.html
   * @example
   * g.tensor([1, -2]).square().tolist() // => [1, 4]
   */
  square(this: Tensor): Tensor {
    return square(this)
  }

  /** {@link square} written into `x`. */
  square_(this: Tensor): Tensor {
    return square_(this)
  }

  /**
   * Square root, elementwise; NaN below 0. Its derivative at 0 is infinite.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sqrt.html
   * @example
   * g.tensor([4, 9]).sqrt().tolist() // => [2, 3]
   */
  sqrt(this: Tensor): Tensor {
    return sqrt(this)
  }

  /** {@link sqrt} written into `x`. */
  sqrt_(this: Tensor): Tensor {
    return sqrt_(this)
  }

  /**
   * `1 / √x`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.rsqrt.html
   * @example
   * g.tensor([4, 16]).rsqrt().tolist() // => [0.5, 0.25]
   */
  rsqrt(this: Tensor): Tensor {
    return rsqrt(this)
  }

  /** {@link rsqrt} written into `x`. */
  rsqrt_(this: Tensor): Tensor {
    return rsqrt_(this)
  }

  /**
   * `1 / x`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.reciprocal.html
   * @example
   * g.tensor([2, 4]).reciprocal().tolist() // => [0.5, 0.25]
   */
  reciprocal(this: Tensor): Tensor {
    return reciprocal(this)
  }

  /** {@link reciprocal} written into `x`. */
  reciprocal_(this: Tensor): Tensor {
    return reciprocal_(this)
  }

  /**
   * `x · 2ᵉ`, elementwise, broadcast together.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.ldexp.html
   * @example
   * g.tensor([1, 3]).ldexp(2).tolist() // => [4, 12]
   */
  ldexp(this: Tensor, exponent: Operand): Tensor {
    return ldexp(this, exponent)
  }

  /** {@link ldexp} written into `x`. */
  ldexp_(this: Tensor, exponent: Operand): Tensor {
    return ldexp_(this, exponent)
  }

  /**
   * `max(x, 0)`, elementwise; its derivative at 0 is 0.
   *
   * @throws DTypeError for bool
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
   * @example
   * g.tensor([-1, 2]).relu().tolist() // => [0, 2]
   */
  relu(this: Tensor): Tensor {
    return relu(this)
  }

  /** {@link relu} written into `x`. */
  relu_(this: Tensor): Tensor {
    return relu_(this)
  }

  /**
   * `x` outside `[-lambd, lambd]`, 0 inside.
   *
   * @param lambd - 0.5 by default
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
   * @example
   * g.tensor([-1, 0.2, 1]).hardshrink().tolist() // => [-1, 0, 1]
   */
  hardshrink(this: Tensor, lambd?: number): Tensor {
    return hardshrink(this, lambd)
  }

  /**
   * The error function, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.erf.html
   * @example
   * g.tensor([0, 1]).erf().tolist() // => [0, 0.8427]
   */
  erf(this: Tensor): Tensor {
    return erf(this)
  }

  /** {@link erf} written into `x`. */
  erf_(this: Tensor): Tensor {
    return erf_(this)
  }

  /**
   * `1 - erf(x)`, exact where that cancels.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.erfc.html
   * @example
   * g.tensor([0, 1]).erfc().tolist() // => [1, 0.1573]
   */
  erfc(this: Tensor): Tensor {
    return erfc(this)
  }

  /** {@link erfc} written into `x`. */
  erfc_(this: Tensor): Tensor {
    return erfc_(this)
  }

  /**
   * The inverse of {@link erf}; infinite at -1 and 1, NaN beyond.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.erfinv.html
   * @example
   * g.tensor([0, 0.5]).erfinv().tolist() // => [0, 0.4769]
   */
  erfinv(this: Tensor): Tensor {
    return erfinv(this)
  }

  /** {@link erfinv} written into `x`. */
  erfinv_(this: Tensor): Tensor {
    return erfinv_(this)
  }

  /**
   * `log |Γ(x)|`, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.lgamma.html
   * @example
   * g.tensor([1, 4]).lgamma().tolist() // => [0, 1.7918]
   */
  lgamma(this: Tensor): Tensor {
    return lgamma(this)
  }

  /** {@link lgamma} written into `x`. */
  lgamma_(this: Tensor): Tensor {
    return lgamma_(this)
  }

  /**
   * The derivative of {@link lgamma}, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.digamma.html
   * @example
   * g.tensor([1, 2]).digamma().tolist() // => [-0.5772, 0.4228]
   */
  digamma(this: Tensor): Tensor {
    return digamma(this)
  }

  /** {@link digamma} written into `x`. */
  digamma_(this: Tensor): Tensor {
    return digamma_(this)
  }

  /**
   * `log Γₚ(x)` of the multivariate gamma function, elementwise; defined above `(p - 1) / 2`.
   *
   * @throws ValueError for `p` below 1
   * @see https://pytorch.org/docs/stable/special.html#torch.special.multigammaln
   * @example
   * g.tensor([2]).mvlgamma(2).tolist() // => [0.4516]
   */
  mvlgamma(this: Tensor, p: number): Tensor {
    return mvlgamma(this, p)
  }

  /**
   * `x` held between `min` and `max`, numbers or tensors; either may be null. `max` wins where `min` is above it.
   *
   * A value that equals a bound passes its gradient.
   *
   * @throws ValueError if both bounds are null
   * @see https://pytorch.org/docs/stable/generated/torch.clamp.html
   * @example
   * g.tensor([-1, 0.5, 3]).clamp(0, 1).tolist() // => [0, 0.5, 1]
   */
  clamp(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return clamp(this, min, max)
  }

  /** {@link clamp} under another name. */
  clip(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return clamp(this, min, max)
  }

  /** {@link clamp} written into `x`. */
  clamp_(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return clamp_(this, min, max)
  }

  /** {@link clamp_} under another name. */
  clip_(this: Tensor, min?: Operand | null, max?: Operand | null): Tensor {
    return clamp_(this, min, max)
  }

  /** `x` where it is above `min`, else `min`. */
  clampMin(this: Tensor, min: Operand): Tensor {
    return clampMin(this, min)
  }

  /** {@link clampMin} written into `x`. */
  clampMin_(this: Tensor, min: Operand): Tensor {
    return clampMin_(this, min)
  }

  /** `x` where it is below `max`, else `max`. */
  clampMax(this: Tensor, max: Operand): Tensor {
    return clampMax(this, max)
  }

  /** {@link clampMax} written into `x`. */
  clampMax_(this: Tensor, max: Operand): Tensor {
    return clampMax_(this, max)
  }

  /**
   * `start + weight · (end - start)`, elementwise, broadcast together.
   *
   * @throws DTypeError unless `start` and `end` have one floating dtype
   * @see https://pytorch.org/docs/stable/generated/torch.lerp.html
   * @example
   * g.tensor([0, 10]).lerp(g.tensor([4, 20]), 0.25).tolist() // => [1, 12.5]
   */
  lerp(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return lerp(this, end, weight)
  }

  /** {@link lerp} written into `start`. */
  lerp_(this: Tensor, end: Tensor, weight: Operand): Tensor {
    return lerp_(this, end, weight)
  }

  /**
   * `x + value · tensor1 · tensor2`, broadcast together.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.addcmul.html
   * @example
   * g.tensor([1]).addcmul(g.tensor([2]), g.tensor([3]), { value: 10 }).tolist() // => [61]
   */
  addcmul(this: Tensor, tensor1: Operand, tensor2: Operand, options?: ValueOptions): Tensor {
    return addcmul(this, tensor1, tensor2, options)
  }

  /** {@link addcmul} written into `x`. */
  addcmul_(this: Tensor, tensor1: Operand, tensor2: Operand, options?: ValueOptions): Tensor {
    return addcmul_(this, tensor1, tensor2, options)
  }

  /**
   * `x + value · tensor1 / tensor2`, broadcast together.
   *
   * @throws DTypeError if both divided tensors are integers
   * @see https://pytorch.org/docs/stable/generated/torch.addcdiv.html
   * @example
   * g.tensor([1]).addcdiv(g.tensor([6]), g.tensor([3])).tolist() // => [3]
   */
  addcdiv(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor {
    return addcdiv(this, tensor1, tensor2, options)
  }

  /** {@link addcdiv} written into `x`. */
  addcdiv_(this: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOptions): Tensor {
    return addcdiv_(this, tensor1, tensor2, options)
  }

  /**
   * `x` with `value` wherever `mask` holds, in the dtype of `x`.
   *
   * @param mask - bool, broadcast with `x`
   * @param value - a number or a 0-dimensional tensor
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
   * @example
   * g.tensor([1, 2]).maskedFill(g.tensor([true, false]), 9).tolist() // => [9, 2]
   */
  maskedFill(this: Tensor, mask: Tensor, value: Operand): Tensor {
    return maskedFill(this, mask, value)
  }

  /** {@link maskedFill} written into `x`. */
  maskedFill_(this: Tensor, mask: Tensor, value: Operand): Tensor {
    return maskedFill_(this, mask, value)
  }

  /**
   * Sine of an angle in radians, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sin.html
   * @example
   * g.tensor([0, Math.PI / 2]).sin().tolist() // => [0, 1]
   */
  sin(this: Tensor): Tensor {
    return sin(this)
  }

  /** {@link sin} written into `x`. */
  sin_(this: Tensor): Tensor {
    return sin_(this)
  }

  /**
   * Cosine of an angle in radians, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cos.html
   * @example
   * g.tensor([0, Math.PI]).cos().tolist() // => [1, -1]
   */
  cos(this: Tensor): Tensor {
    return cos(this)
  }

  /** {@link cos} written into `x`. */
  cos_(this: Tensor): Tensor {
    return cos_(this)
  }

  /**
   * Tangent of an angle in radians, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.tan.html
   * @example
   * g.tensor([0, Math.PI / 4]).tan().tolist() // => [0, 1]
   */
  tan(this: Tensor): Tensor {
    return tan(this)
  }

  /** {@link tan} written into `x`. */
  tan_(this: Tensor): Tensor {
    return tan_(this)
  }

  /**
   * Arc sine in radians, elementwise; NaN outside [-1, 1].
   *
   * @see https://pytorch.org/docs/stable/generated/torch.asin.html
   * @example
   * g.tensor([0, 1]).asin().tolist() // => [0, 1.5708]
   */
  asin(this: Tensor): Tensor {
    return asin(this)
  }

  /** {@link asin} under another name. */
  arcsin(this: Tensor): Tensor {
    return asin(this)
  }

  /** {@link asin} written into `x`. */
  asin_(this: Tensor): Tensor {
    return asin_(this)
  }

  /** {@link asin_} under another name. */
  arcsin_(this: Tensor): Tensor {
    return asin_(this)
  }

  /**
   * Arc cosine in radians, elementwise; NaN outside [-1, 1].
   *
   * @see https://pytorch.org/docs/stable/generated/torch.acos.html
   * @example
   * g.tensor([1, -1]).acos().tolist() // => [0, 3.1416]
   */
  acos(this: Tensor): Tensor {
    return acos(this)
  }

  /** {@link acos} under another name. */
  arccos(this: Tensor): Tensor {
    return acos(this)
  }

  /** {@link acos} written into `x`. */
  acos_(this: Tensor): Tensor {
    return acos_(this)
  }

  /** {@link acos_} under another name. */
  arccos_(this: Tensor): Tensor {
    return acos_(this)
  }

  /**
   * Arc tangent in radians, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.atan.html
   * @example
   * g.tensor([0, 1]).atan().tolist() // => [0, 0.7854]
   */
  atan(this: Tensor): Tensor {
    return atan(this)
  }

  /** {@link atan} under another name. */
  arctan(this: Tensor): Tensor {
    return atan(this)
  }

  /** {@link atan} written into `x`. */
  atan_(this: Tensor): Tensor {
    return atan_(this)
  }

  /** {@link atan_} under another name. */
  arctan_(this: Tensor): Tensor {
    return atan_(this)
  }

  /**
   * Hyperbolic sine, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sinh.html
   * @example
   * g.tensor([0, 1]).sinh().tolist() // => [0, 1.1752]
   */
  sinh(this: Tensor): Tensor {
    return sinh(this)
  }

  /** {@link sinh} written into `x`. */
  sinh_(this: Tensor): Tensor {
    return sinh_(this)
  }

  /**
   * Hyperbolic cosine, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cosh.html
   * @example
   * g.tensor([0, 1]).cosh().tolist() // => [1, 1.5431]
   */
  cosh(this: Tensor): Tensor {
    return cosh(this)
  }

  /** {@link cosh} written into `x`. */
  cosh_(this: Tensor): Tensor {
    return cosh_(this)
  }

  /**
   * Hyperbolic tangent, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.tanh.html
   * @example
   * g.tensor([0, 1]).tanh().tolist() // => [0, 0.7616]
   */
  tanh(this: Tensor): Tensor {
    return tanh(this)
  }

  /** {@link tanh} written into `x`. */
  tanh_(this: Tensor): Tensor {
    return tanh_(this)
  }

  /**
   * Inverse hyperbolic sine, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.asinh.html
   * @example
   * g.tensor([0, 1]).asinh().tolist() // => [0, 0.8814]
   */
  asinh(this: Tensor): Tensor {
    return asinh(this)
  }

  /** {@link asinh} under another name. */
  arcsinh(this: Tensor): Tensor {
    return asinh(this)
  }

  /** {@link asinh} written into `x`. */
  asinh_(this: Tensor): Tensor {
    return asinh_(this)
  }

  /** {@link asinh_} under another name. */
  arcsinh_(this: Tensor): Tensor {
    return asinh_(this)
  }

  /**
   * Inverse hyperbolic cosine, elementwise; NaN below 1.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.acosh.html
   * @example
   * g.tensor([1, 2]).acosh().tolist() // => [0, 1.3170]
   */
  acosh(this: Tensor): Tensor {
    return acosh(this)
  }

  /** {@link acosh} under another name. */
  arccosh(this: Tensor): Tensor {
    return acosh(this)
  }

  /** {@link acosh} written into `x`. */
  acosh_(this: Tensor): Tensor {
    return acosh_(this)
  }

  /** {@link acosh_} under another name. */
  arccosh_(this: Tensor): Tensor {
    return acosh_(this)
  }

  /**
   * Inverse hyperbolic tangent, elementwise; NaN outside [-1, 1].
   *
   * @see https://pytorch.org/docs/stable/generated/torch.atanh.html
   * @example
   * g.tensor([0, 0.5]).atanh().tolist() // => [0, 0.5493]
   */
  atanh(this: Tensor): Tensor {
    return atanh(this)
  }

  /** {@link atanh} under another name. */
  arctanh(this: Tensor): Tensor {
    return atanh(this)
  }

  /** {@link atanh} written into `x`. */
  atanh_(this: Tensor): Tensor {
    return atanh_(this)
  }

  /** {@link atanh_} under another name. */
  arctanh_(this: Tensor): Tensor {
    return atanh_(this)
  }

  /**
   * Degrees as radians, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.deg2rad.html
   * @example
   * g.tensor([0, 180]).deg2rad().tolist() // => [0, 3.1416]
   */
  deg2rad(this: Tensor): Tensor {
    return deg2rad(this)
  }

  /** {@link deg2rad} written into `x`. */
  deg2rad_(this: Tensor): Tensor {
    return deg2rad_(this)
  }

  /**
   * Radians as degrees, elementwise.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.rad2deg.html
   * @example
   * g.tensor([0, Math.PI]).rad2deg().tolist() // => [0, 180]
   */
  rad2deg(this: Tensor): Tensor {
    return rad2deg(this)
  }

  /** {@link rad2deg} written into `x`. */
  rad2deg_(this: Tensor): Tensor {
    return rad2deg_(this)
  }

  /**
   * `sin(πx) / (πx)`, elementwise; 1 at 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sinc.html
   * @example
   * g.tensor([0, 0.5]).sinc().tolist() // => [1, 0.6366]
   */
  sinc(this: Tensor): Tensor {
    return sinc(this)
  }

  /** {@link sinc} written into `x`. */
  sinc_(this: Tensor): Tensor {
    return sinc_(this)
  }

  /**
   * `-x`, elementwise.
   *
   * @throws DTypeError for bool
   * @see https://pytorch.org/docs/stable/generated/torch.neg.html
   * @example
   * g.tensor([1, -2]).neg().tolist() // => [-1, 2]
   */
  neg(this: Tensor): Tensor {
    return neg(this)
  }

  /** {@link neg} under another name. */
  negative(this: Tensor): Tensor {
    return neg(this)
  }

  /** {@link neg} written into `x`. */
  neg_(this: Tensor): Tensor {
    return neg_(this)
  }

  /** {@link neg_} under another name. */
  negative_(this: Tensor): Tensor {
    return neg_(this)
  }

  /**
   * `|x|`, elementwise; its derivative at 0 is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.abs.html
   * @example
   * g.tensor([-1, 2]).abs().tolist() // => [1, 2]
   */
  abs(this: Tensor): Tensor {
    return abs(this)
  }

  /** {@link abs} under another name. */
  absolute(this: Tensor): Tensor {
    return abs(this)
  }

  /** {@link abs} written into `x`. */
  abs_(this: Tensor): Tensor {
    return abs_(this)
  }

  /** {@link abs_} under another name. */
  absolute_(this: Tensor): Tensor {
    return abs_(this)
  }

  /**
   * -1, 0 or 1 by the sign of each element; its derivative is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.sign.html
   * @example
   * g.tensor([-3, 0, 5]).sign().tolist() // => [-1, 0, 1]
   */
  sign(this: Tensor): Tensor {
    return sign(this)
  }

  /** {@link sign} under another name. */
  sgn(this: Tensor): Tensor {
    return sign(this)
  }

  /** {@link sign} written into `x`. */
  sign_(this: Tensor): Tensor {
    return sign_(this)
  }

  /** {@link sign_} under another name. */
  sgn_(this: Tensor): Tensor {
    return sign_(this)
  }

  /**
   * The largest integer not above each element; its derivative is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.floor.html
   * @example
   * g.tensor([1.5, -1.5]).floor().tolist() // => [1, -2]
   */
  floor(this: Tensor): Tensor {
    return floor(this)
  }

  /** {@link floor} written into `x`. */
  floor_(this: Tensor): Tensor {
    return floor_(this)
  }

  /**
   * The smallest integer not below each element; its derivative is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.ceil.html
   * @example
   * g.tensor([1.5, -1.5]).ceil().tolist() // => [2, -1]
   */
  ceil(this: Tensor): Tensor {
    return ceil(this)
  }

  /** {@link ceil} written into `x`. */
  ceil_(this: Tensor): Tensor {
    return ceil_(this)
  }

  /**
   * Each element without its fraction; its derivative is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.trunc.html
   * @example
   * g.tensor([1.5, -1.5]).trunc().tolist() // => [1, -1]
   */
  trunc(this: Tensor): Tensor {
    return trunc(this)
  }

  /** {@link trunc} under another name. */
  fix(this: Tensor): Tensor {
    return trunc(this)
  }

  /** {@link trunc} written into `x`. */
  trunc_(this: Tensor): Tensor {
    return trunc_(this)
  }

  /** {@link trunc_} under another name. */
  fix_(this: Tensor): Tensor {
    return trunc_(this)
  }

  /**
   * The fraction of each element, with its sign.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.frac.html
   * @example
   * g.tensor([1.5, -1.25]).frac().tolist() // => [0.5, -0.25]
   */
  frac(this: Tensor): Tensor {
    return frac(this)
  }

  /** {@link frac} written into `x`. */
  frac_(this: Tensor): Tensor {
    return frac_(this)
  }

  /**
   * The nearest integer, or multiple of a power of ten, to each element; halves go to the even one. Its derivative is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.round.html
   * @example
   * g.tensor([0.5, 1.5, -2.4]).round().tolist() // => [0, 2, -2]
   */
  round(this: Tensor, options?: RoundOptions): Tensor {
    return round(this, options)
  }

  /** {@link round} written into `x`. */
  round_(this: Tensor, options?: RoundOptions): Tensor {
    return round_(this, options)
  }

  /**
   * `x` itself: the unary `+`.
   *
   * @throws DTypeError for bool
   * @see https://pytorch.org/docs/stable/generated/torch.positive.html
   */
  positive(this: Tensor): Tensor {
    return positive(this)
  }

  /**
   * Where `x` is NaN.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.isnan.html
   * @example
   * g.tensor([1, NaN]).isnan().tolist() // => [false, true]
   */
  isnan(this: Tensor): Tensor {
    return isnan(this)
  }

  /** Where `x` is infinite, of either sign. */
  isinf(this: Tensor): Tensor {
    return isinf(this)
  }

  /** Where `x` is neither infinite nor NaN. */
  isfinite(this: Tensor): Tensor {
    return isfinite(this)
  }

  /** Where `x` is infinity. */
  isposinf(this: Tensor): Tensor {
    return isposinf(this)
  }

  /** Where `x` is minus infinity. */
  isneginf(this: Tensor): Tensor {
    return isneginf(this)
  }

  /** Where the sign bit is set: below 0, and -0. The sign of NaN is not seen. */
  signbit(this: Tensor): Tensor {
    return signbit(this)
  }

  /**
   * Where `x` is a real number: everywhere, as there are no complex dtypes.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.isreal.html
   */
  isreal(this: Tensor): Tensor {
    return isreal(this)
  }

  /**
   * NaN and infinities replaced by numbers; their gradient is 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nan_to_num.html
   * @example
   * g.tensor([NaN, 1, Infinity]).nanToNum({ posinf: 9 }).tolist() // => [0, 1, 9]
   */
  nanToNum(this: Tensor, options?: NanToNumOptions): Tensor {
    return nanToNum(this, options)
  }

  /** {@link nanToNum} written into `x`. */
  nanToNum_(this: Tensor, options?: NanToNumOptions): Tensor {
    return nanToNum_(this, options)
  }

  /**
   * Every bit turned over; logical not of bool.
   *
   * @throws DTypeError for floating point
   * @see https://pytorch.org/docs/stable/generated/torch.bitwise_not.html
   * @example
   * g.tensor([0, 5], { dtype: 'int32' }).bitwiseNot().tolist() // => [-1, -6]
   */
  bitwiseNot(this: Tensor): Tensor {
    return bitwiseNot(this)
  }

  /** {@link bitwiseNot} written into `x`. */
  bitwiseNot_(this: Tensor): Tensor {
    return bitwiseNot_(this)
  }

  /**
   * Where `x` is 0 or false.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.logical_not.html
   * @example
   * g.tensor([0, 2]).logicalNot().tolist() // => [true, false]
   */
  logicalNot(this: Tensor): Tensor {
    return logicalNot(this)
  }

  /** {@link logicalNot} written into `x`, in its dtype. */
  logicalNot_(this: Tensor): Tensor {
    return logicalNot_(this)
  }

  /**
   * A copy of a tensor with every element one value; a gradient flows to a value that is a tensor.
   *
   * @param value - a number, or a tensor without axes
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
   * @example
   * g.ones(2).fill(3).tolist() // => [3, 3]
   */
  fill(this: Tensor, value: Tensor | number | boolean): Tensor {
    return fill(this, value)
  }

  /**
   * Writes one value on the main diagonal of a matrix, or of a tensor whose axes are all equal.
   *
   * @throws ShapeError for fewer than two axes, and for more of different lengths
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.fill_diagonal_.html
   * @example
   * g.zeros(2, 2).fillDiagonal_(5).tolist() // => [[5, 0], [0, 5]]
   */
  fillDiagonal_(this: Tensor, value: number | boolean, options?: FillDiagonalOptions): Tensor {
    return fillDiagonal_(this, value, options)
  }

  /**
   * Values picked along an axis: `out[i][j] = x[index[i][j]][j]` for axis 0.
   *
   * @param index - integers, not negative, with as many axes as `x` and no longer than it along the others
   * @returns the shape of `index`
   * @throws IndexError for an index beyond the axis; ShapeError for shapes that do not fit; DTypeError unless integer
   * @see https://pytorch.org/docs/stable/generated/torch.gather.html
   * @example
   * g.tensor([[1, 2], [3, 4]]).gather(1, g.tensor([[1], [0]], { dtype: 'int32' })).tolist() // => [[2], [3]]
   */
  gather(this: Tensor, axis: number, index: Tensor): Tensor {
    return gather(this, axis, index)
  }

  /**
   * `x` with values written along an axis: `out[index[i][j]][j] = src[i][j]` for axis 0. Of several values for one place
   * the last stays, and all get its gradient, as in PyTorch.
   *
   * @param src - of the dtype of `x`, at least as large as `index`; or one number
   * @throws IndexError for an index beyond the axis; ShapeError, DTypeError as PyTorch
   * @see https://pytorch.org/docs/stable/generated/torch.scatter.html
   */
  scatter(this: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor {
    return scatter(this, axis, index, src)
  }

  /** {@link scatter} written into `x`. */
  scatter_(this: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor {
    return scatter_(this, axis, index, src)
  }

  /**
   * `x` with values added along an axis: `out[index[i][j]][j] += src[i][j]` for axis 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.scatter_add.html
   * @example
   * g.zeros(3).scatterAdd(0, g.tensor([0, 0, 2], { dtype: 'int32' }), g.ones(3)).tolist() // => [2, 0, 1]
   */
  scatterAdd(this: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
    return scatterAdd(this, axis, index, src)
  }

  /** {@link scatterAdd} written into `x`. */
  scatterAdd_(this: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
    return scatterAdd_(this, axis, index, src)
  }

  /**
   * Whole slices picked along an axis, in the order of a vector of indices.
   *
   * @param index - integers, [n], not negative
   * @returns the shape of `x` with length n along the axis
   * @throws IndexError for an index beyond the axis
   * @see https://pytorch.org/docs/stable/generated/torch.index_select.html
   * @example
   * g.tensor([[1, 2], [3, 4]]).indexSelect(0, g.tensor([1, 1], { dtype: 'int32' })).tolist() // => [[3, 4], [3, 4]]
   */
  indexSelect(this: Tensor, axis: number, index: Tensor): Tensor {
    return indexSelect(this, axis, index)
  }

  /**
   * `x` with slices of `source` added at the positions of a vector of indices.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
   * @example
   * g.zeros(2).indexAdd(0, g.tensor([1, 1], { dtype: 'int32' }), g.ones(2)).tolist() // => [0, 2]
   */
  indexAdd(this: Tensor, axis: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor {
    return indexAdd(this, axis, index, source, options)
  }

  /** {@link indexAdd} written into `x`. */
  indexAdd_(this: Tensor, axis: number, index: Tensor, source: Tensor, options?: IndexAddOptions): Tensor {
    return indexAdd_(this, axis, index, source, options)
  }

  /** {@link indexCopy} written into `x`. */
  indexCopy_(this: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
    return indexCopy_(this, axis, index, source)
  }

  /** {@link indexFill} written into `x`. */
  indexFill_(this: Tensor, axis: number, index: Tensor, value: number | Tensor): Tensor {
    return indexFill_(this, axis, index, value)
  }

  /**
   * Elements picked by their row-major position; negative positions count from the end.
   *
   * @returns the shape of `index`
   * @see https://pytorch.org/docs/stable/generated/torch.take.html
   */
  take(this: Tensor, index: Tensor): Tensor {
    return take(this, index)
  }

  /**
   * The elements that an index picks: `x[i, j, …]` in Python.
   *
   * Numbers, slices, `null` and `'...'` alone give a view; tensors, masks and nested arrays give a copy. Several tensors are
   * broadcast together. Their axes replace the first of them if they are next to each other, and else stand in front. Numbers
   * are applied first and do not count as tensors, as in PyTorch.
   *
   * @throws IndexError with PyTorch's messages: out of bounds, too many indices, masks or tensors that do not fit
   * @see https://pytorch.org/docs/stable/tensor_view.html
   */
  at(this: Tensor, ...indices: readonly Index[]): Tensor {
    return at(this, ...indices)
  }

  /**
   * Writes a value where an index points: `x[i, j, …] = value` in Python.
   *
   * @param indices - as {@link at} takes them, in one array
   * @param value - broadcasts to what `at` would give; converted to the dtype of `x`
   * @throws IndexError as {@link at}; ShapeError for a value that does not broadcast
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
   */
  setAt_(
    this: Tensor,
    indices: readonly Index[],
    value: Tensor | number | boolean,
    options?: SetAtOptions,
  ): Tensor {
    return setAt_(this, indices, value, options)
  }

  /**
   * Coordinates of the elements that are not zero, in row-major order: int32 [n, axes].
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nonzero.html
   * @example
   * g.tensor([0, 5, 0, 7]).nonzero().tolist() // => [[1], [3]]
   */
  nonzero(this: Tensor): Tensor {
    return nonzero(this)
  }

  /**
   * The elements where a mask is true, as a vector; the two are broadcast together.
   *
   * @param mask - bool
   * @see https://pytorch.org/docs/stable/generated/torch.masked_select.html
   * @example
   * g.tensor([1, 2, 3]).maskedSelect(g.tensor([true, false, true])).tolist() // => [1, 3]
   */
  maskedSelect(this: Tensor, mask: Tensor): Tensor {
    return maskedSelect(this, mask)
  }

  /**
   * `exp(x) / Σ exp(x)` along an axis: positive, and adding up to 1.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
   * @example
   * g.tensor([0, 0]).softmax(0).tolist() // => [0.5, 0.5]
   */
  softmax(this: Tensor, axis: number, options?: SoftmaxOptions): Tensor {
    return softmax(this, axis, options)
  }

  /**
   * `log(softmax(x))` along an axis, without underflow.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
   */
  logSoftmax(this: Tensor, axis: number, options?: SoftmaxOptions): Tensor {
    return logSoftmax(this, axis, options)
  }

  /**
   * Matrix product: of vectors a scalar, of matrices a matrix, of more axes a batch of matrices, broadcast together.
   *
   * @throws ShapeError where inner sizes differ; DTypeError for different dtypes, which matrix products do not promote
   * @see https://pytorch.org/docs/stable/generated/torch.matmul.html
   * @example
   * g.ones(2, 3).matmul(g.ones(3, 4)).shape // => [2, 4]
   */
  matmul(this: Tensor, y: Tensor): Tensor {
    return matmul(this, y)
  }

  /** The product of two matrices, and of nothing else. */
  mm(this: Tensor, y: Tensor): Tensor {
    return mm(this, y)
  }

  /** The products of two batches of matrices of equal length: [b, m, k] · [b, k, n]. */
  bmm(this: Tensor, y: Tensor): Tensor {
    return bmm(this, y)
  }

  /** The product of a matrix and a vector. */
  mv(this: Tensor, vector: Tensor): Tensor {
    return mv(this, vector)
  }

  /** The inner product of two vectors of one dtype. */
  dot(this: Tensor, y: Tensor): Tensor {
    return dot(this, y)
  }

  /** All products of elements of two vectors: [m], [n] to [m, n]. */
  outer(this: Tensor, y: Tensor): Tensor {
    return outer(this, y)
  }

  /** {@link outer} under another name. */
  ger(this: Tensor, y: Tensor): Tensor {
    return outer(this, y)
  }

  /** `beta · x + alpha · (y · z)` of matrices. */
  addmm(this: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor {
    return addmm(this, y, z, options)
  }

  /** `beta · x + alpha · (y · z)` of batches of matrices. */
  baddbmm(this: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor {
    return baddbmm(this, y, z, options)
  }

  /** {@link vectorNorm}, where 'fro' is 2: `torch.norm`. */
  norm(this: Tensor, p?: number | 'fro', axes?: Axes, options?: AccumulateOptions): Tensor {
    return norm(this, p, axes, options)
  }

  /**
   * Fills with uniform numbers in [`from`, `to`).
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
   */
  uniform_(this: Tensor, from?: number, to?: number, options?: RandomOptions): Tensor {
    return uniform_(this, from, to, options)
  }

  /**
   * Fills with normal numbers.
   *
   * @throws ValueError unless std >= 0
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
   */
  normal_(this: Tensor, mean?: number, std?: number, options?: RandomOptions): Tensor {
    return normal_(this, mean, std, options)
  }

  /**
   * Fills with exponentially distributed numbers of rate `lambda`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
   */
  exponential_(this: Tensor, lambda?: number, options?: RandomOptions): Tensor {
    return exponential_(this, lambda, options)
  }

  /**
   * Fills with 1 (probability `p`) and 0; `p` is one number, or a tensor of one per element.
   *
   * @throws ValueError unless 0 <= p <= 1
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
   */
  bernoulli_(this: Tensor, p?: number | Tensor, options?: RandomOptions): Tensor {
    return bernoulli_(this, p, options)
  }

  /**
   * Fills with uniform integers in [`from`, `to`); without bounds, all that the dtype holds from 0 on.
   *
   * @throws ValueError for an empty range or one beyond the dtype
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
   */
  random_(this: Tensor, from?: number | null, to?: number | null, options?: RandomOptions): Tensor {
    return random_(this, from, to, options)
  }

  /**
   * Largest value over axes, or all of them; NaN wins. Equal ones share the gradient.
   *
   * @throws IndexError over an axis of length 0
   * @see https://pytorch.org/docs/stable/generated/torch.amax.html
   */
  amax(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return amax(this, axes, options)
  }

  /** Smallest value over axes, or all of them; NaN wins. Equal ones share the gradient. */
  amin(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return amin(this, axes, options)
  }

  /** {@link amin} and {@link amax} at once. */
  aminmax(this: Tensor, axis?: number | null, options?: ReduceOptions): { min: Tensor; max: Tensor } {
    return aminmax(this, axis, options)
  }

  /**
   * The largest element; along an axis, the largest of each row with its position; of two tensors, `maximum`. NaN wins.
   *
   * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
   *
   * @throws IndexError for an empty tensor or axis
   * @see https://pytorch.org/docs/stable/generated/torch.max.html
   * @example
   * const { values, indices } = g.tensor([[1, 3], [4, 2]]).max(1)
   * values.tolist() // => [3, 4]
   * indices.tolist() // => [1, 0]
   */
  max(this: Tensor): Tensor
  /**
   * The largest element; along an axis, the largest of each row with its position; of two tensors, `maximum`. NaN wins.
   *
   * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
   *
   * @throws IndexError for an empty tensor or axis
   * @see https://pytorch.org/docs/stable/generated/torch.max.html
   * @example
   * const { values, indices } = g.tensor([[1, 3], [4, 2]]).max(1)
   * values.tolist() // => [3, 4]
   * indices.tolist() // => [1, 0]
   */
  max(this: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
  /**
   * The largest element; along an axis, the largest of each row with its position; of two tensors, `maximum`. NaN wins.
   *
   * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
   *
   * @throws IndexError for an empty tensor or axis
   * @see https://pytorch.org/docs/stable/generated/torch.max.html
   * @example
   * const { values, indices } = g.tensor([[1, 3], [4, 2]]).max(1)
   * values.tolist() // => [3, 4]
   * indices.tolist() // => [1, 0]
   */
  max(this: Tensor, y: Tensor): Tensor
  max(this: Tensor, axis?: unknown, options?: unknown): unknown {
    // the overloads above are those of the function, so that one of them takes these arguments
    return max(this, axis as never, options as never)
  }

  /** The smallest element; along an axis, the smallest of each row with its position; of two tensors, `minimum`: see {@link max}. */
  min(this: Tensor): Tensor
  /** The smallest element; along an axis, the smallest of each row with its position; of two tensors, `minimum`: see {@link max}. */
  min(this: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
  /** The smallest element; along an axis, the smallest of each row with its position; of two tensors, `minimum`: see {@link max}. */
  min(this: Tensor, y: Tensor): Tensor
  min(this: Tensor, axis?: unknown, options?: unknown): unknown {
    // the overloads above are those of the function, so that one of them takes these arguments
    return min(this, axis as never, options as never)
  }

  /**
   * Position of the largest element along an axis, or in the flat tensor: int32, the first of equals, NaN wins.
   *
   * @throws IndexError for an empty tensor or axis
   * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
   * @example
   * g.tensor([[1, 3], [4, 2]]).argmax(1).tolist() // => [1, 0]
   */
  argmax(this: Tensor, axis?: number | null, options?: ReduceOptions): Tensor {
    return argmax(this, axis, options)
  }

  /** Position of the smallest element along an axis, or in the flat tensor: see {@link argmax}. */
  argmin(this: Tensor, axis?: number | null, options?: ReduceOptions): Tensor {
    return argmin(this, axis, options)
  }

  /**
   * `log(Σ exp(x))` over axes without overflow. -∞ where all are.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.logsumexp.html
   */
  logsumexp(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return logsumexp(this, axes, options)
  }

  /**
   * The median of all elements, or of each row along an axis with its position, int32. Of an even number the lower one; NaN
   * if any element is, or there are none.
   *
   * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.median.html
   * @example
   * g.tensor([4, 1, 3, 2]).median().item() // => 2
   */
  median(this: Tensor): Tensor
  /**
   * The median of all elements, or of each row along an axis with its position, int32. Of an even number the lower one; NaN
   * if any element is, or there are none.
   *
   * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.median.html
   * @example
   * g.tensor([4, 1, 3, 2]).median().item() // => 2
   */
  median(this: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
  median(this: Tensor, axis?: unknown, options?: unknown): unknown {
    // the overloads above are those of the function, so that one of them takes these arguments
    return median(this, axis as never, options as never)
  }

  /**
   * Sum over axes, or all of them, counting NaN as 0.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nansum.html
   */
  nansum(this: Tensor, axes?: Axes, options?: AccumulateOptions): Tensor {
    return nansum(this, axes, options)
  }

  /**
   * Mean over axes, or all of them, of the elements that are not NaN.
   *
   * @throws DTypeError for integers
   * @see https://pytorch.org/docs/stable/generated/torch.nanmean.html
   */
  nanmean(this: Tensor, axes?: Axes, options?: AccumulateOptions): Tensor {
    return nanmean(this, axes, options)
  }

  /**
   * Product over an axis, or of all elements. Integers and bool multiply in int64. The gradient is exact with zeros too.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.prod.html
   * @example
   * g.tensor([2, 3, 4]).prod().item() // => 24
   */
  prod(this: Tensor, axis?: number | null, options?: AccumulateOptions): Tensor {
    return prod(this, axis, options)
  }

  /**
   * Mean over axes, or all of them. The mean of nothing is NaN.
   *
   * @throws DTypeError for integers without a floating `dtype`
   * @see https://pytorch.org/docs/stable/generated/torch.mean.html
   */
  mean(this: Tensor, axes?: number | readonly number[] | null, options?: AccumulateOptions): Tensor {
    return mean(this, axes, options)
  }

  /**
   * Running sum along an axis.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cumsum.html
   * @example
   * g.tensor([1, 2, 3]).cumsum(0).tolist() // => [1, 3, 6]
   */
  cumsum(this: Tensor, axis: number, options?: ScanOptions): Tensor {
    return cumsum(this, axis, options)
  }

  /**
   * Running product along an axis. Its gradient is exact with zeros too.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cumprod.html
   */
  cumprod(this: Tensor, axis: number, options?: ScanOptions): Tensor {
    return cumprod(this, axis, options)
  }

  /**
   * Running maximum along an axis and where it is, int32, the last of equals; NaN wins.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.cummax.html
   */
  cummax(this: Tensor, axis: number): ValuesAndIndices {
    return cummax(this, axis)
  }

  /** Running minimum along an axis and where it is: see {@link cummax}. */
  cummin(this: Tensor, axis: number): ValuesAndIndices {
    return cummin(this, axis)
  }

  /**
   * Values in order along an axis, and where each came from, int32. Equal ones keep their order; NaN counts as largest.
   *
   * @param axis - the last by default
   * @see https://pytorch.org/docs/stable/generated/torch.sort.html
   * @example
   * g.tensor([3, 1, 2]).sort().indices.tolist() // => [1, 2, 0]
   */
  sort(this: Tensor, axis?: number, options?: SortOptions): ValuesAndIndices {
    return sort(this, axis, options)
  }

  /** The positions of {@link sort} alone. */
  argsort(this: Tensor, axis?: number, options?: SortOptions): Tensor {
    return argsort(this, axis, options)
  }

  /**
   * The `k` largest values along an axis in falling order, and where they were, int32.
   *
   * @param axis - the last by default
   * @throws ValueError for a k beyond the axis
   * @see https://pytorch.org/docs/stable/generated/torch.topk.html
   */
  topk(this: Tensor, k: number, axis?: number, options?: TopkOptions): ValuesAndIndices {
    return topk(this, k, axis, options)
  }

  /**
   * The `k`-th smallest value along an axis, counted from 1, and where it was, int32.
   *
   * @param axis - the last by default
   * @throws ValueError for a k below 1 or beyond the axis
   * @see https://pytorch.org/docs/stable/generated/torch.kthvalue.html
   */
  kthvalue(this: Tensor, k: number, axis?: number, options?: KeepdimOptions): ValuesAndIndices {
    return kthvalue(this, k, axis, options)
  }

  /**
   * Whether all elements over axes are non-zero (NaN is); true for none.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.all.html
   */
  all(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return all(this, axes, options)
  }

  /**
   * Whether any element over axes is non-zero (NaN is); false for none.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.any.html
   */
  any(this: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
    return any(this, axes, options)
  }

  /** Number of elements over axes that are not zero: int64. */
  countNonzero(this: Tensor, axes?: Axes): Tensor {
    return countNonzero(this, axes)
  }

  /**
   * Variance over axes, or all of them: squared deviations from the mean over n - correction.
   *
   * @throws DTypeError for integers
   * @see https://pytorch.org/docs/stable/generated/torch.var.html
   * @example
   * g.tensor([1, 2, 3]).var().item() // => 1
   */
  var(this: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
    return variance(this, axes, options)
  }

  /**
   * Standard deviation over axes, or all of them: the root of `var`. NaN for one element, unless `correction: 0`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.std.html
   */
  std(this: Tensor, axes?: Axes, options?: VarianceOptions): Tensor {
    return std(this, axes, options)
  }

  /**
   * Each element repeated in place: `[1, 2]` becomes `[1, 1, 2, 2]`.
   *
   * @param repeats - how often, for all or (a vector of integers) for each position of the axis
   * @param axis - the flat tensor by default
   * @see https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html
   */
  repeatInterleave(this: Tensor, repeats: number | Tensor, axis?: number): Tensor {
    return repeatInterleave(this, repeats, axis)
  }

  /**
   * A copy with elements moved along axes, those pushed out coming in at the other end.
   *
   * @param axes - of the flat tensor by default
   * @see https://pytorch.org/docs/stable/generated/torch.roll.html
   * @example
   * g.tensor([1, 2, 3]).roll(1).tolist() // => [3, 1, 2]
   */
  roll(this: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
    return roll(this, shifts, axes)
  }

  /**
   * The lower triangle of a matrix or batch of them, zeros elsewhere.
   *
   * @param offset - the last diagonal kept: 0 the main one, above it positive
   * @see https://pytorch.org/docs/stable/generated/torch.tril.html
   * @example
   * g.ones(2, 2).tril().tolist() // => [[1, 0], [1, 1]]
   */
  tril(this: Tensor, offset?: number): Tensor {
    return tril(this, offset)
  }

  /** The upper triangle of a matrix or batch of them, zeros elsewhere; `offset` is the first diagonal kept. */
  triu(this: Tensor, offset?: number): Tensor {
    return triu(this, offset)
  }

  /**
   * Of a vector the square matrix with it on a diagonal; of a matrix that diagonal, copied.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.diag.html
   */
  diag(this: Tensor, offset?: number): Tensor {
    return diag(this, offset)
  }

  /** Sum of the main diagonal of a matrix. */
  trace(this: Tensor): Tensor {
    return trace(this)
  }

  /**
   * The regularised lower incomplete gamma function `P(x, y) = 1 / Γ(x) ∫₀^y tˣ⁻¹ e⁻ᵗ dt`, elementwise. Its gradient is that by y.
   *
   * @param y - the end of the integral, a tensor or number, not negative
   * @throws ArgumentError where neither is a tensor
   * @throws GradError in backward, if x needs a gradient
   * @see https://pytorch.org/docs/stable/special.html#torch.special.gammainc
   * @example
   * g.tensor([4]).igamma(g.tensor([3, 4, 5])).tolist() // => [0.3528, 0.5665, 0.735]
   */
  igamma(this: Tensor, y: Tensor | number): Tensor {
    return igamma(this, y)
  }

  /** {@link igamma} written into `x`. */
  igamma_(this: Tensor, y: Tensor | number): Tensor {
    return igamma_(this, y)
  }

  /**
   * The regularised upper incomplete gamma function, {@link igamma} taken from 1, elementwise: exact where that cancels. Its
   * gradient is that by y.
   *
   * @param y - the beginning of the integral, a tensor or number, not negative
   * @throws ArgumentError where neither is a tensor
   * @throws GradError in backward, if x needs a gradient
   * @see https://pytorch.org/docs/stable/special.html#torch.special.gammaincc
   * @example
   * g.tensor([4]).igammac(g.tensor([3, 4, 5])).tolist() // => [0.6472, 0.4335, 0.265]
   */
  igammac(this: Tensor, y: Tensor | number): Tensor {
    return igammac(this, y)
  }

  /** {@link igammac} written into `x`. */
  igammac_(this: Tensor, y: Tensor | number): Tensor {
    return igammac_(this, y)
  }

  /**
   * Axes moved to other places, the rest keeping their order: a view.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.movedim.html
   * @example
   * g.zeros(2, 3, 4).movedim(0, -1).shape // => [3, 4, 2]
   */
  movedim(this: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
    return movedim(this, source, destination)
  }

  /**
   * Matrices with rows and columns exchanged, as a view: numbers here are their own conjugates.
   *
   * @throws ShapeError for one axis
   * @see https://pytorch.org/docs/stable/generated/torch.adjoint.html
   * @example
   * g.ones(2, 3).adjoint().shape // => [3, 2]
   */
  adjoint(this: Tensor): Tensor {
    return adjoint(this)
  }

  /** Two axes exchanged, as a view: `transpose` under its NumPy name. */
  swapaxes(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes(this, axis0, axis1)
  }

  /** {@link swapaxes} under another name. */
  swapdims(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes(this, axis0, axis1)
  }

  /**
   * One axis split into several; one size may be -1. A view where the strides allow it.
   *
   * @throws ShapeError unless the sizes multiply to the length of the axis
   * @see https://pytorch.org/docs/stable/generated/torch.unflatten.html
   */
  unflatten(this: Tensor, axis: number, sizes: Shape): Tensor {
    return unflatten(this, axis, sizes)
  }

  /** `x.expand(shape)` under its other name. */
  broadcastTo(this: Tensor, shape: Shape): Tensor {
    return broadcastTo(this, shape)
  }

  /**
   * Takes out axes of length 1 in place: see {@link squeeze}.
   *
   * @param axes - those taken out if they have length 1; all by default
   * @throws GradError for a leaf that requires a gradient
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.squeeze_.html
   * @example
   * g.ones(1, 2).squeeze_().shape // => [2]
   */
  squeeze_(this: Tensor, axes?: number | readonly number[]): Tensor {
    return squeeze_(this, axes)
  }

  /**
   * Puts in an axis of length 1 in place: see {@link unsqueeze}.
   *
   * @throws GradError for a leaf that requires a gradient
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unsqueeze_.html
   * @example
   * g.ones(2).unsqueeze_(0).shape // => [1, 2]
   */
  unsqueeze_(this: Tensor, axis: number): Tensor {
    return unsqueeze_(this, axis)
  }

  /**
   * Exchanges two axes in place: see {@link transpose}.
   *
   * @throws GradError for a leaf that requires a gradient
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.transpose_.html
   * @example
   * g.ones(2, 3).transpose_(0, 1).shape // => [3, 2]
   */
  transpose_(this: Tensor, axis0: number, axis1: number): Tensor {
    return transpose_(this, axis0, axis1)
  }

  /** {@link transpose_} under its NumPy name. */
  swapaxes_(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes_(this, axis0, axis1)
  }

  /** {@link swapaxes_} under another name. */
  swapdims_(this: Tensor, axis0: number, axis1: number): Tensor {
    return swapaxes_(this, axis0, axis1)
  }

  /**
   * Transposes a matrix in place; a vector or scalar stays.
   *
   * @throws ShapeError for more than two axes
   * @throws GradError for a leaf that requires a gradient
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.t_.html
   * @example
   * g.ones(2, 3).t_().shape // => [3, 2]
   */
  t_(this: Tensor): Tensor {
    return t_(this)
  }

  /**
   * Gives a tensor other sizes and strides in its memory, in place: see {@link asStrided}.
   *
   * @param offset - of the first element; that of `x` by default
   * @throws ShapeError beyond the memory
   * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
   * @example
   * g.arange(4).asStrided_([2, 2], [1, 1]).tolist() // => [[0, 1], [1, 2]]
   */
  asStrided_(this: Tensor, shape: Shape, strides: readonly number[], offset?: number): Tensor {
    return asStrided_(this, shape, strides, offset)
  }

  /**
   * Makes a tensor stand for the memory of another; an empty one without arguments.
   *
   * @param storageOffset - of the first element, with `size`
   * @param size - the shape; that of `source` by default
   * @param stride - row-major by default
   * @throws GradError for a tensor that a gradient flows to; ShapeError beyond the memory
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.set_.html
   * @example
   * g.zeros(1).set_(g.tensor([1, 2, 3, 4]), 1, [3]).tolist() // => [2, 3, 4]
   */
  set_(
    this: Tensor,
    source?: Tensor,
    storageOffset?: number,
    size?: Shape,
    stride?: readonly number[],
  ): Tensor {
    return set_(this, source, storageOffset, size, stride)
  }

  /**
   * Takes a tensor out of the graph, in place: it becomes a leaf that requires no gradient.
   *
   * @throws GradError for a view that requires a gradient, whose base would keep its history
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.detach_.html
   * @example
   * g.ones(2, { requiresGrad: true }).mul(2).detach_().requiresGrad // => false
   */
  detach_(this: Tensor): Tensor {
    return detach_(this)
  }

  /**
   * Whether the one element of a tensor is not zero.
   *
   * @throws ValueError unless there is one element
   * @see https://pytorch.org/docs/stable/generated/torch.is_nonzero.html
   * @example
   * g.tensor([0.5]).isNonzero() // => true
   */
  isNonzero(this: Tensor): boolean {
    return isNonzero(this)
  }

  /**
   * Whether the dtype of a tensor has negative numbers: all but uint8 and bool.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.is_signed.html
   * @example
   * g.tensor([1], { dtype: 'uint8' }).isSigned() // => false
   */
  isSigned(this: Tensor): boolean {
    return isSigned(this)
  }

  /**
   * Whether a tensor was made in inference mode: false, since those made in `inferenceMode` are ordinary ones here.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.is_inference.html
   * @example
   * g.ones(2).isInference() // => false
   */
  isInference(this: Tensor): boolean {
    return isInference(this)
  }

  /**
   * Whether two tensors are the same elements of the same memory: of one shape, strides and offset.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.is_set_to.html
   * @example
   * const x = g.ones(2)
   * x.isSetTo(x.view([2])) // => true
   */
  isSetTo(this: Tensor, other: Tensor): boolean {
    return isSetTo(this, other)
  }

  /**
   * The parts of a tensor along an axis, which they lose: views that may not be written in place while gradients are recorded.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.unbind.html
   */
  unbind(this: Tensor, axis?: number): Tensor[] {
    return unbind(this, axis)
  }

  /**
   * A tensor cut along an axis: into pieces of `size` (the last may be shorter), or of the given sizes. Views.
   *
   * @param size - length of each piece, or one length per piece
   * @throws ShapeError unless given sizes add up to the length of the axis
   * @see https://pytorch.org/docs/stable/generated/torch.split.html
   */
  split(this: Tensor, size: number | readonly number[], axis?: number): Tensor[] {
    return split(this, size, axis)
  }

  /**
   * A tensor cut along an axis into at most `chunks` pieces of equal length, the last possibly shorter. Views.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.chunk.html
   */
  chunk(this: Tensor, chunks: number, axis?: number): Tensor[] {
    return chunk(this, chunks, axis)
  }

  /**
   * A tensor cut along an axis into `parts` pieces whose lengths differ by at most one, or at the given positions. Views.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.tensor_split.html
   * @example
   * g.arange(5).tensorSplit([1, 3]).map((x) => x.numel()) // => [1, 2, 2]
   */
  tensorSplit(this: Tensor, parts: number | readonly number[], axis?: number): Tensor[] {
    return tensorSplit(this, parts, axis)
  }

  /**
   * A view of the storage of `x` with any geometry, counted in elements from the beginning of the storage.
   *
   * Its gradient goes by way of the storage: gradients of view elements at one place are summed, and the sum is shared evenly
   * among the elements of `x` at that place.
   *
   * @param offset - that of `x` by default
   * @throws ShapeError if the view leaves the storage
   * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
   * @example
   * g.arange(4).asStrided([2, 2], [1, 1]).tolist() // => [[0, 1], [1, 2]]
   */
  asStrided(this: Tensor, shape: Shape, strides: readonly number[], offset?: number): Tensor {
    return asStrided(this, shape, strides, offset)
  }

  /**
   * All windows of `size` elements along an axis, `step` apart, as a new last axis: a view.
   *
   * @returns [..., (n - size) / step + 1, ..., size]
   * @throws ShapeError for a size beyond the axis; ValueError for a step below 1
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
   */
  unfold(this: Tensor, axis: number, size: number, step: number): Tensor {
    return unfold(this, axis, size, step)
  }

  /** The diagonal of two axes as the last axis of a view; `offset` above (positive) or below. */
  diagonal(this: Tensor, offset?: number, axis1?: number, axis2?: number): Tensor {
    return diagonal(this, offset, axis1, axis2)
  }

  /** Axes `start` to `end` (included) merged into one; a view where the strides allow it. */
  flatten(this: Tensor, start?: number, end?: number): Tensor {
    return flatten(this, start, end)
  }
}

import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { integer, nullable, number } from '../../base/kinds.ts'
import { DTypeError } from '../../base/errors.ts'
import { finfo, isFloat } from '../../base/dtype.ts'
import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { signBit, truth } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noBool, noBoolKernel, floatsOnly, noFloats } from '../../op/accepts.ts'

const negOp = /* @__PURE__ */ definePointwise(
  'neg',
  {
    result: 'promote',
    accept: noBool(
      'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
    ),
  },
  (x) => f.neg(x),
)

/**
 * `-x`, elementwise.
 *
 * @throws DTypeError for bool
 * @see https://pytorch.org/docs/stable/generated/torch.neg.html
 * @example
 * g.neg(g.tensor([1, -2])).tolist() // => [-1, 2]
 */
export const neg = (x: Tensor): Tensor => negOp(x)
/** {@link neg} written into `x`. */
export const neg_ = (x: Tensor): Tensor => negOp.into(x)

const absOp = /* @__PURE__ */ definePointwise(
  'abs',
  { result: 'promote', accept: noBoolKernel('abs') },
  (x) => f.abs(x),
)

/**
 * `|x|`, elementwise; its derivative at 0 is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.abs.html
 * @example
 * g.abs(g.tensor([-1, 2])).tolist() // => [1, 2]
 */
export const abs = (x: Tensor): Tensor => absOp(x)
/** {@link abs} written into `x`. */
export const abs_ = (x: Tensor): Tensor => absOp.into(x)

const signOp = /* @__PURE__ */ definePointwise('sign', { result: 'promote' }, (x) => f.sign(x))

/**
 * -1, 0 or 1 by the sign of each element; its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sign.html
 * @example
 * g.sign(g.tensor([-3, 0, 5])).tolist() // => [-1, 0, 1]
 */
export const sign = (x: Tensor): Tensor => signOp(x)
/** {@link sign} written into `x`. */
export const sign_ = (x: Tensor): Tensor => signOp.into(x)

const floorOp = /* @__PURE__ */ definePointwise(
  'floor',
  { result: 'promote', accept: noBoolKernel('floor') },
  (x) => f.floor(x),
)

/**
 * The largest integer not above each element; its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.floor.html
 * @example
 * g.floor(g.tensor([1.5, -1.5])).tolist() // => [1, -2]
 */
export const floor = (x: Tensor): Tensor => floorOp(x)
/** {@link floor} written into `x`. */
export const floor_ = (x: Tensor): Tensor => floorOp.into(x)

const ceilOp = /* @__PURE__ */ definePointwise(
  'ceil',
  { result: 'promote', accept: noBoolKernel('ceil') },
  (x) => f.ceil(x),
)

/**
 * The smallest integer not below each element; its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ceil.html
 * @example
 * g.ceil(g.tensor([1.5, -1.5])).tolist() // => [2, -1]
 */
export const ceil = (x: Tensor): Tensor => ceilOp(x)
/** {@link ceil} written into `x`. */
export const ceil_ = (x: Tensor): Tensor => ceilOp.into(x)

const truncOp = /* @__PURE__ */ definePointwise(
  'trunc',
  { result: 'promote', accept: noBoolKernel('trunc') },
  (x) => f.trunc(x),
)

/**
 * Each element without its fraction; its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.trunc.html
 * @example
 * g.trunc(g.tensor([1.5, -1.5])).tolist() // => [1, -1]
 */
export const trunc = (x: Tensor): Tensor => truncOp(x)
/** {@link trunc} written into `x`. */
export const trunc_ = (x: Tensor): Tensor => truncOp.into(x)

const fracOp = /* @__PURE__ */ definePointwise(
  'frac',
  { result: 'promote', accept: floatsOnly('frac') },
  (x) => f.sub(x, f.trunc(x)),
)

/**
 * The fraction of each element, with its sign.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.frac.html
 * @example
 * g.frac(g.tensor([1.5, -1.25])).tolist() // => [0.5, -0.25]
 */
export const frac = (x: Tensor): Tensor => fracOp(x)
/** {@link frac} written into `x`. */
export const frac_ = (x: Tensor): Tensor => fracOp.into(x)

const roundOp = /* @__PURE__ */ definePointwise(
  'round',
  { result: 'promote', accept: noBoolKernel('round') },
  (x) => f.round(x),
)
// multiplied or divided by a power of ten that is itself exact
const roundUpOp = /* @__PURE__ */ definePointwise(
  'round',
  { result: 'promote', params: 1, accept: floatsOnly('round') },
  (x, scale) => f.div(f.round(f.mul(x, scale)), scale),
)
const roundDownOp = /* @__PURE__ */ definePointwise(
  'round',
  { result: 'promote', params: 1, accept: floatsOnly('round') },
  (x, scale) => f.mul(f.round(f.div(x, scale)), scale),
)

/** Options of `round`. */
export interface RoundOptions {
  /** Digits after the point, negative for tens and hundreds; 0 by default. */
  decimals?: number
}
/** The kinds of {@link RoundOptions}. */
export const roundOptions = /* @__PURE__ */ defineOptions<RoundOptions>({
  decimals: /* @__PURE__ */ integer(),
})

/**
 * The nearest integer, or multiple of a power of ten, to each element; halves go to the even one. Its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.round.html
 * @example
 * g.round(g.tensor([0.5, 1.5, -2.4])).tolist() // => [0, 2, -2]
 */
export const round = (x: Tensor, options?: RoundOptions): Tensor => {
  const { decimals = 0 } = takeOptions('round', roundOptions, options)
  return decimals === 0
    ? roundOp(x)
    : decimals > 0
      ? roundUpOp.with([10 ** decimals], x)
      : roundDownOp.with([10 ** -decimals], x)
}
/** {@link round} written into `x`. */
export const round_ = (x: Tensor, options?: RoundOptions): Tensor => {
  const { decimals = 0 } = takeOptions('round_', roundOptions, options)
  return decimals === 0
    ? roundOp.into(x)
    : decimals > 0
      ? roundUpOp.intoWith([10 ** decimals], x)
      : roundDownOp.intoWith([10 ** -decimals], x)
}

/**
 * `x` itself: the unary `+`.
 *
 * @throws DTypeError for bool
 * @see https://pytorch.org/docs/stable/generated/torch.positive.html
 */
export function positive(x: Tensor): Tensor {
  takeTensor('positive', 'x', x)

  if (x.dtype === 'bool') throw new DTypeError('The `+` operator, on a bool tensor is not supported.')
  return x
}

const angleOp = /* @__PURE__ */ definePointwise(
  'angle',
  { result: 'float', grads: { x: (g) => f.literal(0, g.type) } },
  (x) => f.where(f.isNaN(x), x, f.where(f.lt(x, 0), Math.PI, f.literal(0, x.type))),
)

/**
 * The angle of a real number: π below 0, else 0. Its derivative is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.angle.html
 * @example
 * g.angle(g.tensor([-2, 3])).tolist() // => [3.1416, 0]
 */
export const angle = (x: Tensor): Tensor => angleOp(x)

const isNaNOp = /* @__PURE__ */ definePointwise('isnan', { result: 'bool' }, (x) => f.isNaN(x))
const isInfOp = /* @__PURE__ */ definePointwise('isinf', { result: 'bool' }, (x) =>
  x.type === 'f32' || x.type === 'f64' ? f.eq(f.abs(x), Infinity) : f.ne(x, x),
)
const isFiniteOp = /* @__PURE__ */ definePointwise('isfinite', { result: 'bool' }, (x) =>
  x.type === 'f32' || x.type === 'f64' ? f.lt(f.abs(x), Infinity) : f.eq(x, x),
)
const isPosInfOp = /* @__PURE__ */ definePointwise('isposinf', { result: 'bool' }, (x) =>
  x.type === 'f32' || x.type === 'f64' ? f.eq(x, Infinity) : f.ne(x, x),
)
const isNegInfOp = /* @__PURE__ */ definePointwise('isneginf', { result: 'bool' }, (x) =>
  x.type === 'f32' || x.type === 'f64' ? f.eq(x, -Infinity) : f.ne(x, x),
)
const signBitOp = /* @__PURE__ */ definePointwise('signbit', { result: 'bool' }, (x) => signBit(x))

/**
 * Where `x` is NaN.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.isnan.html
 * @example
 * g.isnan(g.tensor([1, NaN])).tolist() // => [false, true]
 */
export const isnan = (x: Tensor): Tensor => isNaNOp(x)
/** Where `x` is infinite, of either sign. */
export const isinf = (x: Tensor): Tensor => isInfOp(x)
/** Where `x` is neither infinite nor NaN. */
export const isfinite = (x: Tensor): Tensor => isFiniteOp(x)
/** Where `x` is infinity. */
export const isposinf = (x: Tensor): Tensor => isPosInfOp(x)
/** Where `x` is minus infinity. */
export const isneginf = (x: Tensor): Tensor => isNegInfOp(x)
/** Where the sign bit is set: below 0, and -0. The sign of NaN is not seen. */
export const signbit = (x: Tensor): Tensor => signBitOp(x)

/**
 * Where `x` is a real number: everywhere, as there are no complex dtypes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.isreal.html
 */
export const isreal = (x: Tensor): Tensor => isRealOp(x)
const isRealOp = /* @__PURE__ */ definePointwise('isreal', { result: 'bool' }, (x) =>
  f.or(f.eq(x, x), f.ne(x, x)),
)

const nanToNumOp = /* @__PURE__ */ definePointwise(
  'nanToNum',
  { result: 'promote', params: 3 },
  (x, nan, high, low) =>
    f.where(f.isNaN(x), nan, f.where(f.eq(x, Infinity), high, f.where(f.eq(x, -Infinity), low, x))),
)

/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** In place of NaN; 0 by default. */
  nan?: number
  /** In place of infinity; the largest finite value of the dtype by default. */
  posinf?: number | null
  /** In place of minus infinity; the lowest finite value of the dtype by default. */
  neginf?: number | null
}
/** The kinds of {@link NanToNumOptions}. */
export const nanToNumOptions = /* @__PURE__ */ defineOptions<NanToNumOptions>({
  nan: number,
  posinf: /* @__PURE__ */ nullable(number),
  neginf: /* @__PURE__ */ nullable(number),
})

/**
 * NaN and infinities replaced by numbers; their gradient is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nan_to_num.html
 * @example
 * g.nanToNum(g.tensor([NaN, 1, Infinity]), { posinf: 9 }).tolist() // => [0, 1, 9]
 */
export const nanToNum = (x: Tensor, options?: NanToNumOptions): Tensor => {
  takeTensor('nanToNum', 'x', x)
  return isFloat(x.dtype)
    ? nanToNumOp.with(replacements(x, takeOptions('nanToNum', nanToNumOptions, options)), x)
    : x.clone()
}
/** {@link nanToNum} written into `x`. */
export const nanToNum_ = (x: Tensor, options?: NanToNumOptions): Tensor => {
  takeTensor('nanToNum_', 'x', x)
  return isFloat(x.dtype)
    ? nanToNumOp.intoWith(replacements(x, takeOptions('nanToNum_', nanToNumOptions, options)), x)
    : x
}

const replacements = (x: Tensor, { nan = 0, posinf, neginf }: NanToNumOptions): number[] => {
  const { max, min } = finfo(x.dtype)
  return [nan, posinf ?? max, neginf ?? min]
}

const bitwiseNotOp = /* @__PURE__ */ definePointwise(
  'bitwiseNot',
  { result: 'promote', accept: noFloats('bitwise_not') },
  (x) => f.not(x),
)

/**
 * Every bit turned over; logical not of bool.
 *
 * @throws DTypeError for floating point
 * @see https://pytorch.org/docs/stable/generated/torch.bitwise_not.html
 * @example
 * g.bitwiseNot(g.tensor([0, 5], { dtype: 'int32' })).tolist() // => [-1, -6]
 */
export const bitwiseNot = (x: Tensor): Tensor => bitwiseNotOp(x)
/** {@link bitwiseNot} written into `x`. */
export const bitwiseNot_ = (x: Tensor): Tensor => bitwiseNotOp.into(x)

const logicalNotOp = /* @__PURE__ */ definePointwise('logicalNot', { result: 'bool' }, (x) => f.not(truth(x)))

/**
 * Where `x` is 0 or false.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logical_not.html
 * @example
 * g.logicalNot(g.tensor([0, 2])).tolist() // => [true, false]
 */
export const logicalNot = (x: Tensor): Tensor => logicalNotOp(x)
/** {@link logicalNot} written into `x`, in its dtype. */
export const logicalNot_ = (x: Tensor): Tensor => logicalNotOp.into(x)

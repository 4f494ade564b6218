import { takeOptions } from '../../base/options.ts'
import { definePointwise, type Operand, type PointwiseOp } from '../../op/pointwise.ts'
import type { Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { logistic, signBit } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { AlphaOptions } from './arithmetic.ts'
import { sub, alphaOptions } from './arithmetic.ts'

const xy = ['x', 'y'] as const
const promoted = { result: 'promote', inputs: xy } as const
const floating = { result: 'float', inputs: xy } as const

const maximumOp = /* @__PURE__ */ definePointwise('maximum', promoted, (x, y) => f.max(x, y))
const minimumOp = /* @__PURE__ */ definePointwise('minimum', promoted, (x, y) => f.min(x, y))
const fmaxOp = /* @__PURE__ */ definePointwise('fmax', promoted, (x, y) => f.fmax(x, y))
const fminOp = /* @__PURE__ */ definePointwise('fmin', promoted, (x, y) => f.fmin(x, y))

/**
 * The larger of two elements, NaN if either is; equal elements share the gradient.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.maximum.html
 * @example
 * g.maximum(g.tensor([1, 5]), g.tensor([3, 2])).tolist() // => [3, 5]
 */
export const maximum = (x: Operand, y: Operand): Tensor => maximumOp(x, y)

/**
 * The smaller of two elements, NaN if either is; equal elements share the gradient.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.minimum.html
 * @example
 * g.minimum(g.tensor([1, 5]), g.tensor([3, 2])).tolist() // => [1, 2]
 */
export const minimum = (x: Operand, y: Operand): Tensor => minimumOp(x, y)

/**
 * The larger of two elements, the other one where one is NaN; of equal elements the first takes the gradient.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fmax.html
 * @example
 * g.fmax(g.tensor([1, NaN]), g.tensor([3, 2])).tolist() // => [3, 2]
 */
export const fmax = (x: Operand, y: Operand): Tensor => fmaxOp(x, y)

/**
 * The smaller of two elements, the other one where one is NaN; of equal elements the first takes the gradient.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.fmin.html
 * @example
 * g.fmin(g.tensor([1, NaN]), g.tensor([3, 2])).tolist() // => [1, 2]
 */
export const fmin = (x: Operand, y: Operand): Tensor => fminOp(x, y)

const atan2Op = /* @__PURE__ */ definePointwise('atan2', { ...floating, autocast: 'promote' }, (x, y) =>
  f.atan2(x, y),
)

/**
 * The angle in radians of the point `(y, x)`: `atan2(x, y)` is the arc tangent of `x / y` in the quadrant of the signs.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atan2.html
 * @example
 * g.atan2(g.tensor([1, -1]), g.tensor([-1, -1])).tolist() // => [2.3562, -2.3562]
 */
export const atan2 = (x: Operand, y: Operand): Tensor => atan2Op(x, y)
/** {@link atan2} written into `x`. */
export const atan2_ = (x: Tensor, y: Operand): Tensor => atan2Op.into(x, y)

// scaled by the larger side, so that no square overflows; the gradient is a ratio of the same values
const hypotOp = /* @__PURE__ */ definePointwise(
  'hypot',
  {
    ...floating,
    grads: { x: (g, [x], out) => f.mul(g, f.div(x, out)), y: (g, [, y], out) => f.mul(g, f.div(y, out)) },
  },
  (x, y) => {
    const long = f.max(f.abs(x), f.abs(y))
    const ratio = f.div(f.min(f.abs(x), f.abs(y)), long)
    const length = f.mul(long, f.sqrt(f.add(f.square(ratio), 1)))
    return f.where(f.or(f.eq(long, 0), f.eq(long, Infinity)), long, length)
  },
)

/**
 * `√(x² + y²)`, elementwise, without overflow of the squares.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.hypot.html
 * @example
 * g.hypot(g.tensor([3]), g.tensor([4])).tolist() // => [5]
 */
export const hypot = (x: Operand, y: Operand): Tensor => hypotOp(x, y)
/** {@link hypot} written into `x`. */
export const hypot_ = (x: Tensor, y: Operand): Tensor => hypotOp.into(x, y)

// shares of the two terms by hand: the formula's own derivative loses them where one term vanishes
const logaddexpOp = /* @__PURE__ */ definePointwise(
  'logaddexp',
  {
    ...floating,
    grads: {
      x: (g, [x, y]) => f.mul(g, logistic(f.sub(x, y))),
      y: (g, [x, y]) => f.mul(g, logistic(f.sub(y, x))),
    },
  },
  (x, y) => logSum(x, y, (d) => f.log1p(f.exp(d))),
)
const logaddexp2Op = /* @__PURE__ */ definePointwise(
  'logaddexp2',
  {
    ...floating,
    grads: {
      x: (g, [x, y]) => f.mul(g, logistic(f.mul(f.sub(x, y), Math.LN2))),
      y: (g, [x, y]) => f.mul(g, logistic(f.mul(f.sub(y, x), Math.LN2))),
    },
  },
  (x, y) => logSum(x, y, (d) => f.div(f.log1p(f.exp2(d)), Math.LN2)),
)

// the larger term and what the smaller adds; infinities of one sign have no difference
const logSum = (x: Expr, y: Expr, rest: (difference: Expr) => Expr): Expr =>
  f.where(f.and(f.eq(x, y), f.eq(f.abs(x), Infinity)), x, f.add(f.max(x, y), rest(f.neg(f.abs(f.sub(x, y))))))

/**
 * `log(eˣ + eʸ)`, elementwise, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logaddexp.html
 * @example
 * g.logaddexp(g.tensor([1000]), g.tensor([1000])).tolist() // => [1000.6932]
 */
export const logaddexp = (x: Operand, y: Operand): Tensor => logaddexpOp(x, y)

/**
 * `log₂(2ˣ + 2ʸ)`, elementwise, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logaddexp2.html
 * @example
 * g.logaddexp2(g.tensor([3]), g.tensor([3])).tolist() // => [4]
 */
export const logaddexp2 = (x: Operand, y: Operand): Tensor => logaddexp2Op(x, y)

// x · log(y) with 0 wherever x is 0: the derivative by x is masked where y has no logarithm either
const timesLog = (name: string, log: (y: Expr) => Expr, inner: (y: Expr) => Expr): PointwiseOp =>
  definePointwise(
    name,
    {
      ...floating,
      grads: {
        x: (g, [x, y]) => f.where(f.and(f.eq(x, 0), f.le(inner(y), 0)), 0, f.mul(g, log(y))),
        y: (g, [x, y]) => f.mul(g, f.div(x, inner(y))),
      },
    },
    (x, y) => f.where(f.isNaN(y), y, f.where(f.eq(x, 0), 0, f.mul(x, log(y)))),
  )
const xlogyOp = /* @__PURE__ */ timesLog('xlogy', f.log, (y) => y)
const xlog1pyOp = /* @__PURE__ */ timesLog('xlog1py', f.log1p, (y) => f.add(y, 1))

/**
 * `x · log(y)`, elementwise; 0 where `x` is 0, unless `y` is NaN.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.xlogy
 * @example
 * g.xlogy(g.tensor([0, 2]), g.tensor([0, 1])).tolist() // => [0, 0]
 */
export const xlogy = (x: Operand, y: Operand): Tensor => xlogyOp(x, y)
/** {@link xlogy} written into `x`. */
export const xlogy_ = (x: Tensor, y: Operand): Tensor => xlogyOp.into(x, y)

/**
 * `x · log(1 + y)`, elementwise; 0 where `x` is 0, unless `y` is NaN.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.xlog1py
 */
export const xlog1py = (x: Operand, y: Operand): Tensor => xlog1pyOp(x, y)

// x and the result differ by a sign alone
const copysignOp = /* @__PURE__ */ definePointwise(
  'copysign',
  {
    ...floating,
    grads: {
      x: (g, [x], out) => f.where(f.eq(x, 0), 0, f.mul(g, f.div(out, x))),
      y: (g) => f.literal(0, g.type),
    },
  },
  (x, y) => f.where(signBit(y), f.neg(f.abs(x)), f.abs(x)),
)

/**
 * The magnitude of `x` with the sign of `y`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.copysign.html
 * @example
 * g.copysign(g.tensor([1, -2]), -1).tolist() // => [-1, -2]
 */
export const copysign = (x: Operand, y: Operand): Tensor => copysignOp(x, y)
/** {@link copysign} written into `x`. */
export const copysign_ = (x: Tensor, y: Operand): Tensor => copysignOp.into(x, y)

/**
 * `y - alpha · x`: {@link sub} with the operands exchanged.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rsub.html
 * @example
 * g.rsub(g.tensor([1, 2]), 10).tolist() // => [9, 8]
 */
export const rsub = (x: Operand, y: Operand, options?: AlphaOptions): Tensor =>
  sub(y, x, takeOptions('rsub', alphaOptions, options))

const heavisideOp = /* @__PURE__ */ definePointwise(
  'heaviside',
  { result: 'promote', inputs: ['x', 'values'], grads: { x: () => null, values: () => null } },
  (x, values) => f.where(f.eq(x, 0), values, f.where(f.gt(x, 0), f.literal(1, x.type), 0)),
)

/**
 * 0 below 0, 1 above, `values` at 0. No gradient flows.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.heaviside.html
 * @example
 * g.heaviside(g.tensor([-1, 0, 2]), 0.5).tolist() // => [0, 0.5, 1]
 */
export const heaviside = (x: Operand, values: Operand): Tensor => heavisideOp(x, values)
/** {@link heaviside} written into `x`. */
export const heaviside_ = (x: Tensor, values: Operand): Tensor => heavisideOp.into(x, values)

import { takeOperand } from '../../tensor/kind.ts'
import { isFloat } from '../../base/dtype.ts'
import { ValueError } from '../../base/errors.ts'
import { definePointwise, type Operand, type PointwiseOp } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noBoolKernel } from '../../op/accepts.ts'

const spec = {
  result: 'promote',
  inputs: ['x', 'y'],
  autocast: 'fp32',
  accept: /* @__PURE__ */ noBoolKernel('pow'),
} as const
const powOp = /* @__PURE__ */ definePointwise('pow', spec, (x, y) => f.pow(x, y))
const squareOp = /* @__PURE__ */ definePointwise('pow', spec, (x) => f.mul(x, x))
const cubeOp = /* @__PURE__ */ definePointwise('pow', spec, (x) => f.mul(f.mul(x, x), x))
const rootOp = /* @__PURE__ */ definePointwise('pow', spec, (x) => f.sqrt(x))
const inverseRootOp = /* @__PURE__ */ definePointwise('pow', spec, (x) => f.rsqrt(x))
const inverseOp = /* @__PURE__ */ definePointwise('pow', spec, (x) => f.reciprocal(x))

// the exponents that PyTorch computes without a power; the exponent still takes part in promotion
function powerOf(x: Operand, y: Operand): PointwiseOp {
  if (typeof y !== 'number' || typeof x !== 'object') return powOp
  if (y < 0 && Number.isInteger(y) && !isFloat(x.dtype)) {
    throw new ValueError('Integers to negative integer powers are not allowed.', {
      hint: `convert with .to('float32') first`,
    })
  }
  switch (y) {
    case 2:
      return squareOp
    case 3:
      return cubeOp
    case 0.5:
      return rootOp
    case -0.5:
      return inverseRootOp
    case -1:
      return inverseOp
    default:
      return powOp
  }
}

/**
 * `xʸ`, elementwise, broadcast together; either may be a number.
 *
 * The derivative with respect to `x` is 0 where `y` is 0, and with respect to `y` is 0 where `x` is 0 and `y` is not negative.
 *
 * @throws ValueError for integers to a negative integer power
 * @see https://pytorch.org/docs/stable/generated/torch.pow.html
 * @example
 * g.pow(g.tensor([1, 2, 3]), 2).tolist() // => [1, 4, 9]
 */
export const pow = (x: Operand, y: Operand): Tensor => powerOf(x, y)(x, y)
/** {@link pow} written into `x`. */
export const pow_ = (x: Tensor, y: Operand): Tensor => powerOf(x, y).into(x, y)

/**
 * `xʸ` computed and returned in float64.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.float_power.html
 * @example
 * g.floatPower(g.tensor([2, 3]), 2).dtype // => 'float64'
 */
export const floatPower = (x: Operand, y: Operand): Tensor => {
  takeOperand('floatPower', 'x', x)
  takeOperand('floatPower', 'y', y)
  return pow(inFloat64(x), inFloat64(y))
}

const inFloat64 = <T extends Operand>(x: T): T | Tensor => (typeof x === 'object' ? x.to('float64') : x)

/**
 * `x²`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.square.html
 * @example
 * g.square(g.tensor([1, -2])).tolist() // => [1, 4]
 */
export const square = (x: Tensor): Tensor => squareOp(x, 2)
/** {@link square} written into `x`. */
export const square_ = (x: Tensor): Tensor => squareOp.into(x, 2)

const sqrtOp = /* @__PURE__ */ definePointwise('sqrt', { result: 'float' }, (x) => f.sqrt(x))
const rsqrtOp = /* @__PURE__ */ definePointwise('rsqrt', { result: 'float', autocast: 'fp32' }, (x) =>
  f.rsqrt(x),
)
// through the result, which PyTorch does too: no division in the backward
const reciprocalOp = /* @__PURE__ */ definePointwise(
  'reciprocal',
  { result: 'float', autocast: 'fp32', grads: { x: (g, _, out) => f.mul(f.neg(g), f.square(out)) } },
  (x) => f.reciprocal(x),
)

/**
 * Square root, elementwise; NaN below 0. Its derivative at 0 is infinite.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sqrt.html
 * @example
 * g.sqrt(g.tensor([4, 9])).tolist() // => [2, 3]
 */
export const sqrt = (x: Tensor): Tensor => sqrtOp(x)
/** {@link sqrt} written into `x`. */
export const sqrt_ = (x: Tensor): Tensor => sqrtOp.into(x)

/**
 * `1 / √x`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rsqrt.html
 * @example
 * g.rsqrt(g.tensor([4, 16])).tolist() // => [0.5, 0.25]
 */
export const rsqrt = (x: Tensor): Tensor => rsqrtOp(x)
/** {@link rsqrt} written into `x`. */
export const rsqrt_ = (x: Tensor): Tensor => rsqrtOp.into(x)

/**
 * `1 / x`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.reciprocal.html
 * @example
 * g.reciprocal(g.tensor([2, 4])).tolist() // => [0.5, 0.25]
 */
export const reciprocal = (x: Tensor): Tensor => reciprocalOp(x)
/** {@link reciprocal} written into `x`. */
export const reciprocal_ = (x: Tensor): Tensor => reciprocalOp.into(x)

const ldexpOp = /* @__PURE__ */ definePointwise(
  'ldexp',
  { result: 'float', inputs: ['x', 'exponent'] },
  (x, e) => f.mul(x, f.exp2(e)),
)

/**
 * `x · 2ᵉ`, elementwise, broadcast together.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ldexp.html
 * @example
 * g.ldexp(g.tensor([1, 3]), 2).tolist() // => [4, 12]
 */
export const ldexp = (x: Operand, exponent: Operand): Tensor => ldexpOp(x, exponent)
/** {@link ldexp} written into `x`. */
export const ldexp_ = (x: Tensor, exponent: Operand): Tensor => ldexpOp.into(x, exponent)

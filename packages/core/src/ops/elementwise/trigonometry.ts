import { definePointwise } from '../../op/pointwise.ts'
import type { Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const sinOp = /* @__PURE__ */ definePointwise('sin', { result: 'float' }, (x) => f.sin(x))

/**
 * Sine of an angle in radians, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sin.html
 * @example
 * g.sin(g.tensor([0, Math.PI / 2])).tolist() // => [0, 1]
 */
export const sin = (x: Tensor): Tensor => sinOp(x)
/** {@link sin} written into `x`. */
export const sin_ = (x: Tensor): Tensor => sinOp.into(x)

const cosOp = /* @__PURE__ */ definePointwise('cos', { result: 'float' }, (x) => f.cos(x))

/**
 * Cosine of an angle in radians, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cos.html
 * @example
 * g.cos(g.tensor([0, Math.PI])).tolist() // => [1, -1]
 */
export const cos = (x: Tensor): Tensor => cosOp(x)
/** {@link cos} written into `x`. */
export const cos_ = (x: Tensor): Tensor => cosOp.into(x)

const tanOp = /* @__PURE__ */ definePointwise('tan', { result: 'float', autocast: 'fp32' }, (x) => f.tan(x))

/**
 * Tangent of an angle in radians, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tan.html
 * @example
 * g.tan(g.tensor([0, Math.PI / 4])).tolist() // => [0, 1]
 */
export const tan = (x: Tensor): Tensor => tanOp(x)
/** {@link tan} written into `x`. */
export const tan_ = (x: Tensor): Tensor => tanOp.into(x)

const asinOp = /* @__PURE__ */ definePointwise('asin', { result: 'float', autocast: 'fp32' }, (x) =>
  f.asin(x),
)

/**
 * Arc sine in radians, elementwise; NaN outside [-1, 1].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.asin.html
 * @example
 * g.asin(g.tensor([0, 1])).tolist() // => [0, 1.5708]
 */
export const asin = (x: Tensor): Tensor => asinOp(x)
/** {@link asin} written into `x`. */
export const asin_ = (x: Tensor): Tensor => asinOp.into(x)

const acosOp = /* @__PURE__ */ definePointwise('acos', { result: 'float', autocast: 'fp32' }, (x) =>
  f.acos(x),
)

/**
 * Arc cosine in radians, elementwise; NaN outside [-1, 1].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.acos.html
 * @example
 * g.acos(g.tensor([1, -1])).tolist() // => [0, 3.1416]
 */
export const acos = (x: Tensor): Tensor => acosOp(x)
/** {@link acos} written into `x`. */
export const acos_ = (x: Tensor): Tensor => acosOp.into(x)

const atanOp = /* @__PURE__ */ definePointwise('atan', { result: 'float' }, (x) => f.atan(x))

/**
 * Arc tangent in radians, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atan.html
 * @example
 * g.atan(g.tensor([0, 1])).tolist() // => [0, 0.7854]
 */
export const atan = (x: Tensor): Tensor => atanOp(x)
/** {@link atan} written into `x`. */
export const atan_ = (x: Tensor): Tensor => atanOp.into(x)

const sinhOp = /* @__PURE__ */ definePointwise('sinh', { result: 'float', autocast: 'fp32' }, (x) =>
  f.sinh(x),
)

/**
 * Hyperbolic sine, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sinh.html
 * @example
 * g.sinh(g.tensor([0, 1])).tolist() // => [0, 1.1752]
 */
export const sinh = (x: Tensor): Tensor => sinhOp(x)
/** {@link sinh} written into `x`. */
export const sinh_ = (x: Tensor): Tensor => sinhOp.into(x)

const coshOp = /* @__PURE__ */ definePointwise('cosh', { result: 'float', autocast: 'fp32' }, (x) =>
  f.cosh(x),
)

/**
 * Hyperbolic cosine, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cosh.html
 * @example
 * g.cosh(g.tensor([0, 1])).tolist() // => [1, 1.5431]
 */
export const cosh = (x: Tensor): Tensor => coshOp(x)
/** {@link cosh} written into `x`. */
export const cosh_ = (x: Tensor): Tensor => coshOp.into(x)

const tanhOp = /* @__PURE__ */ definePointwise('tanh', { result: 'float' }, (x) => f.tanh(x))

/**
 * Hyperbolic tangent, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tanh.html
 * @example
 * g.tanh(g.tensor([0, 1])).tolist() // => [0, 0.7616]
 */
export const tanh = (x: Tensor): Tensor => tanhOp(x)
/** {@link tanh} written into `x`. */
export const tanh_ = (x: Tensor): Tensor => tanhOp.into(x)

const asinhOp = /* @__PURE__ */ definePointwise('asinh', { result: 'float' }, (x) => f.asinh(x))

/**
 * Inverse hyperbolic sine, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.asinh.html
 * @example
 * g.asinh(g.tensor([0, 1])).tolist() // => [0, 0.8814]
 */
export const asinh = (x: Tensor): Tensor => asinhOp(x)
/** {@link asinh} written into `x`. */
export const asinh_ = (x: Tensor): Tensor => asinhOp.into(x)

const acoshOp = /* @__PURE__ */ definePointwise('acosh', { result: 'float' }, (x) => f.acosh(x))

/**
 * Inverse hyperbolic cosine, elementwise; NaN below 1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.acosh.html
 * @example
 * g.acosh(g.tensor([1, 2])).tolist() // => [0, 1.3170]
 */
export const acosh = (x: Tensor): Tensor => acoshOp(x)
/** {@link acosh} written into `x`. */
export const acosh_ = (x: Tensor): Tensor => acoshOp.into(x)

const atanhOp = /* @__PURE__ */ definePointwise('atanh', { result: 'float' }, (x) => f.atanh(x))

/**
 * Inverse hyperbolic tangent, elementwise; NaN outside [-1, 1].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atanh.html
 * @example
 * g.atanh(g.tensor([0, 0.5])).tolist() // => [0, 0.5493]
 */
export const atanh = (x: Tensor): Tensor => atanhOp(x)
/** {@link atanh} written into `x`. */
export const atanh_ = (x: Tensor): Tensor => atanhOp.into(x)

const deg2radOp = /* @__PURE__ */ definePointwise('deg2rad', { result: 'float' }, (x) =>
  f.mul(x, Math.PI / 180),
)

/**
 * Degrees as radians, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.deg2rad.html
 * @example
 * g.deg2rad(g.tensor([0, 180])).tolist() // => [0, 3.1416]
 */
export const deg2rad = (x: Tensor): Tensor => deg2radOp(x)
/** {@link deg2rad} written into `x`. */
export const deg2rad_ = (x: Tensor): Tensor => deg2radOp.into(x)

const rad2degOp = /* @__PURE__ */ definePointwise('rad2deg', { result: 'float' }, (x) =>
  f.mul(x, 180 / Math.PI),
)

/**
 * Radians as degrees, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.rad2deg.html
 * @example
 * g.rad2deg(g.tensor([0, Math.PI])).tolist() // => [0, 180]
 */
export const rad2deg = (x: Tensor): Tensor => rad2degOp(x)
/** {@link rad2deg} written into `x`. */
export const rad2deg_ = (x: Tensor): Tensor => rad2degOp.into(x)

// near 0 a series: derivatives of the quotient cancel there, and at 0 they are 0 / 0
const sincOp = /* @__PURE__ */ definePointwise('sinc', { result: 'float' }, (x) => {
  const isNear = f.lt(f.abs(x), 0.5)
  const t = f.mul(x, Math.PI)
  const square = f.square(f.where(isNear, t, 0))
  let series: Expr = f.literal(1, x.type)
  // 1 - t²/(2·3) (1 - t²/(4·5) (…)), until terms are below double precision
  for (let k = 12; k > 0; k--) series = f.sub(1, f.mul(f.div(square, 2 * k * (2 * k + 1)), series))
  const far = f.where(isNear, 1, t)
  return f.where(isNear, series, f.div(f.sin(far), far))
})

/**
 * `sin(πx) / (πx)`, elementwise; 1 at 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sinc.html
 * @example
 * g.sinc(g.tensor([0, 0.5])).tolist() // => [1, 0.6366]
 */
export const sinc = (x: Tensor): Tensor => sincOp(x)
/** {@link sinc} written into `x`. */
export const sinc_ = (x: Tensor): Tensor => sincOp.into(x)

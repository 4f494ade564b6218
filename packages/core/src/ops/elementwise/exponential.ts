import { definePointwise } from '../../op/pointwise.ts'
import * as f from '../../program/formula.ts'
import { logistic } from '../../program/functions.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const expOp = /* @__PURE__ */ definePointwise('exp', { result: 'float', autocast: 'fp32' }, (x) => f.exp(x))

/**
 * `eˣ`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.exp.html
 * @example
 * g.exp(g.tensor([0, 1])).tolist() // => [1, 2.7183]
 */
export const exp = (x: Tensor): Tensor => expOp(x)
/** {@link exp} written into `x`. */
export const exp_ = (x: Tensor): Tensor => expOp.into(x)

const exp2Op = /* @__PURE__ */ definePointwise('exp2', { result: 'float' }, (x) => f.exp2(x))

/**
 * `2ˣ`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.exp2.html
 * @example
 * g.exp2(g.tensor([0, 3])).tolist() // => [1, 8]
 */
export const exp2 = (x: Tensor): Tensor => exp2Op(x)
/** {@link exp2} written into `x`. */
export const exp2_ = (x: Tensor): Tensor => exp2Op.into(x)

const expm1Op = /* @__PURE__ */ definePointwise('expm1', { result: 'float', autocast: 'fp32' }, (x) =>
  f.expm1(x),
)

/**
 * `eˣ - 1`, exact near 0 where `exp(x) - 1` cancels.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.expm1.html
 * @example
 * g.expm1(g.tensor([0, 1])).tolist() // => [0, 1.7183]
 */
export const expm1 = (x: Tensor): Tensor => expm1Op(x)
/** {@link expm1} written into `x`. */
export const expm1_ = (x: Tensor): Tensor => expm1Op.into(x)

const logOp = /* @__PURE__ */ definePointwise('log', { result: 'float', autocast: 'fp32' }, (x) => f.log(x))

/**
 * Natural logarithm, elementwise; NaN below 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log.html
 * @example
 * g.log(g.tensor([1, Math.E])).tolist() // => [0, 1]
 */
export const log = (x: Tensor): Tensor => logOp(x)
/** {@link log} written into `x`. */
export const log_ = (x: Tensor): Tensor => logOp.into(x)

const log2Op = /* @__PURE__ */ definePointwise('log2', { result: 'float', autocast: 'fp32' }, (x) =>
  f.log2(x),
)

/**
 * Logarithm to base 2, elementwise; NaN below 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log2.html
 * @example
 * g.log2(g.tensor([1, 8])).tolist() // => [0, 3]
 */
export const log2 = (x: Tensor): Tensor => log2Op(x)
/** {@link log2} written into `x`. */
export const log2_ = (x: Tensor): Tensor => log2Op.into(x)

const log10Op = /* @__PURE__ */ definePointwise('log10', { result: 'float', autocast: 'fp32' }, (x) =>
  f.log10(x),
)

/**
 * Logarithm to base 10, elementwise; NaN below 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log10.html
 * @example
 * g.log10(g.tensor([1, 1000])).tolist() // => [0, 3]
 */
export const log10 = (x: Tensor): Tensor => log10Op(x)
/** {@link log10} written into `x`. */
export const log10_ = (x: Tensor): Tensor => log10Op.into(x)

const log1pOp = /* @__PURE__ */ definePointwise('log1p', { result: 'float', autocast: 'fp32' }, (x) =>
  f.log1p(x),
)

/**
 * `log(1 + x)`, exact near 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log1p.html
 * @example
 * g.log1p(g.tensor([0, 1])).tolist() // => [0, 0.6931]
 */
export const log1p = (x: Tensor): Tensor => log1pOp(x)
/** {@link log1p} written into `x`. */
export const log1p_ = (x: Tensor): Tensor => log1pOp.into(x)

// through the result: the next layer keeps it anyway, and the in-place form needs no copy
const sigmoidOp = /* @__PURE__ */ definePointwise(
  'sigmoid',
  {
    result: 'float',
    grads: { x: (g, _, out) => f.mul(g, f.mul(f.sub(1, out), out)) },
  },
  (x) => logistic(x),
)

/**
 * `1 / (1 + e⁻ˣ)`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sigmoid.html
 * @example
 * g.sigmoid(g.tensor([0, 2])).tolist() // => [0.5, 0.8808]
 */
export const sigmoid = (x: Tensor): Tensor => sigmoidOp(x)
/** {@link sigmoid} written into `x`. */
export const sigmoid_ = (x: Tensor): Tensor => sigmoidOp.into(x)

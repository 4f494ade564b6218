import { written } from '../op/in-place.ts'
import type { Operand } from '../op/pointwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { floorDivide } from './elementwise/arithmetic.ts'
import { floatPower } from './elementwise/power.ts'
import { mvlgamma, polygamma } from './elementwise/special.ts'
import { indexReduce } from './index/scatter-reduce.ts'
import { addbmm, addmm, addmv, addr, baddbmm } from './linalg/matrix-products.ts'
import { alphaDropout, dropout, featureAlphaDropout } from './random/dropout.ts'
import { cumprod, cumsum } from './reduce/scan.ts'
import { i0 } from './special/bessel-i.ts'
import { tril, triu } from './shape/triangle.ts'

/*
 * In-place forms of ops that are no formulas and have no kernel that writes an operand.
 */

/** {@link addbmm} written into `x`. */
export const addbmm_ = /* @__PURE__ */ written('addbmm_', addbmm)

/** {@link addmm} written into `x`. */
export const addmm_ = /* @__PURE__ */ written('addmm_', addmm)

/** {@link addmv} written into `x`. */
export const addmv_ = /* @__PURE__ */ written('addmv_', addmv)

/** {@link addr} written into `x`. */
export const addr_ = /* @__PURE__ */ written('addr_', addr)

/** {@link alphaDropout} written into `x`. */
export const alphaDropout_ = /* @__PURE__ */ written('alphaDropout_', alphaDropout)

/** {@link baddbmm} written into `x`. */
export const baddbmm_ = /* @__PURE__ */ written('baddbmm_', baddbmm)

/** {@link cumprod} written into `x`. */
export const cumprod_ = /* @__PURE__ */ written('cumprod_', cumprod)

/** {@link cumsum} written into `x`. */
export const cumsum_ = /* @__PURE__ */ written('cumsum_', cumsum)

/** {@link dropout} written into `x`. */
export const dropout_ = /* @__PURE__ */ written('dropout_', dropout)

/** {@link floatPower} written into `x`. */
export const floatPower_ = /* @__PURE__ */ written('floatPower_', (x: Tensor, y: Operand) => floatPower(x, y))

/** {@link floorDivide} written into `x`. */
export const floorDivide_ = /* @__PURE__ */ written('floorDivide_', (x: Tensor, y: Operand) =>
  floorDivide(x, y),
)

/** {@link indexReduce} written into `x`. */
export const indexReduce_ = /* @__PURE__ */ written('indexReduce_', indexReduce)

/** {@link mvlgamma} written into `x`. */
export const mvlgamma_ = /* @__PURE__ */ written('mvlgamma_', mvlgamma)

/** {@link tril} written into `x`. */
export const tril_ = /* @__PURE__ */ written('tril_', tril)

/** {@link triu} written into `x`. */
export const triu_ = /* @__PURE__ */ written('triu_', triu)

/** {@link i0} written into `x`. */
export const i0_ = /* @__PURE__ */ written('i0_', i0)

/** {@link featureAlphaDropout} written into `x`. */
export const featureAlphaDropout_ = /* @__PURE__ */ written('featureAlphaDropout_', featureAlphaDropout)

/**
 * {@link polygamma} of `x` written into it.
 *
 * @param n - the order
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.polygamma_.html
 */
export const polygamma_ = /* @__PURE__ */ written('polygamma_', (x: Tensor, n: number) => polygamma(n, x))

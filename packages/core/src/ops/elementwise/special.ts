import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { integer, number } from '../../base/kinds.ts'
import { definePointwise, type PointwiseOp } from '../../op/pointwise.ts'
import { gradient } from '../../program/derivative.ts'
import { convert, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { trigamma } from '../../program/functions.ts'
import { ValueError } from '../../base/errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const erfOp = /* @__PURE__ */ definePointwise('erf', { result: 'float' }, (x) => f.erf(x))

/**
 * The error function, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.erf.html
 * @example
 * g.erf(g.tensor([0, 1])).tolist() // => [0, 0.8427]
 */
export const erf = (x: Tensor): Tensor => erfOp(x)
/** {@link erf} written into `x`. */
export const erf_ = (x: Tensor): Tensor => erfOp.into(x)

const erfcOp = /* @__PURE__ */ definePointwise('erfc', { result: 'float' }, (x) => f.erfc(x))

/**
 * `1 - erf(x)`, exact where that cancels.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.erfc.html
 * @example
 * g.erfc(g.tensor([0, 1])).tolist() // => [1, 0.1573]
 */
export const erfc = (x: Tensor): Tensor => erfcOp(x)
/** {@link erfc} written into `x`. */
export const erfc_ = (x: Tensor): Tensor => erfcOp.into(x)

const erfinvOp = /* @__PURE__ */ definePointwise('erfinv', { result: 'float', autocast: 'fp32' }, (x) =>
  f.erfinv(x),
)

/**
 * The inverse of {@link erf}; infinite at -1 and 1, NaN beyond.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.erfinv.html
 * @example
 * g.erfinv(g.tensor([0, 0.5])).tolist() // => [0, 0.4769]
 */
export const erfinv = (x: Tensor): Tensor => erfinvOp(x)
/** {@link erfinv} written into `x`. */
export const erfinv_ = (x: Tensor): Tensor => erfinvOp.into(x)

const lgammaOp = /* @__PURE__ */ definePointwise('lgamma', { result: 'float' }, (x) => f.lgamma(x))

/**
 * `log |Γ(x)|`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.lgamma.html
 * @example
 * g.lgamma(g.tensor([1, 4])).tolist() // => [0, 1.7918]
 */
export const lgamma = (x: Tensor): Tensor => lgammaOp(x)
/** {@link lgamma} written into `x`. */
export const lgamma_ = (x: Tensor): Tensor => lgammaOp.into(x)

const digammaOp = /* @__PURE__ */ definePointwise('digamma', { result: 'float' }, (x) => f.digamma(x))

/**
 * The derivative of {@link lgamma}, elementwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.digamma.html
 * @example
 * g.digamma(g.tensor([1, 2])).tolist() // => [-0.5772, 0.4228]
 */
export const digamma = (x: Tensor): Tensor => digammaOp(x)
/** {@link digamma} written into `x`. */
export const digamma_ = (x: Tensor): Tensor => digammaOp.into(x)

const polygammas = new Map<number, PointwiseOp>()

function polygammaOp(n: number): PointwiseOp {
  let op = polygammas.get(n)
  if (!op) {
    op = definePointwise(
      'polygamma',
      // the next one, rather than the derivative of a formula that was made for one order
      { result: 'float', grads: { x: (g, [x]) => f.mul(g, polygammaFormula(n + 1, x)) } },
      (x) => polygammaFormula(n, x),
    )
    polygammas.set(n, op)
  }
  return op
}

// from the third on by symbolic differentiation, whose cancellation near the poles asks for double precision
function polygammaFormula(n: number, x: Expr): Expr {
  if (n === 0) return f.digamma(x)
  if (n === 1) return trigamma(x)
  const wide = convert(x, 'f64')
  let value = trigamma(wide)
  for (let k = 1; k < n; k++) value = gradient(value, f.literal(1, 'f64'), [wide])[0]!
  return convert(value, x.type)
}

/**
 * The `n`-th derivative of {@link digamma}, elementwise.
 *
 * @param n - an integer, 0 for digamma itself
 * @throws ValueError for a negative `n`
 * @see https://pytorch.org/docs/stable/special.html#torch.special.polygamma
 * @example
 * g.polygamma(1, g.tensor([1, 2])).tolist() // => [1.6449, 0.6449]
 */
export function polygamma(n: number, x: Tensor): Tensor {
  takeArgument('polygamma', 'n', number, n)

  if (n < 0) throw new ValueError('polygamma(n, x) does not support negative n.')
  return polygammaOp(n)(x)
}

/** Each is a call of lgamma. */
const productCount = /* @__PURE__ */ integer(Number.MIN_SAFE_INTEGER, 10_000)

/**
 * `log Γₚ(x)` of the multivariate gamma function, elementwise; defined above `(p - 1) / 2`.
 *
 * @throws ValueError for `p` below 1
 * @see https://pytorch.org/docs/stable/special.html#torch.special.multigammaln
 * @example
 * g.mvlgamma(g.tensor([2]), 2).tolist() // => [0.4516]
 */
export function mvlgamma(x: Tensor, p: number): Tensor {
  takeTensor('mvlgamma', 'x', x)
  takeArgument('mvlgamma', 'p', productCount, p)

  if (p < 1) throw new ValueError('p has to be greater than or equal to 1')
  let sum = lgamma(x)
  for (let j = 1; j < p; j++) sum = sum.add(lgamma(x.sub(j / 2)))
  return sum.add((p * (p - 1) * Math.log(Math.PI)) / 4)
}

// the derivative of -x log x, which is infinite at 0 rather than that of the 0 there
const entrOp = /* @__PURE__ */ definePointwise(
  'entr',
  { result: 'float', grads: { x: (g, [x]) => f.mul(f.neg(g), f.add(f.log(x), 1)) } },
  (x) =>
    f.where(f.gt(x, 0), f.neg(f.mul(x, f.log(x))), f.where(f.eq(x, 0), 0, f.where(f.isNaN(x), x, -Infinity))),
)

/**
 * `-x · log(x)`, the terms of an entropy; 0 at 0 and minus infinity below.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.entr
 * @example
 * g.entr(g.tensor([0, 0.5, 1])).tolist() // => [0, 0.3466, 0]
 */
export const entr = (x: Tensor): Tensor => entrOp(x)

const ndtrOp = /* @__PURE__ */ definePointwise('ndtr', { result: 'float' }, (x) =>
  f.mul(f.erfc(f.mul(x, -Math.SQRT1_2)), 0.5),
)
// in double precision: 2p - 1 loses the digits of a small p
const ndtriOp = /* @__PURE__ */ definePointwise(
  'ndtri',
  {
    result: 'float',
    // √2π · exp(out² / 2), through the result as in PyTorch: p may be written in place afterwards
    grads: { x: (g, _, out) => f.mul(f.mul(g, 2.5066282746310002), f.exp(f.mul(f.mul(out, out), 0.5))) },
  },
  (p) => convert(f.mul(f.erfinv(f.sub(f.mul(convert(p, 'f64'), 2), 1)), Math.SQRT2), p.type),
)

/**
 * The share of a normal distribution below `x`, elementwise.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.ndtr
 * @example
 * g.ndtr(g.tensor([0, 1])).tolist() // => [0.5, 0.8413]
 */
export const ndtr = (x: Tensor): Tensor => ndtrOp(x)

/**
 * The inverse of {@link ndtr}: the value below which the share `x` of a normal distribution lies.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.ndtri
 * @example
 * g.ndtri(g.tensor([0.5, 0.8413])).tolist() // => [0, 0.9998]
 */
export const ndtri = (x: Tensor): Tensor => ndtriOp(x)

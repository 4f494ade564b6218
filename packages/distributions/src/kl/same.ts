import {
  abs,
  any,
  digamma,
  eq,
  exp,
  gt,
  lgamma,
  log,
  log1p,
  logicalOr,
  lt,
  maskedFill,
  neg,
  softplus,
  square,
  sub,
  type Tensor,
} from '@gradus/core/functions'
import { notImplemented } from '../arguments.ts'
import { Bernoulli } from '../bernoulli.ts'
import { Binomial } from '../binomial.ts'
import { Categorical, OneHotCategorical } from '../categorical.ts'
import { Cauchy } from '../circular.ts'
import { ContinuousBernoulli } from '../continuous-bernoulli.ts'
import { Geometric, Poisson } from '../counts.ts'
import { Beta, Dirichlet } from '../dirichlet.ts'
import { Exponential, Laplace } from '../exponential.ts'
import { Gamma } from '../gamma.ts'
import { divergence, type Divergence } from './divergence.ts'
import { Normal } from '../normal.ts'
import { HalfNormal } from '../of-normals.ts'
import { eulerGamma, Gumbel, Pareto } from '../of-uniforms.ts'
import { Uniform } from '../uniform.ts'

const normals = (p: Normal, q: Normal): Tensor => {
  const ratio = square(p.scale.div(q.scale))
  const shift = square(p.loc.sub(q.loc).div(q.scale))
  return ratio.add(shift).sub(1).sub(log(ratio)).mul(0.5)
}

const bernoullis = (p: Bernoulli, q: Bernoulli): Tensor => {
  const ones = p.probs.mul(softplus(neg(q.logits)).sub(softplus(neg(p.logits))))
  const zeros = sub(1, p.probs).mul(softplus(q.logits).sub(softplus(p.logits)))
  const ofOnes = maskedFill(maskedFill(ones, eq(q.probs, 0), Infinity), eq(p.probs, 0), 0)
  const ofZeros = maskedFill(maskedFill(zeros, eq(q.probs, 1), Infinity), eq(p.probs, 1), 0)
  return ofOnes.add(ofZeros)
}

const categoricals = (p: Categorical, q: Categorical): Tensor => {
  const each = p.probs.mul(p.logits.sub(q.logits))
  return maskedFill(maskedFill(each, eq(q.probs, 0), Infinity), eq(p.probs, 0), 0).sum(-1)
}

const binomials = (p: Binomial, q: Binomial): Tensor => {
  if (any(lt(p.totalCount, q.totalCount)).item<boolean>())
    throw notImplemented('KL between Binomials where q.totalCount > p.totalCount is not implemented')
  const each = p.probs
    .mul(p.logits.sub(q.logits))
    .add(log1p(neg(p.probs)))
    .sub(log1p(neg(q.probs)))
  return maskedFill(p.totalCount.mul(each), gt(p.totalCount, q.totalCount), Infinity)
}

const betas = (p: Beta, q: Beta): Tensor => {
  const [a, b, c, d] = [p.concentration1, p.concentration0, q.concentration1, q.concentration0]
  const [ofP, ofQ] = [a.add(b), c.add(d)]
  return lgamma(c)
    .add(lgamma(d))
    .add(lgamma(ofP))
    .sub(lgamma(a))
    .sub(lgamma(b))
    .sub(lgamma(ofQ))
    .add(a.sub(c).mul(digamma(a)))
    .add(b.sub(d).mul(digamma(b)))
    .add(ofQ.sub(ofP).mul(digamma(ofP)))
}

// http://bariskurt.com/kullback-leibler-divergence-between-two-dirichlet-and-beta-distributions/
const dirichlets = ({ concentration: a }: Dirichlet, { concentration: b }: Dirichlet): Tensor => {
  const total = a.sum(-1)
  const logs = digamma(a).sub(digamma(total).unsqueeze(-1))
  return lgamma(total)
    .sub(lgamma(b.sum(-1)))
    .sub(lgamma(a).sub(lgamma(b)).sum(-1))
    .add(a.sub(b).mul(logs).sum(-1))
}

const exponentials = (p: Exponential, q: Exponential): Tensor => {
  const ratio = q.rate.div(p.rate)
  return ratio.sub(log(ratio)).sub(1)
}

const gammas = (p: Gamma, q: Gamma): Tensor =>
  q.concentration
    .mul(log(p.rate.div(q.rate)))
    .add(lgamma(q.concentration))
    .sub(lgamma(p.concentration))
    .add(p.concentration.sub(q.concentration).mul(digamma(p.concentration)))
    .add(q.rate.sub(p.rate).mul(p.concentration.div(p.rate)))

const gumbels = (p: Gumbel, q: Gumbel): Tensor => {
  const ratio = p.scale.div(q.scale)
  const shift = q.loc.sub(p.loc).div(q.scale)
  const mean = exp(shift.add(lgamma(ratio.add(1))))
  return ratio
    .mul(eulerGamma)
    .sub(log(ratio))
    .sub(shift)
    .add(mean)
    .sub(1 + eulerGamma)
}

const geometrics = (p: Geometric, q: Geometric): Tensor =>
  neg(p.entropy())
    .sub(log1p(neg(q.probs)).div(p.probs))
    .sub(q.logits)

// http://www.mast.queensu.ca/~communications/Papers/gil-msc11.pdf, as the next but one
const laplaces = (p: Laplace, q: Laplace): Tensor => {
  const ratio = p.scale.div(q.scale)
  const shift = abs(p.loc.sub(q.loc))
  return shift
    .div(q.scale)
    .add(ratio.mul(exp(neg(shift).div(p.scale))))
    .sub(log(ratio))
    .sub(1)
}

const paretos = (p: Pareto, q: Pareto): Tensor => {
  const ratio = q.alpha.div(p.alpha)
  const found = q.alpha
    .mul(log(p.scale.div(q.scale)))
    .sub(log(ratio))
    .add(ratio)
    .sub(1)
  return maskedFill(found, lt(p.scale, q.scale), Infinity)
}

const poissons = (p: Poisson, q: Poisson): Tensor =>
  p.rate.mul(log(p.rate).sub(log(q.rate))).sub(p.rate.sub(q.rate))

const uniforms = (p: Uniform, q: Uniform): Tensor => {
  const found = log(q.high.sub(q.low).div(p.high.sub(p.low)))
  return maskedFill(found, logicalOr(gt(q.low, p.low), lt(q.high, p.high)), Infinity)
}

// https://arxiv.org/abs/1905.10965
const cauchys = (p: Cauchy, q: Cauchy): Tensor =>
  log(square(p.scale.add(q.scale)).add(square(p.loc.sub(q.loc)))).sub(log(p.scale.mul(q.scale).mul(4)))

const continuous = (p: ContinuousBernoulli, q: ContinuousBernoulli): Tensor =>
  p.mean
    .mul(p.logits.sub(q.logits))
    .add(p.logNormalization())
    .add(log1p(neg(p.probs)))
    .sub(q.logNormalization())
    .sub(log1p(neg(q.probs)))

/** Divergences of two distributions of one family. */
export const ofOneFamily = (): Divergence[] => [
  divergence(Bernoulli, Bernoulli, bernoullis),
  divergence(Beta, Beta, betas),
  divergence(Binomial, Binomial, binomials),
  divergence(Categorical, Categorical, categoricals),
  divergence(Cauchy, Cauchy, cauchys),
  divergence(ContinuousBernoulli, ContinuousBernoulli, continuous),
  divergence(Dirichlet, Dirichlet, dirichlets),
  divergence(Exponential, Exponential, exponentials),
  divergence(Gamma, Gamma, gammas),
  divergence(Geometric, Geometric, geometrics),
  divergence(Gumbel, Gumbel, gumbels),
  divergence(HalfNormal, HalfNormal, (p, q) => normals(new Normal(0, p.scale), new Normal(0, q.scale))),
  divergence(Laplace, Laplace, laplaces),
  divergence(Normal, Normal, normals),
  divergence(OneHotCategorical, OneHotCategorical, (p, q) => categoricals(p.categorical, q.categorical)),
  divergence(Pareto, Pareto, paretos),
  divergence(Poisson, Poisson, poissons),
  divergence(Uniform, Uniform, uniforms),
]

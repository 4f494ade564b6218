import {
  digamma,
  erf,
  exp,
  full,
  ge,
  gt,
  le,
  lgamma,
  log,
  log1p,
  logicalOr,
  lt,
  maskedFill,
  neg,
  pow,
  reciprocal,
  square,
  sub,
  xlogy,
  type Tensor,
} from '@gradus/core/functions'
import { Bernoulli } from '../bernoulli.ts'
import { Binomial } from '../binomial.ts'
import { ContinuousBernoulli } from '../continuous-bernoulli.ts'
import { Poisson } from '../counts.ts'
import { Beta } from '../dirichlet.ts'
import { Exponential, Laplace } from '../exponential.ts'
import { Gamma } from '../gamma.ts'
import { Normal } from '../normal.ts'
import { eulerGamma, Gumbel, Pareto } from '../of-uniforms.ts'
import { Uniform } from '../uniform.ts'
import { divergence, type DistributionClass, type Divergence } from './divergence.ts'

/** Minus the entropy, less the mean of another log-density. */
const cross = (p: { entropy(): Tensor }, meanLogProb: Tensor): Tensor => neg(p.entropy()).sub(meanLogProb)

/** log(scale · √(2π)), of a normal distribution. */
const normalizerOf = ({ scale }: Normal): Tensor => log(square(scale).mul(2 * Math.PI)).mul(0.5)

/** The mean of the log-density of a normal distribution, over a distribution of a mean and a variance. */
const ofNormal = (q: Normal, mean: Tensor, variance: Tensor): Tensor =>
  neg(variance.add(square(mean.sub(q.loc))))
    .div(square(q.scale).mul(2))
    .sub(normalizerOf(q))

/** That of a gamma distribution, over a mean and a mean logarithm. */
const ofGamma = (q: Gamma, mean: Tensor, meanLog: Tensor): Tensor =>
  q.concentration
    .mul(log(q.rate))
    .sub(lgamma(q.concentration))
    .add(q.concentration.sub(1).mul(meanLog))
    .sub(q.rate.mul(mean))

/** That of an exponential distribution, over a mean. */
const ofExponential = (q: Exponential, mean: Tensor): Tensor => log(q.rate).sub(q.rate.mul(mean))

/** That of a continuous Bernoulli distribution, over a mean. */
const ofContinuous = (q: ContinuousBernoulli, mean: Tensor): Tensor =>
  mean
    .mul(q.logits)
    .add(log1p(neg(q.probs)))
    .add(q.logNormalization())

/** The mean of the logarithm over a beta distribution. */
const meanLogOf = (p: Beta): Tensor =>
  digamma(p.concentration1).sub(digamma(p.concentration1.add(p.concentration0)))

/** The mean of the logarithm over a uniform distribution. */
const meanLogOfUniform = ({ low, high }: Uniform): Tensor => {
  const width = high.sub(low)
  return xlogy(high, high).sub(xlogy(low, low)).sub(width).div(width)
}

const outside = (x: Tensor, isOutside: Tensor): Tensor => maskedFill(x, isOutside, Infinity)

const ofBeta = (): Divergence[] => [
  divergence(Beta, ContinuousBernoulli, (p, q) => cross(p, ofContinuous(q, p.mean))),
  divergence(Beta, Exponential, (p, q) => cross(p, ofExponential(q, p.mean))),
  divergence(Beta, Gamma, (p, q) => cross(p, ofGamma(q, p.mean, meanLogOf(p)))),
  divergence(Beta, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
  divergence(Beta, Uniform, (p, q) =>
    outside(cross(p, neg(log(q.high.sub(q.low)))), logicalOr(gt(q.low, 0), lt(q.high, 1))),
  ),
]

const ofContinuousBernoulli = (): Divergence[] => [
  divergence(ContinuousBernoulli, Exponential, (p, q) => cross(p, ofExponential(q, p.mean))),
  divergence(ContinuousBernoulli, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
  // as PyTorch has it: infinite also where the unit interval is all that the other has
  divergence(ContinuousBernoulli, Uniform, (p, q) =>
    outside(cross(p, neg(log(q.high.sub(q.low)))), logicalOr(ge(q.low, 0), le(q.high, 1))),
  ),
]

const exponentialOfGumbel = (p: Exponential, q: Gumbel): Tensor => {
  const product = p.rate.mul(q.scale)
  const shift = q.loc.div(q.scale)
  return log(product)
    .sub(1)
    .sub(shift)
    .add(exp(shift).mul(product).div(product.add(1)))
    .add(reciprocal(product))
}

const gammaOfGumbel = (p: Gamma, q: Gumbel): Tensor => {
  const product = p.rate.mul(q.scale)
  const shift = q.loc.div(q.scale)
  const mean = exp(shift).mul(pow(reciprocal(product).add(1), neg(p.concentration)))
  return p.concentration
    .sub(1)
    .mul(digamma(p.concentration))
    .sub(lgamma(p.concentration))
    .sub(p.concentration)
    .add(log(product))
    .add(p.concentration.div(product))
    .add(mean)
    .sub(shift)
}

const ofExponentialAndGamma = (): Divergence[] => [
  divergence(Exponential, Gamma, (p, q) =>
    // the mean of the logarithm is -γ for rate 1
    cross(p, ofGamma(q, p.mean, neg(log(p.rate)).sub(eulerGamma))),
  ),
  divergence(Exponential, Gumbel, exponentialOfGumbel),
  divergence(Exponential, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
  divergence(Gamma, Exponential, (p, q) => cross(p, ofExponential(q, p.mean))),
  divergence(Gamma, Gumbel, gammaOfGumbel),
  divergence(Gamma, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
]

const laplaceOfNormal = (p: Laplace, q: Normal): Tensor => cross(p, ofNormal(q, p.mean, p.variance))

const normalOfGumbel = (p: Normal, q: Gumbel): Tensor => {
  const shift = q.loc.sub(p.loc).div(q.scale)
  const ratio = square(p.scale.div(q.scale))
  return exp(shift.add(ratio.mul(0.5)))
    .sub(shift)
    .sub(log(ratio).mul(0.5))
    .sub(0.5 * (1 + Math.log(2 * Math.PI)))
}

const normalOfLaplace = (p: Normal, q: Laplace): Tensor => {
  const shift = p.loc.sub(q.loc)
  const unit = shift.div(p.scale)
  const near = p.scale.mul(exp(square(unit).mul(-0.5))).mul(Math.sqrt(2 / Math.PI))
  const far = shift.mul(erf(unit.mul(Math.SQRT1_2)))
  return near
    .add(far)
    .div(q.scale)
    .sub(log(p.scale.div(q.scale)))
    .sub(0.5 * (1 + Math.log(0.5 * Math.PI)))
}

const ofSymmetric = (): Divergence[] => [
  divergence(Gumbel, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
  divergence(Laplace, Normal, laplaceOfNormal),
  divergence(Normal, Gumbel, normalOfGumbel),
  divergence(Normal, Laplace, normalOfLaplace),
]

const paretoOfExponential = (p: Pareto, q: Exponential): Tensor => {
  const product = p.scale.mul(q.rate)
  const found = log(p.alpha.div(product))
    .sub(reciprocal(p.alpha))
    .add(p.alpha.mul(product).div(p.alpha.sub(1)))
    .sub(1)
  return outside(found, le(p.alpha, 1))
}

const paretoOfGamma = (p: Pareto, q: Gamma): Tensor => {
  const meanLog = log(p.scale).add(reciprocal(p.alpha))
  const found = log(p.alpha)
    .sub(meanLog)
    .add(lgamma(q.concentration))
    .sub(q.concentration.mul(log(q.rate)))
    .add(sub(1, q.concentration).mul(meanLog))
    .add(q.rate.mul(p.alpha).mul(p.scale).div(p.alpha.sub(1)))
    .sub(1)
  return outside(found, le(p.alpha, 1))
}

const paretoOfNormal = (p: Pareto, q: Normal): Tensor => {
  const part = p.scale.div(p.alpha.sub(1))
  const spread = p.alpha.mul(square(part)).div(p.alpha.sub(2))
  const shift = square(p.alpha.mul(part).sub(q.loc))
  const found = log(
    q.scale
      .mul(p.alpha)
      .div(p.scale)
      .mul(Math.sqrt(2 * Math.PI)),
  )
    .sub(reciprocal(p.alpha))
    .add(spread.add(shift).div(square(q.scale).mul(2)))
    .sub(1)
  return outside(found, le(p.alpha, 2))
}

const ofPareto = (): Divergence[] => [
  divergence(Pareto, Exponential, paretoOfExponential),
  divergence(Pareto, Gamma, paretoOfGamma),
  divergence(Pareto, Normal, paretoOfNormal),
]

const uniformOfBeta = (p: Uniform, q: Beta): Tensor => {
  const mirrored = new Uniform(sub(1, p.high), sub(1, p.low), { validateArgs: false })
  const found = lgamma(q.concentration1)
    .add(lgamma(q.concentration0))
    .sub(lgamma(q.concentration1.add(q.concentration0)))
    .sub(log(p.high.sub(p.low)))
    .sub(q.concentration1.sub(1).mul(meanLogOfUniform(p)))
    .sub(q.concentration0.sub(1).mul(meanLogOfUniform(mirrored)))
  return outside(found, logicalOr(gt(p.high, 1), lt(p.low, 0)))
}

const uniformOfGumbel = (p: Uniform, q: Gumbel): Tensor => {
  const width = q.scale.div(p.high.sub(p.low))
  const [high, low] = [p.high, p.low].map((x) => x.sub(q.loc).div(q.scale))
  return log(width)
    .add(high.add(low).mul(0.5))
    .sub(width.mul(exp(neg(high)).sub(exp(neg(low)))))
}

const uniformOfPareto = (p: Uniform, q: Pareto): Tensor => {
  const meanLogProb = log(q.alpha)
    .add(q.alpha.mul(log(q.scale)))
    .sub(q.alpha.add(1).mul(meanLogOfUniform(p)))
  return outside(cross(p, meanLogProb), lt(p.low, q.scale))
}

const ofUniform = (): Divergence[] => [
  divergence(Uniform, Beta, uniformOfBeta),
  // as PyTorch has it: infinite also where the uniform distribution fills the unit interval
  divergence(Uniform, ContinuousBernoulli, (p, q) =>
    outside(cross(p, ofContinuous(q, p.mean)), logicalOr(ge(p.high, 1), le(p.low, 0))),
  ),
  divergence(Uniform, Exponential, (p, q) => outside(cross(p, ofExponential(q, p.mean)), lt(p.low, 0))),
  divergence(Uniform, Gamma, (p, q) =>
    outside(cross(p, ofGamma(q, p.mean, meanLogOfUniform(p))), lt(p.low, 0)),
  ),
  divergence(Uniform, Gumbel, uniformOfGumbel),
  divergence(Uniform, Normal, (p, q) => cross(p, ofNormal(q, p.mean, p.variance))),
  divergence(Uniform, Pareto, uniformOfPareto),
]

/** Pairs of which the first has values that the second never has. */
const never = (): Divergence[] => {
  const infinite = (p: DistributionClass, ...others: DistributionClass[]): Divergence[] =>
    others.map((q) => divergence(p, q, (from) => full(from.batchShape, Infinity, { dtype: from.mean.dtype })))
  const positive = [Beta, ContinuousBernoulli, Pareto, Uniform]
  return [
    ...infinite(Beta, Pareto),
    ...infinite(ContinuousBernoulli, Pareto),
    ...[Exponential, Gamma].flatMap((p) => infinite(p, ...positive)),
    ...[Gumbel, Laplace, Normal].flatMap((p) => infinite(p, ...positive, Exponential, Gamma)),
    ...infinite(Pareto, Beta, ContinuousBernoulli, Uniform),
    ...infinite(Poisson, Bernoulli, Binomial),
  ]
}

/** Divergences of two distributions of different families. */
export const acrossFamilies = (): Divergence[] => [
  divergence(Bernoulli, Poisson, (p, q) => cross(p, p.probs.mul(log(q.rate)).sub(q.rate))),
  ...ofBeta(),
  ...ofContinuousBernoulli(),
  ...ofExponentialAndGamma(),
  ...ofSymmetric(),
  ...ofPareto(),
  ...ofUniform(),
  ...never(),
]

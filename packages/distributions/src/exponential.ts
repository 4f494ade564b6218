import {
  abs,
  empty,
  exp,
  expm1,
  exponential_,
  finfo,
  isclose,
  log,
  log1p,
  lt,
  neg,
  pow,
  rand,
  reciprocal,
  sign,
  square,
  sub,
  uniform_,
  where,
  zerosLike,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape, takeValue } from './arguments.ts'
import { interval, nonnegative, positive, real } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { ExponentialFamily } from './exponential-family.ts'

/**
 * The exponential distribution of `rate`: mean 1 / rate.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless rate > 0
 * @see https://pytorch.org/docs/stable/distributions.html#exponential
 * @example
 * new g.distributions.Exponential(2).mean.item() // => 0.5
 */
export class Exponential extends ExponentialFamily {
  static override readonly distributionName: string = 'Exponential'
  /** The inverse of the mean. */
  readonly rate: Tensor

  constructor(rate: Parameter, options?: DistributionOptions) {
    const [given] = broadcastAll('Exponential', { rate })
    super(given.shape, [], options)
    this.rate = given
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: positive }
  }
  override get support(): Constraint {
    return nonnegative
  }
  override get mean(): Tensor {
    return reciprocal(this.rate)
  }
  override get mode(): Tensor {
    return zerosLike(this.rate)
  }
  override get stddev(): Tensor {
    return this.mean
  }
  override get variance(): Tensor {
    return pow(this.rate, -2)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { rate: this.rate.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const drawn = exponential_(empty(this.extendedShape(sampleShape), { dtype: this.rate.dtype }))
    return drawn.div(this.rate)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return log(this.rate).sub(this.rate.mul(value))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return sub(1, exp(neg(this.rate).mul(value)))
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return neg(log1p(neg(value))).div(this.rate)
  }

  override entropy(): Tensor {
    return sub(1, log(this.rate))
  }

  override get naturalParams(): Tensor[] {
    return [neg(this.rate)]
  }
  override logNormalizer(x: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    return neg(log(neg(x)))
  }
  override get meanCarrierMeasure(): number {
    return 0
  }
}

/**
 * The Laplace distribution around `loc`: density exp(-|x - loc| / scale) / (2 · scale).
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#laplace
 */
export class Laplace extends Distribution {
  static override readonly distributionName: string = 'Laplace'
  /** The mean. */
  readonly loc: Tensor
  /** The mean distance from it. */
  readonly scale: Tensor

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    const [center, width] = broadcastAll('Laplace', { loc, scale })
    super(center.shape, [], options)
    this.loc = center
    this.scale = width
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive }
  }
  override get support(): Constraint {
    return real
  }
  override get mean(): Tensor {
    return this.loc
  }
  override get mode(): Tensor {
    return this.loc
  }
  override get variance(): Tensor {
    return square(this.scale).mul(2)
  }
  override get stddev(): Tensor {
    return this.scale.mul(Math.SQRT2)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { loc: this.loc.expand(batchShape), scale: this.scale.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const { dtype } = this.loc
    const u = uniform_(empty(this.extendedShape(sampleShape), { dtype }), finfo(dtype).eps - 1, 1)
    return this.loc.sub(this.scale.mul(sign(u)).mul(log1p(neg(abs(u)))))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return neg(log(this.scale.mul(2))).sub(abs(value.sub(this.loc)).div(this.scale))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    const distance = value.sub(this.loc)
    return sub(
      0.5,
      sign(distance)
        .mul(0.5)
        .mul(expm1(neg(abs(distance)).div(this.scale))),
    )
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    const term = value.sub(0.5)
    return this.loc.sub(this.scale.mul(sign(term)).mul(log1p(abs(term).mul(-2))))
  }

  override entropy(): Tensor {
    return log(this.scale.mul(2)).add(1)
  }
}

/**
 * The generalized Pareto distribution above `loc`: exponential where `concentration` is 0, of a heavier tail above and bounded
 * below it.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#generalizedpareto
 */
export class GeneralizedPareto extends Distribution {
  static override readonly distributionName: string = 'GeneralizedPareto'
  /** The lower bound. */
  readonly loc: Tensor
  /** The width. */
  readonly scale: Tensor
  /** The weight of the tail. */
  readonly concentration: Tensor

  constructor(loc: Parameter, scale: Parameter, concentration: Parameter, options?: DistributionOptions) {
    const [from, width, tail] = broadcastAll('GeneralizedPareto', { loc, scale, concentration })
    super(from.shape, [], options)
    this.loc = from
    this.scale = width
    this.concentration = tail
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive, concentration: real }
  }
  override get support(): Constraint {
    const upper = this.loc.sub(this.scale.div(this.concentration))
    return interval(this.loc, where(lt(this.concentration, 0), upper, Infinity))
  }
  /** NaN from concentration 1 on. */
  override get mean(): Tensor {
    const isFinite = lt(this.concentration, 1)
    const safe = where(isFinite, this.concentration, 0.5)
    return where(isFinite, this.loc.add(this.scale.div(sub(1, safe))), NaN)
  }
  override get mode(): Tensor {
    return this.loc
  }
  /** NaN from concentration 1/2 on. */
  override get variance(): Tensor {
    const isFinite = lt(this.concentration, 0.5)
    const safe = where(isFinite, this.concentration, 0.25)
    const found = square(this.scale).div(square(sub(1, safe)).mul(sub(1, safe.mul(2))))
    return where(isFinite, found, NaN)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      loc: this.loc.expand(batchShape),
      scale: this.scale.expand(batchShape),
      concentration: this.concentration.expand(batchShape),
    })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.icdf(rand(this.extendedShape(sampleShape), { dtype: this.loc.dtype }))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const z = value.sub(this.loc).div(this.scale)
    const { isZero, safe } = this.tail()
    const decay = reciprocal(safe)
      .add(1)
      .mul(log1p(safe.mul(z)))
    return neg(log(this.scale)).sub(where(isZero, z, decay))
  }

  /** The logarithm of the probability of more than `value`. */
  logSurvivalFunction(value: Tensor): Tensor {
    this.checkValue(value)
    const z = value.sub(this.loc).div(this.scale)
    const { isZero, safe } = this.tail()
    return where(isZero, neg(z), neg(log1p(safe.mul(z))).div(safe))
  }

  /** The logarithm of {@link cdf}. */
  logCdf(value: Tensor): Tensor {
    return log1p(neg(exp(this.logSurvivalFunction(value))))
  }

  override cdf(value: Tensor): Tensor {
    return exp(this.logCdf(value))
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    const { isZero, safe } = this.tail()
    const survival = log1p(neg(value))
    const heavy = this.loc.add(this.scale.div(safe).mul(expm1(neg(safe).mul(survival))))
    return where(isZero, this.loc.sub(this.scale.mul(survival)), heavy)
  }

  override entropy(): Tensor {
    return log(this.scale).add(this.concentration).add(1)
  }

  /** Where the concentration is 0, and the concentration with 1 there. */
  private tail(): { isZero: Tensor; safe: Tensor } {
    const isZero = isclose(this.concentration, zerosLike(this.concentration))
    return { isZero, safe: where(isZero, 1, this.concentration) }
  }
}

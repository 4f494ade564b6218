import {
  clampMin,
  digamma,
  div,
  exp,
  finfo,
  full,
  lgamma,
  log,
  log1p,
  logicalOr,
  lt,
  maskedFill,
  neg,
  ones,
  pow,
  reciprocal,
  square,
  sub,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape } from './arguments.ts'
import { greaterThanEq, positive, real, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Exponential } from './exponential.ts'
import { TransformedDistribution } from './transformed.ts'
import { AffineTransform, ExpTransform, PowerTransform } from './transforms/pointwise.ts'
import { Uniform } from './uniform.ts'

/** Euler's constant γ. */
export const eulerGamma = 0.5772156649015329

/** Uniform numbers in the shape and dtype of a parameter. */
const uniformLike = (
  { shape, dtype }: Tensor,
  low: number,
  high: number,
  options?: DistributionOptions,
): Uniform => new Uniform(full(shape, low, { dtype }), full(shape, high, { dtype }), options)

/**
 * The Gumbel distribution: of the largest of many numbers, around `loc`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#gumbel
 * @example
 * new g.distributions.Gumbel(1, 2).mean.item() // => 2.1544
 */
export class Gumbel extends TransformedDistribution {
  static override readonly distributionName: string = 'Gumbel'
  /** The most probable value. */
  readonly loc: Tensor
  /** The width. */
  readonly scale: Tensor

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    const [center, width] = broadcastAll('Gumbel', { loc, scale })
    const { tiny, eps } = finfo(center.dtype)
    const transforms = [
      new ExpTransform().inv,
      new AffineTransform(0, -1),
      new ExpTransform().inv,
      new AffineTransform(center, neg(width)),
    ]
    super(uniformLike(center, tiny, 1 - eps, options), transforms, options)
    this.loc = center
    this.scale = width
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive }
  }
  override get support(): Constraint {
    return real
  }
  override get mean(): Tensor {
    return this.loc.add(this.scale.mul(eulerGamma))
  }
  override get mode(): Tensor {
    return this.loc
  }
  override get stddev(): Tensor {
    return this.scale.mul(Math.PI / Math.sqrt(6))
  }
  override get variance(): Tensor {
    return square(this.stddev)
  }
  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    const made = super.expand(batchShape)
    return Object.assign(made, { loc: this.loc.expand(batchShape), scale: this.scale.expand(batchShape) })
  }
  // the transforms would lose digits
  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const y = this.loc.sub(value).div(this.scale)
    return y.sub(exp(y)).sub(log(this.scale))
  }
  override entropy(): Tensor {
    return log(this.scale).add(1 + eulerGamma)
  }
}

/**
 * The Weibull distribution: a power of exponential numbers, times `scale`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0 and concentration > 0
 * @see https://pytorch.org/docs/stable/distributions.html#weibull
 */
export class Weibull extends TransformedDistribution {
  static override readonly distributionName: string = 'Weibull'
  /** The width. */
  readonly scale: Tensor
  /** The inverse of the power. */
  readonly concentration: Tensor

  constructor(scale: Parameter, concentration: Parameter, options?: DistributionOptions) {
    const [width, shape] = broadcastAll('Weibull', { scale, concentration })
    const base = new Exponential(ones(width.shape, { dtype: width.dtype }), options)
    super(base, [new PowerTransform(reciprocal(shape)), new AffineTransform(0, width)], options)
    this.scale = width
    this.concentration = shape
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive, concentration: positive }
  }
  override get support(): Constraint {
    return positive
  }
  override get mean(): Tensor {
    return this.scale.mul(this.moment(1))
  }
  override get mode(): Tensor {
    const inner = this.concentration.sub(1).div(this.concentration)
    return this.scale.mul(pow(inner, reciprocal(this.concentration)))
  }
  override get variance(): Tensor {
    return square(this.scale).mul(this.moment(2).sub(square(this.moment(1))))
  }
  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return Object.assign(super.expand(batchShape), {
      scale: this.scale.expand(batchShape),
      concentration: this.concentration.expand(batchShape),
    })
  }
  override entropy(): Tensor {
    const inverse = reciprocal(this.concentration)
    return sub(1, inverse)
      .mul(eulerGamma)
      .add(log(this.scale.mul(inverse)))
      .add(1)
  }
  /** The mean of a power, for scale 1. */
  private moment(power: number): Tensor {
    return exp(lgamma(div(power, this.concentration).add(1)))
  }
}

/**
 * The Pareto distribution: of numbers above `scale`, with a density in proportion to `x^(-alpha - 1)`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0 and alpha > 0
 * @see https://pytorch.org/docs/stable/distributions.html#pareto
 */
export class Pareto extends TransformedDistribution {
  static override readonly distributionName: string = 'Pareto'
  /** The lower bound. */
  readonly scale: Tensor
  /** How fast the density falls. */
  readonly alpha: Tensor

  constructor(scale: Parameter, alpha: Parameter, options?: DistributionOptions) {
    const [bound, power] = broadcastAll('Pareto', { scale, alpha })
    super(new Exponential(power, options), [new ExpTransform(), new AffineTransform(0, bound)], options)
    this.scale = bound
    this.alpha = power
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { alpha: positive, scale: positive }
  }
  override get support(): Constraint {
    return greaterThanEq(this.scale)
  }
  /** Infinity up to alpha 1. */
  override get mean(): Tensor {
    const a = clampMin(this.alpha, 1)
    return a.mul(this.scale).div(a.sub(1))
  }
  override get mode(): Tensor {
    return this.scale
  }
  /** Infinity up to alpha 2. */
  override get variance(): Tensor {
    const a = clampMin(this.alpha, 2)
    return square(this.scale)
      .mul(a)
      .div(square(a.sub(1)).mul(a.sub(2)))
  }
  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return Object.assign(super.expand(batchShape), {
      scale: this.scale.expand(batchShape),
      alpha: this.alpha.expand(batchShape),
    })
  }
  override entropy(): Tensor {
    return log(this.scale.div(this.alpha)).add(reciprocal(this.alpha).add(1))
  }
}

/**
 * The Kumaraswamy distribution on [0, 1]: nearly that of Beta, with a distribution function of two powers.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless both concentrations are positive
 * @see https://pytorch.org/docs/stable/distributions.html#kumaraswamy
 */
export class Kumaraswamy extends TransformedDistribution {
  static override readonly distributionName: string = 'Kumaraswamy'
  /** The power at 0. */
  readonly concentration1: Tensor
  /** The power at 1. */
  readonly concentration0: Tensor

  constructor(concentration1: Parameter, concentration0: Parameter, options?: DistributionOptions) {
    const [a, b] = broadcastAll('Kumaraswamy', { concentration1, concentration0 })
    const transforms = [
      new PowerTransform(reciprocal(b)),
      new AffineTransform(1, -1),
      new PowerTransform(reciprocal(a)),
    ]
    super(uniformLike(b, 0, 1, options), transforms, options)
    this.concentration1 = a
    this.concentration0 = b
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive }
  }
  override get support(): Constraint {
    return unitInterval
  }
  override get mean(): Tensor {
    return this.moment(1)
  }
  /** NaN where a concentration is below 1. */
  override get mode(): Tensor {
    const { concentration1: a, concentration0: b } = this
    const found = reciprocal(b)
      .mul(log1p(neg(b)))
      .sub(log1p(neg(b.mul(a))))
    return exp(maskedFill(found, logicalOr(lt(b, 1), lt(a, 1)), NaN))
  }
  override get variance(): Tensor {
    return this.moment(2).sub(square(this.mean))
  }
  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return Object.assign(super.expand(batchShape), {
      concentration1: this.concentration1.expand(batchShape),
      concentration0: this.concentration0.expand(batchShape),
    })
  }
  override entropy(): Tensor {
    const { concentration1: a, concentration0: b } = this
    const harmonic = digamma(b.add(1)).add(eulerGamma)
    return sub(1, reciprocal(b))
      .add(sub(1, reciprocal(a)).mul(harmonic))
      .sub(log(a))
      .sub(log(b))
  }
  private moment(power: number): Tensor {
    const { concentration1: a, concentration0: b } = this
    const first = div(power, a).add(1)
    return b.mul(
      exp(
        lgamma(first)
          .add(lgamma(b))
          .sub(lgamma(first.add(b))),
      ),
    )
  }
}

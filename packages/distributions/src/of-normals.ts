import { takeValue } from './arguments.ts'
import { exp, expm1, full, ge, square, where, zerosLike, type Tensor } from '@gradus/core/functions'
import type { DistributionOptions, Parameter } from './arguments.ts'
import { Cauchy } from './circular.ts'
import { nonnegative, positive, real, simplex } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Normal } from './normal.ts'
import { type Independent, TransformedDistribution } from './transformed.ts'
import { AbsTransform, ExpTransform } from './transforms/pointwise.ts'
import { StickBreakingTransform } from './transforms/vectors.ts'

/**
 * The distribution of numbers whose logarithm is normal, of mean `loc` and standard deviation `scale`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#lognormal
 * @example
 * new g.distributions.LogNormal(0, 1).mean.item() // => 1.6487
 */
export class LogNormal extends TransformedDistribution {
  static override readonly distributionName: string = 'LogNormal'

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    super(new Normal(loc, scale, options), new ExpTransform(), options)
    this.checkParameters()
  }

  private get normal(): Normal {
    return this.baseDist as Normal // as the constructor made it
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive }
  }
  /** The mean of the logarithm. */
  get loc(): Tensor {
    return this.normal.loc
  }
  /** The standard deviation of the logarithm. */
  get scale(): Tensor {
    return this.normal.scale
  }
  override get mean(): Tensor {
    return exp(this.loc.add(square(this.scale).div(2)))
  }
  override get mode(): Tensor {
    return exp(this.loc.sub(square(this.scale)))
  }
  override get variance(): Tensor {
    const variance = square(this.scale)
    return expm1(variance).mul(exp(this.loc.mul(2).add(variance)))
  }
  override entropy(): Tensor {
    return this.normal.entropy().add(this.loc)
  }
}

/** The distribution of the distance from the center of a symmetric one. */
abstract class Half<D extends Normal | Cauchy> extends TransformedDistribution {
  protected constructor(base: D, options?: DistributionOptions) {
    super(base, new AbsTransform(), options)
    this.checkParameters()
  }

  protected get whole(): D {
    return this.baseDist as D // as the constructor was given it
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive }
  }
  override get support(): Constraint {
    return nonnegative
  }
  /** The width. */
  get scale(): Tensor {
    return this.whole.scale
  }
  override get mode(): Tensor {
    return zerosLike(this.scale)
  }
  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return where(ge(value, 0), this.whole.logProb(value).add(Math.LN2), -Infinity)
  }
  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return this.whole.cdf(value).mul(2).sub(1)
  }
  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return this.whole.icdf(value.add(1).div(2))
  }
  override entropy(): Tensor {
    return this.whole.entropy().sub(Math.LN2)
  }
}

/**
 * The distribution of the absolute value of normal numbers of mean 0 and standard deviation `scale`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#halfnormal
 */
export class HalfNormal extends Half<Normal> {
  static override readonly distributionName: string = 'HalfNormal'

  constructor(scale: Parameter, options?: DistributionOptions) {
    super(new Normal(0, scale, { validateArgs: false }), options)
  }

  override get mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI))
  }
  override get variance(): Tensor {
    return square(this.scale).mul(1 - 2 / Math.PI)
  }
}

/**
 * The distribution of the absolute value of numbers of the Cauchy distribution around 0. It has no finite mean.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#halfcauchy
 */
export class HalfCauchy extends Half<Cauchy> {
  static override readonly distributionName: string = 'HalfCauchy'

  constructor(scale: Parameter, options?: DistributionOptions) {
    super(new Cauchy(0, scale, { validateArgs: false }), options)
  }

  /** Infinity. */
  override get mean(): Tensor {
    return full(this.batchShape, Infinity, { dtype: this.scale.dtype })
  }
  override get variance(): Tensor {
    return this.whole.variance
  }
}

/** Normal numbers of at least one axis. */
function vectors(loc: Parameter, scale: Parameter, options?: DistributionOptions): Normal {
  const normal = new Normal(loc, scale, options)
  return normal.batchShape.length === 0 ? normal.expand([1]) : normal
}

/**
 * The distribution of vectors of sum 1 that breaking a stick makes of normal numbers.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param loc - [...batch, n - 1]
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#logisticnormal
 * @example
 * new g.distributions.LogisticNormal(g.zeros(3), 1).eventShape // => [4]
 */
export class LogisticNormal extends TransformedDistribution {
  static override readonly distributionName: string = 'LogisticNormal'

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    super(vectors(loc, scale, options), new StickBreakingTransform(), options)
    this.checkParameters()
  }

  private get normal(): Normal {
    return (this.baseDist as Independent<Normal>).baseDist // as the constructor made it: the transform takes vectors
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive }
  }
  override get support(): Constraint {
    return simplex
  }
  /** The means of the normal numbers. */
  get loc(): Tensor {
    return this.normal.loc
  }
  /** The standard deviations of the normal numbers. */
  get scale(): Tensor {
    return this.normal.scale
  }
}

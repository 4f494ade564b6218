import {
  clampMin,
  digamma,
  finfo,
  gt,
  igamma,
  lgamma,
  log,
  neg,
  reciprocal,
  square,
  sub,
  tensor,
  where,
  xlogy,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { standardGamma, takeArgument } from '@gradus/core/internal'
import {
  aParameter,
  broadcastAll,
  type DistributionOptions,
  type Parameter,
  takeShape,
  takeValue,
} from './arguments.ts'
import { nonnegative, positive } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { ExponentialFamily } from './exponential-family.ts'
import { TransformedDistribution } from './transformed.ts'
import { PowerTransform } from './transforms/pointwise.ts'

/** `x` where it is at least the smallest normal number, which it is set to elsewhere; gradients pass as if it were not. */
export function atLeastTiny(x: Tensor): Tensor {
  const raised = clampMin(x.detach(), finfo(x.dtype).tiny).sub(x.detach())
  return x.add(raised)
}

/**
 * The gamma distribution: mean concentration / rate.
 *
 * Samples are PyTorch's from the same seed. Their gradients by the concentration are implicit, as PyTorch approximates them.
 *
 * @throws ValueError unless concentration > 0 and rate > 0
 * @see https://pytorch.org/docs/stable/distributions.html#gamma
 * @example
 * new g.distributions.Gamma(3, 2).variance.item() // => 0.75
 */
export class Gamma extends ExponentialFamily {
  static override readonly distributionName: string = 'Gamma'
  /** The shape. */
  readonly concentration: Tensor
  /** The inverse of the scale. */
  readonly rate: Tensor

  constructor(concentration: Parameter, rate: Parameter, options?: DistributionOptions) {
    const [shape, inverse] = broadcastAll('Gamma', { concentration, rate })
    super(shape.shape, [], options)
    this.concentration = shape
    this.rate = inverse
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive, rate: positive }
  }
  override get support(): Constraint {
    return nonnegative
  }
  override get mean(): Tensor {
    return this.concentration.div(this.rate)
  }
  override get mode(): Tensor {
    return clampMin(this.concentration.sub(1).div(this.rate), 0)
  }
  override get variance(): Tensor {
    return this.concentration.div(square(this.rate))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      concentration: this.concentration.expand(batchShape),
      rate: this.rate.expand(batchShape),
    })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return atLeastTiny(standardGamma(this.concentration.expand(shape)).div(this.rate.expand(shape)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return xlogy(this.concentration, this.rate)
      .add(xlogy(this.concentration.sub(1), value))
      .sub(this.rate.mul(value))
      .sub(lgamma(this.concentration))
  }

  /** Its gradient reaches `value` and the rate; the concentration must carry none. */
  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return igamma(this.concentration, this.rate.mul(value))
  }

  override entropy(): Tensor {
    const { concentration } = this
    return concentration
      .sub(log(this.rate))
      .add(lgamma(concentration))
      .add(sub(1, concentration).mul(digamma(concentration)))
  }

  override get naturalParams(): Tensor[] {
    return [this.concentration.sub(1), neg(this.rate)]
  }
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    takeValue('logNormalizer', 'y', y)
    return lgamma(x.add(1)).add(x.add(1).mul(log(neg(reciprocal(y)))))
  }
  override get meanCarrierMeasure(): number {
    return 0
  }
}

/**
 * The χ² distribution: of the sum of the squares of `df` standard normal numbers.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless df > 0
 * @see https://pytorch.org/docs/stable/distributions.html#chi2
 * @example
 * new g.distributions.Chi2(3).mean.item() // => 3
 */
export class Chi2 extends Gamma {
  static override readonly distributionName: string = 'Chi2'

  constructor(df: Parameter, options?: DistributionOptions) {
    takeArgument('Chi2', 'df', aParameter, df)
    super(typeof df === 'number' ? df / 2 : df.mul(0.5), 0.5, options)
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: positive }
  }
  /** The degrees of freedom. */
  get df(): Tensor {
    return this.concentration.mul(2)
  }
}

/**
 * The distribution of the inverses of gamma numbers.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless concentration > 0 and rate > 0
 * @see https://pytorch.org/docs/stable/distributions.html#inversegamma
 */
export class InverseGamma extends TransformedDistribution {
  static override readonly distributionName: string = 'InverseGamma'

  constructor(concentration: Parameter, rate: Parameter, options?: DistributionOptions) {
    const gamma = new Gamma(concentration, rate, options)
    const inverse = new PowerTransform(tensor(-1, { dtype: gamma.rate.dtype }))
    super(gamma, inverse, options)
    this.checkParameters()
  }

  private get gamma(): Gamma {
    return this.baseDist as Gamma // as the constructor made it
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive, rate: positive }
  }
  override get support(): Constraint {
    return positive
  }
  /** The shape. */
  get concentration(): Tensor {
    return this.gamma.concentration
  }
  /** The scale. */
  get rate(): Tensor {
    return this.gamma.rate
  }
  /** Infinity up to concentration 1. */
  override get mean(): Tensor {
    return where(gt(this.concentration, 1), this.rate.div(this.concentration.sub(1)), Infinity)
  }
  override get mode(): Tensor {
    return this.rate.div(this.concentration.add(1))
  }
  /** Infinity up to concentration 2. */
  override get variance(): Tensor {
    const { concentration: a } = this
    const found = square(this.rate).div(square(a.sub(1)).mul(a.sub(2)))
    return where(gt(a, 2), found, Infinity)
  }
  override entropy(): Tensor {
    const { concentration: a } = this
    return a
      .add(log(this.rate))
      .add(lgamma(a))
      .sub(a.add(1).mul(digamma(a)))
  }
}

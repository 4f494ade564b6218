import {
  clampMin,
  digamma,
  finfo,
  gt,
  le,
  lgamma,
  log,
  log1p,
  randn,
  rsqrt,
  square,
  where,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape } from './arguments.ts'
import { positive, real } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { Chi2, Gamma } from './gamma.ts'

const logPi = Math.log(Math.PI)

/**
 * Student's t distribution of `df` degrees of freedom, around `loc`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param loc - 0 by default
 * @param scale - 1 by default
 * @throws ValueError unless df > 0 and scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#studentt
 * @example
 * new g.distributions.StudentT(4).variance.item() // => 2
 */
export class StudentT extends Distribution {
  static override readonly distributionName: string = 'StudentT'
  /** The degrees of freedom. */
  readonly df: Tensor
  /** The center. */
  readonly loc: Tensor
  /** The width. */
  readonly scale: Tensor
  private readonly chi2: Chi2

  constructor(df: Parameter, loc: Parameter = 0, scale: Parameter = 1, options?: DistributionOptions) {
    const [freedom, center, width] = broadcastAll('StudentT', { df, loc, scale })
    super(freedom.shape, [], options)
    this.df = freedom
    this.loc = center
    this.scale = width
    this.checkParameters()
    this.chi2 = new Chi2(freedom, { validateArgs: false })
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: positive, loc: real, scale: positive }
  }
  override get support(): Constraint {
    return real
  }
  /** NaN up to 1 degree of freedom. */
  override get mean(): Tensor {
    return where(le(this.df, 1), NaN, this.loc)
  }
  override get mode(): Tensor {
    return this.loc
  }
  /** Infinity up to 2 degrees of freedom, NaN up to 1. */
  override get variance(): Tensor {
    const isFinite = gt(this.df, 2)
    const df = where(isFinite, this.df, 3)
    const found = square(this.scale).mul(df).div(df.sub(2))
    return where(isFinite, found, where(le(this.df, 1), NaN, Infinity))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      df: this.df.expand(batchShape),
      loc: this.loc.expand(batchShape),
      scale: this.scale.expand(batchShape),
      chi2: this.chi2.expand(batchShape),
    })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const x = randn(this.extendedShape(sampleShape), { dtype: this.df.dtype })
    const z = this.chi2.rsample(sampleShape)
    return this.loc.add(this.scale.mul(x.mul(rsqrt(z.div(this.df)))))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const { df } = this
    const y = value.sub(this.loc).div(this.scale)
    const normalizer = log(this.scale)
      .add(log(df).mul(0.5))
      .add(0.5 * logPi)
      .add(lgamma(df.mul(0.5)))
      .sub(lgamma(df.add(1).mul(0.5)))
    return df
      .add(1)
      .mul(-0.5)
      .mul(log1p(square(y).div(df)))
      .sub(normalizer)
  }

  override entropy(): Tensor {
    const half = this.df.mul(0.5)
    const more = this.df.add(1).mul(0.5)
    const logBeta = lgamma(half)
      .add(0.5 * logPi)
      .sub(lgamma(more))
    return log(this.scale)
      .add(more.mul(digamma(more).sub(digamma(half))))
      .add(log(this.df).mul(0.5))
      .add(logBeta)
  }
}

/**
 * The F distribution: of the ratio of two χ² numbers, each over its degrees of freedom.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless df1 > 0 and df2 > 0
 * @see https://pytorch.org/docs/stable/distributions.html#fishersnedecor
 */
export class FisherSnedecor extends Distribution {
  static override readonly distributionName: string = 'FisherSnedecor'
  /** The degrees of freedom of the numerator. */
  readonly df1: Tensor
  /** The degrees of freedom of the denominator. */
  readonly df2: Tensor
  private readonly gamma1: Gamma
  private readonly gamma2: Gamma

  constructor(df1: Parameter, df2: Parameter, options?: DistributionOptions) {
    const [over, under] = broadcastAll('FisherSnedecor', { df1, df2 })
    super(over.shape, [], options)
    this.df1 = over
    this.df2 = under
    this.checkParameters()
    this.gamma1 = new Gamma(over.mul(0.5), over, { validateArgs: false })
    this.gamma2 = new Gamma(under.mul(0.5), under, { validateArgs: false })
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df1: positive, df2: positive }
  }
  override get support(): Constraint {
    return positive
  }
  /** NaN up to df2 = 2. */
  override get mean(): Tensor {
    const df2 = where(le(this.df2, 2), NaN, this.df2)
    return df2.div(df2.sub(2))
  }
  /** NaN up to df1 = 2. */
  override get mode(): Tensor {
    const { df1, df2 } = this
    const found = df1.sub(2).div(df1).mul(df2).div(df2.add(2))
    return where(le(df1, 2), NaN, found)
  }
  /** NaN up to df2 = 4. */
  override get variance(): Tensor {
    const { df1 } = this
    const df2 = where(le(this.df2, 4), NaN, this.df2)
    return square(df2)
      .mul(2)
      .mul(df1.add(df2).sub(2))
      .div(df1.mul(square(df2.sub(2))).mul(df2.sub(4)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      df1: this.df1.expand(batchShape),
      df2: this.df2.expand(batchShape),
      gamma1: this.gamma1.expand(batchShape),
      gamma2: this.gamma2.expand(batchShape),
    })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const x1 = this.gamma1.rsample(sampleShape)
    const x2 = this.gamma2.rsample(sampleShape)
    const { tiny } = finfo(x2.dtype)
    return clampMin(x1.div(clampMin(x2, tiny)), tiny)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [a, b] = [this.df1.mul(0.5), this.df2.mul(0.5)]
    const ratio = this.df1.div(this.df2)
    return lgamma(a.add(b))
      .sub(lgamma(a))
      .sub(lgamma(b))
      .add(a.mul(log(ratio)))
      .add(a.sub(1).mul(log(value)))
      .sub(a.add(b).mul(log1p(ratio.mul(value))))
  }
}

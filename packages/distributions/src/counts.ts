import {
  binaryCrossEntropyWithLogits,
  div,
  empty,
  eq,
  exp,
  finfo,
  floor,
  gt,
  lgamma,
  log,
  log1p,
  logicalAnd,
  maskedFill,
  all,
  neg,
  poisson,
  setGradEnabled,
  uniform_,
  ValueError,
  xlogy,
  zerosLike,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { describeValue, takeOptions } from '@gradus/core/internal'
import {
  binaryFrom,
  broadcastAll,
  type DistributionOptions,
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  type ProbsOrLogits,
  takeShape,
  takeValue,
} from './arguments.ts'
import { nonnegative, nonnegativeInteger, real, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { ExponentialFamily } from './exponential-family.ts'

/**
 * The Poisson distribution of `rate`: how many events happen where so many are expected.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless rate >= 0
 * @see https://pytorch.org/docs/stable/distributions.html#poisson
 * @example
 * new g.distributions.Poisson(4).logProb(g.tensor(0)).item() // => -4
 */
export class Poisson extends ExponentialFamily {
  static override readonly distributionName: string = 'Poisson'
  /** The mean. */
  readonly rate: Tensor

  constructor(rate: Parameter, options?: DistributionOptions) {
    const [given] = broadcastAll('Poisson', { rate })
    super(given.shape, [], options)
    this.rate = given
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: nonnegative }
  }
  override get support(): Constraint {
    return nonnegativeInteger
  }
  override get mean(): Tensor {
    return this.rate
  }
  override get mode(): Tensor {
    return floor(this.rate)
  }
  override get variance(): Tensor {
    return this.rate
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { rate: this.rate.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => poisson(this.rate.expand(shape)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return xlogy(value, this.rate)
      .sub(this.rate)
      .sub(lgamma(value.add(1)))
  }

  override get naturalParams(): Tensor[] {
    return [log(this.rate)]
  }
  override logNormalizer(x: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    return exp(x)
  }
}

/**
 * The geometric distribution: how many trials fail before one succeeds, which each does with probability `probs`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless exactly one of probs and logits is given, and 0 < probs <= 1
 * @see https://pytorch.org/docs/stable/distributions.html#geometric
 * @example
 * new g.distributions.Geometric(0.25).mean.item() // => 3
 */
export class Geometric extends Distribution {
  static override readonly distributionName: string = 'Geometric'
  private readonly pair: ProbsOrLogits

  constructor(probs: Parameter | null, options?: ProbsOptions)
  constructor(options: ProbsOptions)
  constructor(probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const given = takeOptions('Geometric', probsOptions, probsFirst('Geometric', probs, options))
    const pair = binaryFrom('Geometric', given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.pair = pair
    this.checkParameters()
    if (this.validateArgs && pair.isProbs && !all(gt(pair.given, 0)).item<boolean>()) {
      throw new ValueError(
        `Expected parameter probs (${describeValue(pair.given)}) of distribution ${this.toString()} to be positive but found invalid values:\n${pair.given.toString()}`,
      )
    }
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return nonnegativeInteger
  }
  /** The probability of success. */
  get probs(): Tensor {
    return this.pair.probs
  }
  /** The log-odds of success. */
  get logits(): Tensor {
    return this.pair.logits
  }
  protected override isGiven(name: string): boolean {
    return name === (this.pair.isProbs ? 'probs' : 'logits')
  }
  override get mean(): Tensor {
    return div(1, this.probs).sub(1)
  }
  override get mode(): Tensor {
    return zerosLike(this.probs)
  }
  override get variance(): Tensor {
    return this.mean.div(this.probs)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { pair: this.pair.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => {
      const { probs } = this
      const u = uniform_(empty(shape, { dtype: probs.dtype }), finfo(probs.dtype).tiny, 1)
      return floor(log(u).div(log1p(neg(probs))))
    })
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [k, p] = broadcastAll('Geometric', { value, probs: this.probs })
    // 0 · log 0 is 0: success is certain, and there was no failure
    const failure = maskedFill(p, logicalAnd(eq(p, 1), eq(k, 0)), 0)
    return k.mul(log1p(neg(failure))).add(log(p))
  }

  override entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: 'none' }).div(this.probs)
  }
}

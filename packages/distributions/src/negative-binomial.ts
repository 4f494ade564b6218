import {
  clampMin,
  eq,
  exp,
  floor,
  lgamma,
  logsigmoid,
  maskedFill,
  neg,
  poisson,
  setGradEnabled,
  sigmoid,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { takeOptions } from '@gradus/core/internal'
import {
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  type ProbsOrLogits,
  takeShape,
} from './arguments.ts'
import { countAndProbs } from './binomial.ts'
import { greaterThanEq, halfOpenInterval, nonnegativeInteger, real } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { Gamma } from './gamma.ts'

/**
 * The negative binomial distribution: how many trials succeed, which each does with probability `probs`, before `totalCount`
 * have failed.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param totalCount - need not be whole
 * @throws ValueError unless exactly one of probs and logits is given, totalCount >= 0 and 0 <= probs < 1
 * @see https://pytorch.org/docs/stable/distributions.html#negativebinomial
 * @example
 * new g.distributions.NegativeBinomial(3, 0.5).mean.item() // => 3
 */
export class NegativeBinomial extends Distribution {
  static override readonly distributionName: string = 'NegativeBinomial'
  /** The number of failures, in the dtype of the probabilities. */
  readonly totalCount: Tensor
  private readonly pair: ProbsOrLogits

  constructor(totalCount: Parameter, probs: Parameter | null, options?: ProbsOptions)
  constructor(totalCount: Parameter, options: ProbsOptions)
  constructor(totalCount: Parameter, probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const name = 'NegativeBinomial'
    const given = takeOptions(name, probsOptions, probsFirst(name, probs, options))
    const { count, pair } = countAndProbs(name, totalCount, given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.totalCount = count
    this.pair = pair
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: greaterThanEq(0), probs: halfOpenInterval(0, 1), logits: real }
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
    return name === 'totalCount' || name === (this.pair.isProbs ? 'probs' : 'logits')
  }
  /** The shape of `probs`. */
  get paramShape(): Shape {
    return this.pair.given.shape
  }
  override get mean(): Tensor {
    return this.totalCount.mul(exp(this.logits))
  }
  override get mode(): Tensor {
    return clampMin(floor(this.totalCount.sub(1).mul(exp(this.logits))), 0)
  }
  override get variance(): Tensor {
    return this.mean.div(sigmoid(neg(this.logits)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      totalCount: this.totalCount.expand(batchShape),
      pair: this.pair.expand(batchShape),
    })
  }

  override sample(sampleShape: Shape = []): Tensor {
    return setGradEnabled(false, () => {
      // not checked, because no failures are allowed
      const rates = new Gamma(this.totalCount, exp(neg(this.logits)), { validateArgs: false })
      return poisson(rates.sample(sampleShape))
    })
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const { logits, totalCount: n } = this
    const powers = n.mul(logsigmoid(neg(logits))).add(value.mul(logsigmoid(logits)))
    const orders = lgamma(value.add(1))
      .add(lgamma(n))
      .sub(lgamma(n.add(value)))
    // certain where neither has any, although lgamma(0) is infinite
    return powers.sub(maskedFill(orders, eq(n.add(value), 0), 0))
  }
}

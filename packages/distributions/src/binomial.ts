import {
  arange,
  binomial,
  clampMax,
  clampMin,
  eq,
  exp,
  floor,
  abs,
  lgamma,
  log1p,
  logicalAnd,
  maskedFill,
  min,
  minimum,
  max,
  neg,
  onesLike,
  scatterAdd,
  setGradEnabled,
  sub,
  zeros,
  tensor,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { integer, takeArgument, takeOptions } from '@gradus/core/internal'
import {
  broadcastAll,
  givenOf,
  notImplemented,
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  ProbsOrLogits,
  takeShape,
} from './arguments.ts'
import { Categorical, categoricalOptions, type CategoricalOptions } from './categorical.ts'
import {
  integerInterval,
  multinomial as multinomialCounts,
  nonnegativeInteger,
  real,
  realVector,
  simplex,
  unitInterval,
} from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution, type EnumerateOptions } from './distribution.ts'
import { enumerated } from './enumerate.ts'

/** A number of trials, and the probability of each, broadcast together and of one dtype. */
export function countAndProbs(
  call: string,
  totalCount: Parameter,
  options: ProbsOptions,
): { count: Tensor; pair: ProbsOrLogits } {
  const { value, isProbs } = givenOf(options)
  const [count, given] = broadcastAll(call, { totalCount, [isProbs ? 'probs' : 'logits']: value })
  return { count: count.to(given.dtype), pair: new ProbsOrLogits(given, isProbs, true) }
}

/**
 * The binomial distribution: how many of `totalCount` trials succeed, which each does with probability `probs`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless exactly one of probs and logits is given, 0 <= probs <= 1, and counts are whole
 * @see https://pytorch.org/docs/stable/distributions.html#binomial
 * @example
 * new g.distributions.Binomial(4, 0.5).logProb(g.tensor(2)).exp().item() // => 0.375
 */
export class Binomial extends Distribution {
  static override readonly distributionName: string = 'Binomial'
  /** The number of trials, in the dtype of the probabilities. */
  readonly totalCount: Tensor
  private readonly pair: ProbsOrLogits

  constructor(totalCount: Parameter, probs: Parameter | null, options?: ProbsOptions)
  constructor(totalCount: Parameter, options: ProbsOptions)
  constructor(totalCount: Parameter, probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const given = takeOptions('Binomial', probsOptions, probsFirst('Binomial', probs, options))
    const { count, pair } = countAndProbs('Binomial', totalCount, given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.totalCount = count
    this.pair = pair
    this.checkParameters()
  }

  override get hasEnumerateSupport(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: nonnegativeInteger, probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return integerInterval(0, this.totalCount)
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
    return this.totalCount.mul(this.probs)
  }
  override get mode(): Tensor {
    return minimum(floor(this.totalCount.add(1).mul(this.probs)), this.totalCount)
  }
  override get variance(): Tensor {
    return this.mean.mul(sub(1, this.probs))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      totalCount: this.totalCount.expand(batchShape),
      pair: this.pair.expand(batchShape),
    })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => binomial(this.totalCount.expand(shape), this.probs.expand(shape)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const n = this.totalCount
    const { logits } = this
    // log(1 + e^logit) without overflow; the mean of two forms of max(logit, 0) has the gradient 1/2 at 0
    const above = clampMin(logits, 0).add(logits).sub(clampMax(logits, 0)).div(2)
    const normalizer = n.mul(above).add(n.mul(log1p(exp(neg(abs(logits))))))
    return value
      .mul(logits)
      .sub(normalizer)
      .add(lgamma(n.add(1)))
      .sub(lgamma(value.add(1)))
      .sub(lgamma(n.sub(value).add(1)))
  }

  override entropy(): Tensor {
    this.commonCount('entropy')
    const logProb = this.logProb(this.enumerateSupport({ expand: false }))
    return neg(exp(logProb).mul(logProb).sum(0))
  }

  override enumerateSupport(options?: EnumerateOptions): Tensor {
    const count = this.commonCount('enumerateSupport')
    return enumerated(this, arange(1 + count, { dtype: this.pair.given.dtype }), options)
  }

  /** The number of trials, where all distributions of the batch have the same. */
  private commonCount(call: string): number {
    const most = max(this.totalCount).item()
    if (min(this.totalCount).item() !== most)
      throw notImplemented(`Inhomogeneous total count not supported by \`${call}\`.`)
    return most
  }
}

const trials = /* @__PURE__ */ integer(0)

/**
 * The multinomial distribution: how often each of n outcomes comes in `totalCount` trials.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param totalCount - one number for the whole batch
 * @param probs - [...batch, n], normalized along the last axis
 * @throws ValueError unless exactly one of probs and logits is given
 * @see https://pytorch.org/docs/stable/distributions.html#multinomial
 * @example
 * new g.distributions.Multinomial(8, g.tensor([1, 3])).mean.tolist() // => [2, 6]
 */
export class Multinomial extends Distribution {
  static override readonly distributionName: string = 'Multinomial'
  /** The number of trials. */
  readonly totalCount: number
  private readonly categorical: Categorical

  constructor(totalCount: number, probs: Tensor | null, options?: CategoricalOptions)
  constructor(totalCount: number, options: CategoricalOptions)
  constructor(totalCount: number, probs: Tensor | null | CategoricalOptions, options?: CategoricalOptions) {
    takeArgument('Multinomial', 'totalCount', trials, totalCount)
    const given = takeOptions(
      'Multinomial',
      categoricalOptions,
      probsFirst<CategoricalOptions>('Multinomial', probs, options),
    )
    const categorical = new Categorical(given)
    super(categorical.batchShape, categorical.paramShape.slice(-1), {
      validateArgs: given.validateArgs ?? null,
    })
    this.totalCount = totalCount
    this.categorical = categorical
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector }
  }
  override get support(): Constraint {
    return multinomialCounts(this.totalCount)
  }
  /** The probabilities, whose sum is 1. */
  get probs(): Tensor {
    return this.categorical.probs
  }
  /** The logarithms of the probabilities. */
  get logits(): Tensor {
    return this.categorical.logits
  }
  /** The shape of `probs`. */
  get paramShape(): Shape {
    return this.categorical.paramShape
  }
  override get mean(): Tensor {
    return this.probs.mul(this.totalCount)
  }
  override get variance(): Tensor {
    return this.mean.mul(sub(1, this.probs))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { categorical: this.categorical.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    const drawn = this.categorical.sample([this.totalCount, ...sampleShape])
    const order = drawn.shape.map((_, axis) => (axis + 1) % drawn.ndim)
    const classes = drawn.permute(order)
    return scatterAdd(zeros(shape, { dtype: 'int64' }), -1, classes, onesLike(classes)).to(this.probs.dtype)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [logits, k] = broadcastAll('Multinomial', { logits: this.logits, value })
    // 0 · log 0 is 0: what cannot come did not
    const possible = maskedFill(logits, logicalAnd(eq(k, 0), eq(logits, -Infinity)), 0)
    return lgamma(k.sum(-1).add(1))
      .sub(lgamma(k.add(1)).sum(-1))
      .add(possible.mul(k).sum(-1))
  }

  override entropy(): Tensor {
    const n = this.totalCount
    const binomial = new Binomial(n, this.probs, { validateArgs: false })
    const counts = binomial.enumerateSupport({ expand: false }).slice(1)
    const orders = exp(binomial.logProb(counts))
      .mul(lgamma(counts.add(1)))
      .sum([0, -1])
    const all = lgamma(tensor(n + 1, { dtype: this.probs.dtype }))
    return this.categorical.entropy().mul(n).sub(all).add(orders)
  }
}

import {
  exp,
  isTensor,
  lgamma,
  log,
  log1p,
  logsumexp,
  neg,
  rand,
  tensor,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { takeArgument, takeOptions } from '@gradus/core/internal'
import {
  aParameter,
  binaryFrom,
  broadcastAll,
  clampProbs,
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  type ProbsOrLogits,
  takeShape,
} from './arguments.ts'
import { Categorical, categoricalOptions, type CategoricalOptions } from './categorical.ts'
import { real, realVector, simplex, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { TransformedDistribution } from './transformed.ts'
import { ExpTransform, SigmoidTransform } from './transforms/pointwise.ts'

/** A temperature as a tensor of the dtype of the probabilities. */
function temperatureOf(call: string, temperature: Parameter, like: Tensor): Tensor {
  takeArgument(call, 'temperature', aParameter, temperature)
  return isTensor(temperature) ? temperature : tensor(temperature, { dtype: like.dtype })
}

/**
 * The logits of {@link RelaxedBernoulli}: all numbers.
 *
 * @see Maddison et al. 2017, https://arxiv.org/abs/1611.00712
 */
export class LogitRelaxedBernoulli extends Distribution {
  static override readonly distributionName: string = 'LogitRelaxedBernoulli'
  /** How far samples are from 0 and 1. */
  readonly temperature: Tensor
  private readonly pair: ProbsOrLogits

  constructor(temperature: Parameter, probs: Parameter | null, options?: ProbsOptions)
  constructor(temperature: Parameter, options: ProbsOptions)
  constructor(temperature: Parameter, probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const name = 'LogitRelaxedBernoulli'
    const given = takeOptions(name, probsOptions, probsFirst(name, probs, options))
    const pair = binaryFrom(name, given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.temperature = temperatureOf(name, temperature, pair.given)
    this.pair = pair
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return real
  }
  /** The probability of 1. */
  get probs(): Tensor {
    return this.pair.probs
  }
  /** The log-odds of 1. */
  get logits(): Tensor {
    return this.pair.logits
  }
  protected override isGiven(name: string): boolean {
    return name === (this.pair.isProbs ? 'probs' : 'logits')
  }
  /** The shape of `probs`. */
  get paramShape(): Shape {
    return this.pair.given.shape
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { pair: this.pair.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    const probs = clampProbs(this.probs.expand(shape))
    const uniforms = clampProbs(rand(shape, { dtype: probs.dtype }))
    const noise = log(uniforms).sub(log1p(neg(uniforms)))
    return noise
      .add(log(probs))
      .sub(log1p(neg(probs)))
      .div(this.temperature)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [logits, x] = broadcastAll('LogitRelaxedBernoulli', { logits: this.logits, value })
    const difference = logits.sub(x.mul(this.temperature))
    return log(this.temperature)
      .add(difference)
      .sub(log1p(exp(difference)).mul(2))
  }
}

/**
 * Numbers in (0, 1) that tend to those of Bernoulli as `temperature` falls to 0, with gradients.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @see Maddison et al. 2017, https://arxiv.org/abs/1611.00712
 * @see https://pytorch.org/docs/stable/distributions.html#relaxedbernoulli
 * @example
 * const p = new g.distributions.RelaxedBernoulli(0.5, g.tensor([0.1, 0.9]))
 * p.rsample().shape // => [2]
 */
export class RelaxedBernoulli extends TransformedDistribution {
  static override readonly distributionName: string = 'RelaxedBernoulli'

  constructor(temperature: Parameter, probs: Parameter | null, options?: ProbsOptions)
  constructor(temperature: Parameter, options: ProbsOptions)
  constructor(temperature: Parameter, probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const name = 'RelaxedBernoulli'
    const given = takeOptions(name, probsOptions, probsFirst(name, probs, options))
    super(new LogitRelaxedBernoulli(temperature, given), new SigmoidTransform(), {
      validateArgs: given.validateArgs ?? null,
    })
  }

  private get logit(): LogitRelaxedBernoulli {
    return this.baseDist as LogitRelaxedBernoulli // as the constructor made it
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return unitInterval
  }
  /** How far samples are from 0 and 1. */
  get temperature(): Tensor {
    return this.logit.temperature
  }
  /** The probability of 1. */
  get probs(): Tensor {
    return this.logit.probs
  }
  /** The log-odds of 1. */
  get logits(): Tensor {
    return this.logit.logits
  }
}

/**
 * The logarithms of {@link RelaxedOneHotCategorical}: vectors whose exponentials have the sum 1.
 *
 * @see Maddison et al. 2017, https://arxiv.org/abs/1611.00712
 */
export class ExpRelaxedCategorical extends Distribution {
  static override readonly distributionName: string = 'ExpRelaxedCategorical'
  /** How far samples are from one-hot vectors. */
  readonly temperature: Tensor
  private readonly categorical: Categorical

  constructor(temperature: Parameter, probs: Tensor | null, options?: CategoricalOptions)
  constructor(temperature: Parameter, options: CategoricalOptions)
  constructor(
    temperature: Parameter,
    probs: Tensor | null | CategoricalOptions,
    options?: CategoricalOptions,
  ) {
    const name = 'ExpRelaxedCategorical'
    const given = takeOptions(name, categoricalOptions, probsFirst<CategoricalOptions>(name, probs, options))
    const categorical = new Categorical(given)
    const eventShape = categorical.paramShape.slice(-1)
    super(categorical.batchShape, eventShape, { validateArgs: given.validateArgs ?? null })
    this.temperature = temperatureOf(name, temperature, categorical.logits)
    this.categorical = categorical
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector }
  }
  override get support(): Constraint {
    return realVector
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

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { categorical: this.categorical.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const { dtype } = this.logits
    const uniforms = clampProbs(rand(this.extendedShape(sampleShape), { dtype }))
    const gumbels = neg(log(neg(log(uniforms))))
    const scores = this.logits.add(gumbels).div(this.temperature)
    return scores.sub(logsumexp(scores, -1, { keepdim: true }))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const classes = this.eventShape[0]
    const [logits, x] = broadcastAll('ExpRelaxedCategorical', { logits: this.logits, value })
    const { temperature } = this
    const orders = lgamma(tensor(classes, { dtype: temperature.dtype }))
    const score = logits.sub(x.mul(temperature))
    return score
      .sub(logsumexp(score, -1, { keepdim: true }))
      .sum(-1)
      .add(
        log(temperature)
          .mul(classes - 1)
          .add(orders),
      )
  }
}

/**
 * Vectors of sum 1 that tend to those of OneHotCategorical as `temperature` falls to 0, with gradients.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @see Jang et al. 2017, https://arxiv.org/abs/1611.01144
 * @see https://pytorch.org/docs/stable/distributions.html#relaxedonehotcategorical
 */
export class RelaxedOneHotCategorical extends TransformedDistribution {
  static override readonly distributionName: string = 'RelaxedOneHotCategorical'

  constructor(temperature: Parameter, probs: Tensor | null, options?: CategoricalOptions)
  constructor(temperature: Parameter, options: CategoricalOptions)
  constructor(
    temperature: Parameter,
    probs: Tensor | null | CategoricalOptions,
    options?: CategoricalOptions,
  ) {
    const name = 'RelaxedOneHotCategorical'
    const given = takeOptions(name, categoricalOptions, probsFirst<CategoricalOptions>(name, probs, options))
    super(new ExpRelaxedCategorical(temperature, given), new ExpTransform(), {
      validateArgs: given.validateArgs ?? null,
    })
  }

  private get logarithm(): ExpRelaxedCategorical {
    return this.baseDist as ExpRelaxedCategorical // as the constructor made it
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector }
  }
  override get support(): Constraint {
    return simplex
  }
  /** How far samples are from one-hot vectors. */
  get temperature(): Tensor {
    return this.logarithm.temperature
  }
  /** The probabilities, whose sum is 1. */
  get probs(): Tensor {
    return this.logarithm.probs
  }
  /** The logarithms of the probabilities. */
  get logits(): Tensor {
    return this.logarithm.logits
  }
}

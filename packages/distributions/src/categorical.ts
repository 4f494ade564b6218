import {
  arange,
  argmax,
  broadcastShapes,
  clampMin,
  eye,
  finfo,
  full,
  gather,
  logsumexp,
  multinomial,
  neg,
  oneHot,
  setGradEnabled,
  sub,
  ValueError,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import {
  aTensor,
  type DistributionOptions,
  distributionOptions,
  givenOf,
  probsFirst,
  type ProbsOptions,
  ProbsOrLogits,
  takeShape,
} from './arguments.ts'
import { integerInterval, oneHot as oneHotVectors, realVector, simplex } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution, type EnumerateOptions } from './distribution.ts'
import { enumerated } from './enumerate.ts'

/** Options of {@link Categorical}: probabilities or their logarithms, [...batch, classes], normalized along the last axis. */
export type CategoricalOptions = ProbsOptions<Tensor>
/** The kinds of {@link CategoricalOptions}. */
export const categoricalOptions = /* @__PURE__ */ defineOptions<CategoricalOptions, DistributionOptions>(
  { probs: /* @__PURE__ */ nullable(aTensor), logits: /* @__PURE__ */ nullable(aTensor) },
  distributionOptions,
)

/** The normalized probabilities, or logarithms of them, that options give. */
export function classesFrom(call: string, options: CategoricalOptions): ProbsOrLogits {
  const { value, isProbs } = givenOf(options)
  const name = isProbs ? 'probs' : 'logits'
  takeArgument(call, name, aTensor, value)
  if (value.ndim < 1) throw new ValueError(`\`${name}\` parameter must be at least one-dimensional.`)
  const normalized = isProbs
    ? value.div(value.sum(-1, { keepdim: true }))
    : value.sub(logsumexp(value, -1, { keepdim: true }))
  return new ProbsOrLogits(normalized, isProbs, false)
}

/**
 * Integers from 0 to n - 1 with the probabilities that the last axis of `probs` has, or the logarithms that `logits` has.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param probs - [...batch, n], not negative, normalized along the last axis
 * @throws ValueError unless exactly one of probs and logits is given
 * @see https://pytorch.org/docs/stable/distributions.html#categorical
 * @example
 * const coin = new g.distributions.Categorical(g.tensor([1, 3]))
 * coin.probs.tolist() // => [0.25, 0.75]
 * coin.logProb(g.tensor(1)).item() // => -0.2877
 */
export class Categorical extends Distribution {
  static override readonly distributionName: string = 'Categorical'
  private readonly pair: ProbsOrLogits

  constructor(probs: Tensor | null, options?: CategoricalOptions)
  constructor(options: CategoricalOptions)
  constructor(probs: Tensor | null | CategoricalOptions, options?: CategoricalOptions) {
    const given = takeOptions(
      'Categorical',
      categoricalOptions,
      probsFirst<CategoricalOptions>('Categorical', probs, options),
    )
    const pair = classesFrom('Categorical', given)
    super(pair.given.shape.slice(0, -1), [], { validateArgs: given.validateArgs ?? null })
    this.pair = pair
    this.checkParameters()
  }

  override get hasEnumerateSupport(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector }
  }
  override get support(): Constraint {
    return integerInterval(0, this.classes - 1)
  }
  /** The probabilities, whose sum is 1. */
  get probs(): Tensor {
    return this.pair.probs
  }
  /** The logarithms of the probabilities. */
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
  private get classes(): number {
    return this.paramShape[this.paramShape.length - 1]
  }
  /** NaN: classes are not numbers. */
  override get mean(): Tensor {
    return full(this.batchShape, NaN, { dtype: this.probs.dtype })
  }
  override get mode(): Tensor {
    return argmax(this.probs, -1).to('int64')
  }
  /** NaN: classes are not numbers. */
  override get variance(): Tensor {
    return this.mean
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { pair: this.pair.expand([...batchShape, this.classes]) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    const draws = sampleShape.reduce((a, b) => a * b, 1)
    return setGradEnabled(false, () => {
      const rows = this.probs.reshape([-1, this.classes])
      return multinomial(rows, draws, { replacement: true }).t().reshape(shape)
    })
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const shape = broadcastShapes(value.shape, this.batchShape)
    const index = value.to('int64').expand(shape).unsqueeze(-1)
    return gather(this.logits.expand([...shape, this.classes]), -1, index).squeeze(-1)
  }

  override entropy(): Tensor {
    const logits = clampMin(this.logits, finfo(this.logits.dtype).min)
    return neg(logits.mul(this.probs).sum(-1))
  }

  override enumerateSupport(options?: EnumerateOptions): Tensor {
    return enumerated(this, arange(this.classes, { dtype: 'int64' }), options)
  }
}

/**
 * {@link Categorical}, whose values are one-hot vectors.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#onehotcategorical
 * @example
 * new g.distributions.OneHotCategorical(g.tensor([0, 1])).sample().tolist() // => [0, 1]
 */
export class OneHotCategorical extends Distribution {
  static override readonly distributionName: string = 'OneHotCategorical'
  /** The distribution of the place of the 1. */
  readonly categorical: Categorical

  constructor(probs: Tensor | null, options?: CategoricalOptions)
  constructor(options: CategoricalOptions)
  constructor(probs: Tensor | null | CategoricalOptions, options?: CategoricalOptions) {
    const given = takeOptions(
      'OneHotCategorical',
      categoricalOptions,
      probsFirst<CategoricalOptions>('OneHotCategorical', probs, options),
    )
    const categorical = new Categorical(given)
    super(categorical.batchShape, categorical.paramShape.slice(-1), {
      validateArgs: given.validateArgs ?? null,
    })
    this.categorical = categorical
  }

  override get hasEnumerateSupport(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector }
  }
  override get support(): Constraint {
    return oneHotVectors
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
    return this.probs
  }
  override get mode(): Tensor {
    return this.vectors(this.categorical.mode)
  }
  override get variance(): Tensor {
    return this.probs.mul(sub(1, this.probs))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { categorical: this.categorical.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    return this.vectors(this.categorical.sample(sampleShape))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return this.categorical.logProb(argmax(value, -1))
  }

  override entropy(): Tensor {
    return this.categorical.entropy()
  }

  override enumerateSupport(options?: EnumerateOptions): Tensor {
    return enumerated(this, eye(this.eventShape[0], { dtype: this.probs.dtype }), options)
  }

  private vectors(index: Tensor): Tensor {
    return oneHot(index, this.eventShape[0]).to(this.probs.dtype)
  }
}

/**
 * {@link OneHotCategorical} with `rsample`: gradients go to the probabilities as if the sample were them (Bengio et al. 2013).
 *
 * @see https://pytorch.org/docs/stable/distributions.html#onehotcategorical
 */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  static override readonly distributionName: string = 'OneHotCategoricalStraightThrough'

  override get hasRsample(): boolean {
    return true
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.sample(sampleShape).add(this.probs.sub(this.probs.detach()))
  }
}

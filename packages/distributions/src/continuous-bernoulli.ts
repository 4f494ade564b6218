import {
  abs,
  binaryCrossEntropyWithLogits,
  div,
  expm1,
  ge,
  gt,
  le,
  log,
  log1p,
  logicalOr,
  neg,
  pow,
  rand,
  square,
  sub,
  where,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, finite, listOf, takeOptions } from '@gradus/core/internal'
import {
  binaryFrom,
  broadcastAll,
  clampProbs,
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  ProbsOrLogits,
  takeShape,
  takeValue,
} from './arguments.ts'
import { real, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { ExponentialFamily } from './exponential-family.ts'

/** Options of {@link ContinuousBernoulli}. */
export interface ContinuousBernoulliOptions extends ProbsOptions {
  /** Between these probabilities values come from a series, because the closed form cancels; [0.499, 0.501] by default. */
  lims?: readonly number[]
}
const continuousOptions = /* @__PURE__ */ defineOptions<ContinuousBernoulliOptions, ProbsOptions>(
  { lims: /* @__PURE__ */ listOf(finite, 2) },
  probsOptions,
)

/**
 * The continuous Bernoulli distribution on [0, 1]: its density is in proportion to `probs^x · (1 - probs)^(1 - x)`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless exactly one of probs and logits is given, and 0 <= probs <= 1
 * @see Loaiza-Ganem and Cunningham 2019, https://arxiv.org/abs/1907.06845
 * @see https://pytorch.org/docs/stable/distributions.html#continuousbernoulli
 */
export class ContinuousBernoulli extends ExponentialFamily {
  static override readonly distributionName: string = 'ContinuousBernoulli'
  private readonly pair: ProbsOrLogits
  private readonly lims: readonly number[]

  constructor(probs: Parameter | null, options?: ContinuousBernoulliOptions)
  constructor(options: ContinuousBernoulliOptions)
  constructor(probs: Parameter | null | ContinuousBernoulliOptions, options?: ContinuousBernoulliOptions) {
    const name = 'ContinuousBernoulli'
    const given = takeOptions(
      name,
      continuousOptions,
      probsFirst<ContinuousBernoulliOptions>(name, probs, options),
    )
    const pair = binaryFrom(name, given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.lims = given.lims ?? [0.499, 0.501]
    this.pair = pair
    // checked before they are moved inside of the interval
    this.checkParameters()
    if (pair.isProbs) this.pair = new ProbsOrLogits(clampProbs(pair.given), true, true)
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return unitInterval
  }
  /** The parameter, inside of (0, 1). */
  get probs(): Tensor {
    return this.pair.isProbs ? this.pair.probs : clampProbs(this.pair.probs)
  }
  /** The log-odds. */
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

  override get mean(): Tensor {
    const { isStable, cut, odds } = this.cut()
    const closed = cut.div(cut.mul(2).sub(1)).add(div(1, odds))
    const x = this.probs.sub(0.5)
    const series = square(x)
      .mul(16 / 45)
      .add(1 / 3)
      .mul(x)
      .add(0.5)
    return where(isStable, closed, series)
  }
  override get variance(): Tensor {
    const { isStable, cut, odds } = this.cut()
    const closed = cut
      .mul(cut.sub(1))
      .div(square(sub(1, cut.mul(2))))
      .add(div(1, square(odds)))
    const x = square(this.probs.sub(0.5))
    const series = sub(1 / 12, sub(1 / 15, x.mul(128 / 945)).mul(x))
    return where(isStable, closed, series)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { pair: this.pair.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.icdf(rand(this.extendedShape(sampleShape), { dtype: this.probs.dtype }))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [logits, x] = broadcastAll('ContinuousBernoulli', { logits: this.logits, value })
    return this.logNormalization().sub(binaryCrossEntropyWithLogits(logits, x, { reduction: 'none' }))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    const { isStable, cut } = this.cut()
    const closed = pow(cut, value)
      .mul(pow(sub(1, cut), sub(1, value)))
      .add(cut)
      .sub(1)
      .div(cut.mul(2).sub(1))
    const inside = where(isStable, closed, value)
    return where(le(value, 0), 0, where(ge(value, 1), 1, inside))
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    const { isStable, cut, odds } = this.cut()
    const failure = log1p(neg(cut))
    const closed = log1p(value.mul(cut.mul(2).sub(1)).sub(cut))
      .sub(failure)
      .div(neg(odds))
    return where(isStable, closed, value)
  }

  override entropy(): Tensor {
    const failure = log1p(neg(this.probs))
    return this.mean
      .mul(failure.sub(log(this.probs)))
      .sub(this.logNormalization())
      .sub(failure)
  }

  /** The logarithm of the constant that makes the integral of the density 1. */
  logNormalization(): Tensor {
    const { isStable, cut, odds } = this.cut()
    const below = where(le(cut, 0.5), cut, 0)
    const above = where(ge(cut, 0.5), cut, 1)
    const width = where(le(cut, 0.5), log1p(below.mul(-2)), log(above.mul(2).sub(1)))
    const x = square(this.probs.sub(0.5))
    const series = x
      .mul(104 / 45)
      .add(4 / 3)
      .mul(x)
      .add(Math.LN2)
    return where(isStable, log(abs(odds)).sub(width), series)
  }

  override get naturalParams(): Tensor[] {
    return [this.logits]
  }
  override logNormalizer(x: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    const [low, high] = this.lims
    const isStable = logicalOr(le(x, low - 0.5), gt(x, high - 0.5))
    const cut = where(isStable, x, low - 0.5)
    const closed = log(abs(expm1(cut))).sub(log(abs(cut)))
    const series = x.mul(0.5).add(square(x).div(24)).sub(pow(x, 4).div(2880))
    return where(isStable, closed, series)
  }
  override get meanCarrierMeasure(): number {
    return 0
  }

  /** Where the closed form holds, the probabilities with another one elsewhere, and log((1 - p) / p) of those. */
  private cut(): { isStable: Tensor; cut: Tensor; odds: Tensor } {
    const { probs } = this
    const isStable = logicalOr(le(probs, this.lims[0]), gt(probs, this.lims[1]))
    const cut = where(isStable, probs, this.lims[0])
    return { isStable, cut, odds: log1p(neg(cut)).sub(log(cut)) }
  }
}

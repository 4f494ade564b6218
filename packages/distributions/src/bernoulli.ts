import {
  arange,
  bernoulli,
  binaryCrossEntropyWithLogits,
  eq,
  exp,
  ge,
  log1p,
  logit,
  maskedFill,
  neg,
  setGradEnabled,
  sub,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { takeOptions } from '@gradus/core/internal'
import {
  binaryFrom,
  broadcastAll,
  type Parameter,
  probsFirst,
  probsOptions,
  type ProbsOptions,
  type ProbsOrLogits,
  takeShape,
  takeValue,
} from './arguments.ts'
import { boolean, real, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import type { EnumerateOptions } from './distribution.ts'
import { enumerated } from './enumerate.ts'
import { ExponentialFamily } from './exponential-family.ts'

/**
 * 1 with probability `probs`, else 0. `logits` in place of `probs` are log-odds.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless exactly one of probs and logits is given, and 0 <= probs <= 1
 * @see https://pytorch.org/docs/stable/distributions.html#bernoulli
 * @example
 * new g.distributions.Bernoulli(0.25).logProb(g.tensor(1)).exp().item() // => 0.25
 * new g.distributions.Bernoulli({ logits: 0 }).mean.item() // => 0.5
 */
export class Bernoulli extends ExponentialFamily {
  static override readonly distributionName: string = 'Bernoulli'
  private readonly pair: ProbsOrLogits

  constructor(probs: Parameter | null, options?: ProbsOptions)
  constructor(options: ProbsOptions)
  constructor(probs: Parameter | null | ProbsOptions, options?: ProbsOptions) {
    const given = takeOptions('Bernoulli', probsOptions, probsFirst('Bernoulli', probs, options))
    const pair = binaryFrom('Bernoulli', given)
    super(pair.given.shape, [], { validateArgs: given.validateArgs ?? null })
    this.pair = pair
    this.checkParameters()
  }

  override get hasEnumerateSupport(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real }
  }
  override get support(): Constraint {
    return boolean
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
  override get mean(): Tensor {
    return this.probs
  }
  /** 0 or 1; NaN where both are as probable. */
  override get mode(): Tensor {
    return maskedFill(ge(this.probs, 0.5).to(this.probs.dtype), eq(this.probs, 0.5), NaN)
  }
  override get variance(): Tensor {
    return this.probs.mul(sub(1, this.probs))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { pair: this.pair.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => bernoulli(this.probs.expand(shape)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const [logits, target] = broadcastAll('Bernoulli', { logits: this.logits, value })
    return neg(binaryCrossEntropyWithLogits(logits, target, { reduction: 'none' }))
  }

  override entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: 'none' })
  }

  override enumerateSupport(options?: EnumerateOptions): Tensor {
    return enumerated(this, arange(2, { dtype: this.pair.given.dtype }), options)
  }

  override get naturalParams(): Tensor[] {
    return [logit(this.probs)]
  }
  override logNormalizer(x: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    return log1p(exp(x))
  }
  override get meanCarrierMeasure(): number {
    return 0
  }
}

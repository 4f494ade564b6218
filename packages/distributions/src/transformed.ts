import { setGradEnabled, ValueError, type Shape, type Tensor } from '@gradus/core/functions'
import { integer, sameShape, takeArgument } from '@gradus/core/internal'
import { type DistributionOptions, notImplemented, sumRightmost, takeShape, takeValue } from './arguments.ts'
import { independent } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution, type EnumerateOptions } from './distribution.ts'
import { ComposeTransform, product, Transform } from './transforms/transform.ts'

const axes = /* @__PURE__ */ integer(0)

/** A value that is no distribution is refused. */
export function takeDistribution(call: string, name: string, value: unknown): void {
  if (!(value instanceof Distribution)) throw new ValueError(`${call}: ${name} must be a distribution`)
}

/**
 * Another distribution whose last axes of the batch belong to an event: their log-probabilities are summed.
 *
 * @throws ValueError for more axes than the batch has
 * @see https://pytorch.org/docs/stable/distributions.html#independent
 * @example
 * const p = new g.distributions.Independent(new g.distributions.Normal(g.zeros(3), 1), 1)
 * p.eventShape // => [3]
 * p.logProb(g.zeros(3)).item() // => -2.7568
 */
export class Independent<D extends Distribution = Distribution> extends Distribution {
  static override readonly distributionName: string = 'Independent'
  /** The distribution of single elements. */
  readonly baseDist: D
  /** How many axes of the batch belong to an event. */
  readonly reinterpretedBatchNdims: number

  constructor(baseDistribution: D, reinterpretedBatchNdims: number, options?: DistributionOptions) {
    takeDistribution('Independent', 'baseDistribution', baseDistribution)
    takeArgument('Independent', 'reinterpretedBatchNdims', axes, reinterpretedBatchNdims)
    const { batchShape, eventShape } = baseDistribution
    if (reinterpretedBatchNdims > batchShape.length) {
      throw new ValueError(
        `Expected reinterpretedBatchNdims <= baseDistribution.batchShape.length, actual ${reinterpretedBatchNdims} vs ${batchShape.length}`,
      )
    }
    const cut = batchShape.length - reinterpretedBatchNdims
    super(batchShape.slice(0, cut), [...batchShape.slice(cut), ...eventShape], options)
    this.baseDist = baseDistribution
    this.reinterpretedBatchNdims = reinterpretedBatchNdims
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample
  }
  override get hasEnumerateSupport(): boolean {
    return this.reinterpretedBatchNdims === 0 && this.baseDist.hasEnumerateSupport
  }
  override get support(): Constraint {
    const { support } = this.baseDist
    return this.reinterpretedBatchNdims === 0 ? support : independent(support, this.reinterpretedBatchNdims)
  }
  override get mean(): Tensor {
    return this.baseDist.mean
  }
  override get mode(): Tensor {
    return this.baseDist.mode
  }
  override get variance(): Tensor {
    return this.baseDist.variance
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    const moved = this.eventShape.slice(0, this.reinterpretedBatchNdims)
    return this.copy(batchShape, { baseDist: this.baseDist.expand([...batchShape, ...moved]) })
  }
  override sample(sampleShape: Shape = []): Tensor {
    return this.baseDist.sample(sampleShape)
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.baseDist.rsample(sampleShape)
  }
  override logProb(value: Tensor): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.reinterpretedBatchNdims)
  }
  override entropy(): Tensor {
    return sumRightmost(this.baseDist.entropy(), this.reinterpretedBatchNdims)
  }
  override enumerateSupport(options?: EnumerateOptions): Tensor {
    if (this.reinterpretedBatchNdims > 0)
      throw notImplemented('Enumeration over cartesian product is not implemented')
    return this.baseDist.enumerateSupport(options)
  }
  override toString(): string {
    return `Independent(${this.baseDist.toString()}, ${this.reinterpretedBatchNdims})`
  }
}

/** What a transformed distribution is made of: its base in the shape that the transforms take. */
function arrange(
  given: Distribution,
  transforms: readonly Transform[],
): { base: Distribution; batchShape: Shape; eventShape: Shape } {
  takeDistribution('TransformedDistribution', 'baseDistribution', given)
  const transform = new ComposeTransform(transforms)
  const { domain, codomain } = transform
  const baseShape = [...given.batchShape, ...given.eventShape]
  const baseAxes = given.eventShape.length
  if (baseShape.length < domain.eventDim) {
    throw new ValueError(
      `baseDistribution needs to have shape with size at least ${domain.eventDim}, but got [${baseShape.join(', ')}].`,
    )
  }
  const shape = transform.forwardShape(baseShape)
  const needed = transform.inverseShape(shape)
  let base = given
  if (!sameShape(baseShape, needed)) base = base.expand(needed.slice(0, needed.length - baseAxes))
  if (domain.eventDim > baseAxes) base = new Independent(base, domain.eventDim - baseAxes)
  const eventDim = Math.max(codomain.eventDim, baseAxes + codomain.eventDim - domain.eventDim)
  const cut = shape.length - eventDim
  return { base, batchShape: shape.slice(0, cut), eventShape: shape.slice(cut) }
}

function listOfTransforms(transforms: Transform | readonly Transform[]): readonly Transform[] {
  const list = transforms instanceof Transform ? [transforms] : transforms
  if (!Array.isArray(list) || !list.every((t) => t instanceof Transform))
    throw new ValueError('transforms must be a transform or an array of transforms')
  return [...list]
}

/**
 * The distribution of what transforms make of the samples of another.
 *
 * @param transforms - one, or several of which the first is called first
 * @see https://pytorch.org/docs/stable/distributions.html#transformeddistribution
 * @example
 * const { ExpTransform, Normal, TransformedDistribution } = g.distributions
 * const p = new TransformedDistribution(new Normal(0, 1), [new ExpTransform()])
 * p.logProb(g.tensor(1)).item() // => -0.9189
 */
export class TransformedDistribution extends Distribution {
  static override readonly distributionName: string = 'TransformedDistribution'
  /** The distribution that samples come from, in the shape that the transforms take. */
  readonly baseDist: Distribution
  /** What is done with its samples, in order. */
  readonly transforms: readonly Transform[]

  constructor(
    baseDistribution: Distribution,
    transforms: Transform | readonly Transform[],
    options?: DistributionOptions,
  ) {
    const list = listOfTransforms(transforms)
    const { base, batchShape, eventShape } = arrange(baseDistribution, list)
    super(batchShape, eventShape, options)
    this.baseDist = base
    this.transforms = list
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample
  }
  override get support(): Constraint {
    if (this.transforms.length === 0) return this.baseDist.support
    const { codomain } = this.transforms[this.transforms.length - 1]
    const more = this.eventShape.length - codomain.eventDim
    return more > 0 ? independent(codomain, more) : codomain
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    const shape = this.transforms.reduceRight<Shape>(
      (sizes, t) => t.inverseShape(sizes),
      [...batchShape, ...this.eventShape],
    )
    const cut = shape.length - this.baseDist.eventShape.length
    return this.copy(batchShape, { baseDist: this.baseDist.expand(shape.slice(0, cut)) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    return setGradEnabled(false, () => this.transformed(this.baseDist.sample(sampleShape)))
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.transformed(this.baseDist.rsample(sampleShape))
  }

  private transformed(x: Tensor): Tensor {
    return this.transforms.reduce((value, t) => t.call(value), x)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    let eventDim = this.eventShape.length
    let y = value
    const terms = [...this.transforms].reverse().map((t) => {
      const x = t.invert(y)
      eventDim += t.domain.eventDim - t.codomain.eventDim
      const term = sumRightmost(t.logAbsDetJacobian(x, y), eventDim - t.domain.eventDim)
      y = x
      return term
    })
    const density = sumRightmost(this.baseDist.logProb(y), eventDim - this.baseDist.eventShape.length)
    return terms.length === 0 ? density : density.sub(terms.reduce((a, b) => a.add(b)))
  }

  override cdf(value: Tensor): Tensor {
    const x = this.transforms.reduceRight((y, t) => t.invert(y), value)
    if (this.validateArgs) this.baseDist.checkSample(x)
    return this.rising(this.baseDist.cdf(x))
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return this.transformed(this.baseDist.icdf(this.rising(value)))
  }

  /** Probabilities of what lies below, from those of the base: of what lies above where the transforms fall. */
  private rising(value: Tensor): Tensor {
    const sign = this.transforms.map((t) => t.sign).reduce(product, 1)
    return sign === 1 ? value : value.sub(0.5).mul(sign).add(0.5)
  }
}

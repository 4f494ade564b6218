import {
  all,
  argmax,
  clampMin,
  digamma,
  lgamma,
  lt,
  oneHot,
  square,
  stack,
  sub,
  ValueError,
  where,
  xlogy,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { sampleDirichlet, takeArgument } from '@gradus/core/internal'
import {
  aTensor,
  broadcastAll,
  type DistributionOptions,
  type Parameter,
  takeShape,
  takeValue,
} from './arguments.ts'
import { independent, positive, simplex, unitInterval } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { ExponentialFamily } from './exponential-family.ts'

/**
 * The Dirichlet distribution: of vectors of sum 1.
 *
 * Samples are PyTorch's from the same seed. Their gradients are implicit, as PyTorch approximates them.
 *
 * @param concentration - [...batch, n]
 * @throws ValueError unless concentration > 0
 * @see https://pytorch.org/docs/stable/distributions.html#dirichlet
 * @example
 * new g.distributions.Dirichlet(g.tensor([1, 3])).mean.tolist() // => [0.25, 0.75]
 */
export class Dirichlet extends ExponentialFamily {
  static override readonly distributionName: string = 'Dirichlet'
  /** How much weight each element has, and all of them how little they vary. */
  readonly concentration: Tensor

  constructor(concentration: Tensor, options?: DistributionOptions) {
    takeArgument('Dirichlet', 'concentration', aTensor, concentration)
    if (concentration.ndim < 1)
      throw new ValueError('`concentration` parameter must be at least one-dimensional.')
    super(concentration.shape.slice(0, -1), concentration.shape.slice(-1), options)
    this.concentration = concentration
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: independent(positive, 1) }
  }
  override get support(): Constraint {
    return simplex
  }
  override get mean(): Tensor {
    return this.concentration.div(this.concentration.sum(-1, { keepdim: true }))
  }
  override get mode(): Tensor {
    const above = clampMin(this.concentration.sub(1), 0)
    const found = above.div(above.sum(-1, { keepdim: true }))
    // all below 1: the density is greatest in the corners
    const corner = oneHot(argmax(found, -1), this.eventShape[0]).to(found.dtype)
    return where(all(lt(this.concentration, 1), -1, { keepdim: true }), corner, found)
  }
  override get variance(): Tensor {
    const a = this.concentration
    const total = a.sum(-1, { keepdim: true })
    return a.mul(total.sub(a)).div(square(total).mul(total.add(1)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    const concentration = this.concentration.expand([...batchShape, ...this.eventShape])
    return this.copy(batchShape, { concentration })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return sampleDirichlet(this.concentration.expand(this.extendedShape(sampleShape)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const a = this.concentration
    return xlogy(a.sub(1), value)
      .sum(-1)
      .add(lgamma(a.sum(-1)))
      .sub(lgamma(a).sum(-1))
  }

  override entropy(): Tensor {
    const a = this.concentration
    const total = a.sum(-1)
    return lgamma(a)
      .sum(-1)
      .sub(lgamma(total))
      .sub(sub(this.eventShape[0], total).mul(digamma(total)))
      .sub(a.sub(1).mul(digamma(a)).sum(-1))
  }

  override get naturalParams(): Tensor[] {
    return [this.concentration]
  }
  override logNormalizer(x: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    return lgamma(x)
      .sum(-1)
      .sub(lgamma(x.sum(-1)))
  }
}

/**
 * The beta distribution on [0, 1]: its density is in proportion to `x^(concentration1 - 1) · (1 - x)^(concentration0 - 1)`.
 *
 * Samples are PyTorch's from the same seed. Their gradients are implicit, as PyTorch approximates them.
 *
 * @throws ValueError unless both concentrations are positive
 * @see https://pytorch.org/docs/stable/distributions.html#beta
 * @example
 * new g.distributions.Beta(1, 3).mean.item() // => 0.25
 */
export class Beta extends ExponentialFamily {
  static override readonly distributionName: string = 'Beta'
  private readonly dirichlet: Dirichlet

  constructor(concentration1: Parameter, concentration0: Parameter, options?: DistributionOptions) {
    const both = broadcastAll('Beta', { concentration1, concentration0 })
    super(both[0].shape, [], options)
    this.dirichlet = new Dirichlet(stack(both, -1), { validateArgs: false })
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive }
  }
  override get support(): Constraint {
    return unitInterval
  }
  /** The power at 0. */
  get concentration1(): Tensor {
    return this.dirichlet.concentration.select(-1, 0)
  }
  /** The power at 1. */
  get concentration0(): Tensor {
    return this.dirichlet.concentration.select(-1, 1)
  }
  override get mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0))
  }
  override get mode(): Tensor {
    return this.dirichlet.mode.select(-1, 0)
  }
  override get variance(): Tensor {
    const { concentration1: a, concentration0: b } = this
    const total = a.add(b)
    return a.mul(b).div(square(total).mul(total.add(1)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { dirichlet: this.dirichlet.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.dirichlet.rsample(sampleShape).select(-1, 0)
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return this.dirichlet.logProb(stack([value, sub(1, value)], -1))
  }

  override entropy(): Tensor {
    return this.dirichlet.entropy()
  }

  override get naturalParams(): Tensor[] {
    return [this.concentration1, this.concentration0]
  }
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    takeValue('logNormalizer', 'y', y)
    return lgamma(x)
      .add(lgamma(y))
      .sub(lgamma(x.add(y)))
  }
}

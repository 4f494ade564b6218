import { takeShape, takeValue } from './arguments.ts'
import {
  gather,
  logSoftmax,
  logsumexp,
  setGradEnabled,
  square,
  ValueError,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import type { DistributionOptions } from './arguments.ts'
import { Categorical } from './categorical.ts'
import { MixtureSameFamilyConstraint, type Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { takeDistribution } from './transformed.ts'

/**
 * A mixture of distributions of one family, the components along the last axis of their batch.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param mixtureDistribution - how probable each component is
 * @param componentDistribution - of batch shape [...batch, k]
 * @throws ValueError unless there are as many components as probabilities, in batches that broadcast
 * @see https://pytorch.org/docs/stable/distributions.html#mixturesamefamily
 * @example
 * const { Categorical, MixtureSameFamily, Normal } = g.distributions
 * const p = new MixtureSameFamily(new Categorical(g.ones(2)), new Normal(g.tensor([-1, 1]), 1))
 * p.variance.item() // => 2
 */
export class MixtureSameFamily<D extends Distribution = Distribution> extends Distribution {
  static override readonly distributionName: string = 'MixtureSameFamily'
  /** How probable each component is. */
  readonly mixtureDistribution: Categorical
  /** The components. */
  readonly componentDistribution: D

  constructor(mixtureDistribution: Categorical, componentDistribution: D, options?: DistributionOptions) {
    if (!(mixtureDistribution instanceof Categorical))
      throw new ValueError('The Mixture distribution needs to be an instance of Categorical')
    takeDistribution('MixtureSameFamily', 'componentDistribution', componentDistribution)
    const batchShape = componentDistribution.batchShape.slice(0, -1)
    checkBatches(mixtureDistribution, componentDistribution)
    super(batchShape, componentDistribution.eventShape, options)
    this.mixtureDistribution = mixtureDistribution
    this.componentDistribution = componentDistribution
  }

  override get support(): Constraint {
    return new MixtureSameFamilyConstraint(this.componentDistribution.support)
  }
  override get mean(): Tensor {
    return this.weighted(this.componentDistribution.mean)
  }
  /** The mean of the variances, and the variance of the means. */
  override get variance(): Tensor {
    const distances = this.componentDistribution.mean.sub(this.apart(this.mean))
    return this.weighted(this.componentDistribution.variance).add(this.weighted(square(distances)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    const components = this.componentDistribution.batchShape.slice(-1)
    return this.copy(batchShape, {
      mixtureDistribution: this.mixtureDistribution.expand(batchShape),
      componentDistribution: this.componentDistribution.expand([...batchShape, ...components]),
    })
  }

  override sample(sampleShape: Shape = []): Tensor {
    return setGradEnabled(false, () => {
      const shape = this.extendedShape(sampleShape)
      const axis = shape.length - this.eventShape.length
      const chosen = this.mixtureDistribution.expand(this.batchShape).sample(sampleShape)
      const drawn = this.componentDistribution.sample(sampleShape)
      const ones = this.eventShape.map(() => 1)
      const index = chosen
        .reshape([...chosen.shape, 1, ...ones])
        .expand([...shape.slice(0, axis), 1, ...this.eventShape])
      return gather(drawn, axis, index).squeeze(axis)
    })
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const each = this.componentDistribution.logProb(this.apart(value))
    return logsumexp(each.add(logSoftmax(this.mixtureDistribution.logits, -1)), -1)
  }

  override cdf(value: Tensor): Tensor {
    takeValue('cdf', 'value', value)
    const each = this.componentDistribution.cdf(this.apart(value))
    return each.mul(this.mixtureDistribution.probs).sum(-1)
  }

  override toString(): string {
    return `MixtureSameFamily(\n  ${this.mixtureDistribution.toString()},\n  ${this.componentDistribution.toString()})`
  }

  /** With an axis for the components. */
  private apart(x: Tensor): Tensor {
    return x.unsqueeze(-1 - this.eventShape.length)
  }

  /** The mean over the components. */
  private weighted(x: Tensor): Tensor {
    const { probs } = this.mixtureDistribution
    const weights = probs.reshape([...probs.shape, ...this.eventShape.map(() => 1)])
    return weights.mul(x).sum(-1 - this.eventShape.length)
  }
}

function checkBatches(mixture: Categorical, components: Distribution): void {
  const [ours, theirs] = [mixture.batchShape, components.batchShape.slice(0, -1)]
  const [a, b] = [[...ours].reverse(), [...theirs].reverse()]
  if (a.some((n, i) => i < b.length && n !== 1 && b[i] !== 1 && n !== b[i])) {
    throw new ValueError(
      `mixtureDistribution.batchShape ([${ours.join(', ')}]) is not compatible with componentDistribution.batchShape ([${theirs.join(', ')}])`,
    )
  }
  const [wanted] = mixture.paramShape.slice(-1)
  const [found] = components.batchShape.slice(-1)
  if (wanted !== found) {
    throw new ValueError(
      `mixtureDistribution has ${wanted} components, and componentDistribution.batchShape ends in ${found}`,
    )
  }
}

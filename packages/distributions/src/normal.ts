import {
  div,
  erf,
  erfinv,
  log,
  neg,
  normal,
  randn,
  setGradEnabled,
  square,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape, takeValue } from './arguments.ts'
import { real, positive } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { ExponentialFamily } from './exponential-family.ts'

/**
 * The normal distribution with mean `loc` and standard deviation `scale`.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#normal
 * @example
 * const unit = new g.distributions.Normal(0, 1)
 * unit.logProb(g.tensor(0)).item() // => -0.9189
 * unit.sample([2, 3]).shape // => [2, 3]
 */
export class Normal extends ExponentialFamily {
  static override readonly distributionName: string = 'Normal'
  /** The mean. */
  readonly loc: Tensor
  /** The standard deviation. */
  readonly scale: Tensor

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    const [mean, deviation] = broadcastAll('Normal', { loc, scale })
    super(mean.shape, [], options)
    this.loc = mean
    this.scale = deviation
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive }
  }
  override get support(): Constraint {
    return real
  }
  override get mean(): Tensor {
    return this.loc
  }
  override get mode(): Tensor {
    return this.loc
  }
  override get stddev(): Tensor {
    return this.scale
  }
  override get variance(): Tensor {
    return square(this.scale)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { loc: this.loc.expand(batchShape), scale: this.scale.expand(batchShape) })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => normal(this.loc.expand(shape), this.scale.expand(shape)))
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const noise = randn(this.extendedShape(sampleShape), { dtype: this.loc.dtype })
    return this.loc.add(noise.mul(this.scale))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return neg(square(value.sub(this.loc)))
      .div(square(this.scale).mul(2))
      .sub(log(this.scale))
      .sub(Math.log(Math.sqrt(2 * Math.PI)))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return erf(value.sub(this.loc).mul(div(1, this.scale)).div(Math.SQRT2))
      .add(1)
      .mul(0.5)
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return this.loc.add(this.scale.mul(erfinv(value.mul(2).sub(1))).mul(Math.SQRT2))
  }

  override entropy(): Tensor {
    return log(this.scale).add(0.5 + 0.5 * Math.log(2 * Math.PI))
  }

  override get naturalParams(): Tensor[] {
    const variance = square(this.scale)
    return [this.loc.div(variance), div(-0.5, variance)]
  }
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    takeValue('logNormalizer', 'y', y)
    return square(x)
      .mul(-0.25)
      .div(y)
      .add(log(div(-Math.PI, y)).mul(0.5))
  }
  override get meanCarrierMeasure(): number {
    return 0
  }
}

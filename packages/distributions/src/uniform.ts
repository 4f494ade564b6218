import { clamp, gt, le, log, rand, square, type Shape, type Tensor } from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape, takeValue } from './arguments.ts'
import { greaterThan, interval, lessThan } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'

/**
 * The uniform distribution on [`low`, `high`).
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless low < high
 * @see https://pytorch.org/docs/stable/distributions.html#uniform
 * @example
 * new g.distributions.Uniform(1, 3).cdf(g.tensor(2)).item() // => 0.5
 */
export class Uniform extends Distribution {
  static override readonly distributionName: string = 'Uniform'
  /** The lower bound. */
  readonly low: Tensor
  /** The upper bound. */
  readonly high: Tensor

  constructor(low: Parameter, high: Parameter, options?: DistributionOptions) {
    const [from, to] = broadcastAll('Uniform', { low, high })
    super(from.shape, [], options)
    this.low = from
    this.high = to
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { low: lessThan(this.high), high: greaterThan(this.low) }
  }
  override get support(): Constraint {
    return interval(this.low, this.high)
  }
  override get mean(): Tensor {
    return this.high.add(this.low).div(2)
  }
  override get mode(): Tensor {
    return this.high.mul(NaN)
  }
  override get stddev(): Tensor {
    return this.width().div(Math.sqrt(12))
  }
  override get variance(): Tensor {
    return square(this.width()).div(12)
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { low: this.low.expand(batchShape), high: this.high.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const drawn = rand(this.extendedShape(sampleShape), { dtype: this.low.dtype })
    return this.low.add(drawn.mul(this.width()))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const { dtype } = this.low
    const isInside = le(this.low, value).to(dtype).mul(gt(this.high, value).to(dtype))
    return log(isInside).sub(log(this.width()))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return clamp(value.sub(this.low).div(this.width()), 0, 1)
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return value.mul(this.width()).add(this.low)
  }

  override entropy(): Tensor {
    return log(this.width())
  }

  private width(): Tensor {
    return this.high.sub(this.low)
  }
}

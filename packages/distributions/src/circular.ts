import {
  acos,
  all,
  atan,
  cauchy_,
  cos,
  div,
  empty,
  full,
  ge,
  gt,
  log,
  log1p,
  logicalOr,
  lt,
  rand,
  remainder,
  setGradEnabled,
  sign,
  special,
  sqrt,
  square,
  sub,
  tan,
  where,
  zeros,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { broadcastAll, type DistributionOptions, type Parameter, takeShape, takeValue } from './arguments.ts'
import { positive, real } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'

/**
 * The Cauchy distribution around `loc`: the tangent of a uniform angle. It has no mean.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @throws ValueError unless scale > 0
 * @see https://pytorch.org/docs/stable/distributions.html#cauchy
 */
export class Cauchy extends Distribution {
  static override readonly distributionName: string = 'Cauchy'
  /** The median. */
  readonly loc: Tensor
  /** Half of the width at half of the height. */
  readonly scale: Tensor

  constructor(loc: Parameter, scale: Parameter, options?: DistributionOptions) {
    const [center, width] = broadcastAll('Cauchy', { loc, scale })
    super(center.shape, [], options)
    this.loc = center
    this.scale = width
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
  /** NaN. */
  override get mean(): Tensor {
    return full(this.batchShape, NaN, { dtype: this.loc.dtype })
  }
  override get mode(): Tensor {
    return this.loc
  }
  /** Infinity. */
  override get variance(): Tensor {
    return full(this.batchShape, Infinity, { dtype: this.loc.dtype })
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { loc: this.loc.expand(batchShape), scale: this.scale.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const drawn = cauchy_(empty(this.extendedShape(sampleShape), { dtype: this.loc.dtype }))
    return this.loc.add(drawn.mul(this.scale))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const z = value.sub(this.loc).div(this.scale)
    return sub(-Math.log(Math.PI), log(this.scale)).sub(log1p(square(z)))
  }

  override cdf(value: Tensor): Tensor {
    this.checkValue(value)
    return atan(value.sub(this.loc).div(this.scale)).div(Math.PI).add(0.5)
  }

  override icdf(value: Tensor): Tensor {
    takeValue('icdf', 'value', value)
    return tan(value.sub(0.5).mul(Math.PI)).mul(this.scale).add(this.loc)
  }

  override entropy(): Tensor {
    return log(this.scale).add(Math.log(4 * Math.PI))
  }
}

/**
 * The von Mises distribution of angles: around `loc`, with a density in proportion to exp(concentration · cos(x - loc)).
 *
 * Samples are drawn in double by rejection (Best and Fisher 1979), as PyTorch's from the same seed. The normalizer is exact
 * to the dtype, where PyTorch's polynomials are to 2e-7.
 *
 * @throws ValueError unless concentration > 0
 * @see https://pytorch.org/docs/stable/distributions.html#vonmises
 */
export class VonMises extends Distribution {
  static override readonly distributionName: string = 'VonMises'
  /** An angle in radians. */
  readonly loc: Tensor
  /** How narrow the distribution is. */
  readonly concentration: Tensor

  constructor(loc: Parameter, concentration: Parameter, options?: DistributionOptions) {
    const [center, kappa] = broadcastAll('VonMises', { loc, concentration })
    super(center.shape, [], options)
    this.loc = center
    this.concentration = kappa
    this.checkParameters()
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, concentration: positive }
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
  /** The circular variance. */
  override get variance(): Tensor {
    return sub(1, special.i1e(this.concentration).div(special.i0e(this.concentration)))
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      loc: this.loc.expand(batchShape),
      concentration: this.concentration.expand(batchShape),
    })
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    return setGradEnabled(false, () => {
      const kappa = this.concentration.to('float64')
      const angles = drawAngles(kappa, shape)
      const turned = angles.add(Math.PI).add(this.loc.to('float64'))
      return remainder(turned, 2 * Math.PI)
        .sub(Math.PI)
        .to(this.loc.dtype)
    })
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    // log I0(κ) = log(I0(κ) e^-κ) + κ
    const logBessel = log(special.i0e(this.concentration)).add(this.concentration)
    return this.concentration
      .mul(cos(value.sub(this.loc)))
      .sub(Math.log(2 * Math.PI))
      .sub(logBessel)
  }
}

/** Angles around 0, by rejection from a wrapped Cauchy distribution. */
function drawAngles(kappa: Tensor, shape: Shape): Tensor {
  const tau = sqrt(square(kappa).mul(4).add(1)).add(1)
  const rho = tau.sub(sqrt(tau.mul(2))).div(kappa.mul(2))
  const wide = div(1, kappa).add(kappa)
  const r = where(lt(kappa, 1e-5), wide, square(rho).add(1).div(rho.mul(2)))
  let angles = zeros(shape, { dtype: 'float64' })
  let isDone = zeros(shape, { dtype: 'bool' })
  while (!all(isDone).item<boolean>()) {
    const drawn = rand([3, ...shape], { dtype: 'float64' })
    const [u1, u2, u3] = [0, 1, 2].map((i) => drawn.select(0, i))
    const z = cos(u1.mul(Math.PI))
    const f = r.mul(z).add(1).div(r.add(z))
    const c = kappa.mul(r.sub(f))
    const isAccepted = logicalOr(gt(c.mul(sub(2, c)).sub(u2), 0), ge(log(c.div(u2)).add(1).sub(c), 0))
    // where done before, an angle is drawn again, as in PyTorch
    angles = where(isAccepted, sign(u3.sub(0.5)).mul(acos(f)), angles)
    isDone = logicalOr(isDone, isAccepted)
  }
  return angles
}

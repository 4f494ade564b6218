import {
  abs,
  all,
  atanh,
  broadcastShapes,
  clamp,
  div,
  eq,
  exp,
  expm1,
  finfo,
  fullLike,
  isTensor,
  log,
  log1p,
  neg,
  pow,
  sigmoid,
  sign,
  softplus,
  tanh,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, integer, takeArgument, takeOptions } from '@gradus/core/internal'
import { aParameter, broadcastAll, type Parameter, sumRightmost, takeShape, takeValue } from '../arguments.ts'
import { independent, interval, positive, real, unitInterval } from '../constraints/index.ts'
import type { Constraint } from '../constraints/constraint.ts'
import { Transform, transformOptions, type TransformOptions } from './transform.ts'

/** A function of all numbers that rises. */
abstract class Rising extends Transform {
  get domain(): Constraint {
    return real
  }
  override get bijective(): boolean {
    return true
  }
  override get sign(): number {
    return 1
  }
  override equals(other: Transform): boolean {
    return other.constructor === this.constructor
  }
}

/**
 * `exp(x)`.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#exptransform
 */
export class ExpTransform extends Rising {
  static override readonly transformName: string = 'ExpTransform'
  get codomain(): Constraint {
    return positive
  }
  protected forward(x: Tensor): Tensor {
    return exp(x)
  }
  protected override backward(y: Tensor): Tensor {
    return log(y)
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return x
  }
}

/**
 * `1 / (1 + exp(-x))`, inside of (0, 1).
 *
 * @see https://pytorch.org/docs/stable/distributions.html#sigmoidtransform
 */
export class SigmoidTransform extends Rising {
  static override readonly transformName: string = 'SigmoidTransform'
  get codomain(): Constraint {
    return unitInterval
  }
  protected forward(x: Tensor): Tensor {
    return clippedSigmoid(x)
  }
  protected override backward(y: Tensor): Tensor {
    const inside = insideUnit(y)
    return log(inside).sub(log1p(neg(inside)))
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return neg(softplus(neg(x))).sub(softplus(x))
  }
}

function insideUnit(x: Tensor): Tensor {
  const { tiny, eps } = finfo(x.dtype)
  return clamp(x, tiny, 1 - eps)
}

/** The sigmoid, moved inside of (0, 1) where it rounds to a bound. */
export const clippedSigmoid = (x: Tensor): Tensor => insideUnit(sigmoid(x))

/**
 * `log(1 + exp(x))`, and `x` itself above 20.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#softplustransform
 */
export class SoftplusTransform extends Rising {
  static override readonly transformName: string = 'SoftplusTransform'
  get codomain(): Constraint {
    return positive
  }
  protected forward(x: Tensor): Tensor {
    return softplus(x)
  }
  protected override backward(y: Tensor): Tensor {
    return log(neg(expm1(neg(y)))).add(y)
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return neg(softplus(neg(x)))
  }
}

/**
 * `tanh(x)`. With a cache the inverse of 1 and -1 is exact.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#tanhtransform
 */
export class TanhTransform extends Rising {
  static override readonly transformName: string = 'TanhTransform'
  get codomain(): Constraint {
    return interval(-1, 1)
  }
  protected forward(x: Tensor): Tensor {
    return tanh(x)
  }
  protected override backward(y: Tensor): Tensor {
    return atanh(y)
  }
  // log(1 - tanh² x) without the cancellation
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return softplus(x.mul(-2)).add(x).sub(Math.LN2).mul(-2)
  }
}

/**
 * `|x|`, whose inverse is the identity: not bijective.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#abstransform
 */
export class AbsTransform extends Transform {
  static override readonly transformName: string = 'AbsTransform'
  get domain(): Constraint {
    return real
  }
  get codomain(): Constraint {
    return positive
  }
  protected forward(x: Tensor): Tensor {
    return abs(x)
  }
  protected override backward(y: Tensor): Tensor {
    return y
  }
  override equals(other: Transform): boolean {
    return other instanceof AbsTransform
  }
}

/**
 * `x` to the power of `exponent`.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#powertransform
 */
export class PowerTransform extends Transform {
  static override readonly transformName: string = 'PowerTransform'
  /** The exponent. */
  readonly exponent: Tensor

  constructor(exponent: Parameter, options?: TransformOptions) {
    super(options)
    this.exponent = broadcastAll('PowerTransform', { exponent })[0]
  }

  get domain(): Constraint {
    return positive
  }
  get codomain(): Constraint {
    return positive
  }
  override get bijective(): boolean {
    return true
  }
  override get sign(): Tensor {
    return sign(this.exponent)
  }
  protected forward(x: Tensor): Tensor {
    return pow(x, this.exponent)
  }
  protected override backward(y: Tensor): Tensor {
    return pow(y, div(1, this.exponent))
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    return log(abs(this.exponent.mul(y).div(x)))
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return broadcastShapes(shape, this.exponent.shape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.forwardShape(shape)
  }
  override equals(other: Transform): boolean {
    return other instanceof PowerTransform && areEqual(this.exponent, other.exponent)
  }
}

/** Options of {@link AffineTransform}. */
export interface AffineTransformOptions extends TransformOptions {
  /** How many of the last axes make one event; 0 by default. */
  eventDim?: number
}
const affineOptions = /* @__PURE__ */ defineOptions<AffineTransformOptions, TransformOptions>(
  { eventDim: /* @__PURE__ */ integer(0) },
  transformOptions,
)

/**
 * `loc + scale · x`.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#affinetransform
 * @example
 * new g.distributions.AffineTransform(1, 2).call(g.tensor([0, 1])).tolist() // => [1, 3]
 */
export class AffineTransform extends Transform {
  static override readonly transformName: string = 'AffineTransform'
  /** What is added. */
  readonly loc: Parameter
  /** The factor. */
  readonly scale: Parameter
  private readonly axes: number

  constructor(loc: Parameter, scale: Parameter, options?: AffineTransformOptions) {
    const { eventDim = 0, ...others } = takeOptions('AffineTransform', affineOptions, options)
    super(others)
    this.loc = takeArgument('AffineTransform', 'loc', aParameter, loc)
    this.scale = takeArgument('AffineTransform', 'scale', aParameter, scale)
    this.axes = eventDim
  }

  override get eventDim(): number {
    return this.axes
  }
  get domain(): Constraint {
    return this.axes === 0 ? real : independent(real, this.axes)
  }
  get codomain(): Constraint {
    return this.domain
  }
  override get bijective(): boolean {
    return true
  }
  override get sign(): number | Tensor {
    return typeof this.scale === 'number' ? Math.sign(this.scale) : sign(this.scale)
  }
  protected forward(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc)
  }
  protected override backward(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale)
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    const { scale } = this
    const each = typeof scale === 'number' ? fullLike(x, Math.log(Math.abs(scale))) : log(abs(scale))
    const found = sumRightmost(each, this.axes)
    return found.expand(x.shape.slice(0, x.ndim - this.axes))
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return [this.loc, this.scale]
      .filter(isTensor)
      .reduce((sizes, p) => broadcastShapes(sizes, p.shape), shape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.forwardShape(shape)
  }
  override equals(other: Transform): boolean {
    return (
      other instanceof AffineTransform && areEqual(this.loc, other.loc) && areEqual(this.scale, other.scale)
    )
  }
}

function areEqual(a: Parameter, b: Parameter): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a === b : all(eq(a, b)).item<boolean>()
}

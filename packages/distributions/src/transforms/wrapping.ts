import { cat, ShapeError, stack, ValueError, zeros, type Shape, type Tensor } from '@gradus/core/functions'
import { integer, kind, listOf, nullable, sameShape, takeArgument } from '@gradus/core/internal'
import { sizes, sumRightmost, takeShape, takeValue } from '../arguments.ts'
import * as constraints from '../constraints/index.ts'
import type { Constraint } from '../constraints/constraint.ts'
import type { Distribution } from '../distribution.ts'
import { Transform, type TransformOptions } from './transform.ts'

const axes = /* @__PURE__ */ integer(0)

const aTransform = /* @__PURE__ */ kind<Transform>('a Transform', (x) => x instanceof Transform)

/**
 * Another transform with more of the last axes in an event: the logarithms of its determinants are summed over them.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#independenttransform
 */
export class IndependentTransform extends Transform {
  static override readonly transformName: string = 'IndependentTransform'
  /** The transform of fewer axes. */
  readonly baseTransform: Transform
  /** How many axes more an event has. */
  readonly reinterpretedBatchNdims: number

  constructor(baseTransform: Transform, reinterpretedBatchNdims: number, options?: TransformOptions) {
    super(options)
    takeArgument('IndependentTransform', 'baseTransform', aTransform, baseTransform)
    this.baseTransform = baseTransform.withCache(this.cacheSize)
    this.reinterpretedBatchNdims = takeArgument(
      'IndependentTransform',
      'reinterpretedBatchNdims',
      axes,
      reinterpretedBatchNdims,
    )
  }

  get domain(): Constraint {
    return constraints.independent(this.baseTransform.domain, this.reinterpretedBatchNdims)
  }
  get codomain(): Constraint {
    return constraints.independent(this.baseTransform.codomain, this.reinterpretedBatchNdims)
  }
  override get bijective(): boolean {
    return this.baseTransform.bijective
  }
  override get sign(): number | Tensor {
    return this.baseTransform.sign
  }
  override withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this
    return new IndependentTransform(this.baseTransform, this.reinterpretedBatchNdims, { cacheSize })
  }
  protected forward(x: Tensor): Tensor {
    if (x.ndim < this.domain.eventDim) throw new ShapeError('Too few dimensions on input')
    return this.baseTransform.call(x)
  }
  protected override backward(y: Tensor): Tensor {
    if (y.ndim < this.codomain.eventDim) throw new ShapeError('Too few dimensions on input')
    return this.baseTransform.invert(y)
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    return sumRightmost(this.baseTransform.logAbsDetJacobian(x, y), this.reinterpretedBatchNdims)
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return this.baseTransform.forwardShape(shape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.baseTransform.inverseShape(shape)
  }
  override toString(): string {
    return `IndependentTransform(${this.baseTransform.toString()}, ${this.reinterpretedBatchNdims})`
  }
}

const count = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/**
 * Another shape of the last axes, with as many elements.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#reshapetransform
 */
export class ReshapeTransform extends Transform {
  static override readonly transformName: string = 'ReshapeTransform'
  /** The shape of an event before. */
  readonly inShape: Shape
  /** The shape of an event after. */
  readonly outShape: Shape

  constructor(inShape: Shape, outShape: Shape, options?: TransformOptions) {
    super(options)
    this.inShape = [...takeArgument('ReshapeTransform', 'inShape', sizes, inShape)]
    this.outShape = [...takeArgument('ReshapeTransform', 'outShape', sizes, outShape)]
    if (count(inShape) !== count(outShape))
      throw new ValueError('inShape and outShape have different numbers of elements')
  }

  get domain(): Constraint {
    return constraints.independent(constraints.real, this.inShape.length)
  }
  get codomain(): Constraint {
    return constraints.independent(constraints.real, this.outShape.length)
  }
  override get bijective(): boolean {
    return true
  }
  protected forward(x: Tensor): Tensor {
    return x.reshape(exchange(x.shape, this.inShape, this.outShape))
  }
  protected override backward(y: Tensor): Tensor {
    return y.reshape(exchange(y.shape, this.outShape, this.inShape))
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return zeros(x.shape.slice(0, x.ndim - this.inShape.length), { dtype: x.dtype })
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return exchange(shape, this.inShape, this.outShape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return exchange(shape, this.outShape, this.inShape)
  }
}

/** `shape` with other last sizes. */
function exchange(shape: Shape, from: Shape, to: Shape): number[] {
  if (shape.length < from.length) throw new ShapeError('Too few dimensions on input')
  const cut = shape.length - from.length
  if (!sameShape(shape.slice(cut), from))
    throw new ShapeError(
      `Shape mismatch: expected [${from.join(', ')}] but got [${shape.slice(cut).join(', ')}]`,
    )
  return [...shape.slice(0, cut), ...to]
}

const anAxis = /* @__PURE__ */ integer()

/** Transforms of pieces of a tensor along an axis. */
abstract class Joined extends Transform {
  /** The transform of each piece. */
  readonly transforms: readonly Transform[]
  /** The axis. */
  readonly axis: number

  constructor(call: string, tseq: readonly Transform[], axis: number, options?: TransformOptions) {
    super(options)
    if (!Array.isArray(tseq) || !tseq.every((t) => t instanceof Transform))
      throw new ValueError(`${call}: all elements of tseq must be transforms`)
    this.transforms = this.cacheSize === 0 ? [...tseq] : tseq.map((t) => t.withCache(this.cacheSize))
    this.axis = takeArgument(call, 'axis', anAxis, axis)
  }

  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective)
  }

  protected checkSize(x: Tensor, size: number): void {
    if (this.axis < -x.ndim || this.axis >= x.ndim)
      throw new ShapeError(`axis ${this.axis} is out of range for a tensor of ${x.ndim} axes`)
    const found = x.shape[this.axis < 0 ? this.axis + x.ndim : this.axis]
    if (found !== size)
      throw new ShapeError(`axis ${this.axis} has size ${found}, and the transforms take ${size}`)
  }
}

/**
 * A transform for each of the pieces that `cat` joins.
 *
 * @param tseq - the transform of each piece
 * @param axis - 0 by default
 * @param lengths - the size of each piece; 1 by default
 * @see https://pytorch.org/docs/stable/distributions.html#cattransform
 * @example
 * const { AffineTransform, CatTransform, ExpTransform } = g.distributions
 * new CatTransform([new ExpTransform(), new AffineTransform(0, 2)], 0, [1, 2]).call(g.tensor([0, 1, 2])).tolist() // => [1, 2, 4]
 */
export class CatTransform extends Joined {
  static override readonly transformName: string = 'CatTransform'
  /** The size of each piece. */
  readonly lengths: readonly number[]

  constructor(
    tseq: readonly Transform[],
    axis = 0,
    lengths: readonly number[] | null = null,
    options?: TransformOptions,
  ) {
    super('CatTransform', tseq, axis, options)
    takeArgument('CatTransform', 'lengths', nullable(listOf(axes)), lengths)
    this.lengths = lengths ?? tseq.map(() => 1)
    if (this.lengths.length !== tseq.length)
      throw new ValueError(`${this.lengths.length} lengths are given for ${tseq.length} transforms`)
  }

  override get eventDim(): number {
    return Math.max(...this.transforms.map((t) => t.eventDim))
  }
  get domain(): Constraint {
    return constraints.cat(
      this.transforms.map((t) => t.domain),
      this.axis,
      this.lengths,
    )
  }
  get codomain(): Constraint {
    return constraints.cat(
      this.transforms.map((t) => t.codomain),
      this.axis,
      this.lengths,
    )
  }
  override withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this
    return new CatTransform(this.transforms, this.axis, this.lengths, { cacheSize })
  }
  protected forward(x: Tensor): Tensor {
    const pieces = this.pieces(x)
    return cat(
      this.transforms.map((t, i) => t.call(pieces[i])),
      this.axis,
    )
  }
  protected override backward(y: Tensor): Tensor {
    const pieces = this.pieces(y)
    return cat(
      this.transforms.map((t, i) => t.invert(pieces[i])),
      this.axis,
    )
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    const [xs, ys] = [this.pieces(x), this.pieces(y)]
    const found = this.transforms.map((t, i) =>
      sumRightmost(t.logAbsDetJacobian(xs[i], ys[i]), this.eventDim - t.eventDim),
    )
    const axis = (this.axis < 0 ? this.axis : this.axis - x.ndim) + this.eventDim
    return axis < 0 ? cat(found, axis) : found.reduce((a, b) => a.add(b))
  }
  private pieces(x: Tensor): Tensor[] {
    this.checkSize(
      x,
      this.lengths.reduce((a, b) => a + b, 0),
    )
    let start = 0
    return this.lengths.map((length) => {
      const piece = x.narrow(this.axis, start, length)
      start += length
      return piece
    })
  }
}

/**
 * A transform for each of the slices that `stack` joins.
 *
 * @param tseq - the transform of each slice
 * @param axis - 0 by default
 * @see https://pytorch.org/docs/stable/distributions.html#stacktransform
 */
export class StackTransform extends Joined {
  static override readonly transformName: string = 'StackTransform'

  constructor(tseq: readonly Transform[], axis = 0, options?: TransformOptions) {
    super('StackTransform', tseq, axis, options)
  }

  get domain(): Constraint {
    return constraints.stack(
      this.transforms.map((t) => t.domain),
      this.axis,
    )
  }
  get codomain(): Constraint {
    return constraints.stack(
      this.transforms.map((t) => t.codomain),
      this.axis,
    )
  }
  override withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this
    return new StackTransform(this.transforms, this.axis, { cacheSize })
  }
  protected forward(x: Tensor): Tensor {
    return this.each(x, (t, i) => t.call(x.select(this.axis, i)))
  }
  protected override backward(y: Tensor): Tensor {
    return this.each(y, (t, i) => t.invert(y.select(this.axis, i)))
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    this.checkSize(y, this.transforms.length)
    return this.each(x, (t, i) => t.logAbsDetJacobian(x.select(this.axis, i), y.select(this.axis, i)))
  }
  private each(x: Tensor, of: (t: Transform, i: number) => Tensor): Tensor {
    this.checkSize(x, this.transforms.length)
    return stack(this.transforms.map(of), this.axis)
  }
}

/**
 * The distribution function of a distribution: it takes its samples to uniform ones.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#cumulativedistributiontransform
 * @example
 * const { CumulativeDistributionTransform, Normal } = g.distributions
 * new CumulativeDistributionTransform(new Normal(0, 1)).call(g.tensor(0)).item() // => 0.5
 */
export class CumulativeDistributionTransform extends Transform {
  static override readonly transformName: string = 'CumulativeDistributionTransform'
  /** The distribution. */
  readonly distribution: Distribution

  constructor(distribution: Distribution, options?: TransformOptions) {
    super(options)
    this.distribution = distribution
  }

  get domain(): Constraint {
    return this.distribution.support
  }
  get codomain(): Constraint {
    return constraints.unitInterval
  }
  override get bijective(): boolean {
    return true
  }
  override get sign(): number {
    return 1
  }
  protected forward(x: Tensor): Tensor {
    return this.distribution.cdf(x)
  }
  protected override backward(y: Tensor): Tensor {
    return this.distribution.icdf(y)
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    return this.distribution.logProb(x)
  }
}

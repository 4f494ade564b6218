import { ValueError, zerosLike, type Shape, type Tensor } from '@gradus/core/functions'
import { defineOptions, integer, kind, listOf, takeArgument, takeOptions } from '@gradus/core/internal'
import { notImplemented, sumRightmost, takeShape, takeValue } from '../arguments.ts'
import { independent, real } from '../constraints/index.ts'
import type { Constraint } from '../constraints/constraint.ts'

/** Options that every transform takes. */
export interface TransformOptions {
  /** 1 keeps the last pair of argument and result, so that the inverse gives back what was put in; 0, the default, does not. */
  cacheSize?: number
}
/** The kinds of {@link TransformOptions}. */
export const transformOptions = /* @__PURE__ */ defineOptions<TransformOptions>({
  cacheSize: /* @__PURE__ */ integer(),
})

/**
 * An invertible function of tensors, whose Jacobian has a determinant that is known.
 *
 * A class derived from it has `domain`, `codomain`, `forward` and `backward`, and `logAbsDetJacobian` if it is bijective.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.transforms
 * @example
 * const t = new g.distributions.ExpTransform()
 * t.inv.call(t.call(g.tensor(0.5))).item() // => 0.5
 * t.logAbsDetJacobian(g.tensor(0.5), t.call(g.tensor(0.5))).item() // => 0.5
 */
export abstract class Transform {
  /** The name of the class, as data: minifiers rename classes. */
  static readonly transformName: string = 'Transform'
  private cached: readonly [Tensor, Tensor] | null = null
  private keeps: number
  private inverse: Transform | null = null

  constructor(options?: TransformOptions) {
    const { cacheSize = 0 } = takeOptions(transformNameOf(this), transformOptions, options)
    if (cacheSize !== 0 && cacheSize !== 1) throw new ValueError('cacheSize must be 0 or 1')
    this.keeps = cacheSize
  }

  /** Where arguments lie. */
  abstract get domain(): Constraint
  /** Where results lie. */
  abstract get codomain(): Constraint
  /** The function. */
  protected abstract forward(x: Tensor): Tensor

  /** The inverse of the function, or a value that the function takes to `y`. */
  protected backward(_y: Tensor): Tensor {
    throw this.lacks('an inverse')
  }

  /** Whether the inverse is one on both sides; false by default. */
  get bijective(): boolean {
    return false
  }

  /** 1 for a function that rises, -1 for one that falls. */
  get sign(): number | Tensor {
    throw this.lacks('sign')
  }

  /** How many pairs of argument and result are kept: 0 or 1. */
  get cacheSize(): number {
    return this.keeps
  }

  /** How many of the last axes make one event, where that is the same before and after. */
  get eventDim(): number {
    if (this.domain.eventDim === this.codomain.eventDim) return this.domain.eventDim
    throw new ValueError('Please use either domain.eventDim or codomain.eventDim')
  }

  /** The inverse, whose inverse is this transform. */
  get inv(): Transform {
    return (this.inverse ??= this.makeInverse())
  }

  protected makeInverse(): Transform {
    return new InverseTransform(this)
  }

  /** Makes two transforms each other's inverse. */
  protected tieInverse(inverse: Transform): void {
    this.inverse = inverse
    inverse.inverse = this
  }

  /** This transform with another size of its cache. */
  withCache(cacheSize = 1): Transform {
    if (cacheSize !== 0 && cacheSize !== 1) throw new ValueError('cacheSize must be 0 or 1')
    if (this.keeps === cacheSize) return this
    // an object of the same class, with the same fields
    const made = Object.create(Object.getPrototypeOf(this) as object) as this
    Object.assign(made, this)
    made.keeps = cacheSize
    made.cached = null
    made.inverse = null
    return made
  }

  /** The result for `x`. */
  call(x: Tensor): Tensor {
    if (this.keeps === 0) return this.forward(x)
    if (this.cached?.[0] === x) return this.cached[1]
    const y = this.forward(x)
    this.cached = [x, y]
    return y
  }

  /** The argument for `y`: what the inverse calls. */
  invert(y: Tensor): Tensor {
    if (this.keeps === 0) return this.backward(y)
    if (this.cached?.[1] === y) return this.cached[0]
    const x = this.backward(y)
    this.cached = [x, y]
    return x
  }

  /** The logarithm of |det dy/dx|, from argument and result: of their shape without the axes of an event. */
  logAbsDetJacobian(_x: Tensor, _y: Tensor): Tensor {
    throw this.lacks('logAbsDetJacobian')
  }

  /** The shape of the result for an argument of `shape`. */
  forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return shape
  }

  /** The shape of the argument for a result of `shape`. */
  inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return shape
  }

  /** Whether another transform is the same function. */
  equals(other: Transform): boolean {
    return this === other
  }

  toString(): string {
    return `${transformNameOf(this)}()`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  protected lacks(what: string): Error {
    return notImplemented(`${transformNameOf(this)} does not implement ${what}`)
  }
}

/** The name of a transform's class: as data where it is one of gradus. */
export function transformNameOf({ constructor }: Transform): string {
  const named: unknown = Object.hasOwn(constructor, 'transformName')
    ? Reflect.get(constructor, 'transformName')
    : null
  return typeof named === 'string' ? named : constructor.name
}

/** Another transform backwards. */
class InverseTransform extends Transform {
  static override readonly transformName: string = 'InverseTransform'
  private readonly of: Transform

  constructor(of: Transform) {
    super({ cacheSize: of.cacheSize })
    this.of = of
  }

  get domain(): Constraint {
    return this.of.codomain
  }
  get codomain(): Constraint {
    return this.of.domain
  }
  override get bijective(): boolean {
    return this.of.bijective
  }
  override get sign(): number | Tensor {
    return this.of.sign
  }
  override get inv(): Transform {
    return this.of
  }
  override withCache(cacheSize = 1): Transform {
    return this.of.withCache(cacheSize).inv
  }
  // the cache is that of the other transform
  override call(y: Tensor): Tensor {
    return this.of.invert(y)
  }
  protected forward(y: Tensor): Tensor {
    return this.of.invert(y)
  }
  override invert(x: Tensor): Tensor {
    return this.of.call(x)
  }
  override logAbsDetJacobian(y: Tensor, x: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'y', y)
    takeValue('logAbsDetJacobian', 'x', x)
    return this.of.logAbsDetJacobian(x, y).mul(-1)
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return this.of.inverseShape(shape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.of.forwardShape(shape)
  }
  override equals(other: Transform): boolean {
    return other instanceof InverseTransform && this.of.equals(other.of)
  }
  override toString(): string {
    return `InverseTransform(${this.of.toString()})`
  }
}

const aTransform = /* @__PURE__ */ kind<Transform>('a Transform', (x) => x instanceof Transform)

/**
 * Transforms one after the other.
 *
 * @param parts - the first is called first
 * @see https://pytorch.org/docs/stable/distributions.html#composetransform
 * @example
 * const { AffineTransform, ComposeTransform, ExpTransform } = g.distributions
 * new ComposeTransform([new AffineTransform(1, 2), new ExpTransform()]).call(g.tensor(0)).item() // => 2.7183
 */
export class ComposeTransform extends Transform {
  static override readonly transformName: string = 'ComposeTransform'
  /** The transforms. */
  readonly parts: readonly Transform[]

  constructor(parts: readonly Transform[], options?: TransformOptions) {
    super(options)
    takeArgument('ComposeTransform', 'parts', listOf(aTransform), parts)
    this.parts = this.cacheSize === 0 ? [...parts] : parts.map((part) => part.withCache(this.cacheSize))
  }

  get domain(): Constraint {
    if (this.parts.length === 0) return real
    const { domain } = this.parts[0]
    const most = this.parts.reduceRight(
      (axes, part) => Math.max(axes + part.domain.eventDim - part.codomain.eventDim, part.domain.eventDim),
      this.parts[this.parts.length - 1].codomain.eventDim,
    )
    return most > domain.eventDim ? independent(domain, most - domain.eventDim) : domain
  }
  get codomain(): Constraint {
    if (this.parts.length === 0) return real
    const { codomain } = this.parts[this.parts.length - 1]
    const most = this.parts.reduce(
      (axes, part) => Math.max(axes + part.codomain.eventDim - part.domain.eventDim, part.codomain.eventDim),
      this.parts[0].domain.eventDim,
    )
    return most > codomain.eventDim ? independent(codomain, most - codomain.eventDim) : codomain
  }
  override get bijective(): boolean {
    return this.parts.every((part) => part.bijective)
  }
  override get sign(): number | Tensor {
    return this.parts.map((part) => part.sign).reduce(product, 1)
  }

  protected override makeInverse(): Transform {
    const inverse = new ComposeTransform(this.parts.map((part) => part.inv).reverse())
    this.tieInverse(inverse)
    return inverse
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new ComposeTransform(this.parts, { cacheSize })
  }

  // the parts have caches of their own
  override call(x: Tensor): Tensor {
    return this.forward(x)
  }
  protected forward(x: Tensor): Tensor {
    return this.parts.reduce((value, part) => part.call(value), x)
  }
  override invert(y: Tensor): Tensor {
    return this.parts.reduceRight((value, part) => part.invert(value), y)
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    if (this.parts.length === 0) return zerosLike(x)
    let axes = this.domain.eventDim
    let from = x
    const terms = this.parts.map((part, i) => {
      const to = i === this.parts.length - 1 ? y : part.call(from)
      const term = sumRightmost(part.logAbsDetJacobian(from, to), axes - part.domain.eventDim)
      axes += part.codomain.eventDim - part.domain.eventDim
      from = to
      return term
    })
    return terms.reduce((a, b) => a.add(b))
  }

  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    return this.parts.reduce((sizes, part) => part.forwardShape(sizes), shape)
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.parts.reduceRight((sizes, part) => part.inverseShape(sizes), shape)
  }
  override equals(other: Transform): boolean {
    return (
      other instanceof ComposeTransform &&
      other.parts.length === this.parts.length &&
      this.parts.every((part, i) => part.equals(other.parts[i]))
    )
  }
  override toString(): string {
    return `ComposeTransform(\n    ${this.parts.map(String).join(',\n    ')}\n)`
  }
}

/** The product of two signs. */
export function product(a: number | Tensor, b: number | Tensor): number | Tensor {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : b.mul(a)
  return a.mul(b)
}

/** The transform that changes nothing. */
export const identityTransform: ComposeTransform = /* @__PURE__ */ new ComposeTransform([])

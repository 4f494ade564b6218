import {
  all,
  exp,
  isTensor,
  setGradEnabled,
  sqrt,
  ValueError,
  type Shape,
  type Tensor,
  type TensorError,
} from '@gradus/core/functions'
import { describeValue, flag, sameShape, takeArgument, takeOptions } from '@gradus/core/internal'
import { aTensor, distributionOptions, notImplemented, sizes, type DistributionOptions } from './arguments.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Dependent } from './constraints/constraint.ts'

/** Whether parameters and values are checked where a distribution does not say it. */
let checksByDefault = true

/** Options of {@link Distribution.enumerateSupport}. */
export interface EnumerateOptions {
  /** Whether the values are repeated over the batch; true by default. */
  expand?: boolean
}

/**
 * A probability distribution, or a batch of them.
 *
 * A sample has the shape [...sampleShape, ...batchShape, ...eventShape]: as many draws as asked for, independent
 * distributions side by side, and the axes of one value of theirs.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#distribution
 */
export class Distribution {
  /** The name of the class, as data: minifiers rename classes. */
  static readonly distributionName: string = 'Distribution'
  /** The shape of the batch of distributions. */
  readonly batchShape: Shape
  /** The shape of one value of one distribution. */
  readonly eventShape: Shape
  private checks: boolean

  /**
   * @param batchShape - [] by default
   * @param eventShape - [] by default
   */
  constructor(batchShape: Shape = [], eventShape: Shape = [], options?: DistributionOptions) {
    const name = nameOf(this)
    this.batchShape = takeArgument(name, 'batchShape', sizes, batchShape)
    this.eventShape = takeArgument(name, 'eventShape', sizes, eventShape)
    this.checks = takeOptions(name, distributionOptions, options).validateArgs ?? checksByDefault
  }

  /**
   * Says whether distributions made from now on check their parameters and values. Checks read elements, which waits for the
   * device; true at the start.
   */
  static setDefaultValidateArgs(value: boolean): void {
    checksByDefault = takeArgument('setDefaultValidateArgs', 'value', flag, value)
  }

  /** Whether parameters and values are checked. */
  get validateArgs(): boolean {
    return this.checks
  }

  /** Whether {@link rsample} passes gradients to the parameters. */
  get hasRsample(): boolean {
    return false
  }

  /** Whether {@link enumerateSupport} lists all values. */
  get hasEnumerateSupport(): boolean {
    return false
  }

  /** The constraint of each parameter, by its name. */
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return {}
  }

  /** Where values lie. */
  get support(): Constraint {
    throw this.lacks('support')
  }

  /** The mean, of shape [...batchShape, ...eventShape]. */
  get mean(): Tensor {
    throw this.lacks('mean')
  }

  /** The most probable value. */
  get mode(): Tensor {
    throw this.lacks('mode')
  }

  /** The variance, of shape [...batchShape, ...eventShape]. */
  get variance(): Tensor {
    throw this.lacks('variance')
  }

  /** The standard deviation: √variance. */
  get stddev(): Tensor {
    return sqrt(this.variance)
  }

  /** Draws without gradients, of shape [...sampleShape, ...batchShape, ...eventShape]. */
  sample(sampleShape: Shape = []): Tensor {
    return setGradEnabled(false, () => this.rsample(sampleShape))
  }

  /** Draws whose gradients reach the parameters, of shape [...sampleShape, ...batchShape, ...eventShape]. */
  rsample(_sampleShape: Shape = []): Tensor {
    throw this.lacks('rsample')
  }

  /** The logarithm of the density or probability at `value`: of the shape of `value` without the axes of an event. */
  logProb(_value: Tensor): Tensor {
    throw this.lacks('logProb')
  }

  /** The probability of `value` or less. */
  cdf(_value: Tensor): Tensor {
    throw this.lacks('cdf')
  }

  /** The value up to which the probability is `value`: the inverse of {@link cdf}. */
  icdf(_value: Tensor): Tensor {
    throw this.lacks('icdf')
  }

  /** The entropy, of shape batchShape. */
  entropy(): Tensor {
    throw this.lacks('entropy')
  }

  /** The exponential of the entropy. */
  perplexity(): Tensor {
    return exp(this.entropy())
  }

  /** Every value of a discrete distribution, along a new first axis. */
  enumerateSupport(_options?: EnumerateOptions): Tensor {
    throw this.lacks('enumerateSupport')
  }

  /** The distribution with its parameters expanded to another batch shape, by views. */
  expand(_batchShape: Shape): this {
    throw this.lacks('expand')
  }

  toString(): string {
    const shown = Object.keys(this.argConstraints)
      .filter((name) => this.isGiven(name))
      .map((name) => [name, this.parameter(name)] as const)
      .filter((entry): entry is [string, Tensor] => entry[1] !== null)
      .map(([name, x]) => `${name}: ${x.numel() === 1 ? String(x.item()) : `[${x.shape.join(', ')}]`}`)
    return `${nameOf(this)}(${shown.join(', ')})`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** Whether a parameter was given, rather than computed from another: the others are not checked. */
  protected isGiven(_name: string): boolean {
    return true
  }

  private parameter(name: string): Tensor | null {
    const value: unknown = Reflect.get(this, name)
    return isTensor(value) ? value : null
  }

  /**
   * Checks the parameters; the last call of a constructor.
   *
   * @throws ValueError that names the parameter, its constraint and its value
   */
  protected checkParameters(): void {
    if (!this.validateArgs) return
    for (const [name, constraint] of Object.entries(this.argConstraints)) {
      if (constraint instanceof Dependent || !this.isGiven(name)) continue
      const value = this.parameter(name)
      if (value === null || all(constraint.check(value)).item<boolean>()) continue
      throw new ValueError(
        `Expected parameter ${name} (${describeValue(value)}) of distribution ${this.toString()} to satisfy the constraint ${constraint.toString()}, but found invalid values:\n${value.toString()}`,
      )
    }
  }

  /**
   * Checks a value, if this distribution checks.
   *
   * @throws ValueError for a value of another shape, or outside of the support; ArgumentError for what is no tensor
   */
  protected checkValue(value: Tensor): void {
    takeArgument(nameOf(this), 'value', aTensor, value)
    if (this.validateArgs) this.checkSample(value)
  }

  /** {@link checkValue} whatever the options say: what a distribution asks of its base. */
  checkSample(value: Tensor): void {
    const { shape } = value
    const start = shape.length - this.eventShape.length
    if (start < 0 || !sameShape(shape.slice(start), this.eventShape)) {
      throw new ValueError(
        `The right-most size of value must match eventShape: [${shape.join(', ')}] vs [${this.eventShape.join(', ')}].`,
      )
    }
    const expected = [...this.batchShape, ...this.eventShape].reverse()
    const actual = [...shape].reverse()
    if (actual.some((n, i) => i < expected.length && n !== 1 && expected[i] !== 1 && n !== expected[i])) {
      throw new ValueError(
        `Value is not broadcastable with batchShape + eventShape: [${shape.join(', ')}] vs [${expected.reverse().join(', ')}].`,
      )
    }
    const { support } = this
    if (all(support.check(value)).item<boolean>()) return
    throw new ValueError(
      `Expected value argument (${describeValue(value)}) to be within the support (${support.toString()}) of the distribution ${this.toString()}, but found invalid values:\n${value.toString()}`,
    )
  }

  /** The shape of a sample. */
  protected extendedShape(sampleShape: Shape = []): number[] {
    takeArgument(nameOf(this), 'sampleShape', sizes, sampleShape)
    return [...sampleShape, ...this.batchShape, ...this.eventShape]
  }

  /**
   * This distribution with another batch shape and other values of the fields named: nothing is checked or computed anew.
   * A class implements {@link expand} by it.
   */
  protected copy(batchShape: Shape, fields: Readonly<Record<string, unknown>>): this {
    takeArgument(nameOf(this), 'batchShape', sizes, batchShape)
    // an object of the same class, with the same fields
    const made = Object.create(Object.getPrototypeOf(this) as object) as this
    return Object.assign(made, this, { batchShape: [...batchShape] }, fields)
  }

  /** The error of a method that the class does not have. */
  protected lacks(what: string): TensorError {
    return notImplemented(`${nameOf(this)} does not implement ${what}`)
  }
}

/** The name of a distribution's class: as data where it is one of gradus. */
export function nameOf({ constructor }: Distribution): string {
  const named: unknown = Object.hasOwn(constructor, 'distributionName')
    ? Reflect.get(constructor, 'distributionName')
    : null
  return typeof named === 'string' ? named : constructor.name
}

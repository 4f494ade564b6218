import { defineOptions, flag, integer, takeOptions } from '@gradus/core/internal'
import { all, ValueError, type Tensor } from '@gradus/core/functions'
import { notImplemented } from '../arguments.ts'

/**
 * A region of values: what a parameter may be, or where a distribution lives.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
 * @example
 * class Even extends g.distributions.constraints.Constraint {
 *   check(value) {
 *     return g.eq(g.remainder(value, 2), 0)
 *   }
 * }
 * new Even().check(g.tensor([1, 2])).tolist() // => [false, true]
 */
export abstract class Constraint {
  /** Whether the values are countable; false by default. */
  get isDiscrete(): boolean {
    return false
  }

  /** How many of the last axes make one event; 0 by default. */
  get eventDim(): number {
    return 0
  }

  /** Whether each event of `value` lies in the region: bool, the shape of `value` without the axes of an event. */
  abstract check(value: Tensor): Tensor

  /** As messages name it. */
  toString(): string {
    return this.constructor.name
  }
}

/** What {@link dependent} knows of a region without the values that it depends on. */
export interface DependentOptions {
  isDiscrete?: boolean
  eventDim?: number
}

/** The kinds of {@link DependentOptions}. */
const dependentOptions = /* @__PURE__ */ defineOptions<DependentOptions>({
  isDiscrete: flag,
  eventDim: /* @__PURE__ */ integer(0),
})

/** A region that depends on other values, and cannot be checked alone. */
export class Dependent extends Constraint {
  private readonly known: DependentOptions

  constructor(known: DependentOptions = {}) {
    super()
    this.known = takeOptions('dependent', dependentOptions, known)
  }

  override get isDiscrete(): boolean {
    if (this.known.isDiscrete === undefined)
      throw notImplemented('isDiscrete of a dependent constraint is not known without its values')
    return this.known.isDiscrete
  }

  override get eventDim(): number {
    if (this.known.eventDim === undefined)
      throw notImplemented('eventDim of a dependent constraint is not known without its values')
    return this.known.eventDim
  }

  check(): never {
    throw new ValueError('Cannot determine validity of dependent constraint')
  }

  override toString(): string {
    return 'Dependent()'
  }
}

/** Whether a constraint depends on other values: see {@link Dependent}. */
export const isDependent = (constraint: Constraint): boolean => constraint instanceof Dependent

/** A region of events: each holds `reinterpretedBatchNdims` more axes of elements that all satisfy another constraint. */
export class IndependentConstraint extends Constraint {
  readonly baseConstraint: Constraint
  readonly reinterpretedBatchNdims: number

  constructor(baseConstraint: Constraint, reinterpretedBatchNdims: number) {
    super()
    this.baseConstraint = baseConstraint
    this.reinterpretedBatchNdims = reinterpretedBatchNdims
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim + this.reinterpretedBatchNdims
  }

  check(value: Tensor): Tensor {
    const result = this.baseConstraint.check(value)
    if (result.ndim < this.reinterpretedBatchNdims) throw tooFewAxes(value, this.eventDim)
    return allRightmost(result, this.reinterpretedBatchNdims)
  }

  override toString(): string {
    return `Independent(${this.baseConstraint.toString()}, ${this.reinterpretedBatchNdims})`
  }
}

/** The region of a mixture: values that every component may give. */
export class MixtureSameFamilyConstraint extends Constraint {
  readonly baseConstraint: Constraint

  constructor(baseConstraint: Constraint) {
    super()
    this.baseConstraint = baseConstraint
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim
  }

  check(value: Tensor): Tensor {
    if (value.ndim < this.eventDim) throw tooFewAxes(value, this.eventDim)
    const result = this.baseConstraint.check(value.unsqueeze(-1 - this.eventDim))
    return allRightmost(result, result.ndim - (value.ndim - this.eventDim))
  }

  override toString(): string {
    return `MixtureSameFamilyConstraint(${this.baseConstraint.toString()})`
  }
}

const allRightmost = (x: Tensor, count: number): Tensor =>
  count === 0 ? x : all(x.reshape([...x.shape.slice(0, x.ndim - count), -1]), -1)

const tooFewAxes = (value: Tensor, needed: number): ValueError =>
  new ValueError(`Expected value.ndim >= ${needed} but got ${value.ndim}`)

import {
  eq,
  ge,
  gt,
  isTensor,
  le,
  logicalAnd,
  logicalOr,
  lt,
  remainder,
  type Tensor,
} from '@gradus/core/functions'
import type { Parameter } from '../arguments.ts'
import { Constraint } from './constraint.ts'

const isWhole = (value: Tensor): Tensor => eq(remainder(value, 1), 0)
const shown = (bound: Parameter): string => (isTensor(bound) ? String(bound) : `${bound}`)

/** 0 or 1. */
export class Boolean extends Constraint {
  override get isDiscrete(): boolean {
    return true
  }
  check(value: Tensor): Tensor {
    return logicalOr(eq(value, 0), eq(value, 1))
  }
  override toString(): string {
    return 'Boolean()'
  }
}

/** Any number but NaN. */
export class Real extends Constraint {
  check(value: Tensor): Tensor {
    return eq(value, value)
  }
  override toString(): string {
    return 'Real()'
  }
}

/** Numbers above a bound. */
export class GreaterThan extends Constraint {
  readonly lowerBound: Parameter
  constructor(lowerBound: Parameter) {
    super()
    this.lowerBound = lowerBound
  }
  check(value: Tensor): Tensor {
    return gt(value, this.lowerBound)
  }
  override toString(): string {
    return `GreaterThan(lowerBound: ${shown(this.lowerBound)})`
  }
}

/** Numbers of a bound or more. */
export class GreaterThanEq extends Constraint {
  readonly lowerBound: Parameter
  constructor(lowerBound: Parameter) {
    super()
    this.lowerBound = lowerBound
  }
  check(value: Tensor): Tensor {
    return ge(value, this.lowerBound)
  }
  override toString(): string {
    return `GreaterThanEq(lowerBound: ${shown(this.lowerBound)})`
  }
}

/** Numbers below a bound. */
export class LessThan extends Constraint {
  readonly upperBound: Parameter
  constructor(upperBound: Parameter) {
    super()
    this.upperBound = upperBound
  }
  check(value: Tensor): Tensor {
    return lt(value, this.upperBound)
  }
  override toString(): string {
    return `LessThan(upperBound: ${shown(this.upperBound)})`
  }
}

/** What has two bounds. */
export abstract class Bounded extends Constraint {
  readonly lowerBound: Parameter
  readonly upperBound: Parameter
  constructor(lowerBound: Parameter, upperBound: Parameter) {
    super()
    this.lowerBound = lowerBound
    this.upperBound = upperBound
  }
  protected bounds(): string {
    return `(lowerBound: ${shown(this.lowerBound)}, upperBound: ${shown(this.upperBound)})`
  }
}

/** Numbers from one bound to another, both of them included. */
export class Interval extends Bounded {
  check(value: Tensor): Tensor {
    return logicalAnd(ge(value, this.lowerBound), le(value, this.upperBound))
  }
  override toString(): string {
    return `Interval${this.bounds()}`
  }
}

/** Numbers from one bound to another, without the upper. */
export class HalfOpenInterval extends Bounded {
  check(value: Tensor): Tensor {
    return logicalAnd(ge(value, this.lowerBound), lt(value, this.upperBound))
  }
  override toString(): string {
    return `HalfOpenInterval${this.bounds()}`
  }
}

/** Whole numbers from one bound to another, both of them included. */
export class IntegerInterval extends Bounded {
  override get isDiscrete(): boolean {
    return true
  }
  check(value: Tensor): Tensor {
    return logicalAnd(isWhole(value), logicalAnd(ge(value, this.lowerBound), le(value, this.upperBound)))
  }
  override toString(): string {
    return `IntegerInterval${this.bounds()}`
  }
}

/** Whole numbers of a bound or more. */
export class IntegerGreaterThan extends GreaterThanEq {
  override get isDiscrete(): boolean {
    return true
  }
  override check(value: Tensor): Tensor {
    return logicalAnd(isWhole(value), super.check(value))
  }
  override toString(): string {
    return `IntegerGreaterThan(lowerBound: ${shown(this.lowerBound)})`
  }
}

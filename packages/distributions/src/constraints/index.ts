import type { Parameter } from '../arguments.ts'
import {
  CorrCholesky,
  LowerCholesky,
  LowerTriangular,
  MultinomialConstraint,
  OneHot,
  PositiveDefinite,
  PositiveSemidefinite,
  Simplex,
  Square,
  Symmetric,
} from './array.ts'
import { Dependent, IndependentConstraint, type Constraint, type DependentOptions } from './constraint.ts'
import { Cat, Stack } from './joined.ts'
import {
  Boolean,
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  IntegerGreaterThan,
  IntegerInterval,
  Interval,
  LessThan,
  Real,
} from './scalar.ts'

export {
  Boolean,
  Cat,
  CorrCholesky,
  Dependent,
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  IndependentConstraint,
  IntegerGreaterThan,
  IntegerInterval,
  Interval,
  LessThan,
  LowerCholesky,
  LowerTriangular,
  MultinomialConstraint,
  OneHot,
  PositiveDefinite,
  PositiveSemidefinite,
  Real,
  Simplex,
  Square,
  Stack,
  Symmetric,
}
export { Constraint, type DependentOptions, isDependent, MixtureSameFamilyConstraint } from './constraint.ts'

/** A region that depends on other values. */
export const dependent: Dependent = /* @__PURE__ */ new Dependent()
/** {@link dependent}, of which something is known. */
export const dependentOn = (known: DependentOptions): Dependent => new Dependent(known)
/** 0 or 1. */
export const boolean: Boolean = /* @__PURE__ */ new Boolean()
/** Vectors with a 1 in one place and 0 elsewhere. */
export const oneHot: OneHot = /* @__PURE__ */ new OneHot()
/** Whole numbers of 0 or more. */
export const nonnegativeInteger: IntegerGreaterThan = /* @__PURE__ */ new IntegerGreaterThan(0)
/** Whole numbers of 1 or more. */
export const positiveInteger: IntegerGreaterThan = /* @__PURE__ */ new IntegerGreaterThan(1)
/** Any number but NaN. */
export const real: Real = /* @__PURE__ */ new Real()
/** Vectors of numbers, none of them NaN. */
export const realVector: IndependentConstraint = /* @__PURE__ */ new IndependentConstraint(real, 1)
/** Numbers above 0. */
export const positive: GreaterThan = /* @__PURE__ */ new GreaterThan(0)
/** Numbers of 0 or more. */
export const nonnegative: GreaterThanEq = /* @__PURE__ */ new GreaterThanEq(0)
/** Numbers from 0 to 1, both of them included. */
export const unitInterval: Interval = /* @__PURE__ */ new Interval(0, 1)
/** Vectors without negative elements whose sum is 1. */
export const simplex: Simplex = /* @__PURE__ */ new Simplex()
/** Matrices with zeros above the diagonal. */
export const lowerTriangular: LowerTriangular = /* @__PURE__ */ new LowerTriangular()
/** Matrices with zeros above a positive diagonal. */
export const lowerCholesky: LowerCholesky = /* @__PURE__ */ new LowerCholesky()
/** Matrices with zeros above a positive diagonal whose rows have length 1. */
export const corrCholesky: CorrCholesky = /* @__PURE__ */ new CorrCholesky()
/** Square matrices. */
export const square: Square = /* @__PURE__ */ new Square()
/** Symmetric matrices. */
export const symmetric: Symmetric = /* @__PURE__ */ new Symmetric()
/** Symmetric matrices without negative eigenvalues. */
export const positiveSemidefinite: PositiveSemidefinite = /* @__PURE__ */ new PositiveSemidefinite()
/** Symmetric matrices with positive eigenvalues. */
export const positiveDefinite: PositiveDefinite = /* @__PURE__ */ new PositiveDefinite()

/** Events with `reinterpretedBatchNdims` more axes of elements that all satisfy a constraint. */
export const independent = (
  baseConstraint: Constraint,
  reinterpretedBatchNdims: number,
): IndependentConstraint => new IndependentConstraint(baseConstraint, reinterpretedBatchNdims)

/**
 * Numbers above a bound.
 *
 * @example
 * g.distributions.constraints.greaterThan(2).check(g.tensor([2, 3])).tolist() // => [false, true]
 */
export const greaterThan = (lowerBound: Parameter): GreaterThan => new GreaterThan(lowerBound)
/** Numbers of a bound or more. */
export const greaterThanEq = (lowerBound: Parameter): GreaterThanEq => new GreaterThanEq(lowerBound)
/** Numbers below a bound. */
export const lessThan = (upperBound: Parameter): LessThan => new LessThan(upperBound)
/** Numbers from one bound to another, both of them included. */
export const interval = (lowerBound: Parameter, upperBound: Parameter): Interval =>
  new Interval(lowerBound, upperBound)
/** Numbers from one bound to another, without the upper. */
export const halfOpenInterval = (lowerBound: Parameter, upperBound: Parameter): HalfOpenInterval =>
  new HalfOpenInterval(lowerBound, upperBound)
/** Whole numbers from one bound to another, both of them included. */
export const integerInterval = (lowerBound: Parameter, upperBound: Parameter): IntegerInterval =>
  new IntegerInterval(lowerBound, upperBound)
/** Vectors without negative elements whose sum is at most a bound. */
export const multinomial = (upperBound: Parameter): MultinomialConstraint =>
  new MultinomialConstraint(upperBound)
/** Pieces along an axis, each with a constraint of its own: the sizes of the pieces are `lengths`, 1 by default. */
export const cat = (
  constraints: readonly Constraint[],
  axis = 0,
  lengths: readonly number[] | null = null,
): Cat => new Cat(constraints, axis, lengths)
/** Slices along an axis, each with a constraint of its own. */
export const stack = (constraints: readonly Constraint[], axis = 0): Stack => new Stack(constraints, axis)

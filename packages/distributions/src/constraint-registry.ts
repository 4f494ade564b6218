import { ArgumentError } from '@gradus/core/functions'
import { describeValue } from '@gradus/core/internal'
import { notImplemented } from './arguments.ts'
import { Constraint, IndependentConstraint } from './constraints/constraint.ts'
import * as constraints from './constraints/index.ts'
import {
  AffineTransform,
  CatTransform,
  ComposeTransform,
  CorrCholeskyTransform,
  ExpTransform,
  identityTransform,
  IndependentTransform,
  LowerCholeskyTransform,
  PositiveDefiniteTransform,
  SigmoidTransform,
  SoftmaxTransform,
  StackTransform,
  StickBreakingTransform,
  type Transform,
} from './transforms/index.ts'

/** A class of constraints. */
type ConstraintClass<C extends Constraint = Constraint> = new (...args: never[]) => C

/** Transforms from all numbers to where a constraint holds, by the class of the constraint. */
export interface ConstraintRegistry {
  /**
   * The transform for a constraint.
   *
   * @throws TensorError for a class of constraints that has none
   */
  (constraint: Constraint): Transform
  /** Says how transforms are made for a class of constraints, which one of its objects stands for too. */
  register<C extends Constraint>(
    constraint: C | ConstraintClass<C>,
    factory: (constraint: C) => Transform,
  ): (constraint: C) => Transform
}

type Factory = (constraint: Constraint) => Transform

/**
 * A registry of one's own.
 *
 * @param entries - pairs of class and factory that it begins with, asked for when it is first used
 */
/*@__NO_SIDE_EFFECTS__*/
export function constraintRegistry(
  entries: () => readonly (readonly [ConstraintClass, Factory])[] = () => [],
): ConstraintRegistry {
  let known: Map<unknown, Factory> | null = null
  const table = (): Map<unknown, Factory> => (known ??= new Map<unknown, Factory>(entries()))
  const find = (constraint: Constraint): Transform => {
    const factory = table().get(constraint.constructor)
    if (factory === undefined)
      throw notImplemented(
        `Cannot transform ${constraint.toString()} constraints`,
        'register a transform for it',
      )
    return factory(constraint)
  }
  return Object.assign(find, {
    register<C extends Constraint>(
      constraint: C | ConstraintClass<C>,
      factory: (constraint: C) => Transform,
    ): (constraint: C) => Transform {
      const isClass = typeof constraint === 'function' && constraint.prototype instanceof Constraint
      if (!isClass && !(constraint instanceof Constraint)) {
        throw new ArgumentError(
          `Expected constraint to be either a class of constraints or a constraint, but got ${describeValue(constraint)}`,
        )
      }
      // called with objects of this class alone
      table().set(isClass ? constraint : constraint.constructor, factory as Factory)
      return factory
    },
  })
}

/** A factory, given the class of its constraints. */
const entry = <C extends Constraint>(
  of: ConstraintClass<C>,
  factory: (constraint: C) => Transform,
): readonly [ConstraintClass, Factory] => [of, factory as Factory] // called with objects of this class alone

const toInterval = ({ lowerBound, upperBound }: constraints.Interval): Transform => {
  if (lowerBound === 0 && upperBound === 1) return new SigmoidTransform()
  const width =
    typeof upperBound !== 'number'
      ? upperBound.sub(lowerBound)
      : typeof lowerBound === 'number'
        ? upperBound - lowerBound
        : lowerBound.sub(upperBound).mul(-1)
  return new ComposeTransform([new SigmoidTransform(), new AffineTransform(lowerBound, width)])
}

const above = ({ lowerBound }: constraints.GreaterThan | constraints.GreaterThanEq): Transform =>
  // all positive numbers have the bound 0
  lowerBound === 0
    ? new ExpTransform()
    : new ComposeTransform([new ExpTransform(), new AffineTransform(lowerBound, 1)])

/** What both registries have, with the registry for the parts of a constraint. */
const common = (of: (constraint: Constraint) => Transform): (readonly [ConstraintClass, Factory])[] => [
  entry(constraints.Real, () => identityTransform),
  entry(
    IndependentConstraint,
    (c) => new IndependentTransform(of(c.baseConstraint), c.reinterpretedBatchNdims),
  ),
  entry(constraints.GreaterThan, above),
  entry(constraints.GreaterThanEq, above),
  entry(
    constraints.LessThan,
    (c) => new ComposeTransform([new ExpTransform(), new AffineTransform(c.upperBound, -1)]),
  ),
  entry(constraints.Interval, toInterval),
  entry(constraints.HalfOpenInterval, toInterval),
  entry(constraints.CorrCholesky, () => new CorrCholeskyTransform()),
  entry(constraints.Cat, (c) => new CatTransform(c.constraints.map(of), c.axis, c.lengths)),
  entry(constraints.Stack, (c) => new StackTransform(c.constraints.map(of), c.axis)),
]

/**
 * A bijection from all numbers to where a constraint holds.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry
 * @example
 * const { bijectTo, constraints } = g.distributions
 * bijectTo(constraints.unitInterval).call(g.tensor(0)).item() // => 0.5
 */
export const bijectTo: ConstraintRegistry = /* @__PURE__ */ constraintRegistry(() => [
  ...common(bijectTo),
  entry(constraints.Simplex, () => new StickBreakingTransform()),
])

/**
 * A transform from all numbers to where a constraint holds, which need not be a bijection: for parameters that are optimized.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry
 * @example
 * const { constraints, transformTo } = g.distributions
 * transformTo(constraints.simplex).call(g.zeros(4)).tolist() // => [0.25, 0.25, 0.25, 0.25]
 */
export const transformTo: ConstraintRegistry = /* @__PURE__ */ constraintRegistry(() => [
  ...common(transformTo),
  entry(constraints.Simplex, () => new SoftmaxTransform()),
  entry(constraints.LowerCholesky, () => new LowerCholeskyTransform()),
  entry(constraints.PositiveDefinite, () => new PositiveDefiniteTransform()),
  entry(constraints.PositiveSemidefinite, () => new PositiveDefiniteTransform()),
])

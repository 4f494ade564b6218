import {
  abs,
  all,
  diagonal,
  eq,
  finfo,
  full,
  ge,
  gt,
  isclose,
  le,
  linalg,
  logicalAnd,
  logicalOr,
  lt,
  sqrt,
  square,
  tril,
  type Tensor,
} from '@gradus/core/functions'
import type { Parameter } from '../arguments.ts'
import { Constraint } from './constraint.ts'

/** What is checked a vector at a time. */
abstract class OfVectors extends Constraint {
  override get eventDim(): number {
    return 1
  }
}

/** Vectors with a 1 in one place and 0 elsewhere. */
export class OneHot extends OfVectors {
  override get isDiscrete(): boolean {
    return true
  }
  check(value: Tensor): Tensor {
    const isBoolean = logicalOr(eq(value, 0), eq(value, 1))
    return logicalAnd(all(isBoolean, -1), eq(value.sum(-1), 1))
  }
  override toString(): string {
    return 'OneHot()'
  }
}

/** Vectors without negative elements whose sum is 1. */
export class Simplex extends OfVectors {
  check(value: Tensor): Tensor {
    return logicalAnd(all(ge(value, 0), -1), lt(abs(value.sum(-1).sub(1)), 1e-6))
  }
  override toString(): string {
    return 'Simplex()'
  }
}

/** Vectors without negative elements whose sum is at most a bound. */
export class MultinomialConstraint extends OfVectors {
  readonly upperBound: Parameter
  constructor(upperBound: Parameter) {
    super()
    this.upperBound = upperBound
  }
  override get isDiscrete(): boolean {
    return true
  }
  check(value: Tensor): Tensor {
    return logicalAnd(all(ge(value, 0), -1), le(value.sum(-1), this.upperBound))
  }
  override toString(): string {
    return 'Multinomial()'
  }
}

/** What is checked a matrix at a time. */
abstract class OfMatrices extends Constraint {
  override get eventDim(): number {
    return 2
  }
}

/** Matrices with zeros above the diagonal. */
export class LowerTriangular extends OfMatrices {
  check(value: Tensor): Tensor {
    return all(all(eq(tril(value), value), -1), -1)
  }
  override toString(): string {
    return 'LowerTriangular()'
  }
}

/** Matrices with zeros above a positive diagonal. */
export class LowerCholesky extends LowerTriangular {
  override check(value: Tensor): Tensor {
    return logicalAnd(super.check(value), all(gt(diagonal(value, 0, -2, -1), 0), -1))
  }
  override toString(): string {
    return 'LowerCholesky()'
  }
}

/** Matrices with zeros above a positive diagonal whose rows have length 1. */
export class CorrCholesky extends LowerCholesky {
  override check(value: Tensor): Tensor {
    const tolerance = finfo(value.dtype).eps * value.shape[value.ndim - 1] * 10
    const lengths = sqrt(square(value.detach()).sum(-1))
    return logicalAnd(super.check(value), all(le(abs(lengths.sub(1)), tolerance), -1))
  }
  override toString(): string {
    return 'CorrCholesky()'
  }
}

/** Square matrices. */
export class Square extends OfMatrices {
  check(value: Tensor): Tensor {
    const [rows, columns] = value.shape.slice(-2)
    return full(value.shape.slice(0, -2), rows === columns, { dtype: 'bool' })
  }
  override toString(): string {
    return 'Square()'
  }
}

/** Symmetric matrices. */
export class Symmetric extends Square {
  override check(value: Tensor): Tensor {
    const isSquare = super.check(value)
    if (!isAllTrue(isSquare)) return isSquare
    return all(all(isclose(value, value.transpose(-2, -1), { atol: 1e-6 }), -2), -1)
  }
  override toString(): string {
    return 'Symmetric()'
  }
}

/** Symmetric matrices without negative eigenvalues. */
export class PositiveSemidefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value)
    if (!isAllTrue(isSymmetric)) return isSymmetric
    return all(ge(linalg.eigvalsh(value.detach()), 0), -1)
  }
  override toString(): string {
    return 'PositiveSemidefinite()'
  }
}

/** Symmetric matrices with positive eigenvalues. */
export class PositiveDefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value)
    if (!isAllTrue(isSymmetric)) return isSymmetric
    return eq(linalg.choleskyEx(value.detach()).info, 0)
  }
  override toString(): string {
    return 'PositiveDefinite()'
  }
}

const isAllTrue = (x: Tensor): boolean => all(x).item<boolean>()

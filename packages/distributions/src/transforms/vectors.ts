import { takeShape, takeValue } from '../arguments.ts'
import {
  amax,
  cumprod,
  cumsum,
  clamp,
  clampMin,
  diagEmbed,
  diagonal,
  exp,
  eye,
  finfo,
  indexSelect,
  linalg,
  log,
  log1p,
  logsigmoid,
  matmul,
  neg,
  pad,
  ShapeError,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  tensor,
  tril,
  ValueError,
  arange,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import {
  corrCholesky,
  independent,
  lowerCholesky,
  positiveDefinite,
  real,
  realVector,
  simplex,
} from '../constraints/index.ts'
import type { Constraint } from '../constraints/constraint.ts'
import { Transform } from './transform.ts'
import { clippedSigmoid } from './pointwise.ts'

const tooFewAxes = (): ShapeError => new ShapeError('Too few dimensions on input')

/**
 * Vectors to vectors whose sum is 1: the softmax. Not bijective, because what is added to all elements is lost.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#softmaxtransform
 */
export class SoftmaxTransform extends Transform {
  static override readonly transformName: string = 'SoftmaxTransform'
  get domain(): Constraint {
    return realVector
  }
  get codomain(): Constraint {
    return simplex
  }
  protected forward(x: Tensor): Tensor {
    const weights = exp(x.sub(amax(x, -1, { keepdim: true })))
    return weights.div(weights.sum(-1, { keepdim: true }))
  }
  protected override backward(y: Tensor): Tensor {
    return log(y)
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    if (shape.length < 1) throw tooFewAxes()
    return shape
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    return this.forwardShape(shape)
  }
  override equals(other: Transform): boolean {
    return other instanceof SoftmaxTransform
  }
}

/**
 * Vectors to vectors of one element more whose sum is 1: each takes a part of what the ones before have left.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#stickbreakingtransform
 * @example
 * new g.distributions.StickBreakingTransform().call(g.zeros(2)).tolist() // => [0.3333, 0.3333, 0.3333]
 */
export class StickBreakingTransform extends Transform {
  static override readonly transformName: string = 'StickBreakingTransform'
  get domain(): Constraint {
    return realVector
  }
  get codomain(): Constraint {
    return simplex
  }
  override get bijective(): boolean {
    return true
  }
  protected forward(x: Tensor): Tensor {
    const part = clippedSigmoid(x.sub(log(countdown(x))))
    const rest = cumprod(sub(1, part), -1)
    return pad(part, [0, 1], { value: 1 }).mul(pad(rest, [1, 0], { value: 1 }))
  }
  protected override backward(y: Tensor): Tensor {
    const { ndim } = y
    const but = y.narrow(ndim - 1, 0, y.shape[ndim - 1] - 1)
    // positive where rounding makes it otherwise
    const rest = clampMin(sub(1, cumsum(but, -1)), finfo(y.dtype).tiny)
    return log(but)
      .sub(log(rest))
      .add(log(countdown(but)))
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    const z = x.sub(log(countdown(x)))
    const but = y.narrow(y.ndim - 1, 0, y.shape[y.ndim - 1] - 1)
    // 1 - sigmoid(z) = exp(-z) sigmoid(z)
    return logsigmoid(z).sub(z).add(log(but)).sum(-1)
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    if (shape.length < 1) throw tooFewAxes()
    return [...shape.slice(0, -1), shape[shape.length - 1] + 1]
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    if (shape.length < 1) throw tooFewAxes()
    return [...shape.slice(0, -1), shape[shape.length - 1] - 1]
  }
  override equals(other: Transform): boolean {
    return other instanceof StickBreakingTransform
  }
}

/** n, n - 1, … 1 for the n elements of the last axis. */
const countdown = (x: Tensor): Tensor => {
  const n = x.shape[x.ndim - 1]
  return sub(n, arange(n, { dtype: x.dtype }))
}

/** What is done with square matrices, none of it bijective. */
abstract class OfMatrices extends Transform {
  get domain(): Constraint {
    return independent(real, 2)
  }
  override equals(other: Transform): boolean {
    return other.constructor === this.constructor
  }
}

const diagonalOf = (x: Tensor): Tensor => diagonal(x, 0, -2, -1)

/**
 * Matrices to lower triangular ones with a positive diagonal: the elements below it, and exponentials of its own.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#lowercholeskytransform
 */
export class LowerCholeskyTransform extends OfMatrices {
  static override readonly transformName: string = 'LowerCholeskyTransform'
  get codomain(): Constraint {
    return lowerCholesky
  }
  protected forward(x: Tensor): Tensor {
    return tril(x, -1).add(diagEmbed(exp(diagonalOf(x))))
  }
  protected override backward(y: Tensor): Tensor {
    return tril(y, -1).add(diagEmbed(log(diagonalOf(y))))
  }
}

/**
 * Matrices to positive definite ones: the product of {@link LowerCholeskyTransform} and its transpose.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#positivedefinitetransform
 */
export class PositiveDefiniteTransform extends OfMatrices {
  static override readonly transformName: string = 'PositiveDefiniteTransform'
  get codomain(): Constraint {
    return positiveDefinite
  }
  protected forward(x: Tensor): Tensor {
    const L = new LowerCholeskyTransform().call(x)
    return matmul(L, L.transpose(-2, -1))
  }
  protected override backward(y: Tensor): Tensor {
    return new LowerCholeskyTransform().invert(linalg.cholesky(y))
  }
}

/**
 * Vectors of n · (n - 1) / 2 numbers to Cholesky factors of n × n correlation matrices: rows of length 1, by breaking a stick of
 * that length.
 *
 * @see https://mc-stan.org/docs/2_18/reference-manual/cholesky-factors-of-correlation-matrices-1.html
 * @see https://pytorch.org/docs/stable/distributions.html#corrcholeskytransform
 */
export class CorrCholeskyTransform extends Transform {
  static override readonly transformName: string = 'CorrCholeskyTransform'
  get domain(): Constraint {
    return realVector
  }
  get codomain(): Constraint {
    return corrCholesky
  }
  override get bijective(): boolean {
    return true
  }
  protected forward(x: Tensor): Tensor {
    const { eps } = finfo(x.dtype)
    const r = strictlyLower(clamp(tanh(x), -1 + eps, 1 - eps))
    const n = r.shape[r.ndim - 1]
    const rest = cumprod(sqrt(sub(1, square(r))), -1).narrow(r.ndim - 1, 0, n - 1)
    return r.add(eye(n, { dtype: r.dtype })).mul(pad(rest, [1, 0], { value: 1 }))
  }
  protected override backward(y: Tensor): Tensor {
    const n = y.shape[y.ndim - 1]
    const rest = sub(1, cumsum(square(y), -1)).narrow(y.ndim - 1, 0, n - 1)
    const before = below(pad(rest, [1, 0], { value: 1 }), -1)
    const t = below(y, -1).div(sqrt(before))
    return log1p(t)
      .sub(log1p(neg(t)))
      .div(2)
  }
  /** Of the elements below the diagonal: the matrix has more than the vector. */
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    takeValue('logAbsDetJacobian', 'x', x)
    takeValue('logAbsDetJacobian', 'y', y)
    const rest = below(sub(1, cumsum(square(y), -1)), -2)
    const ofSticks = log(rest).sum(-1).mul(0.5)
    return ofSticks.sub(
      x
        .add(softplus(x.mul(-2)))
        .sub(Math.LN2)
        .sum(-1)
        .mul(2),
    )
  }
  override forwardShape(shape: Shape): Shape {
    takeShape('forwardShape', 'shape', shape)
    if (shape.length < 1) throw tooFewAxes()
    const n = sizeFor(shape[shape.length - 1])
    return [...shape.slice(0, -1), n, n]
  }
  override inverseShape(shape: Shape): Shape {
    takeShape('inverseShape', 'shape', shape)
    if (shape.length < 2) throw tooFewAxes()
    const [rows, columns] = shape.slice(-2)
    if (rows !== columns) throw new ShapeError('Input is not square')
    return [...shape.slice(0, -2), (rows * (rows - 1)) / 2]
  }
}

/** The size of a matrix with `count` elements below its diagonal. */
function sizeFor(count: number): number {
  const n = Math.round(Math.sqrt(0.25 + 2 * count) + 0.5)
  if ((n * (n - 1)) / 2 !== count) throw new ValueError('Input is not a flattened lower-diagonal number')
  return n
}

/** The elements on and below a diagonal, row by row, as vectors. */
function below(x: Tensor, offset: number): Tensor {
  const n = x.shape[x.ndim - 1]
  const places = Array.from({ length: n * n }, (_, k) => k).filter(
    (k) => (k % n) - Math.floor(k / n) <= offset,
  )
  return indexSelect(x.reshape([...x.shape.slice(0, -2), n * n]), -1, tensor(places, { dtype: 'int64' }))
}

/** Matrices with the elements of vectors below the diagonal, row by row, and zeros elsewhere. */
function strictlyLower(x: Tensor): Tensor {
  const count = x.shape[x.ndim - 1]
  const n = sizeFor(count)
  let next = 0
  const places = Array.from({ length: n * n }, (_, k) => (k % n < Math.floor(k / n) ? next++ : count))
  const padded = pad(x, [0, 1])
  return indexSelect(padded, -1, tensor(places, { dtype: 'int64' })).reshape([...x.shape.slice(0, -1), n, n])
}

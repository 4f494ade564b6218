import {
  broadcastTensors,
  cholesky,
  diagEmbed,
  eye,
  linalg,
  log,
  matmul,
  randn,
  reciprocal,
  sqrt,
  square,
  ShapeError,
  ValueError,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { sameShape, takeArgument } from '@gradus/core/internal'
import { aTensor, type DistributionOptions, takeShape } from './arguments.ts'
import { independent, positive, real, realVector } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'
import { halfLogDet, mahalanobis, timesVector } from './multivariate-normal.ts'

/** A covariance W Wᵀ + D, with the factor of I + Wᵀ D⁻¹ W. */
export class LowRank {
  readonly W: Tensor
  readonly D: Tensor
  readonly capacitance: Tensor

  constructor(W: Tensor, D: Tensor) {
    this.W = W
    this.D = D
    const small = matmul(this.scaled(), W)
    this.capacitance = cholesky(small.add(eye(W.shape[W.ndim - 1], { dtype: W.dtype })))
  }

  /** Wᵀ D⁻¹. */
  scaled(): Tensor {
    return this.W.transpose(-2, -1).div(this.D.unsqueeze(-2))
  }

  /** The factor's inverse times Wᵀ D⁻¹: its square is taken from D⁻¹ in the inverse of the covariance. */
  whitened(): Tensor {
    return linalg.solveTriangular(this.capacitance, this.scaled(), { upper: false })
  }

  /** The logarithm of the determinant. */
  logDet(): Tensor {
    return halfLogDet(this.capacitance).mul(2).add(log(this.D).sum(-1))
  }

  /** xᵀ (W Wᵀ + D)⁻¹ x. */
  distance(x: Tensor): Tensor {
    const along = mahalanobis(this.capacitance, timesVector(this.scaled(), x))
    return square(x).div(this.D).sum(-1).sub(along)
  }
}

/**
 * The normal distribution of vectors with mean `loc` and covariance `covFactor · covFactorᵀ + diag(covDiag)`: the work grows
 * with the number of columns of the factor.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param loc - [...batch, n]
 * @param covFactor - [...batch, n, m]
 * @param covDiag - [...batch, n]
 * @throws ValueError for other shapes, and unless covDiag > 0
 * @see https://pytorch.org/docs/stable/distributions.html#lowrankmultivariatenormal
 */
export class LowRankMultivariateNormal extends Distribution {
  static override readonly distributionName: string = 'LowRankMultivariateNormal'
  /** The mean. */
  readonly loc: Tensor
  /** The factor of low rank. */
  readonly covFactor: Tensor
  /** What is added to the diagonal. */
  readonly covDiag: Tensor
  /** The covariance in the batch shape in which it was given. */
  readonly lowRank: LowRank

  constructor(loc: Tensor, covFactor: Tensor, covDiag: Tensor, options?: DistributionOptions) {
    const [mean, W, D] = checkShapes(loc, covFactor, covDiag)
    super(mean.shape.slice(0, -1), loc.shape.slice(-1), options)
    this.loc = mean
    this.covFactor = W
    this.covDiag = D
    this.checkParameters()
    this.lowRank = new LowRank(covFactor, covDiag)
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: realVector, covFactor: independent(real, 2), covDiag: independent(positive, 1) }
  }
  override get support(): Constraint {
    return realVector
  }
  override get mean(): Tensor {
    return this.loc
  }
  override get mode(): Tensor {
    return this.loc
  }
  override get variance(): Tensor {
    const { W, D } = this.lowRank
    return square(W)
      .sum(-1)
      .add(D)
      .expand([...this.batchShape, ...this.eventShape])
  }
  /** The lower triangular factor of the covariance. */
  get scaleTril(): Tensor {
    const { W, D } = this.lowRank
    // of √D⁻¹ Σ √D⁻¹, whose eigenvalues are at least 1 (Rasmussen and Williams 2006, 3.4.3)
    const root = sqrt(D).unsqueeze(-1)
    const scaled = W.div(root)
    const unit = matmul(scaled, scaled.transpose(-2, -1)).add(eye(this.eventShape[0], { dtype: W.dtype }))
    return this.wide(root.mul(cholesky(unit)))
  }
  /** The covariance. */
  get covarianceMatrix(): Tensor {
    const { W, D } = this.lowRank
    return this.wide(matmul(W, W.transpose(-2, -1)).add(diagEmbed(D)))
  }
  /** The inverse of the covariance, by Woodbury's identity. */
  get precisionMatrix(): Tensor {
    const A = this.lowRank.whitened()
    return this.wide(diagEmbed(reciprocal(this.lowRank.D)).sub(matmul(A.transpose(-2, -1), A)))
  }
  private wide(matrix: Tensor): Tensor {
    return matrix.expand([...this.batchShape, ...matrix.shape.slice(-2)])
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      loc: this.loc.expand([...batchShape, ...this.eventShape]),
      covFactor: this.covFactor.expand([...batchShape, ...this.covFactor.shape.slice(-2)]),
      covDiag: this.covDiag.expand([...batchShape, ...this.eventShape]),
    })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    const { dtype } = this.loc
    const { W, D } = this.lowRank
    const ofFactor = randn([...shape.slice(0, -1), W.shape[W.ndim - 1]], { dtype })
    const ofDiagonal = randn(shape, { dtype })
    return this.loc.add(timesVector(W, ofFactor)).add(sqrt(D).mul(ofDiagonal))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    return this.lowRank
      .logDet()
      .add(this.lowRank.distance(value.sub(this.loc)))
      .add(this.eventShape[0] * Math.log(2 * Math.PI))
      .mul(-0.5)
  }

  override entropy(): Tensor {
    const constant = this.eventShape[0] * (1 + Math.log(2 * Math.PI))
    return this.lowRank.logDet().add(constant).mul(0.5).expand(this.batchShape)
  }
}

/** The parameters broadcast together, once their shapes agree. */
function checkShapes(loc: Tensor, covFactor: Tensor, covDiag: Tensor): Tensor[] {
  const name = 'LowRankMultivariateNormal'
  for (const [key, value] of Object.entries({ loc, covFactor, covDiag }))
    takeArgument(name, key, aTensor, value)
  if (loc.ndim < 1) throw new ValueError('loc must be at least one-dimensional.')
  const n = loc.shape[loc.ndim - 1]
  if (covFactor.ndim < 2) {
    throw new ValueError('covFactor must be at least two-dimensional, with optional leading batch dimensions')
  }
  if (covFactor.shape[covFactor.ndim - 2] !== n)
    throw new ValueError(`covFactor must be a batch of matrices with shape ${n} x m`)
  if (!sameShape(covDiag.shape.slice(-1), [n]))
    throw new ValueError(`covDiag must be a batch of vectors with shape [${n}]`)
  try {
    const [mean, W, D] = broadcastTensors([loc.unsqueeze(-1), covFactor, covDiag.unsqueeze(-1)])
    return [mean.select(-1, 0), W, D.select(-1, 0)]
  } catch (cause) {
    const [a, b, c] = [loc, covFactor, covDiag].map(({ shape }) => `[${shape.join(', ')}]`)
    throw new ShapeError(`Incompatible batch shapes: loc ${a}, covFactor ${b}, covDiag ${c}`, { cause })
  }
}

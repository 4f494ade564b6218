import {
  all,
  any,
  arange,
  broadcastShapes,
  cat,
  choleskySolve,
  clampMin,
  diagEmbed,
  diagonal,
  digamma,
  finfo,
  indexSelect,
  isTensor,
  le,
  lgamma,
  linalg,
  log,
  lt,
  matmul,
  maskedFill,
  mvlgamma,
  pad,
  randn,
  sqrt,
  square,
  sub,
  tensor,
  tril,
  ValueError,
  where,
  zeros,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { integer, takeArgument, warn } from '@gradus/core/internal'
import {
  aParameter,
  broadcastAll,
  type DistributionOptions,
  type Parameter,
  takeShape,
  takeValue,
} from './arguments.ts'
import { corrCholesky, greaterThan, lowerCholesky, positive, positiveDefinite } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Beta } from './dirichlet.ts'
import { Distribution } from './distribution.ts'
import { ExponentialFamily } from './exponential-family.ts'
import { Chi2 } from './gamma.ts'
import { covarianceFrom, halfLogDet, type Covariance, type CovarianceOptions } from './multivariate-normal.ts'

/** Singular samples are drawn again, so many times. */
const attempts = 10

/**
 * The Wishart distribution: of the sum of `x xᵀ` over `df` normal vectors of mean 0.
 *
 * Samples are PyTorch's next ones from the same seed: PyTorch draws all of them, takes them for singular, and draws again.
 *
 * @param df - degrees of freedom, above n - 1
 * @param covarianceMatrix - [...batch, n, n]; `precisionMatrix` or `scaleTril` in place of it are options
 * @throws ValueError unless exactly one form of the covariance is given, it is positive definite, and df > n - 1
 * @see https://pytorch.org/docs/stable/distributions.html#wishart
 * @example
 * new g.distributions.Wishart(3, g.eye(2)).mean.tolist() // => [[3, 0], [0, 3]]
 */
export class Wishart extends ExponentialFamily {
  static override readonly distributionName: string = 'Wishart'
  /** The degrees of freedom. */
  readonly df: Tensor
  private readonly covariance: Covariance

  constructor(df: Parameter, covarianceMatrix: Tensor | null, options?: CovarianceOptions)
  constructor(df: Parameter, options: CovarianceOptions)
  constructor(
    df: Parameter,
    covarianceMatrix: Tensor | null | CovarianceOptions,
    options?: CovarianceOptions,
  ) {
    takeArgument('Wishart', 'df', aParameter, df)
    const { covariance, validateArgs } = covarianceFrom('Wishart', covarianceMatrix, options)
    const { given } = covariance
    const eventShape = given.shape.slice(-2)
    const freedom = isTensor(df) ? df : tensor(df, { dtype: given.dtype })
    const batchShape = broadcastShapes(given.shape.slice(0, -2), freedom.shape)
    const n = eventShape[1]
    if (any(le(freedom, n - 1)).item<boolean>())
      throw new ValueError(`Value of df=${String(df)} expected to be greater than ndim - 1 = ${n - 1}.`)
    if (any(lt(freedom, n)).item<boolean>()) {
      warn('Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.')
    }
    super(batchShape, eventShape, { validateArgs })
    this.df = freedom.expand(batchShape)
    this.covariance = covariance
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      covarianceMatrix: positiveDefinite,
      precisionMatrix: positiveDefinite,
      scaleTril: lowerCholesky,
      df: greaterThan(this.eventShape[1] - 1),
    }
  }
  protected override isGiven(name: string): boolean {
    return name === 'df' || name === this.covariance.form
  }
  override get support(): Constraint {
    return positiveDefinite
  }
  /** The covariance of the normal vectors. */
  get covarianceMatrix(): Tensor {
    return this.covariance.read('covarianceMatrix', this.batchShape)
  }
  /** The inverse of the covariance. */
  get precisionMatrix(): Tensor {
    return this.covariance.read('precisionMatrix', this.batchShape)
  }
  /** The lower triangular factor of the covariance. */
  get scaleTril(): Tensor {
    return this.covariance.read('scaleTril', this.batchShape)
  }
  override get mean(): Tensor {
    return this.ofMatrix(this.df).mul(this.covarianceMatrix)
  }
  /** NaN up to df = n + 1. */
  override get mode(): Tensor {
    const factor = this.df.sub(this.eventShape[1] + 1)
    return this.ofMatrix(maskedFill(factor, le(factor, 0), NaN)).mul(this.covarianceMatrix)
  }
  override get variance(): Tensor {
    const V = this.covarianceMatrix
    const variances = diagonal(V, 0, -2, -1)
    const outer = variances.unsqueeze(-1).mul(variances.unsqueeze(-2))
    return this.ofMatrix(this.df).mul(square(V).add(outer))
  }
  private ofMatrix(x: Tensor): Tensor {
    return x.reshape([...this.batchShape, 1, 1])
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { df: this.df.expand(batchShape) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    let sample = this.bartlett(sampleShape)
    for (let i = 0; i < attempts; i++) {
      const isRegular = this.support.check(sample)
      if (all(isRegular).item<boolean>()) break
      if (i === 0) warn('Singular sample detected.')
      sample = where(isRegular.unsqueeze(-1).unsqueeze(-1), sample, this.bartlett(sampleShape))
    }
    return sample
  }

  /** Samples by the decomposition of Bartlett: χ numbers on the diagonal, and normal ones below it. */
  private bartlett(sampleShape: Shape): Tensor {
    this.extendedShape(sampleShape)
    const n = this.eventShape[1]
    const { dtype } = this.df
    const freedoms = this.df.unsqueeze(-1).sub(arange(n, { dtype }))
    const roots = sqrt(new Chi2(freedoms, { validateArgs: false }).rsample(sampleShape))
    const noise = randn([...sampleShape, ...this.batchShape, (n * (n - 1)) / 2], { dtype })
    const triangle = diagEmbed(clampMin(roots, finfo(dtype).eps)).add(strictlyLower(noise, n))
    const L = matmul(this.covariance.tril, triangle)
    return matmul(L, L.transpose(-2, -1))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const { df } = this
    const n = this.eventShape[1]
    const L = this.covariance.tril
    const solved = choleskySolve(value, L)
    const logDet = linalg.slogdet(value).logabsdet
    return df
      .mul(halfLogDet(L).add((n * Math.LN2) / 2))
      .mul(-1)
      .sub(mvlgamma(df.div(2), n))
      .add(
        df
          .sub(n + 1)
          .div(2)
          .mul(logDet),
      )
      .sub(diagonal(solved, 0, -2, -1).sum(-1).div(2))
  }

  override entropy(): Tensor {
    const { df } = this
    const n = this.eventShape[1]
    const half = df.div(2)
    const digammas = digamma(half.unsqueeze(-1).sub(arange(n, { dtype: df.dtype }).div(2))).sum(-1)
    return halfLogDet(this.covariance.tril)
      .add((n * Math.LN2) / 2)
      .mul(n + 1)
      .add(mvlgamma(half, n))
      .sub(
        df
          .sub(n + 1)
          .div(2)
          .mul(digammas),
      )
      .add(df.mul(n / 2))
  }

  override get naturalParams(): Tensor[] {
    return [this.precisionMatrix.div(-2), this.df.sub(this.eventShape[1] + 1).div(2)]
  }
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    takeValue('logNormalizer', 'x', x)
    takeValue('logNormalizer', 'y', y)
    const n = this.eventShape[1]
    const half = y.add((n + 1) / 2)
    return half.mul(sub(n * Math.LN2, linalg.slogdet(x.mul(-2)).logabsdet)).add(mvlgamma(half, n))
  }
  override get meanCarrierMeasure(): number {
    return 0
  }
}

/** Matrices with the elements of vectors below the diagonal, row by row. */
function strictlyLower(x: Tensor, n: number): Tensor {
  const count = x.shape[x.ndim - 1]
  let next = 0
  const places = Array.from({ length: n * n }, (_, k) => (k % n < Math.floor(k / n) ? next++ : count))
  const index = tensor(places, { dtype: 'int64' })
  return indexSelect(pad(x, [0, 1]), -1, index).reshape([...x.shape.slice(0, -1), n, n])
}

const sizes = /* @__PURE__ */ integer()

/**
 * The distribution of Lewandowski, Kurowicka and Joe of Cholesky factors of correlation matrices: their density is in
 * proportion to the determinant to the power of `concentration - 1`, so that 1 makes all of them as probable.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param dim - the size n of the matrices, at least 2
 * @param concentration - 1 by default
 * @throws ValueError for a smaller size, and unless concentration > 0
 * @see Lewandowski, Kurowicka and Joe 2009, https://doi.org/10.1016/j.jmva.2009.04.008
 * @see https://pytorch.org/docs/stable/distributions.html#lkjcholesky
 * @example
 * new g.distributions.LKJCholesky(3, 0.5).sample().shape // => [3, 3]
 */
export class LKJCholesky extends Distribution {
  static override readonly distributionName: string = 'LKJCholesky'
  /** The size of the matrices. */
  readonly dim: number
  /** How near the matrices are to the identity. */
  readonly concentration: Tensor
  private readonly beta: Beta

  constructor(dim: number, concentration: Parameter = 1, options?: DistributionOptions) {
    takeArgument('LKJCholesky', 'dim', sizes, dim)
    if (dim < 2) {
      throw new ValueError(`Expected dim to be an integer greater than or equal to 2. Found dim=${dim}.`)
    }
    const [eta] = broadcastAll('LKJCholesky', { concentration })
    super(eta.shape, [dim, dim], options)
    this.dim = dim
    this.concentration = eta
    this.checkParameters()
    const { dtype } = eta
    const offset = cat([zeros([1], { dtype }), arange(dim - 1, { dtype })])
    const marginal = eta.add(0.5 * (dim - 2)).unsqueeze(-1)
    this.beta = new Beta(offset.add(0.5), marginal.sub(offset.mul(0.5)), { validateArgs: false })
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive }
  }
  override get support(): Constraint {
    return corrCholesky
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, {
      concentration: this.concentration.expand(batchShape),
      beta: this.beta.expand([...batchShape, this.dim]),
    })
  }

  // the onion method, of factors in place of matrices
  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape)
    const squares = this.beta.sample(sampleShape).unsqueeze(-1)
    const { dtype } = squares
    const normal = tril(randn(shape, { dtype }), -1)
    const directions = normal.div(sqrt(square(normal).sum(-1, { keepdim: true })))
    const isFirst = lt(arange(this.dim).unsqueeze(-1), 1)
    const rows = sqrt(squares).mul(where(isFirst, 0, directions))
    const rest = clampMin(sub(1, square(rows).sum(-1)), finfo(dtype).tiny)
    return rows.add(diagEmbed(sqrt(rest)))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const n = this.dim
    const eta = this.concentration
    const { dtype } = eta
    const roots = diagonal(value, 0, -2, -1).narrow(-1, 1, n - 1)
    const orders = eta
      .sub(1)
      .mul(2)
      .unsqueeze(-1)
      .add(sub(n, arange(2, n + 1, 1, { dtype })))
    const alpha = eta.add(0.5 * (n - 1))
    const normalizer = mvlgamma(alpha.sub(0.5), n - 1)
      .sub(lgamma(alpha).mul(n - 1))
      .add(0.5 * (n - 1) * Math.log(Math.PI))
    return orders.mul(log(roots)).sum(-1).sub(normalizer)
  }
}

import {
  broadcastShapes,
  cholesky,
  choleskyInverse,
  diagonal,
  eye,
  flip,
  linalg,
  log,
  matmul,
  randn,
  square,
  setGradEnabled,
  ValueError,
  type Shape,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import { aTensor, type DistributionOptions, distributionOptions, takeShape } from './arguments.ts'
import { lowerCholesky, positiveDefinite, realVector } from './constraints/index.ts'
import type { Constraint } from './constraints/constraint.ts'
import { Distribution } from './distribution.ts'

/** The covariance of a distribution in one of three forms: [...batch, n, n]. */
export interface CovarianceOptions extends DistributionOptions {
  /** The covariance. */
  covarianceMatrix?: Tensor | null
  /** The inverse of the covariance, in place of it. */
  precisionMatrix?: Tensor | null
  /** The lower triangular factor of the covariance, in place of it. */
  scaleTril?: Tensor | null
}
/** The kinds of {@link CovarianceOptions}. */
const covarianceOptions = /* @__PURE__ */ defineOptions<CovarianceOptions, DistributionOptions>(
  {
    covarianceMatrix: /* @__PURE__ */ nullable(aTensor),
    precisionMatrix: /* @__PURE__ */ nullable(aTensor),
    scaleTril: /* @__PURE__ */ nullable(aTensor),
  },
  distributionOptions,
)

const forms = ['covarianceMatrix', 'precisionMatrix', 'scaleTril'] as const

/** A covariance in the form that was given; its factor and the other forms are computed when they are read. */
export class Covariance {
  /** The form that was given. */
  readonly form: (typeof forms)[number]
  /** What was given. */
  readonly given: Tensor
  private factor: Tensor | null = null

  constructor(form: (typeof forms)[number], given: Tensor) {
    this.form = form
    this.given = given
  }

  /** The lower triangular factor, in the batch shape of what was given. */
  get tril(): Tensor {
    return (this.factor ??= setGradEnabled(true, () => factorOf(this.form, this.given)))
  }

  /** One of the forms, expanded to a batch. */
  read(form: (typeof forms)[number], batchShape: Shape): Tensor {
    const found = form === this.form ? this.given : this.computed(form)
    return found.expand([...batchShape, ...found.shape.slice(-2)])
  }

  private computed(form: (typeof forms)[number]): Tensor {
    if (form === 'scaleTril') return this.tril
    if (form === 'covarianceMatrix') return matmul(this.tril, this.tril.transpose(-2, -1))
    return choleskyInverse(this.tril)
  }
}

/** The options of a call whose argument is a covariance, or options that name its form. */
export function covarianceFrom(
  call: string,
  first: Tensor | null | CovarianceOptions,
  options: CovarianceOptions | undefined,
): { covariance: Covariance; validateArgs: boolean | null } {
  const isTensor = aTensor.accepts(first)
  if (!isTensor && first !== null && options !== undefined)
    throw new ValueError(`${call} takes options once: they follow covarianceMatrix, or stand alone`)
  const given = takeOptions(call, covarianceOptions, isTensor || first === null ? options : first)
  const all = isTensor ? [['covarianceMatrix', first] as const] : []
  const named = forms.flatMap((form) => (given[form] ? [[form, given[form]] as const] : []))
  const found = [...all, ...named]
  if (found.length !== 1) {
    throw new ValueError('Exactly one of covarianceMatrix or precisionMatrix or scaleTril may be specified.')
  }
  const [form, matrix] = found[0]
  if (matrix.ndim < 2) {
    throw new ValueError(`${form} must be at least two-dimensional, with optional leading batch dimensions`)
  }
  return { covariance: new Covariance(form, matrix), validateArgs: given.validateArgs ?? null }
}

function factorOf(form: (typeof forms)[number], matrix: Tensor): Tensor {
  if (form === 'scaleTril') return matrix
  if (form === 'covarianceMatrix') return cholesky(matrix)
  const reversed = flip(cholesky(flip(matrix, [-2, -1])), [-2, -1])
  const inverse = reversed.transpose(-2, -1)
  const n = matrix.shape[matrix.ndim - 1]
  return linalg.solveTriangular(inverse, eye(n, { dtype: matrix.dtype }), { upper: false })
}

/** `xᵀ (L Lᵀ)⁻¹ x` for vectors x, over their batches. */
export function mahalanobis(L: Tensor, x: Tensor): Tensor {
  const n = x.shape[x.ndim - 1]
  if (L.ndim === 2) {
    // all vectors in one solution
    const columns = linalg.solveTriangular(L, x.reshape([-1, n]).t(), { upper: false })
    return square(columns).sum(0).reshape(x.shape.slice(0, -1))
  }
  const batch = broadcastShapes(L.shape.slice(0, -2), x.shape.slice(0, -1))
  const column = x.expand([...batch, n]).unsqueeze(-1)
  return square(linalg.solveTriangular(L.expand([...batch, n, n]), column, { upper: false }).squeeze(-1)).sum(
    -1,
  )
}

/** The sum of the logarithms of the diagonal: half of the log-determinant of the covariance. */
export const halfLogDet = (L: Tensor): Tensor => log(diagonal(L, 0, -2, -1)).sum(-1)

/** The products of matrices and vectors, over their batches. */
export const timesVector = (A: Tensor, x: Tensor): Tensor => matmul(A, x.unsqueeze(-1)).squeeze(-1)

/**
 * The normal distribution of vectors with mean `loc` and a covariance.
 *
 * Samples are PyTorch's from the same seed.
 *
 * @param loc - [...batch, n]
 * @param covarianceMatrix - [...batch, n, n]; `precisionMatrix` or `scaleTril` in place of it are options
 * @throws ValueError unless exactly one form of the covariance is given, and it is positive definite
 * @see https://pytorch.org/docs/stable/distributions.html#multivariatenormal
 * @example
 * const p = new g.distributions.MultivariateNormal(g.zeros(2), g.eye(2))
 * p.logProb(g.zeros(2)).item() // => -1.8379
 */
export class MultivariateNormal extends Distribution {
  static override readonly distributionName: string = 'MultivariateNormal'
  /** The mean. */
  readonly loc: Tensor
  private readonly covariance: Covariance

  constructor(loc: Tensor, covarianceMatrix: Tensor | null, options?: CovarianceOptions)
  constructor(loc: Tensor, options: CovarianceOptions)
  constructor(loc: Tensor, covarianceMatrix: Tensor | null | CovarianceOptions, options?: CovarianceOptions) {
    const name = 'MultivariateNormal'
    takeArgument(name, 'loc', aTensor, loc)
    if (loc.ndim < 1) throw new ValueError('loc must be at least one-dimensional.')
    const { covariance, validateArgs } = covarianceFrom(name, covarianceMatrix, options)
    const batchShape = broadcastShapes(covariance.given.shape.slice(0, -2), loc.shape.slice(0, -1))
    const eventShape = loc.shape.slice(-1)
    super(batchShape, eventShape, { validateArgs })
    this.loc = loc.expand([...batchShape, ...eventShape])
    this.covariance = covariance
    this.checkParameters()
  }

  override get hasRsample(): boolean {
    return true
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      loc: realVector,
      covarianceMatrix: positiveDefinite,
      precisionMatrix: positiveDefinite,
      scaleTril: lowerCholesky,
    }
  }
  protected override isGiven(name: string): boolean {
    return name === 'loc' || name === this.covariance.form
  }
  override get support(): Constraint {
    return realVector
  }
  /** The covariance. */
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
    return this.loc
  }
  override get mode(): Tensor {
    return this.loc
  }
  override get variance(): Tensor {
    return square(this.covariance.tril)
      .sum(-1)
      .expand([...this.batchShape, ...this.eventShape])
  }

  override expand(batchShape: Shape): this {
    takeShape('expand', 'batchShape', batchShape)
    return this.copy(batchShape, { loc: this.loc.expand([...batchShape, ...this.eventShape]) })
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const noise = randn(this.extendedShape(sampleShape), { dtype: this.loc.dtype })
    return this.loc.add(timesVector(this.covariance.tril, noise))
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue(value)
    const distance = mahalanobis(this.covariance.tril, value.sub(this.loc))
    return distance
      .add(this.eventShape[0] * Math.log(2 * Math.PI))
      .mul(-0.5)
      .sub(halfLogDet(this.covariance.tril))
  }

  override entropy(): Tensor {
    const constant = 0.5 * this.eventShape[0] * (1 + Math.log(2 * Math.PI))
    return halfLogDet(this.covariance.tril).add(constant).expand(this.batchShape)
  }
}

import {
  ShapeError,
  type Tensor,
  ValueError,
  abs,
  cat,
  diagonal,
  dot,
  eye,
  inv,
  matmul,
  max,
  randn,
  reciprocal,
  sign,
  tril,
  zeros,
} from '@gradus/core/functions'
import { defineOptions, describeValue, flag, kind, nullable, takeOptions, text } from '@gradus/core/internal'
import { orthonormalised } from '../init/orthogonal.ts'
import { Module } from '../module/module.ts'
import { householder } from './householder.ts'
import { registerParametrization, tensorAt } from './parametrize.ts'

/** How a matrix without constraints becomes an orthogonal one. */
export type OrthogonalMap = 'matrix_exp' | 'cayley' | 'householder'

class Orthogonal extends Module {
  static override readonly layerName: string = 'Orthogonal'
  readonly map: OrthogonalMap
  readonly useTrivialization: boolean
  readonly shape: readonly number[]
  /** What the orthogonal matrix is multiplied by, so that training begins where the weight was. */
  base: Tensor | null

  constructor(weight: Tensor, map: OrthogonalMap, useTrivialization: boolean) {
    super()
    this.map = map
    this.useTrivialization = useTrivialization
    this.shape = weight.shape
    this.base = this.registerBuffer('base', null)
  }

  forward(given: Tensor): Tensor {
    const [n, k] = this.shape
    const isWide = n < k
    const x = isWide ? given.t() : given
    const q = this.map === 'householder' ? reflections(x) : this.rotation(x)
    const moved = this.base ? matmul(this.base.to(q.dtype), q) : q
    return isWide ? moved.t() : moved
  }

  /** The first columns of a rotation made of a skew-symmetric matrix. */
  private rotation(x: Tensor): Tensor {
    const [n, k] = x.shape
    const lower = tril(x)
    const square = n === k ? lower : cat([lower, zeros([n, n - k], { dtype: x.dtype })], 1)
    const skew = square.sub(square.t())
    const q = this.map === 'matrix_exp' ? exponential(skew) : cayley(skew)
    return n === k ? q : q.narrow(1, 0, k)
  }

  rightInverse(value: Tensor): Tensor {
    if (value.shape.join() !== this.shape.join()) {
      throw new ShapeError(
        `Expected a matrix or batch of matrices of shape (${this.shape.join(', ')}). Got a tensor of shape (${value.shape.join(', ')}).`,
      )
    }
    const [n, k] = value.shape
    const tall = n < k ? value.t() : value
    if (!this.useTrivialization) {
      if (this.map !== 'householder') {
        throw new ValueError(
          'It is not possible to assign to the matrix exponential or the Cayley parametrizations when useTrivialization is false.',
        )
      }
      const x = householder(tall)
      return n < k ? x.t() : x
    }
    const [rows, columns] = tall.shape
    const full = rows === columns ? tall : cat([tall, randn(rows, rows - columns, { dtype: value.dtype })], 1)
    this.base = this.registerBuffer('base', orthonormalised(full).to(value.dtype))
    return eye(n, k, { dtype: value.dtype }).mul(-1)
  }
}

const identity = (x: Tensor): Tensor => eye(x.shape[0], x.shape[0], { dtype: x.dtype })

/** `(I + A/2) (I - A/2)⁻¹`: orthogonal for a skew-symmetric A. */
const cayley = (a: Tensor): Tensor => matmul(inv(identity(a).sub(a.mul(0.5))), identity(a).add(a.mul(0.5)))

/** The exponential of a matrix: a Taylor polynomial of a part of it, squared back. */
function exponential(a: Tensor): Tensor {
  const size = max(abs(a.detach()).sum(1)).item()
  const halvings = size > 0.5 ? Math.ceil(Math.log2(size / 0.5)) : 0
  const x = a.mul(2 ** -halvings)
  let sum = identity(a)
  // below the rounding of float64 for a norm of 1/2
  for (let degree = 14; degree >= 1; degree--) sum = identity(a).add(matmul(x, sum).mul(1 / degree))
  for (let i = 0; i < halvings; i++) sum = matmul(sum, sum)
  return sum
}

/** The product of the reflections whose vectors are the columns of x below the diagonal; its signs are those of the diagonal. */
function reflections(x: Tensor): Tensor {
  const [n, k] = x.shape
  const below = tril(x, -1)
  const units = eye(n, k, { dtype: x.dtype })
  let q = units
  for (let j = k - 1; j >= 0; j--) {
    const v = below.select(1, j).add(units.select(1, j))
    const tau = reciprocal(dot(v, v)).mul(2)
    q = q.sub(matmul(v.mul(tau).unsqueeze(1), matmul(v.unsqueeze(0), q)))
  }
  return q.mul(sign(diagonal(x.detach())).unsqueeze(0))
}

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions {
  /** 'weight' by default. */
  name?: string
  /** 'matrix_exp' for a square weight, 'householder' for others by default. */
  orthogonalMap?: OrthogonalMap | null
  /** Begins at the weight, made orthogonal, whatever the map; true by default. */
  useTrivialization?: boolean
}

const isMap = (x: unknown): x is OrthogonalMap => x === 'matrix_exp' || x === 'cayley' || x === 'householder'

const orthogonalOptions = /* @__PURE__ */ defineOptions<OrthogonalOptions>({
  name: text,
  orthogonalMap: /* @__PURE__ */ nullable(
    /* @__PURE__ */ kind<OrthogonalMap>(
      "'matrix_exp', 'cayley' or 'householder'",
      isMap,
      (x) =>
        `orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${typeof x === 'string' ? x : describeValue(x)}`,
    ),
  ),
  useTrivialization: flag,
})

/**
 * Keeps a matrix orthogonal, or its columns or rows orthonormal if it is not square.
 *
 * @returns the module
 * @throws ValueError for another map, or a weight that is no matrix
 * @see Lezcano-Casado & Martínez-Rubio 2019, https://arxiv.org/abs/1901.08428
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
 * @example
 * const { weight } = g.nn.parametrize.orthogonal(new g.nn.Linear(3, 3))
 * weight.matmul(weight.t()).sub(g.eye(3)).abs().max().item() < 1e-5 // => true
 */
export function orthogonal<M extends Module>(module: M, options?: OrthogonalOptions): M {
  const {
    name = 'weight',
    orthogonalMap = null,
    useTrivialization = true,
  } = takeOptions('orthogonal', orthogonalOptions, options)
  const weight = tensorAt(module, name)
  if (weight.ndim !== 2) {
    throw new ValueError(`Expected a matrix. Got a tensor of ${weight.ndim} dimensions.`)
  }
  const map = orthogonalMap ?? (weight.shape[0] === weight.shape[1] ? 'matrix_exp' : 'householder')
  return registerParametrization(module, name, new Orthogonal(weight, map, useTrivialization))
}

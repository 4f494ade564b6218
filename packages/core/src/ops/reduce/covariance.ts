import { integer, nullable } from '../../base/kinds.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { isFloat, isInteger, type DType } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { matmul } from '../linalg/matmul.ts'
import { sqrt } from '../elementwise/power.ts'
import { diagonal } from '../view/view.ts'
import { clamp } from '../elementwise/ternary.ts'

/** Options of {@link cov}. */
export interface CovOptions {
  /** What is taken from the number of observations; 1 by default. */
  correction?: number
  /** How often each observation counts: integers, not negative. */
  fweights?: Tensor | null
  /** The weight of each observation, not negative. */
  aweights?: Tensor | null
}
const covOptions = /* @__PURE__ */ defineOptions<CovOptions>({
  correction: /* @__PURE__ */ integer(),
  fweights: /* @__PURE__ */ nullable(aTensor),
  aweights: /* @__PURE__ */ nullable(aTensor),
})

function checkWeights(
  name: string,
  kind: string,
  accepts: (dtype: DType) => boolean,
  weights: Tensor,
  n: number,
): void {
  if (weights.ndim > 1) {
    throw new ShapeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.ndim} dimensions`,
    )
  }
  if (!accepts(weights.dtype)) {
    throw new DTypeError(
      `cov(): expected ${name} to have ${kind} dtype but got ${name} with ${weights.dtype} dtype`,
    )
  }
  if (weights.numel() !== n) {
    throw new ShapeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.numel()} != ${n}`,
    )
  }
}

/**
 * The covariances of variables: a row of `x` for each, a column for each observation. A vector is one variable.
 *
 * @param x - [variables, observations] or [observations]
 * @returns [variables, variables]; a scalar for one variable
 * @throws ShapeError for more axes, or weights of another number; DTypeError for bool, and for weights of another kind
 * @see https://pytorch.org/docs/stable/generated/torch.cov.html
 * @example
 * g.cov(g.tensor([[0, 1, 2], [2, 1, 0]])).tolist() // => [[1, -1], [-1, 1]]
 */
export function cov(x: Tensor, options?: CovOptions): Tensor {
  takeTensor('cov', 'x', x)
  const { correction = 1, fweights = null, aweights = null } = takeOptions('cov', covOptions, options)
  if (x.ndim > 2) {
    throw new ShapeError(
      `cov(): expected input to have two or fewer dimensions but got an input with ${x.ndim} dimensions`,
    )
  }
  if (x.dtype === 'bool') throw new DTypeError('cov(): bool dtype is not supported for input')
  const rows = x.ndim < 2 ? x.reshape([1, x.numel()]) : x
  const n = rows.shape[1]
  let weights: Tensor | null = null
  if (fweights) {
    checkWeights('fweights', 'integral', isInteger, fweights, n)
    weights = fweights.reshape([n])
  }
  if (aweights) {
    checkWeights('aweights', 'floating point', isFloat, aweights, n)
    const own = aweights.reshape([n])
    weights = weights ? weights.mul(own) : own
  }
  const weighted = weights ? rows.mul(weights) : rows
  const total = weights ? weights.sum() : null
  const mean = total ? weighted.sum(1, { keepdim: true }).div(total) : rows.sum(1, { keepdim: true }).div(n)
  const centred = rows.sub(mean)
  const scaled = weights ? centred.mul(weights) : centred
  const product = matmul(scaled, centred.t())
  if (weights === null || total === null) return product.div(Math.max(0, n - correction)).squeeze()
  const lost = aweights
    ? weights
        .mul(aweights.reshape([n]))
        .sum()
        .div(total)
        .mul(correction)
    : correction
  return product.div(clamp(total.sub(lost), 0)).squeeze()
}

/**
 * The correlations of variables: covariances divided by both standard deviations, from -1 to 1.
 *
 * @param x - [variables, observations] or [observations]
 * @see https://pytorch.org/docs/stable/generated/torch.corrcoef.html
 * @example
 * g.corrcoef(g.tensor([[0, 1, 2], [4, 2, 0]])).tolist() // ≈ [[1, -1], [-1, 1]]
 */
export function corrcoef(x: Tensor): Tensor {
  takeTensor('corrcoef', 'x', x)
  if (x.ndim > 2) {
    throw new ShapeError(
      `corrcoef(): expected input to have two or fewer dimensions but got an input with ${x.ndim} dimensions`,
    )
  }
  const c = cov(x)
  if (c.ndim === 0) return c.div(c)
  const deviation = sqrt(diagonal(c))
  return clamp(c.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0)), -1, 1)
}

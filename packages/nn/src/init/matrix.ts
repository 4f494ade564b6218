import { noGrad } from '@gradus/autograd'
import {
  normal_ as drawNormal,
  eye,
  type RandomOptions,
  type Tensor,
  ValueError,
  randperm,
} from '@gradus/core'

/**
 * Makes a matrix the identity: what goes in comes out, as far as it has room.
 *
 * @throws ValueError unless there are two axes
 */
export function eye_(x: Tensor): Tensor {
  twoAxes(x)
  return noGrad(() => x.copy_(eye(x.shape[0], x.shape[1])))
}

/**
 * Makes the kernel of a convolution the identity: each channel passes through its centre.
 *
 * @param x - `[out, in, ...kernel]` with one to three kernel axes
 * @param options.groups - of the convolution; 1 by default
 * @throws ValueError for other ranks, and channels that the groups do not divide
 */
export function dirac_(x: Tensor, { groups = 1 }: { groups?: number } = {}): Tensor {
  if (x.ndim < 3 || x.ndim > 5) throw new ValueError('Only tensors with 3, 4, or 5 dimensions are supported')
  const [out, inputs, ...kernel] = x.shape
  if (out % groups !== 0) throw new ValueError('dim 0 must be divisible by groups')
  const perGroup = out / groups
  return noGrad(() => {
    x.zero_()
    for (let group = 0; group < groups; group++) {
      for (let c = 0; c < Math.min(perGroup, inputs); c++) {
        const centre = [group * perGroup + c, c, ...kernel.map((k) => Math.floor(k / 2))]
        centre.reduce((view, at) => view.select(0, at), x).fill_(1)
      }
    }
    return x
  })
}

/**
 * Normal numbers with a share of each column set to 0.
 *
 * @param sparsity - the share, rounded up to whole elements
 * @throws ValueError unless there are two axes
 * @see Martens 2010, "Deep learning via Hessian-free optimization"
 */
export function sparse_(
  x: Tensor,
  sparsity: number,
  { std = 0.01, ...options }: { std?: number } & RandomOptions = {},
): Tensor {
  twoAxes(x)
  const [rows, columns] = x.shape
  const zeros = Math.ceil(sparsity * rows)
  return noGrad(() => {
    drawNormal(x, 0, std, options)
    for (let column = 0; column < columns; column++) {
      // from the default generator, whatever was given: as PyTorch does
      for (const row of [...randperm(rows)].slice(0, zeros)) x.select(1, column).select(0, row).fill_(0)
    }
    return x
  })
}

function twoAxes(x: Tensor): void {
  if (x.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported')
}

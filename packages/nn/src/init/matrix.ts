import { noGrad } from '@gradus/autograd'
import {
  normal_ as drawNormal,
  eye,
  type RandomOptions,
  type Tensor,
  ValueError,
  randperm,
} from '@gradus/core/functions'
import { anything, defineOptions, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { positive, share } from '../module/arguments.ts'
import { filled } from './fill.ts'

/**
 * Makes a matrix the identity: what goes in comes out, as far as it has room.
 *
 * @throws ValueError unless there are two axes
 */
export function eye_(x: Tensor): Tensor {
  twoAxes(filled('eye_', x))
  return noGrad(() => x.copy_(eye(x.shape[0], x.shape[1])))
}

/** Options of {@link dirac_}. */
export interface DiracOptions {
  /** Groups of the convolution; 1 by default. */
  groups?: number
}

const diracOptions = /* @__PURE__ */ defineOptions<DiracOptions>({ groups: positive })

/**
 * Makes the kernel of a convolution the identity: each channel passes through its centre.
 *
 * @param x - `[out, in, ...kernel]` with one to three kernel axes
 * @throws ValueError for other ranks, and channels that the groups do not divide
 */
export function dirac_(x: Tensor, options?: DiracOptions): Tensor {
  filled('dirac_', x)
  const { groups = 1 } = takeOptions('dirac_', diracOptions, options)
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

/** Options of {@link sparse_}. */
export interface SparseOptions extends RandomOptions {
  /** The standard deviation; 0.01 by default. */
  std?: number
}

const sparseOptions = /* @__PURE__ */ defineOptions<SparseOptions>({
  std: real,
  generator: /* @__PURE__ */ anything(),
})

/**
 * Normal numbers with a share of each column set to 0.
 *
 * @param sparsity - the share, rounded up to whole elements
 * @throws ValueError unless there are two axes
 * @see Martens 2010, "Deep learning via Hessian-free optimization"
 */
export function sparse_(x: Tensor, sparsity: number, options?: SparseOptions): Tensor {
  twoAxes(filled('sparse_', x))
  takeArgument('sparse_', 'sparsity', share, sparsity)
  const { std = 0.01, generator } = takeOptions('sparse_', sparseOptions, options)
  const [rows, columns] = x.shape
  const zeros = Math.ceil(sparsity * rows)
  return noGrad(() => {
    drawNormal(x, 0, std, { generator })
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

import { cosineSimilarity, pairwiseDistance, type Tensor } from '@gradus/core'
import { Module } from '../module/module.ts'

/**
 * The cosine of the angle between vectors along axis `dim` (1 by default); `eps`, 1e-8 by default, bounds norms from below.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 * @example
 * new g.nn.CosineSimilarity()(g.ones(2, 3), g.ones(2, 3)).shape // => [2]
 */
export class CosineSimilarity extends Module {
  static override readonly layerName: string = 'CosineSimilarity'
  readonly dim: number
  readonly eps: number

  constructor({ dim = 1, eps = 1e-8 }: { dim?: number; eps?: number } = {}) {
    super()
    this.dim = dim
    this.eps = eps
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, { eps: this.eps })
  }
}

/**
 * The norm of order `p` (2 by default) of `x1 - x2 + eps` over the last axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 * @example
 * new g.nn.PairwiseDistance()(g.zeros(1, 2), g.tensor([[3, 4]])).tolist() // ≈ [5]
 */
export class PairwiseDistance extends Module {
  static override readonly layerName: string = 'PairwiseDistance'
  readonly norm: number
  readonly eps: number
  readonly keepdim: boolean

  constructor({ p = 2, eps = 1e-6, keepdim = false }: { p?: number; eps?: number; keepdim?: boolean } = {}) {
    super()
    this.norm = p
    this.eps = eps
    this.keepdim = keepdim
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim })
  }
}

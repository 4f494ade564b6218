import { cosineSimilarity, pairwiseDistance, type Tensor } from '@gradus/core/functions'
import { defineOptions, flag, integer, real, takeOptions } from '@gradus/core/internal'
import { Module } from '../module/module.ts'
import { nameOf } from '../module/name-of.ts'

/** Options of {@link CosineSimilarity}. */
export interface CosineSimilarityLayerOptions {
  /** The axis of the vectors; 1 by default. */
  dim?: number
  /** The least norm that is divided by; 1e-8 by default. */
  eps?: number
}

const cosineOptions = /* @__PURE__ */ defineOptions<CosineSimilarityLayerOptions>({
  dim: /* @__PURE__ */ integer(),
  eps: real,
})

/**
 * The cosine of the angle between vectors along an axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 * @example
 * new g.nn.CosineSimilarity()(g.ones(2, 3), g.ones(2, 3)).shape // => [2]
 */
export class CosineSimilarity extends Module {
  static override readonly layerName: string = 'CosineSimilarity'
  readonly dim: number
  readonly eps: number

  constructor(options?: CosineSimilarityLayerOptions) {
    super()
    const { dim = 1, eps = 1e-8 } = takeOptions(nameOf(this), cosineOptions, options)
    this.dim = dim
    this.eps = eps
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, { eps: this.eps })
  }
}

/** Options of {@link PairwiseDistance}. */
export interface PairwiseDistanceLayerOptions {
  /** The order of the norm; 2 by default. */
  p?: number
  /** Added to every difference; 1e-6 by default. */
  eps?: number
  /** Keeps the last axis with length 1; false by default. */
  keepdim?: boolean
}

const pairwiseOptions = /* @__PURE__ */ defineOptions<PairwiseDistanceLayerOptions>({
  p: real,
  eps: real,
  keepdim: flag,
})

/**
 * The norm of `x1 - x2 + eps` over the last axis.
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

  constructor(options?: PairwiseDistanceLayerOptions) {
    super()
    const { p = 2, eps = 1e-6, keepdim = false } = takeOptions(nameOf(this), pairwiseOptions, options)
    this.norm = p
    this.eps = eps
    this.keepdim = keepdim
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim })
  }
}

import { noGrad } from '@gradus/autograd'
import { type Tensor, ValueError, dot, empty, movedim, mv, normal_, normalize } from '@gradus/core/functions'
import { defineOptions, integer, nullable, real, takeOptions, text } from '@gradus/core/internal'
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from '../layers/conv/conv-transpose.ts'
import { Module } from '../module/module.ts'
import { registerParametrization, tensorAt } from './parametrize.ts'

class SpectralNorm extends Module {
  static override readonly layerName: string = 'SpectralNorm'
  static override readonly stateKeys = { u: '_u', v: '_v' }
  readonly nPowerIterations: number
  readonly dim: number
  readonly eps: number
  /** The left and right singular vectors of the largest singular value, as far as they are found; null for a vector. */
  u: Tensor | null
  v: Tensor | null

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super()
    if (nPowerIterations <= 0) {
      throw new ValueError(
        `Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`,
      )
    }
    this.nPowerIterations = nPowerIterations
    this.dim = dim < 0 ? dim + weight.ndim : dim
    this.eps = eps
    const matrix = weight.ndim < 2 ? null : this.matrixOf(weight.detach())
    const drawn = (n: number): Tensor =>
      normalize(normal_(empty([n], { dtype: weight.dtype }), 0, 1), { dim: 0, eps })
    this.u = this.registerBuffer('u', matrix && drawn(matrix.shape[0]))
    this.v = this.registerBuffer('v', matrix && drawn(matrix.shape[1]))
    if (matrix) this.iterate(matrix, 15)
  }

  private matrixOf(weight: Tensor): Tensor {
    const first = this.dim === 0 ? weight : movedim(weight, this.dim, 0)
    return first.reshape([first.shape[0], first.numel() / first.shape[0]])
  }

  private iterate(matrix: Tensor, times: number): void {
    const [u, v] = [this.u!, this.v!] // there for every matrix
    noGrad(() => {
      for (let i = 0; i < times; i++) {
        u.copy_(normalize(mv(matrix, v), { dim: 0, eps: this.eps }))
        v.copy_(normalize(mv(matrix.t(), u), { dim: 0, eps: this.eps }))
      }
    })
  }

  forward(weight: Tensor): Tensor {
    if (weight.ndim < 2) return normalize(weight, { dim: 0, eps: this.eps })
    const matrix = this.matrixOf(weight)
    if (this.training) this.iterate(matrix.detach(), this.nPowerIterations)
    // copies: the next call writes them, and backward may still need these
    const [u, v] = [this.u!.clone(), this.v!.clone()] // there for every matrix
    return weight.div(dot(u, mv(matrix, v)))
  }

  rightInverse(value: Tensor): Tensor {
    return value
  }
}

/** Options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** 'weight' by default. */
  name?: string
  /** Iterations per call in training; 1 by default. */
  nPowerIterations?: number
  /** The least norm that is divided by; 1e-12 by default. */
  eps?: number
  /** The axis of the outputs; 1 for transposed convolutions, 0 for others by default. */
  dim?: number | null
}

const spectralNormOptions = /* @__PURE__ */ defineOptions<SpectralNormOptions>({
  name: text,
  nPowerIterations: /* @__PURE__ */ integer(),
  eps: real,
  dim: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

/**
 * Divides a weight by its largest singular value, which is followed by power iteration: one per call in training.
 *
 * @returns the module
 * @see Miyato et al. 2018, https://arxiv.org/abs/1802.05957
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
 * @example
 * const layer = g.nn.parametrize.spectralNorm(new g.nn.Linear(3, 2, { bias: false }))
 * Object.keys(layer.stateDict())
 * // => ['parametrizations.weight.original', 'parametrizations.weight.0._u', 'parametrizations.weight.0._v']
 */
export function spectralNorm<M extends Module>(module: M, options?: SpectralNormOptions): M {
  const {
    name = 'weight',
    nPowerIterations = 1,
    eps = 1e-12,
    dim = null,
  } = takeOptions('spectralNorm', spectralNormOptions, options)
  const weight = tensorAt(module, name)
  const isTransposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((C) => module instanceof C)
  const axis = dim ?? (isTransposed ? 1 : 0)
  return registerParametrization(module, name, new SpectralNorm(weight, nPowerIterations, axis, eps))
}

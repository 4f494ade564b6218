import {
  ctcLoss,
  type CtcLossOptions,
  gaussianNllLoss,
  type GaussianNllLossOptions,
  type Lengths,
  poissonNllLoss,
  type PoissonNllLossOptions,
  type Tensor,
} from '@gradus/core'
import { Loss } from './loss.ts'

/**
 * The negative log likelihood of targets under normal distributions of given means and variances; a constant is left out
 * unless `full`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 * @example
 * new g.nn.GaussianNLLLoss()(g.tensor([1]), g.tensor([3]), g.tensor([1])).item() // => 2
 */
export class GaussianNLLLoss extends Loss {
  static override readonly layerName: string = 'GaussianNLLLoss'
  readonly full: boolean
  readonly eps: number

  constructor({ full = false, eps = 1e-6, reduction }: GaussianNllLossOptions = {}) {
    super({ reduction })
    this.full = full
    this.eps = eps
  }

  forward(x: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    const { full, eps, reduction } = this
    return gaussianNllLoss(x, target, variance, { full, eps, reduction })
  }
}

/**
 * The negative log likelihood of counts under Poisson distributions, of which x is the logarithm of the rate, or the rate
 * with `logInput: false`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export class PoissonNLLLoss extends Loss {
  static override readonly layerName: string = 'PoissonNLLLoss'
  readonly logInput: boolean
  readonly full: boolean
  readonly eps: number

  constructor({ logInput = true, full = false, eps = 1e-8, reduction }: PoissonNllLossOptions = {}) {
    super({ reduction })
    this.logInput = logInput
    this.full = full
    this.eps = eps
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this
    return poissonNllLoss(x, target, { logInput, full, eps, reduction })
  }
}

/**
 * The negative log probability of all ways to spread labels over steps: log probabilities `[t, n, c]`, labels `[n, s]`, and
 * how many steps and labels of each sample count.
 *
 * @see Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 * @example
 * const logProbs = g.logSoftmax(g.zeros(2, 1, 2), 2)
 * new g.nn.CTCLoss()(logProbs, g.tensor([[1]], { dtype: 'int32' }), [2], [1]).item() // ≈ 0.2877
 */
export class CTCLoss extends Loss {
  static override readonly layerName: string = 'CTCLoss'
  readonly blank: number
  readonly zeroInfinity: boolean

  constructor({ blank = 0, zeroInfinity = false, reduction }: CtcLossOptions = {}) {
    super({ reduction })
    this.blank = blank
    this.zeroInfinity = zeroInfinity
  }

  forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, zeroInfinity, reduction } = this
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, zeroInfinity, reduction })
  }
}

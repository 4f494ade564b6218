import {
  ctcLoss,
  type CtcLossOptions,
  gaussianNllLoss,
  type GaussianNllLossOptions,
  type Lengths,
  poissonNllLoss,
  type PoissonNllLossOptions,
  type Tensor,
} from '@gradus/core/functions'
import { atLeast, defineOptions, flag, real } from '@gradus/core/internal'
import { count, reduction } from '../../module/arguments.ts'
import { Loss } from './loss.ts'

const gaussianOptions = /* @__PURE__ */ defineOptions<GaussianNllLossOptions>({
  reduction,
  full: flag,
  eps: /* @__PURE__ */ atLeast(0, { exclusive: true }),
})

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

  constructor(options?: GaussianNllLossOptions) {
    super(options, gaussianOptions)
    const { full = false, eps = 1e-6 } = options ?? {}
    this.full = full
    this.eps = eps
  }

  forward(x: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    const { full, eps, reduction } = this
    return gaussianNllLoss(x, target, variance, { full, eps, reduction })
  }
}

const poissonOptions = /* @__PURE__ */ defineOptions<PoissonNllLossOptions>({
  reduction,
  logInput: flag,
  full: flag,
  eps: real,
})

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

  constructor(options?: PoissonNllLossOptions) {
    super(options, poissonOptions)
    const { logInput = true, full = false, eps = 1e-8 } = options ?? {}
    this.logInput = logInput
    this.full = full
    this.eps = eps
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this
    return poissonNllLoss(x, target, { logInput, full, eps, reduction })
  }
}

const ctcOptions = /* @__PURE__ */ defineOptions<CtcLossOptions>({
  reduction,
  blank: count,
  zeroInfinity: flag,
})

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

  constructor(options?: CtcLossOptions) {
    super(options, ctcOptions)
    const { blank = 0, zeroInfinity = false } = options ?? {}
    this.blank = blank
    this.zeroInfinity = zeroInfinity
  }

  forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, zeroInfinity, reduction } = this
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, zeroInfinity, reduction })
  }
}

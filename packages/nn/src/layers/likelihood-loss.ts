import {
  ctcLoss,
  gaussianNllLoss,
  linearCrossEntropy,
  poissonNllLoss,
  ShapeError,
  ValueError,
  type CtcLossOptions,
  type DType,
  type GaussianNllLossOptions,
  type Lengths,
  type PoissonNllLossOptions,
  type Tensor,
} from '@gradus/core'
import { bool, float, tuple } from '../python-text.ts'
import { Linear } from './linear.ts'
import { Loss, WeightedLoss, type WeightedLossOptions } from './loss.ts'

/**
 * The negative log likelihood of targets under normal distributions of given means and variances; a constant is left out
 * unless `full`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 * @example
 * new g.nn.GaussianNLLLoss()(g.tensor([1]), g.tensor([3]), g.tensor([1])).item() // => 2
 */
export class GaussianNLLLoss extends Loss {
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

/** Options of {@link LinearCrossEntropyLoss}. */
export interface LinearCrossEntropyLossOptions extends WeightedLossOptions {
  /** Axes of predictions per sample, none by default. */
  outFeatures?: readonly number[]
  /** Learns a bias of the logits; false by default. */
  bias?: boolean
  /** A class that does not count: -100 by default, and not to be given for probabilities. */
  ignoreIndex?: number | null
  /** Share of the target that is spread over all classes, 0 to 1; 0 by default. */
  labelSmoothing?: number
  /** Of the linear layer; float32 by default. */
  dtype?: DType
}

/**
 * Cross-entropy of a linear layer's output: `[n, inFeatures]` and classes `[n, ...outFeatures]`, or probabilities.
 *
 * @throws ShapeError, ValueError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
 * @example
 * const lossFn = new g.nn.LinearCrossEntropyLoss(4, 10)
 * lossFn(g.ones(2, 4), g.tensor([3, 7], { dtype: 'int32' })).shape // => []
 */
export class LinearCrossEntropyLoss extends WeightedLoss {
  readonly numClasses: number
  readonly outFeatures: readonly number[]
  readonly ignoreIndex: number | null
  readonly labelSmoothing: number
  linear: Linear

  constructor(
    inFeatures: number,
    numClasses: number,
    {
      outFeatures = [],
      bias = false,
      ignoreIndex = null,
      labelSmoothing = 0,
      dtype = 'float32',
      weight = null,
      reduction,
    }: LinearCrossEntropyLossOptions = {},
  ) {
    if (weight && weight.shape.join() !== String(numClasses)) {
      throw new ShapeError(`expected weight shape to be (${numClasses},), got ${tuple(weight.shape)}`)
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new ValueError(`expected label_smoothing to be in range [0, 1], got ${labelSmoothing}`)
    }
    super({ weight, reduction })
    this.numClasses = numClasses
    this.outFeatures = outFeatures
    this.ignoreIndex = ignoreIndex
    this.labelSmoothing = labelSmoothing
    const outputs = outFeatures.reduce((a, b) => a * b, numClasses)
    this.linear = new Linear(inFeatures, outputs, { bias, dtype })
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, labelSmoothing, reduction } = this
    const shape = [this.numClasses, ...this.outFeatures]
    return linearCrossEntropy(x, this.linear.weight.reshape([...shape, this.linear.inFeatures]), target, {
      linearBias: this.linear.bias?.reshape(shape) ?? null,
      weight,
      ignoreIndex,
      labelSmoothing,
      reduction,
    })
  }

  override extraRepr(): string {
    const { linear, numClasses, outFeatures, reduction, ignoreIndex, labelSmoothing } = this
    return (
      `in_features=${linear.inFeatures}, num_classes=${numClasses}, out_features=${tuple(outFeatures)}, ` +
      `bias=${bool(linear.bias !== null)}, reduction=${reduction}, ignore_index=${ignoreIndex ?? 'None'}, ` +
      `label_smoothing=${float(labelSmoothing)}, options=None`
    )
  }
}

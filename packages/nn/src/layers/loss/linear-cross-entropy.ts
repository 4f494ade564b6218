import { type DType, linearCrossEntropy, ShapeError, type Tensor } from '@gradus/core/functions'
import {
  anything,
  defineOptions,
  describeValue,
  flag,
  integer,
  kind,
  nullable,
  takeArgument,
} from '@gradus/core/internal'
import { count, floatName, optionalTensor, reduction, shape, share } from '../../module/arguments.ts'
import { nameOf } from '../../module/name-of.ts'
import { bool, float, tuple } from '../../module/python-text.ts'
import { Linear } from '../dense/linear.ts'
import { WeightedLoss, type WeightedLossOptions } from './loss.ts'

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
  /**
   * How PyTorch cuts the product into chunks. It changes the memory that PyTorch takes and no value, and has no effect here; null
   * by default.
   */
  options?: unknown
  /** Of the linear layer; float32 by default. */
  dtype?: DType
}

const smoothing = /* @__PURE__ */ kind<number>(
  'a number from 0 to 1',
  share.accepts,
  (x) => `expected label_smoothing to be in range [0, 1], got ${describeValue(x)}`,
)

const linearCrossEntropyOptions = /* @__PURE__ */ defineOptions<LinearCrossEntropyLossOptions>({
  reduction,
  weight: optionalTensor,
  outFeatures: shape,
  bias: flag,
  ignoreIndex: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
  labelSmoothing: smoothing,
  options: /* @__PURE__ */ anything(),
  dtype: floatName,
})

/**
 * Cross-entropy of a linear layer's output: `[n, inFeatures]` and classes `[n, ...outFeatures]`, or probabilities.
 *
 * @throws ShapeError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
 * @example
 * const lossFn = new g.nn.LinearCrossEntropyLoss(4, 10)
 * lossFn(g.ones(2, 4), g.tensor([3, 7], { dtype: 'int32' })).shape // => []
 */
export class LinearCrossEntropyLoss extends WeightedLoss {
  static override readonly layerName: string = 'LinearCrossEntropyLoss'
  readonly numClasses: number
  readonly outFeatures: readonly number[]
  readonly ignoreIndex: number | null
  readonly labelSmoothing: number
  linear: Linear

  constructor(inFeatures: number, numClasses: number, options?: LinearCrossEntropyLossOptions) {
    super(options, linearCrossEntropyOptions)
    const { outFeatures = [], bias = false, ignoreIndex = null, labelSmoothing = 0 } = options ?? {}
    const { dtype = 'float32', weight = null } = options ?? {}
    takeArgument(nameOf(this), 'inFeatures', count, inFeatures)
    takeArgument(nameOf(this), 'numClasses', count, numClasses)
    if (weight && weight.shape.join() !== String(numClasses)) {
      throw new ShapeError(`expected weight shape to be (${numClasses},), got ${tuple(weight.shape)}`)
    }
    this.numClasses = numClasses
    this.outFeatures = outFeatures
    this.ignoreIndex = ignoreIndex
    this.labelSmoothing = labelSmoothing
    const outputs = outFeatures.reduce((a, b) => a * b, numClasses)
    this.linear = new Linear(inFeatures, outputs, { bias, dtype })
  }

  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, labelSmoothing, reduction } = this
    const classes = [this.numClasses, ...this.outFeatures]
    return linearCrossEntropy(x, this.linear.weight.reshape([...classes, this.linear.inFeatures]), target, {
      linearBias: this.linear.bias?.reshape(classes) ?? null,
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

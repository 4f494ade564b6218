import { type DType, layerNorm, ones, rmsNorm, type Shape, type Tensor, zeros } from '@gradus/core/functions'
import { defineOptions, either, flag, nullable, real, takeArgument, takeOptions } from '@gradus/core/internal'
import { count, floatName, shape } from '../../module/arguments.ts'
import { ones_, zeros_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool, float, tuple } from '../../module/python-text.ts'

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number
  /** Learns a weight and a bias; true by default. */
  elementwiseAffine?: boolean
  /** Learns the bias, where `elementwiseAffine`; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

const normalized = /* @__PURE__ */ either(count, shape)

function shapeOf(call: string, given: number | Shape): Shape {
  const sizes = takeArgument(call, 'normalizedShape', normalized, given)
  return typeof sizes === 'number' ? [sizes] : sizes
}

const layerNormOptions = /* @__PURE__ */ defineOptions<LayerNormOptions>({
  eps: real,
  elementwiseAffine: flag,
  bias: flag,
  dtype: floatName,
})

/**
 * Brings the last axes to mean 0 and variance 1, then multiplies and shifts by learned numbers.
 *
 * @param normalizedShape - the shape of those axes, or the length of the only one
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 * @example
 * String(new g.nn.LayerNorm(4)) // => 'LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)'
 */
export class LayerNorm extends Module {
  static override readonly layerName: string = 'LayerNorm'
  readonly normalizedShape: Shape
  readonly eps: number
  readonly elementwiseAffine: boolean
  weight: Parameter | null
  bias: Parameter | null

  constructor(normalizedShape: number | Shape, options?: LayerNormOptions) {
    super()
    this.normalizedShape = shapeOf(nameOf(this), normalizedShape)
    const {
      eps = 1e-5,
      elementwiseAffine = true,
      bias = true,
      dtype = 'float32',
    } = takeOptions(nameOf(this), layerNormOptions, options)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    const shape = this.normalizedShape
    const [weighs, shifts] = [elementwiseAffine, elementwiseAffine && bias]
    this.weight = this.registerParameter('weight', weighs ? new Parameter(ones(shape, { dtype })) : null)
    this.bias = this.registerParameter('bias', shifts ? new Parameter(zeros(shape, { dtype })) : null)
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps })
  }

  override extraRepr(): string {
    return `${tuple(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${bool(this.elementwiseAffine)}, bias=${bool(this.bias !== null)}`
  }
}

/** Options of {@link RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean square; null, the default, for the distance from 1 to the next number of the dtype. */
  eps?: number | null
  /** Learns a weight; true by default. */
  elementwiseAffine?: boolean
  /** float32 by default. */
  dtype?: DType
}

const rmsNormOptions = /* @__PURE__ */ defineOptions<RMSNormOptions>({
  eps: /* @__PURE__ */ nullable(real),
  elementwiseAffine: flag,
  dtype: floatName,
})

/**
 * Divides the last axes by their root mean square, then multiplies by learned numbers.
 *
 * @see Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module {
  static override readonly layerName: string = 'RMSNorm'
  readonly normalizedShape: Shape
  readonly eps: number | null
  readonly elementwiseAffine: boolean
  weight: Parameter | null

  constructor(normalizedShape: number | Shape, options?: RMSNormOptions) {
    super()
    this.normalizedShape = shapeOf(nameOf(this), normalizedShape)
    const {
      eps = null,
      elementwiseAffine = true,
      dtype = 'float32',
    } = takeOptions(nameOf(this), rmsNormOptions, options)
    this.eps = eps
    this.elementwiseAffine = elementwiseAffine
    const weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype })) : null
    this.weight = this.registerParameter('weight', weight)
  }

  /** Sets weights to 1. */
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps === null ? {} : { eps: this.eps })
  }

  override extraRepr(): string {
    const eps = this.eps === null ? 'None' : float(this.eps)
    return `${tuple(this.normalizedShape)}, eps=${eps}, elementwise_affine=${bool(this.elementwiseAffine)}`
  }
}

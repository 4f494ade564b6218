import { bilinear, empty, type Tensor, ValueError } from '@gradus/core/functions'
import { takeArgument, takeOptions, whole } from '@gradus/core/internal'
import { count } from '../../module/arguments.ts'
import { uniform_ } from '../../init/fill.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { type LinearOptions, linearOptions } from './linear.ts'
import { bool } from '../../module/python-text.ts'

/**
 * `x1ᵀ · weight[k] · x2 + bias[k]` for every output k: `[..., in1]` and `[..., in2]` to `[..., outFeatures]`.
 *
 * Weight `[outFeatures, in1, in2]` and bias are uniform in ±1/√in1.
 *
 * @throws ValueError unless in1Features is positive
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 * @example
 * new g.nn.Bilinear(2, 3, 4)(g.ones(5, 2), g.ones(5, 3)).shape // => [5, 4]
 */
export class Bilinear extends Module {
  static override readonly layerName: string = 'Bilinear'
  readonly in1Features: number
  readonly in2Features: number
  readonly outFeatures: number
  weight: Parameter
  bias: Parameter | null

  constructor(in1Features: number, in2Features: number, outFeatures: number, options?: LinearOptions) {
    super()
    const { bias = true, dtype = 'float32' } = takeOptions(nameOf(this), linearOptions, options)
    this.in1Features = takeArgument(nameOf(this), 'in1Features', whole, in1Features)
    if (in1Features <= 0) throw new ValueError(`in1_features must be > 0, but got ${in1Features}`)
    this.in2Features = takeArgument(nameOf(this), 'in2Features', count, in2Features)
    this.outFeatures = takeArgument(nameOf(this), 'outFeatures', count, outFeatures)
    const weight = new Parameter(empty([outFeatures, in1Features, in2Features], { dtype }))
    this.weight = this.registerParameter('weight', weight)
    this.bias = this.registerParameter('bias', bias ? new Parameter(empty([outFeatures], { dtype })) : null)
    this.resetParameters()
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features)
    uniform_(this.weight, -bound, bound)
    if (this.bias) uniform_(this.bias, -bound, bound)
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias)
  }

  override extraRepr(): string {
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${bool(this.bias !== null)}`
  }
}

import { type DType, empty, linear, type Tensor } from '@gradus/core/functions'
import { defineOptions, flag, takeArgument, takeOptions } from '@gradus/core/internal'
import { count, floatName } from '../../module/arguments.ts'
import { resetBySize } from '../../init/layer-default.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'
import { bool } from '../../module/python-text.ts'

/** Options of {@link Linear}. */
export interface LinearOptions {
  /** Adds a learned bias; true by default. */
  bias?: boolean
  /** float32 by default. */
  dtype?: DType
}

export const linearOptions = /* @__PURE__ */ defineOptions<LinearOptions>({ bias: flag, dtype: floatName })

/**
 * `x · weightᵀ + bias`: `[..., inFeatures]` to `[..., outFeatures]`.
 *
 * Weight `[outFeatures, inFeatures]` and bias `[outFeatures]` are uniform in ±1/√inFeatures.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 * @example
 * g.manualSeed(0)
 * const layer = new g.nn.Linear(2, 1)
 * String(layer) // => 'Linear(in_features=2, out_features=1, bias=True)'
 */
export class Linear extends Module {
  static override readonly layerName: string = 'Linear'
  readonly inFeatures: number
  readonly outFeatures: number
  weight: Parameter
  bias: Parameter | null

  constructor(inFeatures: number, outFeatures: number, options?: LinearOptions) {
    super()
    const { bias = true, dtype = 'float32' } = takeOptions(nameOf(this), linearOptions, options)
    this.inFeatures = takeArgument(nameOf(this), 'inFeatures', count, inFeatures)
    this.outFeatures = takeArgument(nameOf(this), 'outFeatures', count, outFeatures)
    const weight = new Parameter(empty([outFeatures, inFeatures], { dtype }))
    this.weight = this.registerParameter('weight', weight)
    this.bias = this.registerParameter('bias', bias ? new Parameter(empty([outFeatures], { dtype })) : null)
    this.resetParameters()
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    resetBySize(this.weight, this.bias)
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${bool(this.bias !== null)}`
  }
}

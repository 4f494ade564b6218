import { type DType, full, prelu, type Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { Parameter } from '../../module/parameter.ts'

/**
 * `x` where positive, `weight · x` elsewhere, with a learned weight: one, or one per channel (axis 1).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 */
export class PReLU extends Module {
  static override readonly layerName: string = 'PReLU'
  readonly numParameters: number
  readonly weight: Parameter

  constructor({
    numParameters = 1,
    init = 0.25,
    dtype,
  }: { numParameters?: number; init?: number; dtype?: DType } = {}) {
    super()
    this.numParameters = numParameters
    this.weight = new Parameter(full([numParameters], init, dtype ? { dtype } : {}))
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`
  }
}

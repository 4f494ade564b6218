import { type DType, full, prelu, type Tensor } from '@gradus/core/functions'
import { defineOptions, real, takeOptions } from '@gradus/core/internal'
import { floatName, positive } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { Parameter } from '../../module/parameter.ts'

/** Options of {@link PReLU}. */
export interface PReLUOptions {
  /** One weight for all channels (the default), or as many as there are channels. */
  numParameters?: number
  /** The first value of each weight; 0.25 by default. */
  init?: number
  /** float32 by default. */
  dtype?: DType
}

const preluOptions = /* @__PURE__ */ defineOptions<PReLUOptions>({
  numParameters: positive,
  init: real,
  dtype: floatName,
})

/**
 * `x` where positive, `weight · x` elsewhere. The weight is learned: one, or one for each channel (axis 1).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 */
export class PReLU extends Module {
  static override readonly layerName: string = 'PReLU'
  readonly numParameters: number
  readonly init: number
  readonly weight: Parameter

  constructor(options?: PReLUOptions) {
    super()
    const {
      numParameters = 1,
      init = 0.25,
      dtype = 'float32',
    } = takeOptions(nameOf(this), preluOptions, options)
    this.numParameters = numParameters
    this.init = init
    this.weight = this.registerParameter('weight', new Parameter(full([numParameters], init, { dtype })))
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`
  }
}

import {
  celu,
  celu_,
  elu,
  elu_,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  type Tensor,
  threshold,
  threshold_,
} from '@gradus/core'
import { Module } from '../../module/module.ts'
import { float } from '../../module/python-text.ts'
import type { InplaceOptions } from './inplace.ts'

const suffix = (inplace: boolean): string => (inplace ? ', inplace=True' : '')

/**
 * `x` where positive, `negativeSlope · x` elsewhere; 0.01 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 */
export class LeakyReLU extends Module {
  static override readonly layerName: string = 'LeakyReLU'
  readonly negativeSlope: number
  readonly inplace: boolean

  constructor({ negativeSlope = 0.01, inplace = false }: { negativeSlope?: number } & InplaceOptions = {}) {
    super()
    this.negativeSlope = negativeSlope
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { negativeSlope } = this
    return this.inplace ? leakyRelu_(x, { negativeSlope }) : leakyRelu(x, { negativeSlope })
  }

  override extraRepr(): string {
    return `negative_slope=${float(this.negativeSlope)}${suffix(this.inplace)}`
  }
}

/**
 * `x` where positive, `alpha · (exp(x) - 1)` elsewhere; alpha is 1 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 */
export class ELU extends Module {
  static override readonly layerName: string = 'ELU'
  readonly alpha: number
  readonly inplace: boolean

  constructor({ alpha = 1, inplace = false }: { alpha?: number } & InplaceOptions = {}) {
    super()
    this.alpha = alpha
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { alpha } = this
    return this.inplace ? elu_(x, { alpha }) : elu(x, { alpha })
  }

  override extraRepr(): string {
    return `alpha=${float(this.alpha)}${suffix(this.inplace)}`
  }
}

/**
 * `x` where positive, `alpha · (exp(x / alpha) - 1)` elsewhere; alpha is 1 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
 */
export class CELU extends ELU {
  static override readonly layerName: string = 'CELU'
  override forward(x: Tensor): Tensor {
    const { alpha } = this
    return this.inplace ? celu_(x, { alpha }) : celu(x, { alpha })
  }
}

/**
 * `x` limited to `[minVal, maxVal]`, [-1, 1] by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Module {
  static override readonly layerName: string = 'Hardtanh'
  readonly minVal: number
  readonly maxVal: number
  readonly inplace: boolean

  constructor({
    minVal = -1,
    maxVal = 1,
    inplace = false,
  }: { minVal?: number; maxVal?: number } & InplaceOptions = {}) {
    super()
    this.minVal = minVal
    this.maxVal = maxVal
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { minVal, maxVal } = this
    return this.inplace ? hardtanh_(x, { minVal, maxVal }) : hardtanh(x, { minVal, maxVal })
  }

  override extraRepr(): string {
    return `min_val=${float(this.minVal)}, max_val=${float(this.maxVal)}${suffix(this.inplace)}`
  }
}

/**
 * `x` where it is above `threshold`, else `value`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 */
export class Threshold extends Module {
  static override readonly layerName: string = 'Threshold'
  readonly threshold: number
  readonly value: number
  readonly inplace: boolean

  constructor(threshold: number, value: number, { inplace = false }: InplaceOptions = {}) {
    super()
    this.threshold = threshold
    this.value = value
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    return (this.inplace ? threshold_ : threshold)(x, this.threshold, this.value)
  }

  override extraRepr(): string {
    return `threshold=${float(this.threshold)}, value=${float(this.value)}${suffix(this.inplace)}`
  }
}

import {
  hardsigmoid,
  hardsigmoid_,
  hardswish,
  hardswish_,
  mish,
  mish_,
  relu,
  relu_,
  relu6,
  relu6_,
  selu,
  selu_,
  silu,
  silu_,
  type Tensor,
} from '@gradus/core/functions'
import { defineOptions, flag, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

/** Options of activations that can write into their input. */
export interface InplaceOptions {
  /** Writes the result into the input; false by default. Nothing else may need the input then. */
  inplace?: boolean
}

const inplaceOptions = /* @__PURE__ */ defineOptions<InplaceOptions>({ inplace: flag })

/** The base of activations without parameters that can write into their input. */
abstract class InplaceLayer extends Module {
  readonly inplace: boolean

  constructor(options?: InplaceOptions) {
    super()
    const { inplace = false } = takeOptions(nameOf(this), inplaceOptions, options)
    this.inplace = inplace
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : ''
  }
}

/**
 * `max(0, x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends InplaceLayer {
  static override readonly layerName: string = 'ReLU'
  forward(x: Tensor): Tensor {
    return this.inplace ? relu_(x) : relu(x)
  }
}

/**
 * `min(max(0, x), 6)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 */
export class ReLU6 extends InplaceLayer {
  static override readonly layerName: string = 'ReLU6'
  forward(x: Tensor): Tensor {
    return this.inplace ? relu6_(x) : relu6(x)
  }
}

/**
 * `x · sigmoid(x)`, also called swish.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 */
export class SiLU extends InplaceLayer {
  static override readonly layerName: string = 'SiLU'
  forward(x: Tensor): Tensor {
    return this.inplace ? silu_(x) : silu(x)
  }
}

/**
 * `x · tanh(softplus(x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Mish.html
 */
export class Mish extends InplaceLayer {
  static override readonly layerName: string = 'Mish'
  forward(x: Tensor): Tensor {
    return this.inplace ? mish_(x) : mish(x)
  }
}

/**
 * The self-normalizing exponential unit, with the constants of Klambauer et al. 2017.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SELU.html
 */
export class SELU extends InplaceLayer {
  static override readonly layerName: string = 'SELU'
  forward(x: Tensor): Tensor {
    return this.inplace ? selu_(x) : selu(x)
  }
}

/**
 * `relu6(x + 3) / 6`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 */
export class Hardsigmoid extends InplaceLayer {
  static override readonly layerName: string = 'Hardsigmoid'
  forward(x: Tensor): Tensor {
    return this.inplace ? hardsigmoid_(x) : hardsigmoid(x)
  }
}

/**
 * `x · relu6(x + 3) / 6`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 */
export class Hardswish extends InplaceLayer {
  static override readonly layerName: string = 'Hardswish'
  forward(x: Tensor): Tensor {
    return this.inplace ? hardswish_(x) : hardswish(x)
  }
}

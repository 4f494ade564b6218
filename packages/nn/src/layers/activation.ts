import {
  hardsigmoid,
  hardsigmoid_,
  hardswish,
  hardswish_,
  logsigmoid,
  mish,
  mish_,
  relu,
  relu6,
  relu6_,
  relu_,
  selu,
  selu_,
  sigmoid,
  silu,
  silu_,
  softsign,
  tanh,
  tanhshrink,
  type Tensor,
} from '@gradus/core'
import { Module } from '../module.ts'

/** Options of activations that can write into their input. */
export interface InplaceOptions {
  /** Writes the result into the input, which nobody else may need then; false by default. */
  inplace?: boolean
}

/** An activation without parameters, in place if asked for. */
abstract class InplaceLayer extends Module {
  readonly inplace: boolean

  constructor({ inplace = false }: InplaceOptions = {}) {
    super()
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
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
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return this.inplace ? hardswish_(x) : hardswish(x)
  }
}

/**
 * `1 / (1 + exp(-x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }
}

/**
 * The hyperbolic tangent.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return tanh(x)
  }
}

/**
 * `log(sigmoid(x))`, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
 */
export class LogSigmoid extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return logsigmoid(x)
  }
}

/**
 * `x / (1 + |x|)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html
 */
export class Softsign extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return softsign(x)
  }
}

/**
 * `x - tanh(x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
 */
export class Tanhshrink extends Module {
  static override readonly keepsNothing = true
  forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

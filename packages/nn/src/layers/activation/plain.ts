import { logsigmoid, sigmoid, softsign, tanh, tanhshrink, type Tensor } from '@gradus/core/functions'
import { Module } from '../../module/module.ts'

/**
 * `1 / (1 + exp(-x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Module {
  static override readonly layerName: string = 'Sigmoid'
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
  static override readonly layerName: string = 'Tanh'
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
  static override readonly layerName: string = 'LogSigmoid'
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
  static override readonly layerName: string = 'Softsign'
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
  static override readonly layerName: string = 'Tanhshrink'
  forward(x: Tensor): Tensor {
    return tanhshrink(x)
  }
}

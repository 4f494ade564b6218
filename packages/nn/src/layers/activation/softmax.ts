import { logSoftmax, softmax, softmin, type Tensor } from '@gradus/core/functions'
import { integer, takeArgument } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

const axis = /* @__PURE__ */ integer()

abstract class AlongAxis extends Module {
  readonly dim: number

  /** @param dim - the axis; negative counts from the end */
  constructor(dim: number) {
    super()
    this.dim = takeArgument(nameOf(this), 'dim', axis, dim)
  }

  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/**
 * `exp(x) / sum(exp(x))` along an axis.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 * @example
 * new g.nn.Softmax(1)(g.zeros(1, 4)).tolist() // => [[0.25, 0.25, 0.25, 0.25]]
 */
export class Softmax extends AlongAxis {
  static override readonly layerName: string = 'Softmax'
  forward(x: Tensor): Tensor {
    return softmax(x, this.dim)
  }
}

/**
 * The logarithm of {@link Softmax}, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends AlongAxis {
  static override readonly layerName: string = 'LogSoftmax'
  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim)
  }
}

/**
 * {@link Softmax} of `-x`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 */
export class Softmin extends AlongAxis {
  static override readonly layerName: string = 'Softmin'
  forward(x: Tensor): Tensor {
    return softmin(x, this.dim)
  }
}

/**
 * {@link Softmax} over the channels of `[n, c, h, w]` or `[c, h, w]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 */
export class Softmax2d extends Module {
  static override readonly layerName: string = 'Softmax2d'
  forward(x: Tensor): Tensor {
    return softmax(x, -3)
  }
}

import { hardshrink, softshrink, type Tensor } from '@gradus/core'
import { Module } from '../../module/module.ts'
import { float } from '../../module/python-text.ts'

/**
 * `x`, with 0 where `|x|` is at most `lambd`; 0.5 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 */
export class Hardshrink extends Module {
  static override readonly layerName: string = 'Hardshrink'
  readonly lambd: number

  constructor({ lambd = 0.5 }: { lambd?: number } = {}) {
    super()
    this.lambd = lambd
  }

  forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd)
  }

  override extraRepr(): string {
    return float(this.lambd)
  }
}

/**
 * `x` moved towards 0 by `lambd`, 0.5 by default, and 0 where that would change its sign.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 */
export class Softshrink extends Hardshrink {
  static override readonly layerName: string = 'Softshrink'
  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd)
  }
}

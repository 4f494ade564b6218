import { hardshrink, softshrink, type Tensor } from '@gradus/core/functions'
import { defineOptions, real, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'

/** Options of {@link Hardshrink} and {@link Softshrink}. */
export interface ShrinkOptions {
  /** 0.5 by default. */
  lambd?: number
}

const shrinkOptions = /* @__PURE__ */ defineOptions<ShrinkOptions>({ lambd: real })

/**
 * `x`, with 0 where `|x|` is at most `lambd`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 */
export class Hardshrink extends Module {
  static override readonly layerName: string = 'Hardshrink'
  readonly lambd: number

  constructor(options?: ShrinkOptions) {
    super()
    this.lambd = takeOptions(nameOf(this), shrinkOptions, options).lambd ?? 0.5
  }

  forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd)
  }

  override extraRepr(): string {
    return float(this.lambd)
  }
}

/**
 * `x` moved towards 0 by `lambd`, and 0 where that would change its sign.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 */
export class Softshrink extends Hardshrink {
  static override readonly layerName: string = 'Softshrink'
  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd)
  }
}

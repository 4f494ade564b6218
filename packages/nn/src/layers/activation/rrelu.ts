import { rrelu, rrelu_, type Tensor } from '@gradus/core/functions'
import { defineOptions, flag, real, takeOptions } from '@gradus/core/internal'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { float } from '../../module/python-text.ts'

/** Options of {@link RReLU}. */
export interface RReLUOptions {
  /** The smallest slope; 1/8 by default. */
  lower?: number
  /** The largest slope; 1/3 by default. */
  upper?: number
  /** Writes the result into the input; false by default. */
  inplace?: boolean
}

const rreluOptions = /* @__PURE__ */ defineOptions<RReLUOptions>({ lower: real, upper: real, inplace: flag })

/**
 * `x` where it is positive, else `x` times a slope: drawn between two bounds in training, their middle otherwise.
 *
 * @see Xu et al. 2015, https://arxiv.org/abs/1505.00853
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html
 * @example
 * const layer = new g.nn.RReLU({ lower: 0.25, upper: 0.75 })
 * layer.eval()(g.tensor([2, -4])).tolist() // => [2, -2]
 */
export class RReLU extends Module {
  static override readonly layerName: string = 'RReLU'
  readonly lower: number
  readonly upper: number
  readonly inplace: boolean

  constructor(options?: RReLUOptions) {
    super()
    const { lower = 1 / 8, upper = 1 / 3, inplace = false } = takeOptions(nameOf(this), rreluOptions, options)
    this.lower = lower
    this.upper = upper
    this.inplace = inplace
  }

  forward(x: Tensor): Tensor {
    const { lower, upper, training } = this
    return (this.inplace ? rrelu_ : rrelu)(x, { lower, upper, training })
  }

  override extraRepr(): string {
    return `lower=${float(this.lower)}, upper=${float(this.upper)}${this.inplace ? ', inplace=True' : ''}`
  }
}

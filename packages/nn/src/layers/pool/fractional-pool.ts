import {
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  type PooledWithIndices,
  type Tensor,
  ValueError,
} from '@gradus/core/functions'
import {
  defineOptions,
  either,
  flag,
  listOf,
  nullable,
  real,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { type Sizes, windows } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'

/** Options of {@link FractionalMaxPool2d} and {@link FractionalMaxPool3d}. */
export interface FractionalMaxPoolLayerOptions<R extends boolean> {
  /** The spatial sizes of the result; this or `outputRatio`. */
  outputSize?: Sizes | null
  /** The spatial sizes of the result as parts of those of the input, between 0 and 1. */
  outputRatio?: number | readonly number[] | null
  /** Gives `{ values, indices }`; false by default. */
  returnIndices?: R
}

const poolOptions = /* @__PURE__ */ defineOptions<FractionalMaxPoolLayerOptions<boolean>>({
  outputSize: /* @__PURE__ */ nullable(windows),
  outputRatio: /* @__PURE__ */ nullable(/* @__PURE__ */ either(real, /* @__PURE__ */ listOf(real))),
  returnIndices: flag,
})

type Pooled<R extends boolean> = R extends true ? PooledWithIndices : Tensor

abstract class FractionalMaxPool<R extends boolean> extends Module {
  // the classes with a name have its forward
  static override readonly keepsNothing: boolean = true
  readonly kernelSize: Sizes
  readonly outputSize: Sizes | null
  readonly outputRatio: number | readonly number[] | null
  readonly returnIndices: boolean

  constructor(kernelSize: Sizes, options?: FractionalMaxPoolLayerOptions<R>) {
    super()
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', windows, kernelSize)
    // R is true or false, whatever its name
    const given = options as FractionalMaxPoolLayerOptions<boolean> | undefined
    const {
      outputSize = null,
      outputRatio = null,
      returnIndices = false,
    } = takeOptions(nameOf(this), poolOptions, given)
    if (outputSize === null && outputRatio === null)
      throw new ValueError(`${nameOf(this)} requires specifying either an output size, or a pooling ratio`)
    if (outputSize !== null && outputRatio !== null)
      throw new ValueError('only one of outputSize and outputRatio may be specified')
    this.outputSize = outputSize
    this.outputRatio = outputRatio
    this.returnIndices = returnIndices
  }

  protected abstract pool(x: Tensor): PooledWithIndices

  forward(x: Tensor): Pooled<R> {
    const pooled = this.pool(x)
    // R says which
    return (this.returnIndices ? pooled : pooled.values) as Pooled<R>
  }
}

/**
 * The maxima of windows whose steps are drawn, so that sizes shrink by any factor.
 *
 * @throws ValueError unless one of `outputSize` and `outputRatio` is given
 * @see Graham 2014, https://arxiv.org/abs/1412.6071
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 * @example
 * new g.nn.FractionalMaxPool2d(2, { outputRatio: 0.6 })(g.ones(1, 1, 10, 10)).shape // => [1, 1, 6, 6]
 */
export class FractionalMaxPool2d<R extends boolean = false> extends FractionalMaxPool<R> {
  static override readonly layerName: string = 'FractionalMaxPool2d'
  protected pool(x: Tensor): PooledWithIndices {
    const { outputSize, outputRatio } = this
    return fractionalMaxPool2d(x, this.kernelSize, { outputSize, outputRatio, returnIndices: true })
  }
}

/**
 * {@link FractionalMaxPool2d} of volumes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 */
export class FractionalMaxPool3d<R extends boolean = false> extends FractionalMaxPool<R> {
  static override readonly layerName: string = 'FractionalMaxPool3d'
  protected pool(x: Tensor): PooledWithIndices {
    const { outputSize, outputRatio } = this
    return fractionalMaxPool3d(x, this.kernelSize, { outputSize, outputRatio, returnIndices: true })
  }
}

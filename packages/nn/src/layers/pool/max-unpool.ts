import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type Shape, type Tensor } from '@gradus/core/functions'
import { defineOptions, nullable, takeArgument, takeOptions } from '@gradus/core/internal'
import { paddings, type Sizes, windows } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { tuple } from '../../module/python-text.ts'

/** Options of the layers that undo max pooling. */
export interface MaxUnpoolLayerOptions {
  /** Steps between the windows of the pooling; the kernel size by default. */
  stride?: Sizes | null
  /** What the pooling added at each end; 0 by default. */
  padding?: Sizes
}

const maxUnpoolOptions = /* @__PURE__ */ defineOptions<MaxUnpoolLayerOptions>({
  stride: /* @__PURE__ */ nullable(windows),
  padding: paddings,
})

abstract class MaxUnpool extends Module {
  readonly kernelSize: Sizes
  readonly stride: Sizes
  readonly padding: Sizes

  constructor(kernelSize: Sizes, options?: MaxUnpoolLayerOptions) {
    super()
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', windows, kernelSize)
    const { stride, padding = 0 } = takeOptions(nameOf(this), maxUnpoolOptions, options)
    this.stride = stride ?? kernelSize
    this.padding = padding
  }

  protected abstract rank(): number

  override extraRepr(): string {
    const each = (sizes: Sizes): string =>
      tuple(typeof sizes === 'number' ? Array<number>(this.rank()).fill(sizes) : sizes)
    return `kernel_size=${each(this.kernelSize)}, stride=${each(this.stride)}, padding=${each(this.padding)}`
  }
}

/**
 * Undoes {@link MaxPool1d}: each maximum at its place, zeros elsewhere.
 *
 * Called with values and positions, as `MaxPool1d` gives them with `returnIndices`, and the size of the result where several
 * pool to the same.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 * @example
 * const { values, indices } = new g.nn.MaxPool1d(2, { returnIndices: true })(g.tensor([[[1, 3, 2, 5]]]))
 * new g.nn.MaxUnpool1d(2)(values, indices).tolist() // => [[[0, 3, 0, 5]]]
 */
export class MaxUnpool1d extends MaxUnpool {
  static override readonly layerName: string = 'MaxUnpool1d'
  protected rank(): number {
    return 1
  }

  forward(x: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    const { stride, padding } = this
    return maxUnpool1d(x, indices, this.kernelSize, { stride, padding, outputSize })
  }
}

/**
 * Undoes {@link MaxPool2d}: see {@link MaxUnpool1d}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export class MaxUnpool2d extends MaxUnpool {
  static override readonly layerName: string = 'MaxUnpool2d'
  protected rank(): number {
    return 2
  }

  forward(x: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    const { stride, padding } = this
    return maxUnpool2d(x, indices, this.kernelSize, { stride, padding, outputSize })
  }
}

/**
 * Undoes {@link MaxPool3d}: see {@link MaxUnpool1d}.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 */
export class MaxUnpool3d extends MaxUnpool {
  static override readonly layerName: string = 'MaxUnpool3d'
  protected rank(): number {
    return 3
  }

  forward(x: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    const { stride, padding } = this
    return maxUnpool3d(x, indices, this.kernelSize, { stride, padding, outputSize })
  }
}

import { col2im, type ColumnsOptions, im2col, type Shape, type Tensor } from '@gradus/core/functions'
import { defineOptions, takeArgument, takeOptions } from '@gradus/core/internal'
import { sizes } from '../../module/arguments.ts'
import { Module } from '../../module/module.ts'
import { nameOf } from '../../module/name-of.ts'
import { sizesText } from '../../module/python-text.ts'

const window = /* @__PURE__ */ sizes(2, 1)
const columnsOptions = /* @__PURE__ */ defineOptions<ColumnsOptions>({
  dilation: window,
  padding: /* @__PURE__ */ sizes(2),
  stride: window,
})

const windows = ({ dilation = 1, padding = 0, stride = 1 }: ColumnsOptions): string =>
  `dilation=${sizesText(dilation)}, padding=${sizesText(padding)}, stride=${sizesText(stride)}`

/**
 * The windows of an image as columns: `[n, c, h, w]` to `[n, c · kernel, windows]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 * @example
 * new g.nn.Unfold(2)(g.ones(1, 1, 3, 3)).shape // => [1, 4, 4]
 */
export class Unfold extends Module {
  static override readonly layerName: string = 'Unfold'
  readonly kernelSize: number | Shape
  readonly options: ColumnsOptions

  constructor(kernelSize: number | Shape, options?: ColumnsOptions) {
    super()
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', window, kernelSize)
    this.options = { ...takeOptions(nameOf(this), columnsOptions, options) }
  }

  forward(x: Tensor): Tensor {
    return im2col(x, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return `kernel_size=${sizesText(this.kernelSize)}, ${windows(this.options)}`
  }
}

/**
 * The sum of columns at the places of their windows: `[n, c · kernel, windows]` to `[n, c, ...outputSize]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 * @example
 * new g.nn.Fold(3, 2)(g.ones(1, 4, 4)).select(1, 0).tolist() // => [[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]
 */
export class Fold extends Module {
  static override readonly layerName: string = 'Fold'
  readonly outputSize: number | Shape
  readonly kernelSize: number | Shape
  readonly options: ColumnsOptions

  constructor(outputSize: number | Shape, kernelSize: number | Shape, options?: ColumnsOptions) {
    super()
    this.outputSize = takeArgument(nameOf(this), 'outputSize', window, outputSize)
    this.kernelSize = takeArgument(nameOf(this), 'kernelSize', window, kernelSize)
    this.options = { ...takeOptions(nameOf(this), columnsOptions, options) }
  }

  forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.kernelSize, this.options)
  }

  override extraRepr(): string {
    return `output_size=${sizesText(this.outputSize)}, kernel_size=${sizesText(this.kernelSize)}, ${windows(this.options)}`
  }
}

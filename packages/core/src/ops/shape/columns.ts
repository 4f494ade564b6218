import { checkCapacity } from '../../base/shape.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { integers } from '../../base/kinds.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { internals } from '../../op/internals.ts'
import type { Shape } from '../../base/layout.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { filledAs } from '../../op/fill.ts'
import { indexAdd, indexSelect } from '../index/index-along.ts'
import { pad } from './pad.ts'

/** Options of {@link im2col} and {@link col2im}; a number stands for both axes. */
export interface ColumnsOptions {
  /** Steps between elements of a window; 1 by default. */
  dilation?: number | Shape
  /** Zeros before and after each axis; 0 by default. */
  padding?: number | Shape
  /** Steps between windows; 1 by default. */
  stride?: number | Shape
}
/** The kinds of {@link ColumnsOptions}. */
export const columnsOptions = /* @__PURE__ */ defineOptions<ColumnsOptions>({
  dilation: integers,
  padding: integers,
  stride: integers,
})

interface Windows {
  /** Lengths of the padded axes. */
  padded: readonly [number, number]
  padding: readonly [number, number]
  /** How many windows there are along each axis. */
  counts: readonly [number, number]
  /** Elements of a window. */
  area: number
  /** For element k of a window and window l, where it lies in the padded plane. */
  positions: Int32Array
}

const pair = (what: string, value: number | Shape): readonly [number, number] => {
  const list = typeof value === 'number' ? [value] : value
  if (list.length !== 1 && list.length !== 2) throw new ValueError(`${what} has to be one or two numbers`)
  return [list[0], list.at(-1)!]
}

function windowsOf(size: Shape, kernelSize: number | Shape, options: ColumnsOptions): Windows {
  const kernel = pair('kernel_size', kernelSize)
  const dilation = pair('dilation', options.dilation ?? 1)
  const padding = pair('padding', options.padding ?? 0)
  const stride = pair('stride', options.stride ?? 1)
  const positive = { kernel_size: kernel, dilation, stride }
  for (const [what, [a, b]] of Object.entries(positive)) {
    if (!(a > 0 && b > 0))
      throw new ValueError(
        `${what.replace('_size', ' size')} should be greater than zero, but got ${what}: ${a}x${b}`,
      )
  }
  if (padding[0] < 0 || padding[1] < 0)
    throw new ValueError(`padding should be non-negative, but got padding: ${padding.join('x')}`)
  const padded = [size[0] + 2 * padding[0], size[1] + 2 * padding[1]] as const
  const count = (a: 0 | 1): number =>
    Math.floor((padded[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a]) + 1
  const counts = [count(0), count(1)] as const
  if (counts[0] < 1 || counts[1] < 1) {
    throw new ShapeError(
      `Given input with spatial size (${size.join(', ')}), kernel_size=(${kernel.join(', ')}), dilation=(${dilation.join(', ')}), padding=(${padding.join(', ')}), stride=(${stride.join(', ')}), calculated shape of the array of sliding blocks as (${counts.join(', ')}), but its components must be at least one.`,
    )
  }
  checkCapacity('im2col', padded)
  checkCapacity('im2col', [kernel[0] * kernel[1], counts[0] * counts[1]])
  const positions = new Int32Array(kernel[0] * kernel[1] * counts[0] * counts[1])
  let at = 0
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++)
      for (let row = 0; row < counts[0]; row++)
        for (let column = 0; column < counts[1]; column++)
          positions[at++] =
            (row * stride[0] + i * dilation[0]) * padded[1] + column * stride[1] + j * dilation[1]
  return { padded, padding, counts, area: kernel[0] * kernel[1], positions }
}

/** The positions as a tensor on the backend of `x`. */
const indexOn = (x: Tensor, positions: Int32Array): Tensor => {
  const index = internals(x).make([positions.length], 'int32')
  index.backend.write(index.storage.block, positions)
  return index
}

const batched = (x: Tensor, rank: number): Tensor => (x.ndim === rank ? x : x.unsqueeze(0))

/**
 * The windows of an image as columns: PyTorch's `nn.functional.unfold`.
 *
 * @param x - `[n, c, height, width]` or `[c, height, width]`
 * @returns `[n, c · kernel, windows]`
 * @throws ShapeError, ValueError for windows that do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 * @example
 * g.im2col(g.ones(1, 1, 3, 3), 2).shape // => [1, 4, 4]
 */
export function im2col(x: Tensor, kernelSize: number | Shape, options?: ColumnsOptions): Tensor {
  takeTensor('im2col', 'x', x)

  takeArgument('im2col', 'kernelSize', integers, kernelSize)
  options = takeOptions('im2col', columnsOptions, options)
  if (x.ndim !== 3 && x.ndim !== 4) {
    throw new ShapeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: [${x.shape.join(', ')}]`,
    )
  }
  const image = batched(x, 4)
  const [n, c] = image.shape
  const { padded, padding, area, positions } = windowsOf(image.shape.slice(2), kernelSize, options)
  const plane = pad(image, [padding[1], padding[1], padding[0], padding[0]])
  const flat = plane.reshape([n * c, padded[0] * padded[1]])
  const columns = indexSelect(flat, 1, indexOn(x, positions)).reshape([n, c * area, positions.length / area])
  return x.ndim === 4 ? columns : columns.squeeze(0)
}

/**
 * The sum of columns at the places of their windows: PyTorch's `nn.functional.fold`, the transpose of {@link im2col}.
 *
 * @param x - `[n, c · kernel, windows]` or `[c · kernel, windows]`
 * @param outputSize - height and width of the image
 * @returns `[n, c, height, width]`
 * @throws ShapeError, ValueError for columns that do not fit
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 */
export function col2im(
  x: Tensor,
  outputSize: number | Shape,
  kernelSize: number | Shape,
  options?: ColumnsOptions,
): Tensor {
  takeTensor('col2im', 'x', x)

  takeArgument('col2im', 'outputSize', integers, outputSize)
  takeArgument('col2im', 'kernelSize', integers, kernelSize)
  options = takeOptions('col2im', columnsOptions, options)
  if (x.ndim !== 2 && x.ndim !== 3) {
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: [${x.shape.join(', ')}]`,
    )
  }
  const size = pair('output_size', outputSize)
  const columns = batched(x, 3)
  const { padded, padding, counts, area, positions } = windowsOf(size, kernelSize, options)
  const [n, rows, windows] = columns.shape
  if (rows % area !== 0) {
    throw new ShapeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=(${pair('', kernelSize).join(', ')}).`,
    )
  }
  if (windows !== positions.length / area) {
    throw new ShapeError(
      `Given output_size=(${size.join(', ')}), kernel_size=(${pair('', kernelSize).join(', ')}), expected size of input's dimension 2 to match the calculated number of sliding blocks ${counts[0]} * ${counts[1]} = ${counts[0] * counts[1]}, but got input.size(2)=${windows}.`,
    )
  }
  const c = rows / area
  const plane = filledAs(x, [n * c, padded[0] * padded[1]], 0)
  const image = indexAdd(plane, 1, indexOn(x, positions), columns.reshape([n * c, positions.length]))
    .reshape([n, c, ...padded])
    .narrow(2, padding[0], size[0])
    .narrow(3, padding[1], size[1])
  return x.ndim === 3 ? image : image.squeeze(0)
}

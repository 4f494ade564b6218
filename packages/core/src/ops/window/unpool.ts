import { takeTensor } from '../../tensor/kind.ts'
import { counts, integers, nullable } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { sameShape, type Shape } from '../../base/layout.ts'
import { checkCapacity, checkSizes, sizeOf } from '../../base/shape.ts'
import { filledAs } from '../../op/fill.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { asIndex, scatter } from '../index/gather.ts'

/** Options of {@link maxUnpool2d} and its kind; a number stands for all axes. */
export interface MaxUnpoolOptions {
  /** Steps between the windows of the pooling; the kernel size by default. */
  stride?: number | Shape | null
  /** What the pooling added at each end; 0 by default. */
  padding?: number | Shape
  /** The spatial sizes of what was pooled, or all its sizes: several sizes pool to the same. */
  outputSize?: Shape | null
}
const maxUnpoolOptions = /* @__PURE__ */ defineOptions<MaxUnpoolOptions>({
  stride: /* @__PURE__ */ nullable(integers),
  padding: integers,
  outputSize: /* @__PURE__ */ nullable(counts),
})

/** One number for each axis. */
function each(name: string, value: number | Shape, rank: number): Shape {
  if (typeof value === 'number') return Array<number>(rank).fill(value)
  if (value.length === 1) return Array<number>(rank).fill(value[0])
  if (value.length !== rank)
    throw new ValueError(`maxUnpool${rank}d: ${name} is one number or ${rank}, got [${value.join(', ')}]`)
  return value
}

function outputSizes(x: Tensor, rank: number, kernelSize: number | Shape, options: MaxUnpoolOptions): Shape {
  const kernel = each('kernelSize', kernelSize, rank)
  const stride = each('stride', options.stride ?? kernel, rank)
  const padding = each('padding', options.padding ?? 0, rank)
  const least = kernel.map((k, a) => (x.shape[x.ndim - rank + a] - 1) * stride[a] + k - 2 * padding[a])
  if (options.outputSize === undefined || options.outputSize === null) return least
  const given = options.outputSize.length === rank + 2 ? options.outputSize.slice(2) : options.outputSize
  if (given.length !== rank) {
    throw new ValueError(
      `outputSize should be a sequence containing ${rank} or ${rank + 2} elements, but it has a length of '${given.length}'`,
    )
  }
  given.forEach((n, a) => {
    const [min, max] = [least[a] - stride[a], least[a] + stride[a]]
    if (!(n > min && n < max)) {
      throw new ValueError(
        `invalid outputSize "[${given.join(', ')}]" (dim ${a} must be between ${min} and ${max})`,
      )
    }
  })
  return given
}

function unpool(
  rank: 1 | 2 | 3,
  x: Tensor,
  indices: Tensor,
  kernelSize: number | Shape,
  options: MaxUnpoolOptions | undefined,
): Tensor {
  const call = `maxUnpool${rank}d`
  const taken = takeOptions(call, maxUnpoolOptions, options)
  takeArgument(call, 'kernelSize', integers, kernelSize)
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
    throw new ShapeError(
      `${call}: Input to max_unpooling${rank}d should be a ${rank + 1}d or ${rank + 2}d Tensor, but got a tensor of ${x.ndim} axes`,
    )
  }
  if (!sameShape(x.shape, indices.shape)) {
    throw new ShapeError(
      `Expected shape of indices to be same as that of the input tensor ([${x.shape.join(', ')}]) but got indices tensor with shape: [${indices.shape.join(', ')}]`,
    )
  }
  const size = outputSizes(x, rank, kernelSize, taken)
  const lead = x.shape.slice(0, x.ndim - rank)
  checkCapacity(call, checkSizes([...lead, ...size]))
  const flat = (t: Tensor): Tensor => t.reshape([...lead, sizeOf(t.shape.slice(lead.length))])
  const zeros = filledAs(x, [...lead, sizeOf(size)], 0)
  return scatter(zeros, lead.length, flat(asIndex(indices, call)), flat(x)).reshape([...lead, ...size])
}

/**
 * Undoes {@link maxPool1d} as far as that goes: each maximum at its place, zeros elsewhere.
 *
 * @param x - [n, channels, length] or [channels, length]
 * @param indices - the positions that `maxPool1d` gives with `returnIndices`
 * @returns the shape that was pooled: `outputSize`, or the smallest that pools to `x`
 * @throws ValueError for an `outputSize` that does not pool to the shape of `x`
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool1d.html
 * @example
 * const { values, indices } = g.maxPool1d(g.tensor([[[1, 3, 2, 5]]]), 2, { returnIndices: true })
 * g.maxUnpool1d(values, indices, 2).tolist() // => [[[0, 3, 0, 5]]]
 */
export const maxUnpool1d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: number | Shape,
  options?: MaxUnpoolOptions,
): Tensor => {
  takeTensor('maxUnpool1d', 'x', x)
  takeTensor('maxUnpool1d', 'indices', indices)
  return unpool(1, x, indices, kernelSize, options)
}

/**
 * {@link maxUnpool1d} over two axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
 */
export const maxUnpool2d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: number | Shape,
  options?: MaxUnpoolOptions,
): Tensor => {
  takeTensor('maxUnpool2d', 'x', x)
  takeTensor('maxUnpool2d', 'indices', indices)
  return unpool(2, x, indices, kernelSize, options)
}

/**
 * {@link maxUnpool1d} over three axes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool3d.html
 */
export const maxUnpool3d = (
  x: Tensor,
  indices: Tensor,
  kernelSize: number | Shape,
  options?: MaxUnpoolOptions,
): Tensor => {
  takeTensor('maxUnpool3d', 'x', x)
  takeTensor('maxUnpool3d', 'indices', indices)
  return unpool(3, x, indices, kernelSize, options)
}

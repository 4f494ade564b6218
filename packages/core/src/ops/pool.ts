import type { Window } from '../backend/types.ts'
import { defineOp } from '../define.ts'
import { fromRaw } from '../create.ts'
import { encode } from '../host.ts'
import { ShapeError, ValueError } from '../errors.ts'
import type { Shape } from '../layout.ts'
import { attributes, plain, saving } from '../op.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { scatterToZeros } from './gather.ts'

interface Pool extends Window {
  kernel: readonly number[]
  /** Lengths of the result's spatial axes. */
  lengths: readonly number[]
}

const maxPoolOp = /* @__PURE__ */ defineOp({
  name: 'maxPool',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Pool>(),
  infer({ x }, { kernel, lengths }) {
    const shape = [...x.shape.slice(0, x.shape.length - kernel.length), ...lengths]
    return { values: { shape, dtype: x.dtype }, indices: { shape, dtype: 'int32' } }
  },
  kernel: (on, { x }, { values, indices }, { kernel, lengths: _, ...window }) =>
    on.pool('max', x, values, kernel, window, indices),
  vjp: {
    x: saving(['indices'], (g, { indices }, { kernel }: Pool, { x }) => {
      const lead = x!.shape.slice(0, x!.shape.length - kernel.length)
      const flat = (y: Tensor): Tensor => y.reshape([...lead, sizeOf(y.shape.slice(lead.length))])
      const plane = sizeOf(x!.shape.slice(lead.length))
      return scatterToZeros(flat(g), lead.length, flat(indices), [...lead, plane]).reshape(x!.shape)
    }),
  },
})

const sumPoolOp = /* @__PURE__ */ defineOp({
  name: 'avgPool',
  inputs: ['x'],
  attrs: attributes<Pool>(),
  infer: ({ x }, { kernel, lengths }) => ({
    shape: [...x.shape.slice(0, x.shape.length - kernel.length), ...lengths],
    dtype: x.dtype,
  }),
  kernel: (on, { x }, { out }, { kernel, lengths: _, ...window }) => on.pool('sum', x, out, kernel, window),
  vjp: { x: plain((g, attrs: Pool, { x }) => spreadPool(g, attrs, x!.shape)) },
})

const spreadPoolOp = /* @__PURE__ */ defineOp({
  name: 'avgPoolBackward',
  inputs: ['g'],
  attrs: attributes<Pool & { shape: Shape }>(),
  infer: ({ g }, { shape }) => ({ shape, dtype: g.dtype }),
  kernel: (on, { g }, { out }, { kernel, lengths: _, shape: __, ...window }) =>
    on.pool('spread', out, g, kernel, window),
  vjp: { g: plain((x, { shape: _, ...attrs }: Pool & { shape: Shape }) => sumPool(x, attrs)) },
})
const sumPool = (x: Tensor, attrs: Pool): Tensor => sumPoolOp({ x }, attrs)
const spreadPool = (g: Tensor, attrs: Pool, shape: Shape): Tensor => spreadPoolOp({ g }, { ...attrs, shape })

/** What pooling takes; a number stands for all axes. */
export interface PoolOptions {
  /** Steps between windows; the kernel size by default. */
  stride?: number | Shape | null
  /** Positions added before and after each axis, at most half the kernel; 0 by default. */
  padding?: number | Shape
  /** Rounds the number of windows up: the last may stick out. */
  ceilMode?: boolean
}

/** What maximum pooling takes besides. */
export interface MaxPoolOptions extends PoolOptions {
  /** Steps between elements of a window; 1 by default. */
  dilation?: number | Shape
}

function perAxis(name: string, value: number | Shape, rank: number, pool: string): Shape {
  if (typeof value === 'number') return Array<number>(rank).fill(value)
  if (value.length === 1) return Array<number>(rank).fill(value[0]!)
  if (value.length !== rank) {
    throw new ValueError(`${pool}: ${name} must either be a single int, or a tuple of ${rank} ints`)
  }
  return value
}

/** PyTorch's pooling_output_shape: with ceilMode the last window must begin inside of the input or its left padding. */
function windows(
  n: number,
  k: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const room = n + 2 * padding - dilation * (k - 1) - 1 + (ceilMode ? stride - 1 : 0)
  const count = Math.floor(room / stride) + 1
  return ceilMode && (count - 1) * stride >= n + padding ? count - 1 : count
}

// an empty list is none, as in PyTorch
const isGiven = (stride: PoolOptions['stride']): stride is number | Shape =>
  typeof stride === 'number' || (typeof stride === 'object' && stride !== null && stride.length > 0)

function poolOf(
  name: string,
  rank: number,
  x: Tensor,
  kernelSize: number | Shape,
  options: MaxPoolOptions,
): Pool {
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
    throw new ShapeError(
      `${name}: Expected ${rank + 1}D or ${rank + 2}D input, but got input of size: [${x.shape.join(', ')}]`,
    )
  }
  const kernel = perAxis('kernel_size', kernelSize, rank, name)
  const stride = perAxis('stride', isGiven(options.stride) ? options.stride : kernel, rank, name)
  const padding = perAxis('padding', options.padding ?? 0, rank, name)
  const dilation = perAxis('dilation', options.dilation ?? 1, rank, name)
  if (kernel.some((k) => !(k > 0)))
    throw new ValueError(
      `${name}: kernel size should be greater than zero, but got kernel size [${kernel.join(', ')}]`,
    )
  if (stride.some((s) => !(s > 0))) throw new ValueError('stride should not be zero')
  if (dilation.some((d) => !(d > 0))) throw new ValueError('dilation should be greater than zero')
  padding.forEach((p, i) => {
    if (p < 0) throw new ValueError(`pad must be non-negative, but got pad: ${p}`)
    if (p > (dilation[i]! * (kernel[i]! - 1) + 1) / 2) {
      throw new ValueError(
        `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${kernel[i]} and dilation=${dilation[i]}`,
      )
    }
  })
  const lengths = kernel.map((k, i) =>
    windows(x.shape.at(i - rank)!, k, stride[i]!, padding[i]!, dilation[i]!, options.ceilMode ?? false),
  )
  if (lengths.some((n) => n < 1)) {
    const channels = x.shape.at(-rank - 1)!
    throw new ShapeError(
      `Given input size: (${[channels, ...x.shape.slice(-rank)].join('x')}). Calculated output size: (${[channels, ...lengths.map((n) => Math.max(0, n))].join('x')}). Output size is too small`,
    )
  }
  return { kernel, stride, padding, dilation, lengths }
}

/** Values and their positions in the flat spatial plane. */
export interface PooledWithIndices {
  values: Tensor
  indices: Tensor
}

type WithIndices = MaxPoolOptions & { returnIndices: true }
type WithoutIndices = MaxPoolOptions & { returnIndices?: false }

function maxPool(
  rank: number,
  x: Tensor,
  kernel: number | Shape,
  options: MaxPoolOptions & { returnIndices?: boolean },
): Tensor | PooledWithIndices {
  const result = maxPoolOp({ x }, poolOf(`max_pool${rank}d`, rank, x, kernel, options))
  return options.returnIndices ? result : result.values
}

/** The largest value of each window along one axis: see {@link maxPool2d}. */
export function maxPool1d(x: Tensor, kernelSize: number | Shape, options?: WithoutIndices): Tensor
export function maxPool1d(x: Tensor, kernelSize: number | Shape, options: WithIndices): PooledWithIndices
export function maxPool1d(
  x: Tensor,
  kernelSize: number | Shape,
  options: MaxPoolOptions & { returnIndices?: boolean } = {},
): Tensor | PooledWithIndices {
  return maxPool(1, x, kernelSize, options)
}

/**
 * The largest value of each window over the last two axes. Padding never wins, NaN does.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @param options - with `returnIndices` also where in the flat plane each value came from, int32
 * @throws ShapeError where no window fits
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 * @example
 * g.maxPool2d(g.tensor([[[1, 2], [3, 4]]]), 2).tolist() // => [[[4]]]
 */
export function maxPool2d(x: Tensor, kernelSize: number | Shape, options?: WithoutIndices): Tensor
export function maxPool2d(x: Tensor, kernelSize: number | Shape, options: WithIndices): PooledWithIndices
export function maxPool2d(
  x: Tensor,
  kernelSize: number | Shape,
  options: MaxPoolOptions & { returnIndices?: boolean } = {},
): Tensor | PooledWithIndices {
  return maxPool(2, x, kernelSize, options)
}

/** The largest value of each window over the last three axes: see {@link maxPool2d}. */
export function maxPool3d(x: Tensor, kernelSize: number | Shape, options?: WithoutIndices): Tensor
export function maxPool3d(x: Tensor, kernelSize: number | Shape, options: WithIndices): PooledWithIndices
export function maxPool3d(
  x: Tensor,
  kernelSize: number | Shape,
  options: MaxPoolOptions & { returnIndices?: boolean } = {},
): Tensor | PooledWithIndices {
  return maxPool(3, x, kernelSize, options)
}

/** What average pooling takes besides. */
export interface AvgPoolOptions extends PoolOptions {
  /** Padding counts in the divisor; true by default. */
  countIncludePad?: boolean
  /** Divides by this instead of the number of elements. */
  divisorOverride?: number | null
}

function avgPool(rank: number, x: Tensor, kernelSize: number | Shape, options: AvgPoolOptions): Tensor {
  const { countIncludePad = true, divisorOverride = null } = options
  if (divisorOverride === 0) throw new ValueError('divisor must be not zero')
  const pool = poolOf(`avg_pool${rank}d`, rank, x, kernelSize, options)
  const sums = sumPool(x, pool)
  const { kernel, stride, padding, lengths } = pool
  if (divisorOverride !== null) return sums.div(divisorOverride)
  const counts = lengths.map((count, i) =>
    Array.from({ length: count }, (_, o) => {
      const n = x.shape.at(i - rank)!
      const start = o * stride[i]! - padding[i]!
      const end = Math.min(start + kernel[i]!, n + padding[i]!)
      return countIncludePad ? end - start : Math.min(end, n) - Math.max(start, 0)
    }),
  )
  if (counts.every((row) => row.every((n) => n === row[0])))
    return sums.div(counts.reduce((n, row) => n * row[0]!, 1))
  const divisors = counts.reduce<number[]>((all, row) => all.flatMap((a) => row.map((b) => a * b)), [1])
  return sums.div(fromRaw(encode(divisors, x.dtype), lengths, x.dtype))
}

/** The mean of each window along one axis: see {@link avgPool2d}. */
export const avgPool1d = (x: Tensor, kernelSize: number | Shape, options: AvgPoolOptions = {}): Tensor =>
  avgPool(1, x, kernelSize, options)

/**
 * The mean of each window over the last two axes.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @throws ShapeError where no window fits
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export const avgPool2d = (x: Tensor, kernelSize: number | Shape, options: AvgPoolOptions = {}): Tensor =>
  avgPool(2, x, kernelSize, options)

/** The mean of each window over the last three axes: see {@link avgPool2d}. */
export const avgPool3d = (x: Tensor, kernelSize: number | Shape, options: AvgPoolOptions = {}): Tensor =>
  avgPool(3, x, kernelSize, options)

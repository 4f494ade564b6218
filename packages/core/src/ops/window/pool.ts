import { takeTensor } from '../../tensor/kind.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { flag, integer, integers, nullable } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { encode } from '../../tensor/elements.ts'
import { ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { attributes, plain, saving } from '../../op/declaration.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { scatterToZeros } from '../index/gather.ts'
import {
  poolOf,
  type MaxPoolOptions,
  type Pool,
  type PoolOptions,
  maxPoolOptions,
  poolOptions,
} from '../../op/rules/pool-window.ts'

export type { MaxPoolOptions, PoolOptions } from '../../op/rules/pool-window.ts'

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
      const lead = x.shape.slice(0, x.shape.length - kernel.length)
      const flat = (y: Tensor): Tensor => y.reshape([...lead, sizeOf(y.shape.slice(lead.length))])
      const plane = sizeOf(x.shape.slice(lead.length))
      return scatterToZeros(flat(g), lead.length, flat(indices), [...lead, plane]).reshape(x.shape)
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
  vjp: { x: plain((g, attrs: Pool, { x }) => spreadPool(g, attrs, x.shape)) },
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

/** Values and their positions in the flat spatial plane. */
export interface PooledWithIndices {
  values: Tensor
  indices: Tensor
}

type MaxPoolWithOptions = MaxPoolOptions & { returnIndices?: boolean }
const maxPoolWithOptions = /* @__PURE__ */ defineOptions<MaxPoolWithOptions, MaxPoolOptions>(
  { returnIndices: flag },
  maxPoolOptions,
)
type WithIndices = MaxPoolOptions & { returnIndices: true }
type WithoutIndices = MaxPoolOptions & { returnIndices?: false }

function maxPool(
  rank: 1 | 2 | 3,
  x: Tensor,
  kernel: number | Shape,
  options: MaxPoolWithOptions,
): Tensor | PooledWithIndices {
  const { returnIndices = false } = options
  const result = maxPoolOp({ x }, poolOf({ of: 'max', rank, returnIndices }, x, kernel, options))
  return returnIndices ? result : result.values
}

/** The largest value of each window along one axis: see {@link maxPool2d}. */
export function maxPool1d(x: Tensor, kernelSize: number | Shape, options?: WithoutIndices): Tensor
export function maxPool1d(x: Tensor, kernelSize: number | Shape, options: WithIndices): PooledWithIndices
export function maxPool1d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: MaxPoolWithOptions,
): Tensor | PooledWithIndices {
  takeTensor('maxPool1d', 'x', x)
  takeArgument('maxPool1d', 'kernelSize', integers, kernelSize)
  options = takeOptions('maxPool1d', maxPoolWithOptions, options)
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
  options?: MaxPoolWithOptions,
): Tensor | PooledWithIndices {
  takeTensor('maxPool2d', 'x', x)
  takeArgument('maxPool2d', 'kernelSize', integers, kernelSize)
  options = takeOptions('maxPool2d', maxPoolWithOptions, options)
  return maxPool(2, x, kernelSize, options)
}

/** The largest value of each window over the last three axes: see {@link maxPool2d}. */
export function maxPool3d(x: Tensor, kernelSize: number | Shape, options?: WithoutIndices): Tensor
export function maxPool3d(x: Tensor, kernelSize: number | Shape, options: WithIndices): PooledWithIndices
export function maxPool3d(
  x: Tensor,
  kernelSize: number | Shape,
  options?: MaxPoolWithOptions,
): Tensor | PooledWithIndices {
  takeTensor('maxPool3d', 'x', x)
  takeArgument('maxPool3d', 'kernelSize', integers, kernelSize)
  options = takeOptions('maxPool3d', maxPoolWithOptions, options)
  return maxPool(3, x, kernelSize, options)
}

/** Options of average pooling. */
export interface AvgPoolOptions extends PoolOptions {
  /** Padding counts in the divisor; true by default. */
  countIncludePad?: boolean
  /** Divides by this instead of the number of elements. */
  divisorOverride?: number | null
}
/** The kinds of {@link AvgPoolOptions}. */
export const avgPoolOptions = /* @__PURE__ */ defineOptions<AvgPoolOptions, PoolOptions>(
  { countIncludePad: flag, divisorOverride: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()) },
  poolOptions,
)

function avgPool(rank: 1 | 2 | 3, x: Tensor, kernelSize: number | Shape, options: AvgPoolOptions): Tensor {
  const { countIncludePad = true, divisorOverride = null } = options
  if (divisorOverride === 0) throw new ValueError('divisor must be not zero')
  const pool = poolOf({ of: 'avg', rank, returnIndices: false }, x, kernelSize, options)
  const sums = sumPool(x, pool)
  const { kernel, stride, padding, lengths } = pool
  if (divisorOverride !== null) return sums.div(divisorOverride)
  const counts = lengths.map((count, i) =>
    Array.from({ length: count }, (_, o) => {
      const n = x.shape.at(i - rank)!
      const start = o * stride[i] - padding[i]
      const end = Math.min(start + kernel[i], n + padding[i])
      return countIncludePad ? end - start : Math.min(end, n) - Math.max(start, 0)
    }),
  )
  if (counts.every((row) => row.every((n) => n === row[0])))
    return sums.div(counts.reduce((n, row) => n * row[0], 1))
  const divisors = counts.reduce<number[]>((all, row) => all.flatMap((a) => row.map((b) => a * b)), [1])
  return sums.div(tensorBeside(x, encode(divisors, x.dtype), lengths, x.dtype))
}

/** The mean of each window along one axis: see {@link avgPool2d}. */
export const avgPool1d = (x: Tensor, kernelSize: number | Shape, options?: AvgPoolOptions): Tensor => {
  takeTensor('avgPool1d', 'x', x)

  takeArgument('avgPool1d', 'kernelSize', integers, kernelSize)
  return avgPool(1, x, kernelSize, takeOptions('avgPool1d', avgPoolOptions, options))
}

/**
 * The mean of each window over the last two axes.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @throws ShapeError where no window fits
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export const avgPool2d = (x: Tensor, kernelSize: number | Shape, options?: AvgPoolOptions): Tensor => {
  takeTensor('avgPool2d', 'x', x)

  takeArgument('avgPool2d', 'kernelSize', integers, kernelSize)
  return avgPool(2, x, kernelSize, takeOptions('avgPool2d', avgPoolOptions, options))
}

/** The mean of each window over the last three axes: see {@link avgPool2d}. */
export const avgPool3d = (x: Tensor, kernelSize: number | Shape, options?: AvgPoolOptions): Tensor => {
  takeTensor('avgPool3d', 'x', x)

  takeArgument('avgPool3d', 'kernelSize', integers, kernelSize)
  return avgPool(3, x, kernelSize, takeOptions('avgPool3d', avgPoolOptions, options))
}

import { takeTensor } from '../../tensor/kind.ts'
import { maskedFill } from '../elementwise/ternary.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { either, flag, listOf, nullable, whole } from '../../base/kinds.ts'
import { isHalf, type DType } from '../../base/dtype.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { encode } from '../../tensor/elements.ts'
import type { Shape } from '../../base/layout.ts'
import { checkCapacity, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { max } from '../reduce/extremes.ts'
import { filledAs } from '../../op/fill.ts'
import { gather } from '../index/gather.ts'
import { indexSelect } from '../index/index-along.ts'
import { cat } from '../shape/join.ts'
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PooledWithIndices,
} from './pool.ts'
import { checkSignals, checkSingle } from '../../op/rules/pool-window.ts'

/** A size per axis, or one for all; null keeps the length of the axis. */
export type OutputSize = number | readonly (number | null)[]

const listed = (sizes: readonly unknown[]): string => `[${sizes.join(', ')}]`

/** Refuses an example without elements along its axes from `first` on. */
function checkNonEmpty(name: string, shape: Shape, first: number): void {
  const axis = shape.findIndex((n, a) => a >= first && n === 0)
  if (axis < 0) return
  throw new ShapeError(
    `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${listed(shape)} with dimension ${axis} being empty`,
  )
}

/** The shape with the window axes of a pooling over one axis as PyTorch has them: over two, the first of length 1. */
const asPlane = (rank: number, shape: Shape): Shape => (rank === 1 ? shape.toSpliced(-1, 0, 1) : shape)

const outputSize = /* @__PURE__ */ either<number, readonly (number | null)[]>(
  whole,
  /* @__PURE__ */ listOf(/* @__PURE__ */ nullable(whole)),
)

/** Lengths of the result's spatial axes; throws with the messages of PyTorch's check for this pooling. */
function lengthsOf(of: 'avg' | 'max', rank: 1 | 2 | 3, x: Tensor, size: OutputSize): Shape {
  const name = `adaptive_${of}_pool${rank}d`
  takeArgument(`adaptive${of === 'avg' ? 'Avg' : 'Max'}Pool${rank}d`, 'size', outputSize, size)
  const sizes = typeof size === 'number' ? Array<number>(rank).fill(size) : size
  if (rank === 1) {
    checkSignals(name, x)
    checkSingle(name, 'output_size', sizes)
  } else checkExample(of, rank, x, size)
  const hint = 'one length, or one for each spatial axis'
  if (of === 'avg') {
    if (sizes.length !== rank) throw new ShapeError(`${name}: output_size must be ${rank}`, { hint })
  } else {
    checkNonEmpty(name, x.shape, 1)
    if (sizes.length !== rank)
      throw new ShapeError(`${name}(): internal error: output_size.size() must be ${rank}`, { hint })
  }
  const lengths = sizes.map((n, i) => n ?? x.shape.at(i - rank)!)
  const shape = asPlane(rank, x.shape)
  const plane = asPlane(rank, lengths)
  const negative = lengths.find((n) => n < 0)
  if (of === 'avg') {
    const plural = rank === 3 ? 'adaptive_avg_pool3d' : 'adaptive_avg_pool2d'
    if (negative !== undefined) {
      throw new ValueError(
        // PyTorch leaves out one space for three
        `${plural}: elements of output_size must be greater than or equal to 0 but received {${plane.slice(0, 2).join(', ')}${plane.slice(2).map((n) => `,${n}`)}}`,
      )
    }
    checkNonEmpty(plural, shape, rank === 3 ? 1 : shape.length - 2)
  } else if (negative !== undefined) {
    const result = [...shape.slice(0, shape.length - plane.length), ...plane]
    throw new ShapeError(`Trying to create tensor with negative dimension ${negative}: ${listed(result)}`)
  }
  checkCapacity(`adaptive${of === 'avg' ? 'Avg' : 'Max'}Pool${rank}d`, [
    ...x.shape.slice(0, -rank),
    ...lengths,
  ])
  return lengths
}

function checkExample(of: 'avg' | 'max', rank: 2 | 3, x: Tensor, size: OutputSize): void {
  if (x.ndim === rank + 1 || x.ndim === rank + 2) return
  if (typeof size !== 'number' && x.ndim <= size.length)
    throw new ShapeError(`Input dimension should be at least ${size.length + 1}`)
  const but = of === 'avg' ? 'but got' : 'but got:'
  throw new ShapeError(
    `adaptive_${of}_pool${rank}d(): Expected ${rank + 1}D or ${rank + 2}D tensor, ${but} ${listed(x.shape)}`,
  )
}

/** The windows of an axis of n positions cut into m: they overlap where m does not divide n. */
const bounds = (n: number, m: number): [start: number, end: number][] =>
  Array.from({ length: m }, (_, i) => [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)])

// pooling refuses examples without channels, adaptive pooling does not
const divides = (x: Tensor, rank: number, lengths: Shape): boolean =>
  x.numel() > 0 && lengths.every((m, i) => m > 0 && x.shape.at(i - rank)! % m === 0)

function adaptiveAvgPool(rank: 1 | 2 | 3, x: Tensor, size: OutputSize): Tensor {
  const lengths = lengthsOf('avg', rank, x, size)
  if (divides(x, rank, lengths)) {
    const kernel = lengths.map((m, i) => x.shape.at(i - rank)! / m)
    return [avgPool1d, avgPool2d, avgPool3d][rank - 1](x, kernel)
  }
  // sums of half precision are kept in float32, as its kernels keep them
  const wide = isHalf(x.dtype) ? x.to('float32') : x
  return lengths.reduce((y, m, i) => meansAlong(y, x.ndim - rank + i, m), wide).to(x.dtype)
}

/** The means of the windows of an axis. Elements outside of a window do not touch its mean, NaN and infinity neither. */
function meansAlong(x: Tensor, axis: number, count: number): Tensor {
  const windows = bounds(x.shape[axis], count)
  const shape = x.shape.map((_, a) => (a === axis ? count : 1))
  const sizes = windows.map(([start, end]) => end - start)
  const vector = (values: readonly number[], dtype: DType): Tensor =>
    tensorBeside(x, encode(Float64Array.from(values), dtype), [count], dtype)
  let sum: Tensor | null = null
  for (let k = 0; k < Math.max(1, ...sizes); k++) {
    const at = windows.map(([start, end]) => Math.min(start + k, end - 1))
    const part = indexSelect(x, axis, vector(at, 'int32'))
    // windows of one axis differ by one element at most
    const isInside = sizes.map((size) => (k < size ? 1 : 0))
    const term = isInside.includes(0) ? maskedFill(part, vector(isInside.map((n) => 1 - n), 'bool').reshape(shape), 0) : part // prettier-ignore
    sum = sum === null ? term : sum.add(term)
  }
  return (sum ?? x).div(vector(sizes, x.dtype).reshape(shape))
}

function adaptiveMaxPool(rank: 1 | 2 | 3, x: Tensor, size: OutputSize): PooledWithIndices {
  const lengths = lengthsOf('max', rank, x, size)
  if (divides(x, rank, lengths)) {
    const kernel = lengths.map((m, i) => x.shape.at(i - rank)! / m)
    return [maxPool1d, maxPool2d, maxPool3d][rank - 1](x, kernel, { returnIndices: true })
  }
  // the last axis first: of equals the first in row-major order wins; positions in the flat plane go along
  let found: PooledWithIndices = { values: x, indices: filledAs(x, x.shape, 0, 'int32') }
  for (let i = rank - 1; i >= 0; i--) {
    const axis = x.ndim - rank + i
    const step = sizeOf(x.shape.slice(axis + 1))
    if (lengths[i] === 0) {
      found = { values: found.values.narrow(axis, 0, 0), indices: found.indices.narrow(axis, 0, 0) }
      continue
    }
    const parts = bounds(x.shape[axis], lengths[i]).map(([start, end]) => {
      const best = max(found.values.narrow(axis, start, end - start), axis, { keepdim: true })
      const inner = gather(found.indices.narrow(axis, start, end - start), axis, best.indices)
      return { values: best.values, indices: best.indices.add(start).mul(step).add(inner) }
    })
    found = {
      values: cat(
        parts.map((p) => p.values),
        axis,
      ),
      indices: cat(
        parts.map((p) => p.indices),
        axis,
      ),
    }
  }
  return found
}

/** Options of adaptive maximum pooling. */
export interface AdaptiveMaxPoolOptions {
  /** Also gives where in the flat plane each value came from, int32. */
  returnIndices?: boolean
}
/** The kinds of {@link AdaptiveMaxPoolOptions}. */
export const adaptiveMaxPoolOptions = /* @__PURE__ */ defineOptions<AdaptiveMaxPoolOptions>({
  returnIndices: flag,
})
type WithIndices = AdaptiveMaxPoolOptions & { returnIndices: true }
type WithoutIndices = AdaptiveMaxPoolOptions & { returnIndices?: false }

/** The mean of windows that cut one axis into `size` parts: see {@link adaptiveAvgPool2d}. */
export const adaptiveAvgPool1d = (x: Tensor, size: OutputSize): Tensor => {
  takeTensor('adaptiveAvgPool1d', 'x', x)
  return adaptiveAvgPool(1, x, size)
}

/**
 * The mean of windows that cut the last two axes into as many parts as `size` says.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @param size - for both axes or each; null keeps an axis
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 */
export const adaptiveAvgPool2d = (x: Tensor, size: OutputSize): Tensor => {
  takeTensor('adaptiveAvgPool2d', 'x', x)
  return adaptiveAvgPool(2, x, size)
}

/** The mean of windows that cut the last three axes into as many parts as `size` says. */
export const adaptiveAvgPool3d = (x: Tensor, size: OutputSize): Tensor => {
  takeTensor('adaptiveAvgPool3d', 'x', x)
  return adaptiveAvgPool(3, x, size)
}

/** The largest value of windows that cut one axis into `size` parts. */
export function adaptiveMaxPool1d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool1d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool1d(
  x: Tensor,
  size: OutputSize,
  options?: AdaptiveMaxPoolOptions,
): Tensor | PooledWithIndices {
  takeTensor('adaptiveMaxPool1d', 'x', x)
  const { returnIndices = false } = takeOptions('adaptiveMaxPool1d', adaptiveMaxPoolOptions, options)
  const result = adaptiveMaxPool(1, x, size)
  return returnIndices ? result : result.values
}

/** The largest value of windows that cut the last two axes into as many parts as `size` says. */
export function adaptiveMaxPool2d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool2d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool2d(
  x: Tensor,
  size: OutputSize,
  options?: AdaptiveMaxPoolOptions,
): Tensor | PooledWithIndices {
  takeTensor('adaptiveMaxPool2d', 'x', x)
  const { returnIndices = false } = takeOptions('adaptiveMaxPool2d', adaptiveMaxPoolOptions, options)
  const result = adaptiveMaxPool(2, x, size)
  return returnIndices ? result : result.values
}

/** The largest value of windows that cut the last three axes into as many parts as `size` says. */
export function adaptiveMaxPool3d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool3d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool3d(
  x: Tensor,
  size: OutputSize,
  options?: AdaptiveMaxPoolOptions,
): Tensor | PooledWithIndices {
  takeTensor('adaptiveMaxPool3d', 'x', x)
  const { returnIndices = false } = takeOptions('adaptiveMaxPool3d', adaptiveMaxPoolOptions, options)
  const result = adaptiveMaxPool(3, x, size)
  return returnIndices ? result : result.values
}

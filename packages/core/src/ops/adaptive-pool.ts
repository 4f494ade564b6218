import { fromRaw } from '../create.ts'
import { ShapeError } from '../errors.ts'
import { encode } from '../host.ts'
import type { Shape } from '../layout.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { max } from './extremes.ts'
import { filledAs } from './fill.ts'
import { gather } from './gather.ts'
import { cat } from './join.ts'
import {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PooledWithIndices,
} from './pool.ts'

/** A size per axis, or one for all; null keeps the length of the axis. */
export type OutputSize = number | readonly (number | null)[]

function lengthsOf(name: string, rank: number, x: Tensor, size: OutputSize): Shape {
  if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
    throw new ShapeError(
      `${name}(): Expected ${rank + 1}D or ${rank + 2}D tensor, but got [${x.shape.join(', ')}]`,
    )
  }
  const sizes = typeof size === 'number' ? Array<number>(rank).fill(size) : size
  if (sizes.length !== rank)
    throw new ShapeError(`${name}: internal error: output_size.size() must be ${rank}`)
  return sizes.map((n, i) => n ?? x.shape.at(i - rank)!)
}

/** The windows of an axis of n positions cut into m: they overlap where m does not divide n. */
const bounds = (n: number, m: number): [start: number, end: number][] =>
  Array.from({ length: m }, (_, i) => [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)])

const divides = (x: Tensor, rank: number, lengths: Shape): boolean =>
  lengths.every((m, i) => m > 0 && x.shape.at(i - rank)! % m === 0)

function adaptiveAvgPool(rank: 1 | 2 | 3, x: Tensor, size: OutputSize): Tensor {
  const lengths = lengthsOf(`adaptive_avg_pool${rank}d`, rank, x, size)
  if (divides(x, rank, lengths)) {
    const kernel = lengths.map((m, i) => x.shape.at(i - rank)! / m)
    return [avgPool1d, avgPool2d, avgPool3d][rank - 1]!(x, kernel)
  }
  // one axis after the other, as a product with the matrix of shares
  return lengths.reduce((y, m, i) => {
    const axis = x.ndim - rank + i
    const n = y.shape[axis]!
    const shares = new Float64Array(n * m)
    bounds(n, m).forEach(([start, end], o) => {
      for (let p = start; p < end; p++) shares[p * m + o] = 1 / (end - start)
    })
    return y
      .transpose(axis, -1)
      .matmul(fromRaw(encode(shares, x.dtype), [n, m], x.dtype))
      .transpose(axis, -1)
  }, x)
}

function adaptiveMaxPool(rank: 1 | 2 | 3, x: Tensor, size: OutputSize): PooledWithIndices {
  const lengths = lengthsOf(`adaptive_max_pool${rank}d`, rank, x, size)
  if (divides(x, rank, lengths)) {
    const kernel = lengths.map((m, i) => x.shape.at(i - rank)! / m)
    return [maxPool1d, maxPool2d, maxPool3d][rank - 1]!(x, kernel, { returnIndices: true })
  }
  // the last axis first: of equals the first in row-major order wins; positions in the flat plane go along
  let found: PooledWithIndices = { values: x, indices: filledAs(x, x.shape, 0, 'int32') }
  for (let i = rank - 1; i >= 0; i--) {
    const axis = x.ndim - rank + i
    const step = sizeOf(x.shape.slice(axis + 1))
    const parts = bounds(x.shape[axis]!, lengths[i]!).map(([start, end]) => {
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

/** What adaptive maximum pooling takes. */
export interface AdaptiveMaxPoolOptions {
  /** Also gives where in the flat plane each value came from, int32. */
  returnIndices?: boolean
}
type WithIndices = AdaptiveMaxPoolOptions & { returnIndices: true }
type WithoutIndices = AdaptiveMaxPoolOptions & { returnIndices?: false }

/** The mean of windows that cut one axis into `size` parts: see {@link adaptiveAvgPool2d}. */
export const adaptiveAvgPool1d = (x: Tensor, size: OutputSize): Tensor => adaptiveAvgPool(1, x, size)

/**
 * The mean of windows that cut the last two axes into as many parts as `size` says.
 *
 * @param x - [n, channels, height, width] or [channels, height, width]
 * @param size - for both axes or each; null keeps an axis
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 */
export const adaptiveAvgPool2d = (x: Tensor, size: OutputSize): Tensor => adaptiveAvgPool(2, x, size)

/** The mean of windows that cut the last three axes into as many parts as `size` says. */
export const adaptiveAvgPool3d = (x: Tensor, size: OutputSize): Tensor => adaptiveAvgPool(3, x, size)

/** The largest value of windows that cut one axis into `size` parts. */
export function adaptiveMaxPool1d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool1d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool1d(
  x: Tensor,
  size: OutputSize,
  { returnIndices = false }: AdaptiveMaxPoolOptions = {},
): Tensor | PooledWithIndices {
  const result = adaptiveMaxPool(1, x, size)
  return returnIndices ? result : result.values
}

/** The largest value of windows that cut the last two axes into as many parts as `size` says. */
export function adaptiveMaxPool2d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool2d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool2d(
  x: Tensor,
  size: OutputSize,
  { returnIndices = false }: AdaptiveMaxPoolOptions = {},
): Tensor | PooledWithIndices {
  const result = adaptiveMaxPool(2, x, size)
  return returnIndices ? result : result.values
}

/** The largest value of windows that cut the last three axes into as many parts as `size` says. */
export function adaptiveMaxPool3d(x: Tensor, size: OutputSize, options?: WithoutIndices): Tensor
export function adaptiveMaxPool3d(x: Tensor, size: OutputSize, options: WithIndices): PooledWithIndices
export function adaptiveMaxPool3d(
  x: Tensor,
  size: OutputSize,
  { returnIndices = false }: AdaptiveMaxPoolOptions = {},
): Tensor | PooledWithIndices {
  const result = adaptiveMaxPool(3, x, size)
  return returnIndices ? result : result.values
}

import { isTensor, takeTensor } from '../../tensor/kind.ts'
import { view } from '../view/view.ts'
import { defineOptions, takeOptions, takeArgument } from '../../base/options.ts'
import { anything, flag, kind, listOf, number } from '../../base/kinds.ts'
import { describeValue } from '../../base/describe.ts'
import { encode, flatten, type Nested } from '../../tensor/elements.ts'
import { hostNumber, hostNumbers, readsValues, type HostReader } from '../../op/host-values.ts'
import { internals } from '../../op/internals.ts'
import { isInteger, type DType } from '../../base/dtype.ts'
import { ArgumentError, DTypeError, IndexError, ShapeError, ValueError } from '../../base/errors.ts'
import type { Shape } from '../../base/layout.ts'
import { gather, scatter, scatter_, scatterAdd, scatterAdd_ } from './gather.ts'
import { coordinatesOf, positionsOf } from './masked.ts'
import * as views from '../view/view.ts'
import { broadcastShapes, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** A bound of a {@link Slice}: a number, a one-element integer tensor, or nothing for the end of the axis. */
export type Bound = number | Tensor | null | undefined

/** Positions of an axis, `start:end:step` in Python: made by {@link sl}. */
export interface Slice {
  readonly start?: Bound
  readonly end?: Bound
  readonly step?: number
}

const bound = /* @__PURE__ */ kind<number | Tensor | null>(
  'a number, a tensor of one integer or null',
  (x) => x === null || typeof x === 'number' || isTensor(x),
)
const places = /* @__PURE__ */ listOf<Index>(/* @__PURE__ */ anything())
const sliceMembers = /* @__PURE__ */ defineOptions<Slice>({ start: bound, end: bound, step: number })

/**
 * Positions `start` to `end` (excluded) of an axis, every `step`-th: Python's `start:end:step` for {@link at}. Without
 * arguments all of them, `:`.
 *
 * @throws ValueError for a step below 1
 * @example
 * g.arange(6).at(g.sl(1, 5, 2)).tolist() // => [1, 3]
 */
export function sl(start?: Bound, end?: Bound, step = 1): Slice {
  if (start !== undefined) takeArgument('sl', 'start', bound, start)
  if (end !== undefined) takeArgument('sl', 'end', bound, end)
  takeArgument('sl', 'step', number, step)

  if (!(step > 0)) throw new ValueError('step must be greater than zero')
  return { start: start ?? null, end: end ?? null, step }
}

/**
 * One place of an index: a position, a slice, `null` for a new axis, `'...'` for all axes not named, a boolean, a tensor of
 * positions or a mask, or nested arrays of either.
 */
export type Index = number | boolean | null | '...' | Slice | Tensor | readonly Nested[]

const isNested = (i: Index): i is readonly Nested[] => Array.isArray(i)

const numberOf = (reader: HostReader, bound: Bound): number | null =>
  bound === null || bound === undefined ? null : hostNumber(reader, bound)

/** How many axes of the tensor an index takes up. */
function consumed(i: Index): number {
  if (i === null || i === '...' || typeof i === 'boolean') return 0
  if (isTensor(i)) return i.dtype === 'bool' || i.dtype === 'uint8' ? i.ndim : 1
  if (isNested(i)) return maskShape(i)?.length ?? 1
  return 1
}

const maskShape = (i: readonly Nested[]): Shape | null => {
  const { values, shape } = flatten(i)
  return values.length > 0 && values.every((v) => typeof v === 'boolean') ? shape : null
}

/** An index split: views are applied already, and each axis has a tensor of positions or null. */
interface Prepared {
  x: Tensor
  positions: (Positions | null)[]
}

/** Positions along one axis, each in its bounds, on the host. */
interface Positions {
  values: Int32Array
  shape: Shape
}

/** Refuses what is no index, before anything is read. */
function checkIndices(call: string, indices: readonly unknown[]): void {
  for (const i of indices) {
    if (i === '...' || i === null || isTensor(i) || Array.isArray(i)) continue
    if (typeof i === 'number' || typeof i === 'boolean') continue
    if (typeof i === 'object') takeOptions(call, sliceMembers, i)
    else
      throw new ArgumentError(
        `${call}: an index is a number, a boolean, null, '...', sl(start, end), a tensor or an array, got ${describeValue(i)}`,
      )
  }
}

function prepare(call: string, reader: HostReader, x: Tensor, indices: readonly Index[]): Prepared {
  takeArgument(call, 'indices', places, indices)
  checkIndices(call, indices)
  const used = indices.reduce((n: number, i) => n + consumed(i), 0)
  if (used > x.ndim) {
    if (x.ndim === 0) {
      throw new IndexError(
        'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number',
        { hint: 'x.item() reads a scalar' },
      )
    }
    throw new IndexError(`too many indices for tensor of dimension ${x.ndim}`)
  }
  if (indices.filter((i) => i === '...').length > 1)
    throw new IndexError('an index can only have a single ellipsis')
  const positions: (Positions | null)[] = []
  let y = x
  let axis = 0
  for (const i of indices) {
    if (i === '...') axis += x.ndim - used
    else if (i === null) y = views.unsqueeze(y, axis++)
    else if (typeof i === 'number') y = chosen(y, axis, i)
    else if (typeof i === 'boolean') {
      y = views.unsqueeze(y, axis)
      positions[axis++] = { values: i ? Int32Array.of(0) : new Int32Array(0), shape: [i ? 1 : 0] }
    } else if (!isTensor(i) && !isNested(i)) {
      y = views.slice(y, numberOf(reader, i.start), numberOf(reader, i.end), {
        axis: axis++,
        step: checkedStep(i.step),
      })
    } else if (isTensor(i) && i.ndim === 0 && i.dtype !== 'bool' && i.dtype !== 'uint8') {
      if (!isInteger(i.dtype)) throw badType()
      y = chosen(y, axis, hostNumber(reader, i))
    } else for (const p of advanced(reader, i, y, axis)) positions[axis++] = p
  }
  return { x: y, positions: y.shape.map((_, a) => positions[a] ?? null) }
}

const badType = (): DTypeError =>
  new DTypeError('tensors used as indices must be long, int, byte or bool tensors', {
    hint: "convert positions with .to('int32'), and masks with .to('bool')",
  })

function checkedStep(step = 1): number {
  if (!(step > 0)) throw new ValueError('step must be greater than zero')
  return step
}

function chosen(x: Tensor, axis: number, i: number): Tensor {
  if (!Number.isInteger(i)) throw new IndexError(`an index is an integer, got ${i}`)
  const n = x.shape[axis]
  if (i < -n || i >= n)
    throw new IndexError(`index ${i} is out of bounds for dimension ${axis} with size ${n}`)
  return views.select(x, axis, i)
}

function advanced(reader: HostReader, i: Tensor | readonly Nested[], x: Tensor, axis: number): Positions[] {
  if (isTensor(i)) {
    if (i.dtype === 'bool' || i.dtype === 'uint8') return masked(positionsOf(reader, i), i.shape, x, axis)
    if (!isInteger(i.dtype)) throw badType()
    return [bounded(hostNumbers(reader, i), i.shape, x, axis)]
  }
  const { values, shape } = flatten(i)
  if (maskShape(i)) return masked(Int32Array.from(values.flatMap((v, p) => (v ? [p] : []))), shape, x, axis)
  return [bounded(values.map(Number), shape, x, axis)]
}

function masked(found: Int32Array, shape: Shape, x: Tensor, axis: number): Positions[] {
  shape.forEach((n, a) => {
    if (x.shape[axis + a] !== n) {
      throw new IndexError(
        `The shape of the mask [${shape.join(', ')}] at index ${a} does not match the shape of the indexed tensor [${x.shape.join(', ')}] at index ${axis + a}`,
      )
    }
  })
  return coordinatesOf(found, shape).map((values) => ({ values, shape: [values.length] }))
}

function bounded(values: number[], shape: Shape, x: Tensor, axis: number): Positions {
  const n = x.shape[axis]
  const wrapped = Int32Array.from(values, (i) => {
    if (i < -n || i >= n)
      throw new IndexError(`index ${i} is out of bounds for dimension ${axis} with size ${n}`)
    return i < 0 ? i + n : i
  })
  return { values: wrapped, shape }
}

/** The indexed axes as one, in front: how to get there, and the positions on it. */
interface Joined {
  /** Order of the axes that brings the indexed ones to the front. */
  order: number[]
  length: number
  rest: Shape
  /** Positions on the joined axis, one per element of `shape`. */
  index: Int32Array
  shape: Shape
  /** Where the axes of `shape` stand in the result. */
  at: number
}

function join({ x, positions }: Prepared): Joined | null {
  const axes = positions.flatMap((p, a) => (p ? [a] : []))
  if (axes.length === 0) return null
  const given = axes.map((a) => positions[a]!)
  let shape: Shape
  try {
    shape = given.reduce<Shape>((s, p) => broadcastShapes(s, p.shape), [])
  } catch {
    throw new IndexError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${given.map((p) => `[${p.shape.join(', ')}]`).join(', ')}`,
    )
  }
  const others = positions.flatMap((p, a) => (p ? [] : [a]))
  const adjacent = axes.at(-1)! - axes[0] === axes.length - 1
  const lengths = axes.map((a) => x.shape[a])
  return {
    order: [...axes, ...others],
    length: sizeOf(lengths),
    rest: others.map((a) => x.shape[a]),
    index: flatPositions(given, lengths, shape),
    shape,
    at: adjacent ? axes[0] : 0,
  }
}

function flatPositions(given: readonly Positions[], lengths: readonly number[], shape: Shape): Int32Array {
  const flat = new Int32Array(sizeOf(shape))
  given.forEach((p, k) => {
    const step = sizeOf(lengths.slice(k + 1))
    // a shape aligned at the right: axes that are missing or of length 1 do not move
    const strides = shape.map((_, a) => {
      const own = a - (shape.length - p.shape.length)
      return own < 0 || p.shape[own] === 1 ? 0 : sizeOf(p.shape.slice(own + 1))
    })
    for (let i = 0; i < flat.length; i++) {
      let rest = i
      let from = 0
      for (let a = shape.length - 1; a >= 0; a--) {
        from += (rest % shape[a]) * strides[a]
        rest = Math.floor(rest / shape[a])
      }
      flat[i] += p.values[from] * step
    }
  })
  return flat
}

const inverse = (order: readonly number[]): number[] => order.map((_, i) => order.indexOf(i))

/** Axes `0..n` of a result moved to stand at `to`. */
const moveFront = (rank: number, n: number, to: number): number[] => {
  const rest = Array.from({ length: rank - n }, (_, i) => n + i)
  return [...rest.slice(0, to), ...Array.from({ length: n }, (_, i) => i), ...rest.slice(to)]
}

/** The index of {@link gather} for whole rows: one position per row, spread over its elements. */
const perElement = (x: Tensor, index: Int32Array, rest: number): Tensor =>
  internals(x).makeFrom(index, [index.length, 1], 'int32').expand([index.length, rest])

const atValues = /* @__PURE__ */ readsValues('at')

/**
 * The elements that an index picks: `x[i, j, …]` in Python.
 *
 * Numbers, slices, `null` and `'...'` alone give a view; tensors, masks and nested arrays give a copy. Several tensors are
 * broadcast together. Their axes replace the first of them if they are next to each other, and else stand in front. Numbers
 * are applied first and do not count as tensors, as in PyTorch.
 *
 * @throws IndexError with PyTorch's messages: out of bounds, too many indices, masks or tensors that do not fit
 * @see https://pytorch.org/docs/stable/tensor_view.html
 * @example
 * const x = g.tensor([[1, 2, 3], [4, 5, 6]])
 * x.at('...', -1).tolist() // => [3, 6]
 * x.at(g.sl(), [0, 2]).tolist() // => [[1, 3], [4, 6]]
 */
export function at(x: Tensor, ...indices: readonly Index[]): Tensor {
  takeTensor('at', 'x', x)

  const prepared = prepare('at', atValues, x, indices)
  const joined = join(prepared)
  if (!joined) return prepared.x === x ? views.view(x, x.shape) : prepared.x
  const { order, length, rest, index, shape } = joined
  const flat = prepared.x.permute(order).reshape([length, sizeOf(rest)])
  const picked = gather(flat, 0, perElement(x, index, sizeOf(rest))).reshape([...shape, ...rest])
  return picked.permute(moveFront(picked.ndim, shape.length, joined.at))
}

/** Options of {@link setAt_}. */
export interface SetAtOptions {
  /** Adds to the old value, as often as a position is named. Otherwise the last value for a position stays. */
  accumulate?: boolean
}
/** The kinds of {@link SetAtOptions}. */
export const setAtOptions = /* @__PURE__ */ defineOptions<SetAtOptions>({ accumulate: flag })

const setAtValues = /* @__PURE__ */ readsValues('setAt_')

/**
 * Writes a value where an index points: `x[i, j, …] = value` in Python.
 *
 * @param indices - as {@link at} takes them, in one array
 * @param value - broadcasts to what `at` would give; converted to the dtype of `x`
 * @throws IndexError as {@link at}; ShapeError for a value that does not broadcast
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
 * @example
 * const x = g.zeros(3)
 * x.setAt_([[0, 2]], 1)
 * x.tolist() // => [1, 0, 1]
 */
export function setAt_(
  x: Tensor,
  indices: readonly Index[],
  value: Tensor | number | boolean,
  options?: SetAtOptions,
): Tensor {
  takeTensor('setAt_', 'x', x)

  options = takeOptions('setAt_', setAtOptions, options)
  const { accumulate = false } = options
  const prepared = prepare('setAt_', setAtValues, x, indices)
  const joined = join(prepared)
  if (!joined) {
    if (accumulate) prepared.x.add_(value)
    else prepared.x.copy_(value)
    return x
  }
  const { order, length, rest, index } = joined
  const target = prepared.x.permute(order)
  const values = valuesFor(x.dtype, value, joined, prepared.x)
  const places = perElement(x, index, sizeOf(rest))
  const flatLayout = target.layout.reshape([length, sizeOf(rest)])
  if (flatLayout) {
    const flat = view(target, [length, sizeOf(rest)])
    if (accumulate) scatterAdd_(flat, 0, places, values)
    else scatter_(flat, 0, places, values)
    return x
  }
  const flat = target.reshape([length, sizeOf(rest)])
  const written = accumulate ? scatterAdd(flat, 0, places, values) : scatter(flat, 0, places, values)
  prepared.x.copy_(written.reshape(target.shape).permute(inverse(order)))
  return x
}

function valuesFor(dtype: DType, value: Tensor | number | boolean, joined: Joined, x: Tensor): Tensor {
  const { shape, rest } = joined
  const rank = shape.length + rest.length
  const order = moveFront(rank, shape.length, joined.at)
  const picked = [...shape, ...rest]
  const expected = order.map((a) => picked[a])
  const own =
    typeof value === 'object'
      ? value.to(dtype)
      : internals(x).makeFrom(encode([Number(value)], dtype), [], dtype)
  let spread: Tensor
  try {
    // leading axes of length 1 do not count
    let trimmed = own
    while (trimmed.ndim > expected.length && trimmed.shape[0] === 1) trimmed = trimmed.squeeze(0)
    spread = trimmed.expand(expected)
  } catch {
    throw new ShapeError(
      `shape mismatch: value tensor of shape [${own.shape.join(', ')}] cannot be broadcast to indexing result of shape [${expected.join(', ')}]`,
      { where: `setAt_(x: ${x.dtype}[${x.shape.join(', ')}])` },
    )
  }
  return spread.permute(inverse(order)).reshape([sizeOf(shape), sizeOf(rest)])
}

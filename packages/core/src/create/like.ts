import { diagonal, view } from '../ops/view/view.ts'
import { internals } from '../op/internals.ts'
import { hostNumber, readsValues, type HostReader } from '../op/host-values.ts'
import { isTensor, takeTensor } from '../tensor/kind.ts'
import { finish, full, tensor, tensorOptions, type TensorOptions, allocate, sequence } from './create.ts'
import { count, either, finite, flag, number, whole, plainValue } from '../base/kinds.ts'
import { takeArgument, takeOptions } from '../base/options.ts'
import { isInteger, type DType, type TypedArray } from '../base/dtype.ts'
import { ShapeError, ValueError } from '../base/errors.ts'
import { encode } from '../tensor/elements.ts'
import { layoutLike, type Shape } from '../base/layout.ts'
import { filledAs, fillView } from '../op/fill.ts'
import { checkCapacity, checkSizes } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Memory of the shape, dtype, memory order and backend of another tensor, uninitialised.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty_like.html
 */
export function emptyLike(x: Tensor, options?: TensorOptions): Tensor {
  takeTensor('emptyLike', 'x', x)

  const taken = takeOptions('emptyLike', tensorOptions, options)
  return finish(internals(x).makeAs(layoutLike(x.layout), taken.dtype ?? x.dtype), taken)
}

/** One value in the shape, dtype and memory order of another tensor. */
export function fullLike(x: Tensor, value: number | boolean, options?: TensorOptions): Tensor {
  takeArgument('fullLike', 'value', plainValue, value)
  takeTensor('fullLike', 'x', x)

  options = takeOptions('fullLike', tensorOptions, options)
  const out = internals(x).makeAs(layoutLike(x.layout), options.dtype ?? x.dtype)
  fillView(out.backend, out, Number(value))
  return finish(out, options)
}

/** Zeros in the shape, dtype and memory order of another tensor. */
export const zerosLike = (x: Tensor, options?: TensorOptions): Tensor => {
  takeTensor('zerosLike', 'x', x)
  return fullLike(x, 0, options)
}
/** Ones in the shape, dtype and memory order of another tensor. */
export const onesLike = (x: Tensor, options?: TensorOptions): Tensor => {
  takeTensor('onesLike', 'x', x)
  return fullLike(x, 1, options)
}

/**
 * A tensor of the elements of a typed array (copied), in the shape given or as a vector.
 *
 * @param options - `dtype` is that of the array by default
 * @see https://pytorch.org/docs/stable/generated/torch.from_numpy.html
 * @example
 * g.fromTypedArray(new Float32Array([1, 2, 3, 4]), [2, 2]).tolist() // => [[1, 2], [3, 4]]
 */
export function fromTypedArray(data: TypedArray, shape?: Shape, options?: TensorOptions): Tensor {
  const { requiresGrad, ...rest } = takeOptions('fromTypedArray', tensorOptions, options)
  const flat = tensor(data, rest)
  return finish(shape === undefined ? flat : view(flat, shape), requiresGrad ? { requiresGrad } : {})
}

/**
 * A matrix with ones on its main diagonal; float32 by default.
 *
 * @param n - rows
 * @param m - columns; `n` by default
 * @throws ShapeError for a negative number of either
 * @see https://pytorch.org/docs/stable/generated/torch.eye.html
 */
export function eye(n: number, m?: number | TensorOptions, options?: TensorOptions): Tensor {
  const columns = typeof m === 'number' ? m : n
  // options stand second where there are no columns
  if (typeof m !== 'number' && options !== undefined) takeArgument('eye', 'm', whole, m)
  const given = takeOptions('eye', tensorOptions, typeof m === 'number' ? options : m)
  takeArgument('eye', 'n', whole, n)
  takeArgument('eye', 'm', whole, columns)
  if (n < 0) throw new ShapeError(`n must be greater or equal to 0, got ${n}`)
  if (columns < 0) throw new ShapeError(`m must be greater or equal to 0, got ${columns}`)
  const x = full([n, columns], 0, { dtype: given.dtype ?? 'float32' })
  diagonal(x).fill_(1)
  return finish(x, given)
}

const linspaceValues = /* @__PURE__ */ readsValues('linspace')

/**
 * `steps` numbers from `start` to `end`, both included, evenly spaced; float32 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linspace.html
 * @example
 * g.linspace(0, 1, 3).tolist() // => [0, 0.5, 1]
 */
export function linspace(
  start: number | Tensor,
  end: number | Tensor,
  steps: number,
  options?: TensorOptions,
): Tensor {
  options = takeOptions('linspace', tensorOptions, options)
  const dtype = options.dtype ?? 'float32'
  return finish(sequence(steps, dtype, spaced(linspaceValues, [start, end], steps, dtype)), options)
}

const logspaceValues = /* @__PURE__ */ readsValues('logspace')

/** `steps` powers of `base` with exponents evenly spaced from `start` to `end`; float32 by default. */
export function logspace(
  start: number | Tensor,
  end: number | Tensor,
  steps: number,
  base = 10,
  options?: TensorOptions,
): Tensor {
  options = takeOptions('logspace', tensorOptions, options)
  const dtype = options.dtype ?? 'float32'
  takeArgument('logspace', 'base', finite, base)
  const exponent = spaced(logspaceValues, [start, end], steps, dtype)
  return finish(
    sequence(steps, dtype, (i) => base ** exponent(i)),
    options,
  )
}

/** A finite number, or the one of a tensor without axes. */
function scalar(reader: HostReader, name: string, x: number | Tensor): number {
  const value = isTensor(x) && x.ndim === 0 ? Number(hostNumber(reader, x)) : x
  return takeArgument(reader.op, name, finite, value)
}

function spaced(
  reader: HostReader,
  bounds: readonly [number | Tensor, number | Tensor],
  steps: number,
  dtype: DType,
): (i: number) => number {
  const [start, end] = [scalar(reader, 'start', bounds[0]), scalar(reader, 'end', bounds[1])]
  takeArgument(reader.op, 'steps', whole, steps)
  if (steps < 0) throw new ValueError('number of steps must be non-negative')
  // from both ends, as PyTorch, so that the last value is `end` itself; float32 rounds each operation
  const fl = dtype === 'float64' || isInteger(dtype) ? (x: number) => x : Math.fround
  const step = steps > 1 ? fl(fl(fl(end) - fl(start)) / (steps - 1)) : 0
  const half = Math.floor(steps / 2)
  return (i) =>
    i < half || steps === 1 ? fl(fl(start) + fl(step * i)) : fl(fl(end) - fl(step * (steps - i - 1)))
}

/** Row and column numbers of the elements on and below (tril) or above (triu) a diagonal: [2, n] of int64. */
function triangle(
  below: boolean,
  rows: number,
  columns: number,
  offset: number,
  options: TensorOptions,
): Tensor {
  const call = below ? 'trilIndices' : 'triuIndices'
  takeArgument(call, 'rows', count, rows)
  takeArgument(call, 'columns', count, columns)
  takeArgument(call, 'offset', whole, offset)
  // row i has the columns from `first` to `last`
  const first = (i: number): number => (below ? 0 : Math.min(columns, Math.max(0, i + offset)))
  const last = (i: number): number => (below ? Math.min(columns, Math.max(0, i + offset + 1)) : columns)
  const found = below
    ? lowerCount(rows, columns, offset)
    : rows * columns - lowerCount(rows, columns, offset - 1)
  checkCapacity(call, [2, found])
  const dtype = options.dtype ?? 'int64'
  const out = allocate(checkSizes([2, found]), dtype)
  const positions = new Float64Array(2 * found)
  // rows behind the last position have none
  for (let i = 0, at = 0; at < found; i++) {
    for (let j = first(i); j < last(i); j++, at++) {
      positions[at] = i
      positions[found + at] = j
    }
  }
  out.backend.write(out.storage.block, encode(positions, dtype))
  return finish(out, options)
}

/** Elements of a lower triangle: rows that grow by one, then whole ones. */
function lowerCount(rows: number, columns: number, offset: number): number {
  const from = Math.min(rows, Math.max(0, -offset))
  const until = Math.min(rows, Math.max(from, columns - offset))
  return ((until - from) * (from + until + 1 + 2 * offset)) / 2 + (rows - until) * columns
}

/** Positions of the lower triangle of a matrix, `[2, n]`; see {@link tril}. */
export const trilIndices = (rows: number, columns: number, offset = 0, options?: TensorOptions): Tensor => {
  takeArgument('trilIndices', 'rows', number, rows)
  return triangle(true, rows, columns, offset, takeOptions('trilIndices', tensorOptions, options))
}

/** Positions of the upper triangle of a matrix, `[2, n]`; see {@link triu}. */
export const triuIndices = (rows: number, columns: number, offset = 0, options?: TensorOptions): Tensor =>
  triangle(false, rows, columns, offset, takeOptions('triuIndices', tensorOptions, options))

/** One value in a shape of its own, with the dtype (unless another is given) and backend of another tensor. */
export function newFull(x: Tensor, shape: Shape, value: number | boolean, options?: TensorOptions): Tensor {
  takeArgument('newFull', 'value', plainValue, value)
  takeTensor('newFull', 'x', x)

  options = takeOptions('newFull', tensorOptions, options)
  return finish(filledAs(x, checkSizes(shape), Number(value), options.dtype ?? x.dtype), options)
}

/** Zeros in a shape of their own: see {@link newFull}. */
export const newZeros = (x: Tensor, shape: Shape, options?: TensorOptions): Tensor => {
  takeTensor('newZeros', 'x', x)
  return newFull(x, shape, 0, options)
}
/** Ones in a shape of their own: see {@link newFull}. */
export const newOnes = (x: Tensor, shape: Shape, options?: TensorOptions): Tensor => {
  takeTensor('newOnes', 'x', x)
  return newFull(x, shape, 1, options)
}
/** Uninitialised memory in a shape of its own: see {@link newFull}. */
export function newEmpty(x: Tensor, shape: Shape, options?: TensorOptions): Tensor {
  takeTensor('newEmpty', 'x', x)

  options = takeOptions('newEmpty', tensorOptions, options)
  return finish(internals(x).make(checkSizes(shape), options.dtype ?? x.dtype), options)
}

/**
 * A tensor of data, in the dtype of another tensor by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.new_tensor.html
 * @example
 * g.newTensor(g.zeros(1, { dtype: 'int32' }), [1, 2]).dtype // => 'int32'
 */
export const newTensor = (x: Tensor, data: Parameters<typeof tensor>[0], options?: TensorOptions): Tensor => {
  takeTensor('newTensor', 'x', x)
  return tensor(data, {
    ...takeOptions('newTensor', tensorOptions, options),
    dtype: options?.dtype ?? x.dtype,
  })
}

/**
 * A tensor without axes that holds one number, float32 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.scalar_tensor.html
 * @example
 * g.scalarTensor(3).shape // => []
 */
export const scalarTensor = (value: number | boolean, options?: TensorOptions): Tensor =>
  tensor(takeArgument('scalarTensor', 'value', either(number, flag), value), {
    ...takeOptions('scalarTensor', tensorOptions, options),
    dtype: options?.dtype ?? 'float32',
  })

import { internals } from '../../op/internals.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { hostNumbers, hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import { aTensor, takeTensor, takeTensorOrNull, takeOperand } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, integer, nullable, oneOf } from '../../base/kinds.ts'
import { encode } from '../../tensor/elements.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { isInteger } from '../../base/dtype.ts'
import { filledAs } from '../../op/fill.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { gather } from './gather.ts'
import { indexSelect } from './index-along.ts'
import { movedim } from '../view/axes.ts'

/** Options of {@link unique}. */
export interface UniqueOptions {
  /** The values always come sorted, as PyTorch's do on the CPU with either value. */
  sorted?: boolean
  /** Also gives where each element went. */
  returnInverse?: boolean
  /** Also gives how often each occurs. */
  returnCounts?: boolean
  /** Compares slices along this axis instead of elements. */
  dim?: number | null
}
/** The kinds of {@link UniqueOptions}. */
export const uniqueOptions = /* @__PURE__ */ defineOptions<UniqueOptions>({
  sorted: flag,
  returnInverse: flag,
  returnCounts: flag,
  dim: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})

/** Values, and where asked for, positions of the elements among them and numbers of occurrences: int64. */
export interface Unique {
  values: Tensor
  inverse?: Tensor
  counts?: Tensor
}

type Row = ArrayLike<number | bigint>

function compare(a: Row, b: Row): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] < b[i]) return -1
    if (a[i] > b[i]) return 1
    // NaN comes last, and is equal to nothing
    if (a[i] !== b[i]) return Number(a[i] !== a[i]) - Number(b[i] !== b[i]) || -1
  }
  return 0
}

/** Groups of equal neighbours, after `sort` by value. */
function grouped(
  reader: HostReader,
  x: Tensor,
  { returnInverse, returnCounts, dim = null }: UniqueOptions,
  sort: boolean,
): Unique {
  const flat = dim === null
  const axis = flat ? 0 : normalizeAxis(dim, x.ndim)
  const own = flat ? x.reshape([x.numel()]) : x
  const n = own.shape[axis] ?? 1
  const width = own.numel() / Math.max(1, n)
  const data = hostValues(reader, movedim(own, axis, 0))
  const row = (i: number): Row => data.subarray(i * width, (i + 1) * width)
  const order = Array.from({ length: n }, (_, i) => i)
  if (sort) order.sort((i, j) => compare(row(i), row(j)))
  const firsts: number[] = []
  const counts: number[] = []
  const inverse = new Int32Array(n)
  order.forEach((i, k) => {
    if (k === 0 || compare(row(order[k - 1]), row(i)) !== 0) {
      firsts.push(i)
      counts.push(0)
    }
    counts[counts.length - 1]++
    inverse[i] = firsts.length - 1
  })
  const integers = (values: ArrayLike<number>, shape: readonly number[]): Tensor =>
    tensorBeside(own, encode(values, 'int64'), shape, 'int64')
  return {
    values: indexSelect(
      own.detach(),
      axis,
      tensorBeside(own, Int32Array.from(firsts), [firsts.length], 'int32'),
    ),
    ...(returnInverse && { inverse: integers(inverse, flat ? x.shape : [n]) }),
    ...(returnCounts && { counts: integers(counts, [counts.length]) }),
  }
}

const uniqueValues = /* @__PURE__ */ readsValues('unique')

/**
 * The values that occur, in rising order; each NaN is one of its own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unique.html
 * @example
 * g.unique(g.tensor([3, 1, 3])).values.tolist() // => [1, 3]
 */
export const unique = (x: Tensor, options?: UniqueOptions): Unique => {
  takeTensor('unique', 'x', x)
  return grouped(uniqueValues, x, takeOptions('unique', uniqueOptions, options), true)
}

const consecutiveValues = /* @__PURE__ */ readsValues('uniqueConsecutive')

/** The first of each run of equal values. */
export const uniqueConsecutive = (x: Tensor, options?: UniqueOptions): Unique => {
  takeTensor('uniqueConsecutive', 'x', x)
  return grouped(consecutiveValues, x, takeOptions('uniqueConsecutive', uniqueOptions, options), false)
}

/** Options of {@link searchsorted}. */
export interface SearchOptions {
  /** Places a value after those equal to it; false by default. */
  right?: boolean
  /** 'right' is `right: true`. */
  side?: 'left' | 'right' | null
  /** Positions that sort rows which are not sorted, as `argsort` gives them. */
  sorter?: Tensor | null
  /** int32 instead of int64. */
  outInt32?: boolean
}
/** The kinds of {@link SearchOptions}. */
export const searchOptions = /* @__PURE__ */ defineOptions<SearchOptions>({
  right: flag,
  side: /* @__PURE__ */ nullable(/* @__PURE__ */ oneOf('left', 'right')),
  sorter: /* @__PURE__ */ nullable(aTensor),
  outInt32: flag,
})

const searchsortedValues = /* @__PURE__ */ readsValues('searchsorted')

/**
 * The positions at which values keep sorted rows sorted if they are inserted: int64.
 *
 * @param sorted - [..., n], or one row [n] for all values
 * @param values - [..., m], or a number
 * @see https://pytorch.org/docs/stable/generated/torch.searchsorted.html
 */
export const searchsorted = (sorted: Tensor, values: Tensor | number, options?: SearchOptions): Tensor => {
  takeTensor('searchsorted', 'sorted', sorted)
  takeOperand('searchsorted', 'values', values)
  return placesIn(searchsortedValues, sorted, values, takeOptions('searchsorted', searchOptions, options))
}

function placesIn(
  reader: HostReader,
  sorted: Tensor,
  values: Tensor | number,
  options: SearchOptions,
): Tensor {
  const right = options.side ? options.side === 'right' : (options.right ?? false)
  const dtype = options.outInt32 ? 'int32' : 'int64'
  const list = typeof values === 'number' ? internals(sorted).make([], sorted.dtype).fill_(values) : values
  const n = sorted.shape.at(-1) ?? 1
  const oneRow = sorted.ndim === 1
  if (
    !oneRow &&
    (list.ndim !== sorted.ndim || sorted.shape.slice(0, -1).some((s, a) => s !== list.shape[a]))
  ) {
    throw new ShapeError(
      `searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor [${sorted.shape.join(', ')}] and input value tensor [${list.shape.join(', ')}]`,
    )
  }
  const rows = hostValues(reader, options.sorter ? gather(sorted, -1, options.sorter) : sorted)
  const wanted = hostValues(reader, list)
  const each = oneRow ? wanted.length : (list.shape.at(-1) ?? 1)
  const found = Int32Array.from({ length: wanted.length }, (_, i) => {
    const from = oneRow ? 0 : Math.floor(i / each) * n
    let [low, high] = [0, n]
    while (low < high) {
      const middle = (low + high) >> 1
      const value = Number(rows[from + middle])
      if (
        right
          ? !(value > Number(wanted[i]))
          : value < Number(wanted[i]) || (wanted[i] !== wanted[i] && value === value)
      )
        low = middle + 1
      else high = middle
    }
    return low
  })
  return tensorBeside(list, encode(found, dtype), list.shape, dtype)
}

const bucketizeValues = /* @__PURE__ */ readsValues('bucketize')

/**
 * The bucket of each value between sorted boundaries: {@link searchsorted} with the arguments exchanged.
 *
 * @param boundaries - [n], rising
 * @see https://pytorch.org/docs/stable/generated/torch.bucketize.html
 */
export function bucketize(x: Tensor | number, boundaries: Tensor, options?: SearchOptions): Tensor {
  takeOperand('bucketize', 'x', x)
  takeTensor('bucketize', 'boundaries', boundaries)

  options = takeOptions('bucketize', searchOptions, options)
  if (boundaries.ndim !== 1)
    throw new ShapeError(
      `bucketize(): boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`,
    )
  return placesIn(bucketizeValues, boundaries, x, options)
}

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** Smallest length of the result; 0 by default. */
  minlength?: number
}
const bincountOptions = /* @__PURE__ */ defineOptions<BincountOptions>({
  minlength: /* @__PURE__ */ integer(),
})

const bincountValues = /* @__PURE__ */ readsValues('bincount')

/**
 * How often each number from 0 on occurs in a vector: int64; with weights, their sums, in float32 where the weights are that,
 * else in float64.
 *
 * @param weights - one per number, of any dtype, or null for 1
 * @throws ValueError for negative numbers; DTypeError for floats and booleans; ShapeError unless `weights` has one per number
 * @see https://pytorch.org/docs/stable/generated/torch.bincount.html
 * @example
 * const x = g.tensor([0, 2, 2], { dtype: 'int32' })
 * g.bincount(x).tolist() // => [1, 0, 2]
 * g.bincount(x, g.tensor([1, 2, 3], { dtype: 'int32' })).tolist() // => [1, 0, 5]
 */
export function bincount(x: Tensor, weights: Tensor | null = null, options?: BincountOptions): Tensor {
  takeTensor('bincount', 'x', x)
  takeTensorOrNull('bincount', 'weights', weights)

  const { minlength = 0 } = takeOptions('bincount', bincountOptions, options)
  if (minlength < 0) throw new ValueError('minlength should be >= 0')
  if (x.ndim !== 1) throw new ShapeError('bincount only supports 1-d non-negative integral inputs.')
  // an empty vector counts nothing, whatever its dtype
  if (x.numel() === 0) return filledAs(x, [minlength], 0, 'int64')
  if (!isInteger(x.dtype)) {
    throw new DTypeError(`bincount counts integers, not ${x.dtype}`, {
      hint: `convert them: .to('int64')`,
    })
  }
  if (weights && (weights.ndim !== 1 || weights.numel() !== x.numel()))
    throw new ShapeError('weights should be 1-d and have the same length as input')
  const values = hostNumbers(bincountValues, x)
  if (values.some((v) => v < 0))
    throw new ValueError('bincount only supports 1-d non-negative integral inputs.')
  const shares = weights && hostNumbers(bincountValues, weights)
  const length = values.reduce((n, v) => Math.max(n, v + 1), minlength)
  const dtype = weights ? (weights.dtype === 'float32' ? 'float32' : 'float64') : 'int64'
  // the result is made first: a length that cannot be had fails before anything is counted
  const out = filledAs(x, [length], 0, dtype)
  const counts = new Float64Array(length)
  values.forEach((v, i) => (counts[v] += shares ? shares[i] : 1))
  out.backend.write(out.storage.block, encode(counts, dtype))
  return out
}

/** Options of {@link isin}. */
export interface IsinOptions {
  /** Whether elements that are not among the tests answer true; false by default. */
  invert?: boolean
}
const isinOptions = /* @__PURE__ */ defineOptions<IsinOptions>({ invert: flag })

const isinValues = /* @__PURE__ */ readsValues('isin')

/** Whether each element of `x` is one of the test elements. */
export function isin(x: Tensor, tests: Tensor | number, options?: IsinOptions): Tensor {
  takeTensor('isin', 'x', x)
  takeOperand('isin', 'tests', tests)

  const { invert = false } = takeOptions('isin', isinOptions, options)
  const known = new Set(typeof tests === 'number' ? [tests] : hostNumbers(isinValues, tests))
  const hits = hostNumbers(isinValues, x).map((v) => known.has(v) !== invert)
  return tensorBeside(x, encode(hits, 'bool'), x.shape, 'bool')
}

import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { flag, whole } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { ShapeError, ValueError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { under } from '../../op/row-program.ts'
import { picked, type ValuesAndIndices } from './extremes.ts'

interface Sort {
  axis: number
  descending: boolean
}
const sortOp = /* @__PURE__ */ defineOp({
  name: 'sort',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Sort>(),
  infer: ({ x }) => ({
    values: { shape: x.shape, dtype: x.dtype },
    indices: { shape: x.shape, dtype: 'int32' },
  }),
  kernel(on, { x }, { values, indices }, { axis, descending }) {
    const [from, to, at] = [x, values, indices].map((v) =>
      v.layout.rank === 0 ? under(v, v.layout.unsqueeze(0)) : v,
    )
    on.sort(from, axis, descending, to, at)
  },
  vjp: {
    x: saving(['indices'], (g, { indices }, { axis }: Sort, { x }) =>
      picked(g, indices, x.shape, { axes: x.shape.length === 0 ? [] : [axis], keepdim: true }),
    ),
  },
})

/** Options of {@link sort}. */
export interface SortOptions {
  /** From the largest down; false by default. */
  descending?: boolean
  /** Equal elements keep their order with either value, as `true` asks for. */
  stable?: boolean
}
/** The kinds of {@link SortOptions}. */
export const sortOptions = /* @__PURE__ */ defineOptions<SortOptions>({ descending: flag, stable: flag })

/**
 * Values in order along an axis, and where each came from, int32. Equal ones keep their order; NaN counts as largest.
 *
 * @param axis - the last by default
 * @see https://pytorch.org/docs/stable/generated/torch.sort.html
 * @example
 * g.sort(g.tensor([3, 1, 2])).indices.tolist() // => [1, 2, 0]
 */
export const sort = (x: Tensor, axis = -1, options?: SortOptions): ValuesAndIndices => {
  takeTensor('sort', 'x', x)

  const { descending = false } = takeOptions('sort', sortOptions, options)
  return sortOp({ x }, { axis: normalizeAxis(axis, x.ndim), descending })
}

/** The positions of {@link sort} alone. */
export const argsort = (x: Tensor, axis = -1, options?: SortOptions): Tensor => {
  takeTensor('argsort', 'x', x)
  return sort(x.detach(), axis, takeOptions('argsort', sortOptions, options)).indices
}

/** Options of {@link topk}. */
export interface TopkOptions {
  /** The largest, or with `false` the smallest. */
  largest?: boolean
  /** The values come in order with either value; `false` allows any order. */
  sorted?: boolean
}
/** The kinds of {@link TopkOptions}. */
export const topkOptions = /* @__PURE__ */ defineOptions<TopkOptions>({ largest: flag, sorted: flag })

/**
 * The `k` largest values along an axis in falling order, and where they were, int32.
 *
 * @param axis - the last by default
 * @throws ValueError for a k beyond the axis
 * @see https://pytorch.org/docs/stable/generated/torch.topk.html
 */
export function topk(x: Tensor, k: number, axis = -1, options?: TopkOptions): ValuesAndIndices {
  takeTensor('topk', 'x', x)

  takeArgument('topk', 'k', whole, k)
  const { largest = true } = takeOptions('topk', topkOptions, options)
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a] ?? 1
  if (!(k >= 0 && k <= n)) throw new ValueError('selected index k out of range')
  const { values, indices } = sort(x, a, { descending: largest })
  if (x.ndim === 0) return { values, indices }
  return { values: values.narrow(a, 0, k).clone(), indices: indices.narrow(a, 0, k).clone() }
}

/** Options of {@link kthvalue}. */
export interface KeepdimOptions {
  keepdim?: boolean
}
/** The kinds of {@link KeepdimOptions}. */
export const keepdimOptions = /* @__PURE__ */ defineOptions<KeepdimOptions>({ keepdim: flag })

/**
 * The `k`-th smallest value along an axis, counted from 1, and where it was, int32.
 *
 * @param axis - the last by default
 * @throws ValueError for a k below 1 or beyond the axis
 * @see https://pytorch.org/docs/stable/generated/torch.kthvalue.html
 */
export function kthvalue(x: Tensor, k: number, axis = -1, options?: KeepdimOptions): ValuesAndIndices {
  takeTensor('kthvalue', 'x', x)

  takeArgument('kthvalue', 'k', whole, k)
  const { keepdim = false } = takeOptions('kthvalue', keepdimOptions, options)
  const a = normalizeAxis(axis, x.ndim)
  const n = x.shape[a] ?? 1
  if (n === 0) throw new ShapeError(`kthvalue(): Expected reduction dim ${a} to have non-zero size.`)
  if (!(k >= 1 && k <= n))
    throw new ValueError('kthvalue(): selected number k out of range for dimension ' + a)
  const sorted = sort(x, a)
  if (x.ndim === 0) return sorted
  const pick = (y: Tensor): Tensor => (keepdim ? y.narrow(a, k - 1, 1) : y.select(a, k - 1)).clone()
  return { values: pick(sorted.values), indices: pick(sorted.indices) }
}

/** Values sorted along axis 0. */
export const msort = (x: Tensor): Tensor => {
  takeTensor('msort', 'x', x)
  return sort(x, 0).values
}

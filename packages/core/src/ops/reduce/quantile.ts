import { takeTensor, takeOperand } from '../../tensor/kind.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, oneOf } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { encode } from '../../tensor/elements.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { checkNonEmpty, picked, type ValuesAndIndices } from './extremes.ts'
import { tensorBeside, writeView } from '../../op/host-kernel.ts'
import { hostNumbers, hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import { rows } from '../../op/row-program.ts'
import { reducedShape, reduceOf, type Reduce, type ReduceOptions, reduceOptions } from './reduce.ts'
import { gather } from '../index/gather.ts'
import { movedim } from '../view/axes.ts'
import { sort } from './sort.ts'
import { lerp } from '../elementwise/ternary.ts'

/** Options of {@link quantile}. */
export interface QuantileOptions {
  keepdim?: boolean
  /** Between two neighbours: on the line between them by default. */
  interpolation?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
}
/** The kinds of {@link QuantileOptions}. */
export const quantileOptions = /* @__PURE__ */ defineOptions<QuantileOptions>({
  keepdim: flag,
  interpolation: /* @__PURE__ */ oneOf('linear', 'lower', 'higher', 'midpoint', 'nearest'),
})

const quantileValues = /* @__PURE__ */ readsValues('quantile')
const nanquantileValues = /* @__PURE__ */ readsValues('nanquantile')

function quantiles(
  reader: HostReader,
  x: Tensor,
  q: Tensor | number,
  axis: number | null | undefined,
  { keepdim = false, interpolation = 'linear' }: QuantileOptions,
  skipNaN: boolean,
): Tensor {
  const name = reader.op
  if (!isFloat(x.dtype)) throw new DTypeError(`${name}() input tensor must be either float or double dtype`)
  if (x.numel() === 0) throw new ShapeError(`${name}() input tensor must be non-empty`)
  const qs = typeof q === 'number' ? [q] : hostNumbers(reader, q)
  if (qs.some((p) => !(p >= 0 && p <= 1)))
    throw new ValueError(`${name}() q values must be in the range [0, 1]`)
  const all = axis === undefined || axis === null
  const a = all ? 0 : normalizeAxis(axis, x.ndim)
  const own = all || x.ndim === 0 ? x.reshape([x.numel()]) : movedim(x, a, -1)
  const n = own.shape.at(-1)!
  const sorted = sort(own, -1).values
  const data = hostValues(reader, sorted)
  const rows = data.length / n
  // per quantile and row: the neighbours, and how far between them
  const [low, high, share] = [
    new Int32Array(rows * qs.length),
    new Int32Array(rows * qs.length),
    new Float64Array(rows * qs.length),
  ]
  for (let row = 0; row < rows; row++) {
    let count = n
    // NaN is sorted to the end
    while (count > 0 && Number.isNaN(Number(data[row * n + count - 1]))) count--
    const broken = count === 0 || (count < n && !skipNaN)
    qs.forEach((p, k) => {
      const rank = broken ? n - 1 : p * (count - 1)
      const at = row * qs.length + k
      const nearest = Math.round(rank) - (rank % 1 === 0.5 && Math.round(rank) % 2 === 1 ? 1 : 0)
      low[at] =
        interpolation === 'higher'
          ? Math.ceil(rank)
          : interpolation === 'nearest'
            ? nearest
            : Math.floor(rank)
      high[at] =
        interpolation === 'lower' ? Math.floor(rank) : interpolation === 'nearest' ? nearest : Math.ceil(rank)
      share[at] =
        interpolation === 'midpoint' ? 0.5 : interpolation === 'linear' ? rank - Math.floor(rank) : 0
    })
  }
  const shape = [...own.shape.slice(0, -1), qs.length]
  const pick = (at: Int32Array): Tensor => gather(sorted, -1, tensorBeside(sorted, at, shape, 'int32'))
  const between = lerp(pick(low), pick(high), tensorBeside(sorted, encode(share, x.dtype), shape, x.dtype))
  const kept = all ? x.shape.map(() => 1) : x.shape.map((m, i) => (i === a ? 1 : m))
  const front = movedim(between, -1, 0)
  const spread = keepdim ? front.reshape([qs.length, ...kept]) : front
  return typeof q === 'number' || q.ndim === 0 ? spread.select(0, 0) : spread
}

/**
 * Values below which given shares of the elements lie, over all or along an axis; NaN where any element is.
 *
 * @param q - in [0, 1]; a vector of them adds a leading axis
 * @see https://pytorch.org/docs/stable/generated/torch.quantile.html
 * @example
 * g.quantile(g.tensor([0, 1, 2, 3]), 0.5).item() // => 1.5
 */
export const quantile = (
  x: Tensor,
  q: Tensor | number,
  axis?: number | null,
  options?: QuantileOptions,
): Tensor => {
  takeTensor('quantile', 'x', x)
  takeOperand('quantile', 'q', q)
  return quantiles(quantileValues, x, q, axis, takeOptions('quantile', quantileOptions, options), false)
}

/** {@link quantile} of the elements that are not NaN. */
export const nanquantile = (
  x: Tensor,
  q: Tensor | number,
  axis?: number | null,
  options?: QuantileOptions,
): Tensor => {
  takeTensor('nanquantile', 'x', x)
  takeOperand('nanquantile', 'q', q)
  return quantiles(nanquantileValues, x, q, axis, takeOptions('nanquantile', quantileOptions, options), true)
}

const modeValues = /* @__PURE__ */ readsValues('mode')
const modeOp = /* @__PURE__ */ defineOp({
  name: 'mode',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Reduce>(),
  infer({ x }, attrs) {
    checkNonEmpty('mode', x, attrs.axes, false)
    const shape = reducedShape(x.shape, attrs)
    return { values: { shape, dtype: x.dtype }, indices: { shape, dtype: 'int32' } }
  },
  kernel(on, { x }, { values, indices }, { axes }) {
    const data = hostValues(modeValues, rows(x, axes), on)
    const n = axes.reduce((m, a) => m * x.layout.shape[a], 1)
    const at = Array.from({ length: values.layout.size }, (_, row) =>
      mostFrequent(data.subarray(row * n, (row + 1) * n)),
    )
    writeView(on, indices, at)
    writeView(
      on,
      values,
      at.map((i, row) => data[row * n + i]),
    )
  },
  vjp: {
    x: saving(['indices'], (g, { indices }, attrs: Reduce, { x }) => picked(g, indices, x.shape, attrs)),
  },
})

/**
 * The most frequent value along an axis (the smallest of equals) and where it occurs last, int32.
 *
 * @param axis - the last by default
 * @see https://pytorch.org/docs/stable/generated/torch.mode.html
 */
export const mode = (x: Tensor, axis = -1, options?: ReduceOptions): ValuesAndIndices => {
  takeTensor('mode', 'x', x)
  return modeOp({ x }, reduceOf(x, axis, takeOptions('mode', reduceOptions, options)))
}

function mostFrequent(row: ArrayLike<number | bigint>): number {
  const counts = new Map<number | bigint, number>()
  for (let i = 0; i < row.length; i++) counts.set(row[i], (counts.get(row[i]) ?? 0) + 1)
  let best = row[0]
  for (const [value, count] of counts) {
    const most = counts.get(best)!
    if (count > most || (count === most && value < best)) best = value
  }
  for (let i = row.length - 1; i >= 0; i--) if (row[i] === best) return i
  return 0
}

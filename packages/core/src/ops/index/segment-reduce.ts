import { nullable, oneOf, real, whole, flag } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { normalizeAxis, sizeOf } from '../../base/shape.ts'
import { filledAs } from '../../op/fill.ts'
import { internals } from '../../op/internals.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { hostNumbers, readsValues } from '../../op/host-values.ts'
import { encode } from '../../tensor/elements.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { scatterReduce } from './scatter-reduce.ts'

const reductions = /* @__PURE__ */ oneOf('sum', 'mean', 'max', 'min', 'prod')
type Reduction = 'sum' | 'mean' | 'max' | 'min' | 'prod'

/** Options of {@link segmentReduce}. */
export interface SegmentReduceOptions {
  /** How long each segment is, along the last axis; this or `offsets`. */
  lengths?: Tensor | null
  /** Where each segment begins, and where the last ends. */
  offsets?: Tensor | null
  /** The axis that is cut into segments; 0 by default. */
  axis?: number
  /** Where a reduction begins; what changes nothing by default, and NaN for the mean of nothing. */
  initial?: number | null
  /** Whether lengths go unchecked; false by default. */
  unsafe?: boolean
}
const segmentOptions = /* @__PURE__ */ defineOptions<SegmentReduceOptions>({
  lengths: /* @__PURE__ */ nullable(aTensor),
  offsets: /* @__PURE__ */ nullable(aTensor),
  axis: whole,
  initial: /* @__PURE__ */ nullable(real),
  unsafe: flag,
})
const segmentValues = /* @__PURE__ */ readsValues('segmentReduce')

const neutral: Readonly<Record<Reduction, number>> = {
  sum: 0,
  mean: 0,
  max: -Infinity,
  min: Infinity,
  prod: 1,
}

/**
 * Neighbours along an axis combined, segment by segment.
 *
 * @param x - floating
 * @param reduce - 'sum', 'mean', 'max', 'min' or 'prod'
 * @throws ShapeError for segments that do not cover the axis; ValueError for negative lengths and without segments
 * @see https://pytorch.org/docs/stable/generated/torch.segment_reduce.html
 * @example
 * const lengths = g.tensor([2, 1], { dtype: 'int64' })
 * g.segmentReduce(g.tensor([1, 2, 5]), 'sum', { lengths }).tolist() // => [3, 5]
 */
export function segmentReduce(x: Tensor, reduce: Reduction, options?: SegmentReduceOptions): Tensor {
  takeTensor('segmentReduce', 'x', x)
  takeArgument('segmentReduce', 'reduce', reductions, reduce)
  const taken = takeOptions('segmentReduce', segmentOptions, options)
  const { axis: given = 0, initial = null, unsafe = false } = taken
  if (!isFloat(x.dtype)) throw new DTypeError(`"segment_reduce" not implemented for '${x.dtype}'`)
  const axis = normalizeAxis(given, x.ndim)
  const lead = x.shape.slice(0, axis)
  const rows = lengthsOf(taken, sizeOf(lead))
  const n = x.shape[axis]
  const segments = rows[0]?.length ?? 0
  for (const row of rows) {
    if (row.some((length) => length < 0)) throw new ValueError('lengths contains negative value!')
    if (!unsafe && row.reduce((a, b) => a + b, 0) !== n) {
      throw new ShapeError(
        `segmentReduce(): Expected all rows of lengths along axis to sum to data.size(${axis}) when !unsafe`,
      )
    }
  }
  const index = new Int32Array(rows.length * n)
  rows.forEach((row, r) => {
    let at = r * n
    row.forEach((length, s) => {
      for (let i = 0; i < length && at < (r + 1) * n; i++) index[at++] = s
    })
  })
  const rest = x.shape.slice(axis + 1)
  const start = filledAs(x, [rows.length, segments, ...rest], initial ?? neutral[reduce])
  const places = internals(x)
    .makeFrom(index, [rows.length, n, ...rest.map(() => 1)], 'int32')
    .expand([rows.length, n, ...rest])
  const source = x.reshape([rows.length, n, ...rest])
  const kind = reduce === 'max' ? 'amax' : reduce === 'min' ? 'amin' : reduce === 'mean' ? 'sum' : reduce
  let out = scatterReduce(start, 1, places, source, kind)
  if (reduce === 'mean') {
    // the mean of nothing is where the reduction begins, if that is said
    const counts = rows.flat().map((length) => (length === 0 && initial !== null ? 1 : length))
    const divisor = tensorBeside(x, encode(counts, x.dtype), [rows.length, segments], x.dtype)
    out = out.div(divisor.reshape([rows.length, segments, ...rest.map(() => 1)]))
  }
  return out.reshape([...lead, segments, ...rest])
}

/** The lengths of segments, a list for each row before the axis. */
function lengthsOf({ lengths = null, offsets = null }: SegmentReduceOptions, rows: number): number[][] {
  const given = lengths ?? offsets
  if (given === null) throw new ValueError('segmentReduce(): Either lengths or offsets must be defined')
  const values = hostNumbers(segmentValues, given)
  const width = values.length / Math.max(1, rows)
  if (!Number.isInteger(width)) {
    throw new ShapeError(
      `segmentReduce(): expected segments for each of ${rows} rows, got [${given.shape.join(', ')}]`,
    )
  }
  return Array.from({ length: rows }, (_, r) => {
    const row = values.slice(r * width, (r + 1) * width)
    return lengths ? row : row.slice(1).map((end, i) => end - row[i])
  })
}

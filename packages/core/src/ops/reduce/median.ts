import { takeTensor } from '../../tensor/kind.ts'
import { takeOptions } from '../../base/options.ts'
import { defineOp } from '../../op/define-op.ts'
import type { Backend, View } from '../../backend/types.ts'
import { attributes, saving, type Meta } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { checkNonEmpty, picked, shared, type ValuesAndIndices } from './extremes.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { reducedShape, reduceOf, type Reduce, type ReduceOptions, reduceOptions } from './reduce.ts'
import { rows } from '../../op/row-program.ts'

interface Median extends Reduce {
  /** Leaves NaN out instead of answering with it. */
  skipNaN: boolean
  name: string
  all: boolean
}

/** Position of the lower median in a row: of the first NaN where NaN counts. */
function medianAt(row: ArrayLike<number | bigint>, skipNaN: boolean): number {
  const order: number[] = []
  for (let i = 0; i < row.length; i++) {
    if (row[i] === row[i]) order.push(i)
    else if (!skipNaN) return i
  }
  if (order.length === 0) return 0
  order.sort((i, j) => (row[i] < row[j] ? -1 : row[i] > row[j] ? 1 : 0))
  return order[(order.length - 1) >> 1]
}

const inferMedian = ({ x }: { x: Meta }, attrs: Median): { values: Meta; indices: Meta } => {
  if (!attrs.all) checkNonEmpty(attrs.name, x, attrs.axes, false)
  const shape = reducedShape(x.shape, attrs)
  return { values: { shape, dtype: x.dtype }, indices: { shape, dtype: 'int32' } }
}

const medianValues = /* @__PURE__ */ readsValues('median')
const nanmedianValues = /* @__PURE__ */ readsValues('nanmedian')

function medianKernel(
  on: Backend,
  { x }: { x: View },
  { values, indices }: { values: View; indices: View },
  { axes, skipNaN }: Median,
): void {
  const data = hostValues(skipNaN ? nanmedianValues : medianValues, rows(x, axes), on)
  const n = axes.reduce((m, a) => m * x.layout.shape[a], 1)
  const count = values.layout.size
  const at = Array.from({ length: count }, (_, row) =>
    medianAt(data.subarray(row * n, (row + 1) * n), skipNaN),
  )
  writeView(on, indices, at)
  writeView(
    on,
    values,
    at.map((i, row) => data[row * n + i] ?? NaN),
  )
}

// equal elements share the gradient
const medianOfAllOp = /* @__PURE__ */ defineOp({
  name: 'median',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Median>(),
  infer: inferMedian,
  kernel: medianKernel,
  vjp: { x: saving(['x', 'values'], (g, { x, values }, attrs: Median) => shared(g, x, values, attrs)) },
})

// the element that `indices` names takes the gradient: x may be written afterwards
const medianAlongOp = /* @__PURE__ */ defineOp({
  name: 'median',
  inputs: ['x'],
  outputs: ['values', 'indices'],
  index: ['indices'],
  attrs: attributes<Median>(),
  infer: inferMedian,
  kernel: medianKernel,
  vjp: {
    x: saving(['indices'], (g, { indices }, attrs: Median, { x }) => picked(g, indices, x.shape, attrs)),
  },
})

function median_(
  x: Tensor,
  axis: number | null | undefined,
  options: ReduceOptions,
  skipNaN: boolean,
): Tensor | ValuesAndIndices {
  const all = axis === undefined || axis === null
  const reduce = reduceOf(x, axis, all ? {} : options)
  const op = all ? medianOfAllOp : medianAlongOp
  const result = op({ x }, { ...reduce, skipNaN, all, name: skipNaN ? 'nanmedian' : 'median' })
  return all ? result.values : result
}

/**
 * The median of all elements, or of each row along an axis with its position, int32. Of an even number the lower one; NaN
 * if any element is, or there are none.
 *
 * Over all elements equal ones share the gradient; along an axis the one that `indices` names takes it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.median.html
 * @example
 * g.median(g.tensor([4, 1, 3, 2])).item() // => 2
 */
export function median(x: Tensor): Tensor
export function median(x: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
export function median(x: Tensor, axis?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  options = takeOptions('median', reduceOptions, options)
  return median_(x, axis, options, false)
}

/** {@link median} of the elements that are not NaN. */
export function nanmedian(x: Tensor): Tensor
export function nanmedian(x: Tensor, axis: number, options?: ReduceOptions): ValuesAndIndices
export function nanmedian(x: Tensor, axis?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  takeTensor('nanmedian', 'x', x)
  options = takeOptions('nanmedian', reduceOptions, options)
  return median_(x, axis, options, true)
}

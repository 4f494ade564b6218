import { describeValue } from '../../base/describe.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { tapeOfWrite } from '../../op/dispatch.ts'
import { clone } from '../elementwise/convert.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { iinfo, isFloat, isInteger, type DType } from '../../base/dtype.ts'
import { ValueError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { normalizeAxis } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { floorDivide } from '../elementwise/arithmetic.ts'
import { eq } from '../elementwise/compare.ts'
import { tied } from '../reduce/extremes.ts'
import { filledAs } from '../../op/fill.ts'
import { asIndex, checkScatter, gather, scatter, scatterAdd } from './gather.ts'
import { spreadIndex } from './index-along.ts'
import { logicalAnd } from '../elementwise/logical.ts'
import { clampMin, where } from '../elementwise/ternary.ts'

/** How {@link scatterReduce} combines values that meet. */
export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin'

type Kind = 'prod' | 'max' | 'min'
interface Attrs {
  axis: number
  kind: Kind
  /** Whether the old value takes part. Otherwise x holds the identity of the reduction there. */
  includeSelf: boolean
}

/** The identity of the reduction: a value that changes nothing. */
function identityOf(kind: Kind, dtype: DType): number {
  if (kind === 'prod') return 1
  if (isFloat(dtype)) return kind === 'max' ? -Infinity : Infinity
  if (!isInteger(dtype)) return kind === 'max' ? 0 : 1
  const { min, max } = iinfo(dtype)
  return Number(kind === 'max' ? min : max)
}

const reduceOp = /* @__PURE__ */ defineOp({
  name: 'scatterReduce',
  inputs: ['x', 'index', 'src'],
  attrs: attributes<Attrs>(),
  infer({ x, index, src }, { axis }) {
    checkScatter('scatter', x, index, src, axis)
    return { shape: x.shape, dtype: x.dtype }
  },
  kernel(on, { x, index, src }, { out }, { axis, kind }) {
    on.copy(x, out)
    on.scatter(kind, src, index, axis, out)
  },
  vjp: savingAll(['x', 'index', 'src', 'out'], ([g], { x, index, src, out }, _needs, attrs: Attrs) =>
    attrs.kind === 'prod'
      ? productGradients(g, x, index, src, out, attrs)
      : extremeGradients(g, x, index, src, out, attrs),
  ),
})

type Gradients = { x: Tensor; src: Tensor }

/** Equal extremes share the gradient. */
function extremeGradients(
  g: Tensor,
  x: Tensor,
  index: Tensor,
  src: Tensor,
  out: Tensor,
  { axis, includeSelf }: Attrs,
): Gradients {
  // an extreme may be infinite, and equal the value that stands for the old one
  const own = includeSelf ? tied(x, out) : scatter(tied(x, out), axis, index, 0)
  const given = tied(src, gather(out, axis, index))
  const share = g.div(scatterAdd(own, axis, index, given))
  return { x: own.mul(share), src: given.mul(gather(share, axis, index)) }
}

/** The product of all others at a place: PyTorch's way with zeros, which looks at one of them at a time. */
function productGradients(
  g: Tensor,
  x: Tensor,
  index: Tensor,
  src: Tensor,
  out: Tensor,
  attrs: Attrs,
): Gradients {
  const { axis } = attrs
  const at = (y: Tensor): Tensor => gather(y, axis, index)
  const product = (a: Tensor, b: Tensor): Tensor => reduceOp({ x: a, index, src: b }, attrs)
  const xSafe = where(eq(x, 0), 1, x)
  const isZero = eq(src, 0)
  const zeros = at(scatterAdd(filledAs(x, x.shape, 0), axis, index, isZero.to(x.dtype)))
  const only = logicalAnd(isZero, eq(zeros, 1))
  const others = product(x, where(only, 1, src))
  return {
    x: g.mul(product(xSafe, src)).div(xSafe),
    src: where(only, at(g.mul(others)), at(g.mul(out)).div(where(isZero, 1, src))),
  }
}

/** Options of {@link scatterReduce}. */
export interface ScatterReduceOptions {
  /** The old value takes part; true by default. */
  includeSelf?: boolean
}
/** The kinds of {@link ScatterReduceOptions}. */
export const scatterReduceOptions = /* @__PURE__ */ defineOptions<ScatterReduceOptions>({ includeSelf: flag })

/**
 * `x` with values combined along an axis: `out[index[i][j]][j] = reduce(out[…], src[i][j])` for axis 0.
 *
 * @throws ValueError for another reduction; otherwise as `scatter`
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
 */
export function scatterReduce(
  x: Tensor,
  axis: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor {
  takeTensor('scatterReduce', 'x', x)

  takeTensor('scatterReduce', 'index', index)
  takeTensor('scatterReduce', 'src', src)

  const { includeSelf = true } = takeOptions('scatterReduce', scatterReduceOptions, options)
  if (x.ndim === 0) {
    const lift = (y: Tensor): Tensor => y.reshape([1])
    return scatterReduce(lift(x), 0, lift(index), lift(src), reduce, { includeSelf }).reshape([])
  }
  const a = normalizeAxis(axis, x.ndim)
  const at = asIndex(index, 'scatter')
  const part = at.shape.reduce((y, n, i) => (y.shape[i] > n ? y.narrow(i, 0, n) : y), src)
  const without = (value: number): Tensor => (includeSelf ? x : scatter(x, a, at, value))
  switch (reduce) {
    case 'sum':
      return scatterAdd(without(0), a, at, part)
    case 'mean': {
      const sums = scatterAdd(without(0), a, at, part)
      const ones = filledAs(x, x.shape, 1)
      const counts = scatterAdd(includeSelf ? ones : scatter(ones, a, at, 0), a, at, filledAs(x, at.shape, 1))
      const divisor = clampMin(counts, 1)
      return isFloat(x.dtype) ? sums.div(divisor) : floorDivide(sums, divisor)
    }
    case 'prod':
    case 'amax':
    case 'amin': {
      const kind = reduce === 'prod' ? 'prod' : reduce === 'amax' ? 'max' : 'min'
      return reduceOp(
        { x: without(identityOf(kind, x.dtype)), index: at, src: part },
        { axis: a, kind, includeSelf },
      )
    }
    default:
      throw new ValueError(
        `reduce argument must be either sum, prod, mean, amax or amin, got ${typeof reduce === 'string' ? reduce : describeValue(reduce)}`,
      )
  }
}

/** {@link scatterReduce} written into `x`. */
export const scatterReduce_ = (
  x: Tensor,
  axis: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
): Tensor => {
  takeTensor('scatterReduce_', 'x', x)

  takeTensor('scatterReduce_', 'index', index)
  takeTensor('scatterReduce_', 'src', src)
  return x.copy_(
    // the gradient reads the old value, and this write overwrites it
    scatterReduce(
      tapeOfWrite(x, [x, src]) === null ? x : clone(x),
      axis,
      index,
      src,
      reduce,
      takeOptions('scatterReduce_', scatterReduceOptions, options),
    ),
  )
}

/** {@link scatterReduce} of whole slices at the positions of a vector of indices. */
export function indexReduce(
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, 'sum'>,
  options?: ScatterReduceOptions,
): Tensor {
  takeTensor('indexReduce', 'x', x)
  takeTensor('indexReduce', 'index', index)
  takeTensor('indexReduce', 'source', source)

  options = takeOptions('indexReduce', scatterReduceOptions, options)
  const a = normalizeAxis(axis, x.ndim)
  return scatterReduce(
    x,
    a,
    spreadIndex(asIndex(index, 'index_reduce'), a, source.shape),
    source,
    reduce,
    options,
  )
}

import { flag, listOf, nullable } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { written } from '../../op/in-place.ts'
import { aTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { asIndex, scatter, scatterAdd } from './gather.ts'
import { wrapped } from './index-along.ts'
import { setAt_, sl, type SetAtOptions } from './indexing.ts'

/** Options of {@link put}. */
export interface PutOptions {
  /** Adds to what is there, as often as a position is named; otherwise the last value for a position stays. */
  accumulate?: boolean
}
/** The kinds of {@link PutOptions}. */
const putOptions = /* @__PURE__ */ defineOptions<PutOptions>({ accumulate: flag })

/**
 * A copy of `x` with elements replaced at row-major positions; negative positions count from the end.
 *
 * @param index - integers of any shape
 * @param source - as many elements as `index`, of the dtype of `x`
 * @throws ShapeError for another number of elements; IndexError for a position out of range
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.put.html
 * @example
 * g.put(g.zeros(2, 2), g.tensor([1, -1], { dtype: 'int32' }), g.tensor([5, 6])).tolist() // => [[0, 5], [0, 6]]
 */
export function put(x: Tensor, index: Tensor, source: Tensor, options?: PutOptions): Tensor {
  takeTensor('put', 'x', x)
  takeTensor('put', 'index', index)
  takeTensor('put', 'source', source)
  const { accumulate = false } = takeOptions('put', putOptions, options)
  takeArgument('put', 'source', aTensor, source)
  if (source.dtype !== x.dtype) {
    throw new DTypeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${x.dtype} and source.dtype = ${source.dtype}`,
    )
  }
  const n = index.numel()
  if (source.numel() !== n) {
    throw new ShapeError(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel()}, index.numel() = ${n}`,
    )
  }
  const at = wrapped(asIndex(index, 'put'), x.numel()).reshape([n])
  const write = accumulate ? scatterAdd : scatter
  return write(x.reshape([x.numel()]), 0, at, source.reshape([n])).reshape(x.shape)
}

/** {@link put} written into `x`. */
export const put_ = /* @__PURE__ */ written('put_', put)

interface IndexPut {
  indices: readonly (Tensor | null)[]
  options: SetAtOptions | undefined
}
const indexPutOp = /* @__PURE__ */ defineOp({
  name: 'indexPut',
  inputs: ['x', 'values'],
  attrs: attributes<IndexPut>(),
  autocast: 'promote',
  decompose: ({ x, values }, { indices, options }) => indexPut_(x.clone(), indices, values, options),
})

/**
 * A copy of `x` with values written where tensors of positions, or masks, point: one for each of the first axes, null for
 * all of an axis.
 *
 * @param values - broadcasts to what the positions pick
 * @throws IndexError, ShapeError as `setAt_`
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_put.html
 * @example
 * const rows = g.tensor([0, 0], { dtype: 'int64' })
 * g.indexPut(g.zeros(2), [rows], g.tensor([1, 2]), { accumulate: true }).tolist() // => [3, 0]
 */
export const indexPut = (
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options?: SetAtOptions,
): Tensor => {
  takeTensor('indexPut', 'x', x)
  takeArgument('indexPut', 'indices', indexTensors, indices)
  takeTensor('indexPut', 'values', values)
  return indexPutOp({ x, values }, { indices, options })
}

/** {@link indexPut} written into `x`. */
export const indexPut_ = (
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options?: SetAtOptions,
): Tensor => {
  takeTensor('indexPut_', 'x', x)
  takeArgument('indexPut_', 'indices', indexTensors, indices)
  takeTensor('indexPut_', 'values', values)
  return setAt_(
    x,
    indices.map((index) => index ?? sl()),
    values,
    options,
  )
}
const indexTensors = /* @__PURE__ */ listOf<Tensor | null>(/* @__PURE__ */ nullable(aTensor))

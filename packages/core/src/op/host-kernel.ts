import type { Backend, View } from '../backend/types.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import type { Shape } from '../base/layout.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { internals } from './internals.ts'
import { encode } from '../tensor/elements.ts'

/*
 * Results of kernels in plain TypeScript: linear algebra, order statistics, and ops whose result has an unknown length.
 */

/** Writes the elements of a fresh row-major result. */
export const writeView = (on: Backend, out: View, values: ArrayLike<number | bigint | boolean>): void =>
  on.write(out.storage.block, encode(values, out.dtype))

/** A tensor beside `like`, on its backend, of elements as they lie in memory: see {@link encode}. */
export function tensorBeside(like: Tensor, data: TypedArray, shape: Shape, dtype: DType): Tensor {
  const x = internals(like).make(shape, dtype)
  x.storage.backend.write(x.storage.block, data)
  return x
}

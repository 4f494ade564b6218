import { indexSelect, tensor, type Tensor } from '@gradus/core'

/** Some positions of the first axis, copied. */
export const rowsOf = (x: Tensor, indices: readonly number[]): Tensor =>
  indexSelect(x, 0, tensor(Int32Array.from(indices)))

import { type DType, keep, type Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import { isUninitialized } from './is-uninitialized.ts'

/** Converts a parameter or buffer, and its gradient, where it stands. */
export function rehouse(x: Tensor, dtype: DType): void {
  if (x.dtype === dtype) return
  if (isUninitialized(x)) {
    x.dtype = dtype
    return
  }
  x.data = keep(x.detach().to(dtype))
  const { gradSlot } = internals(x)
  if (gradSlot !== null) internals(x).storeGrad(gradSlot.detach().to(dtype))
}

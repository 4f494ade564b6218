import { type DType, keep, type Tensor } from '@gradus/core'

/** Converts a parameter or buffer, and its gradient, where it stands. */
export function rehouse(x: Tensor, dtype: DType): void {
  if (x.dtype === dtype) return
  x.data = keep(x.detach().to(dtype))
  if (x.gradSlot !== null) x.storeGrad(x.gradSlot.detach().to(dtype))
}

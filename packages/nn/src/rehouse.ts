import type { DType, Tensor } from '@gradus/core'

/** Gives a tensor the memory of another one, so that whoever holds it sees the new values: PyTorch's `x.data = y`. */
export function setData(x: Tensor, y: Tensor): void {
  // the fields are read-only to users; a module may replace what its own parameters and buffers stand for
  const fields = x as { -readonly [K in 'storage' | 'layout' | 'dtype']: Tensor[K] }
  fields.storage = y.storage
  fields.layout = y.layout
  fields.dtype = y.dtype
  x.counter.value++
}

/** Converts a parameter or buffer, and its gradient, where it stands. */
export function rehouse(x: Tensor, dtype: DType): void {
  if (x.dtype === dtype) return
  setData(x, x.detach().to(dtype))
  if (x.gradSlot !== null) x.gradSlot = x.gradSlot.detach().to(dtype)
}

/** Forgets a gradient, or fills it with zeros. */
export function releaseGrad(x: Tensor, setToNone: boolean): void {
  const grad = x.gradSlot
  if (grad === null) return
  if (!setToNone) {
    x.gradSlot = grad.detach().zero_()
    return
  }
  x.gradSlot = null
  // frees it now unless someone else can reach it
  grad.storage.hold()
  grad.storage.release()
}

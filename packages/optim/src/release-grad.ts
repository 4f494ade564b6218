import type { Tensor } from '@gradus/core'

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

import type { Shape, Tensor } from '@gradus/core/functions'

/** What parameters and buffers have whose shape is not known. Told by the method, so that their classes need not be there. */
interface Uninitialized extends Tensor {
  materialize(shape: Shape): void
}

export const isUninitialized = (x: Tensor): x is Uninitialized => 'materialize' in x

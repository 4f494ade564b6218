import type { DType, Layout, View } from '@gradus/core/backend'
import { cellOf } from '../heap/index.ts'

/** Elements in memory: where the storage begins, and how they lie in it. */
export interface Placed {
  readonly address: number
  readonly layout: Layout
  readonly dtype: DType
}

/** A view whose block is in memory, as its address and layout. */
export const placed = ({ storage, layout, dtype }: View): Placed => ({
  address: cellOf(storage.block).address,
  layout,
  dtype,
})

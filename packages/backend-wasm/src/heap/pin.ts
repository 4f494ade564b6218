import type { View } from '@gradus/core/backend'
import { cellOf } from './cell.ts'
import type { Heap } from './heap.ts'

/** Keeps blocks in memory for the current call, and brings back those that were moved out. */
export function pin(heap: Heap, operands: readonly View[]): void {
  let missing = false
  for (let i = 0; i < operands.length; i++) if (heap.use(cellOf(operands[i].storage.block))) missing = true
  if (missing) for (const { storage } of operands) heap.restore(cellOf(storage.block))
}

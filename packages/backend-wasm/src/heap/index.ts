export { cellOf } from './cell.ts'
export { pin } from './pin.ts'
export { Heap, reservedBytes } from './heap.ts'
export { LinearMemory, pageBytes } from './linear-memory.ts'

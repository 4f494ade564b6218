export { cellOf, Heap, reservedBytes } from './heap.ts'
export { LinearMemory, pageBytes } from './linear-memory.ts'

export { Heap, reservedBytes, WasmBlock } from './heap.ts'
export { LinearMemory, pageBytes } from './linear-memory.ts'

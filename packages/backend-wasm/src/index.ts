export { init, wasmBackend } from './wasm-backend.ts'
export type { WasmBackend } from './backend.ts'
export type { WasmOptions } from './machine.ts'
export { workerSource } from './threads/index.ts'

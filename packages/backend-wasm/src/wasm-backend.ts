import { WasmBackend } from './backend.ts'
import { takeOptions } from '@gradus/core/internal'
import { wasmOptions, type WasmOptions } from './machine.ts'
import { everyPart } from './parts/every-part.ts'
import { refusesCode } from './refusal.ts'
import { status, type BackendStatus } from './status.ts'

let shared: WasmBackend | undefined

/**
 * The backend that compiles programs to WebAssembly with SIMD, at run time and in memory: no file to load. Without options
 * the same one at each call; with options a new one, with a memory of its own.
 *
 * Its memory is bounded (`memoryBudget`, 1 GiB by default). When it is full, the least recently used blocks are moved to
 * arrays of JavaScript until they are used again. Threads come up at the first large program, where memory can be shared.
 *
 * @throws BackendError for options that cannot be, or where the engine gives no memory
 * @example
 * setBackend(wasmBackend())
 */
export function wasmBackend(options?: WasmOptions): WasmBackend {
  takeOptions('wasmBackend', wasmOptions, options)
  if (options === undefined) return (shared ??= new WasmBackend(everyPart()))
  return new WasmBackend(everyPart(), options)
}

/**
 * Chooses how `wasmBackend()` uses the machine, waits until its threads are up, and answers what it got: where threads cannot
 * be had, or no WebAssembly, `why` says so, and a line is logged once.
 *
 * @throws BackendError after the first tensor, for what was not chosen before
 * @example
 * ```ts norun
 * const { backend, threads, simd, deterministic, why } = await g.init({ threads: 4, memoryBudget: 2 ** 31 })
 * ```
 */
export async function init(options: WasmOptions = {}): Promise<BackendStatus> {
  takeOptions('init', wasmOptions, options)
  if (refusesCode() !== '') return status()
  shared ??= new WasmBackend(everyPart())
  await shared.init(options)
  return shared.status()
}

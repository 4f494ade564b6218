import { currentBackend } from '@gradus/core/backend'
import { WasmBackend } from './backend.ts'
import { allowance, refusesCode } from './refusal.ts'

/** What computes, and how. */
export interface BackendStatus {
  /** Name of the current backend: `'wasm'`, or `'reference'` where the engine compiles no WebAssembly. */
  readonly backend: string
  /** Threads that compute, the main one included. Workers that are still to start do not count. */
  readonly threads: number
  /** `'relaxed'`: with fused multiply-add; `'simd128'`: without; `'none'`: loops of JavaScript. */
  readonly simd: 'relaxed' | 'simd128' | 'none'
  /** Whether results have the same bits on every machine, as far as the functions of `Math` have. */
  readonly deterministic: boolean
  /** Why something that was asked for, or is there by default, is not in use; empty where nothing is missing. */
  readonly why: string
}

/**
 * What the current backend computes with, at any time.
 *
 * @throws BackendError when no backend was chosen
 * @example
 * g.status().backend // => 'wasm'
 */
export function status(): BackendStatus {
  const backend = currentBackend()
  if (backend instanceof WasmBackend) return backend.status()
  const why = refusesCode()
  return {
    backend: backend.name,
    threads: 1,
    simd: 'none',
    deterministic: true,
    why: why === '' ? '' : `${why}; ${allowance}`,
  }
}

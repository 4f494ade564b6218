import { BackendError } from '../base/errors.ts'
import type { Backend, Memory } from './types.ts'

let current: Backend | null = null

/**
 * Chooses the backend on which new tensors are made. `gradus` does it on import; with `@gradus/core` alone it is the
 * first call of a program.
 *
 * @example
 * g.currentBackend().name // => 'wasm'
 */
export function setBackend(backend: Backend): void {
  current = backend
}

/** @throws BackendError when none was chosen */
export function currentBackend(): Backend {
  if (current === null) {
    throw new BackendError('no backend is set', {
      hint: "import 'gradus', which brings one, or call setBackend(wasmBackend()) with wasmBackend of '@gradus/backend-wasm'",
    })
  }
  return current
}

/**
 * Bytes in use on the current backend: live, peak, held from the system, and moved out to make room.
 *
 * @example
 * g.memory().live >= 0 // => true
 */
export const memory = (): Memory => currentBackend().memory()

import { wasmBackend } from '@gradus/backend-wasm'
import type { Backend } from '@gradus/core/backend'

let backend: Backend | null = null

/** What the test project `wasm` resolves `@gradus/core/reference` to: the same tests then run on the compiled backend. */
export const referenceBackend = (): Backend => (backend ??= wasmBackend())

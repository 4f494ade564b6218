import type { WasmOptions } from '../machine.ts'
import { WasmBackend } from '../backend.ts'
import type { Part } from './part.ts'

export {
  doubleFunctions,
  errorFunctions,
  exponentials,
  gammaFunctions,
  logarithms,
  powers,
  trigonometry,
} from './functions.ts'
export {
  convolutions,
  indexing,
  matrixProducts,
  pools,
  randomNumbers,
  scans,
  sorts,
  threads,
  transposes,
} from './routines.ts'
export type { Part } from './part.ts'
export type { WasmBackend } from '../backend.ts'
export type { WasmOptions } from '../machine.ts'

/**
 * The compiled backend of `wasmBackend()` with the parts that a program needs, for those who count the bytes of a page. Without
 * parts it runs formulas and reductions: arithmetic, comparisons, `sum`, `mean`, `var` and their kin, of all dtypes.
 *
 * @throws BackendError at a call that needs a part which is missing: the error names it
 * @example
 * ```ts norun
 * import { setBackend } from '@gradus/core'
 * import { exponentials, matrixProducts, wasmBackendOf } from '@gradus/backend-wasm/parts'
 *
 * setBackend(wasmBackendOf([matrixProducts, exponentials]))
 * ```
 */
export const wasmBackendOf = (parts: readonly Part[], options: WasmOptions = {}): WasmBackend =>
  new WasmBackend(parts, options)

import { ModuleBuilder } from './module.ts'
import { f32x4 } from './vector.ts'

/** Abilities of the engine beyond WebAssembly with SIMD. */
export interface Features {
  /** `f32x4.relaxed_madd` and its kin. */
  readonly relaxedSimd: boolean
  /** Shared memory, and code that may be instantiated with it. A page has it only under COOP and COEP headers. */
  readonly threads: boolean
  /**
   * Whether the compiler keeps loads where they are, so that twelve sums and their factors fit the registers. V8
   * before 13 moves all loads of a loop's turn to its beginning.
   */
  readonly keepsLoadsInPlace: boolean
}

/**
 * Finds the abilities of the engine by validating small modules; nothing is run and no flag is set.
 *
 * @see https://github.com/WebAssembly/relaxed-simd
 * @example
 * probeFeatures() // => { relaxedSimd: true, threads: true, keepsLoadsInPlace: true } in Node 24
 */
export function probeFeatures(): Features {
  return {
    relaxedSimd: takesRelaxedSimd(),
    threads: takesSharedMemory(),
    keepsLoadsInPlace: takesMemory64(),
  }
}

function takesRelaxedSimd(): boolean {
  const module = new ModuleBuilder()
  module.func({ params: { x: 'v128' }, result: 'v128' }, (_, { x }) => f32x4.relaxedMadd(x, x, x))
  return WebAssembly.validate(module.bytes())
}

function takesSharedMemory(): boolean {
  if (typeof SharedArrayBuffer === 'undefined') return false
  // absent outside pages, where shared memory needs no headers
  if (typeof crossOriginIsolated === 'boolean' && !crossOriginIsolated) return false
  return WebAssembly.validate(new ModuleBuilder({ shared: true }).bytes())
}

// V8 got 64-bit memories and the compiler that keeps the order within a few versions, so one tells the other
function takesMemory64(): boolean {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  const memory = [0x05, 0x03, 0x01, 0x04, 0x01]
  return WebAssembly.validate(new Uint8Array([...header, ...memory]))
}

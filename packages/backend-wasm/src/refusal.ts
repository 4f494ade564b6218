/** The smallest module: its header. */
const smallest = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

let refusal: string | undefined

/**
 * Why the engine compiles no WebAssembly, or an empty text if it does. A page whose content policy has no
 * `'wasm-unsafe-eval'` forbids it, as some servers at the edge do.
 *
 * @example
 * if (refusesCode() !== '') setBackend(referenceBackend())
 */
export function refusesCode(): string {
  if (refusal !== undefined) return refusal
  try {
    new WebAssembly.Module(smallest)
    refusal = ''
  } catch (error) {
    refusal = `WebAssembly cannot be compiled here (${error instanceof Error ? error.message : String(error)})`
  }
  return refusal
}

/** What may be done where {@link refusesCode} has a reason. */
export const allowance = "in a page, allow script-src 'wasm-unsafe-eval' in its content policy"

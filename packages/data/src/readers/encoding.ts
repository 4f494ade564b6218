import { kind } from '@gradus/core/internal'

/** The name of an encoding that the engine reads. */
export const encodingKind = /* @__PURE__ */ kind<string>(
  "an encoding, as 'utf-8' or 'windows-1252'",
  (x) => typeof x === 'string' && isEncoding(x),
)

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

import { allocateTyped, bytesOf, type DType, type TypedArray } from '../base/dtype.ts'
import type { Shape } from '../base/layout.ts'

/** A tensor as JSON has it. */
export interface TensorJSON {
  /** The element type; the name tells such an object from others. */
  readonly 'gradus.tensor': DType
  readonly shape: Shape
  /** The elements in row-major order as they lie in memory, little-endian, in base64. */
  readonly data: string
}

// how many bytes one call of fromCharCode takes: an engine has a limit for arguments
const piece = 8192

/** Elements as JSON has them: bytes, so that NaN, infinities, -0 and int64 come back as they were. */
export function toJSON(data: TypedArray, shape: Shape, dtype: DType): TensorJSON {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  let text = ''
  for (let i = 0; i < bytes.length; i += piece) text += String.fromCharCode(...bytes.subarray(i, i + piece))
  return { 'gradus.tensor': dtype, shape, data: btoa(text) }
}

/** The elements of {@link toJSON} again. */
export function elementsOf({ 'gradus.tensor': dtype, data }: TensorJSON): TypedArray {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
  const elements = allocateTyped(dtype, Math.floor(bytes.length / bytesOf(dtype)))
  new Uint8Array(elements.buffer).set(bytes.subarray(0, elements.byteLength))
  return elements
}

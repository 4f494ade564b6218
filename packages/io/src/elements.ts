import { ValueError, type DType, type Shape, type Tensor, type TypedArray } from '@gradus/core'
import { fromRaw, warn } from '@gradus/core/internal'
import { bytesOf, numberToFloat16 } from '@gradus/core/backend'

/** How files hold elements: gradus' own dtypes, and those that it reads as the nearest of its own. */
export interface ElementType {
  /** PyTorch's name. */
  readonly name: string
  readonly bits: number
  /** What they are read as. */
  readonly dtype: DType
  /** Elements from what the file holds; without it they lie in the file as they lie in memory. */
  readonly convert?: (bytes: Uint8Array) => TypedArray
}

const own = (dtype: DType): ElementType => ({ name: dtype, bits: 8 * bytesOf(dtype), dtype })

/** Every element of an array of unsigned words, turned into one of a wider dtype. */
const widened =
  <T extends TypedArray>(
    words: (bytes: Uint8Array) => ArrayLike<number>,
    make: (from: ArrayLike<number>) => T,
  ) =>
  (bytes: Uint8Array): T =>
    make(words(bytes))

/** The bits of float16 for each byte of an 8-bit float: exact, as float16 has more exponents and more digits. */
function float8Table(exponentBits: number, bias: number, finite: 'ieee' | 'fn' | 'fnuz'): Uint16Array {
  const mantissaBits = 7 - exponentBits
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    const magnitude = byte & 0x7f
    const exponent = magnitude >> mantissaBits
    const mantissa = magnitude & ((1 << mantissaBits) - 1)
    const last = exponent === (1 << exponentBits) - 1
    if (finite === 'fnuz' && byte === 0x80) return 0x7e00
    if (finite === 'fn' && magnitude === 0x7f) return 0x7e00
    if (finite === 'ieee' && last) return ((byte & 0x80) << 8) | (mantissa === 0 ? 0x7c00 : 0x7e00)
    const value =
      exponent === 0
        ? mantissa * 2 ** (1 - bias - mantissaBits)
        : (1 + mantissa * 2 ** -mantissaBits) * 2 ** (exponent - bias)
    return numberToFloat16(byte & 0x80 ? -value : value)
  })
}

function float8(
  name: string,
  exponentBits: number,
  bias: number,
  finite: 'ieee' | 'fn' | 'fnuz',
): ElementType {
  let table: Uint16Array | null = null
  return {
    name,
    bits: 8,
    dtype: 'float16',
    convert: (bytes) => {
      const values = (table ??= float8Table(exponentBits, bias, finite))
      return Uint16Array.from(bytes, (byte) => values[byte])
    },
  }
}

// OCP microscaling formats 1.0: 0, ½, 1, 1½, 2, 3, 4, 6, and their negatives
const fours = [0, 0.5, 1, 1.5, 2, 3, 4, 6]

function float4(bytes: Uint8Array): TypedArray {
  const bits = Array.from({ length: 16 }, (_, i) => numberToFloat16(i & 8 ? -fours[i & 7] : fours[i]))
  const values = new Uint16Array(2 * bytes.length)
  // two to a byte, the first in the lower half: PyTorch's float4_e2m1fn_x2
  bytes.forEach((byte, i) => {
    values[2 * i] = bits[byte & 15]
    values[2 * i + 1] = bits[byte >> 4]
  })
  return values
}

function signed(bytes: Uint8Array): TypedArray {
  const values = new BigInt64Array(aligned(bytes, 8))
  for (const [i, value] of values.entries()) {
    if (value < 0n) {
      throw new ValueError(`the uint64 value ${BigInt.asUintN(64, value)} is beyond what int64 holds`, {
        hint: `it is element ${i}; gradus has no uint64 and reads it as int64`,
      })
    }
  }
  return values
}

/** A buffer that begins with the bytes, copied unless they lie where elements of that length may. */
function aligned(bytes: Uint8Array, step: number): ArrayBuffer {
  if (bytes.byteOffset % step !== 0 || !(bytes.buffer instanceof ArrayBuffer)) return bytes.slice().buffer
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

const types: readonly ElementType[] = /* @__PURE__ */ makeTypes()

/*@__NO_SIDE_EFFECTS__*/
function makeTypes(): ElementType[] {
  const words16 = (bytes: Uint8Array) => new Uint16Array(aligned(bytes, 2))
  const words32 = (bytes: Uint8Array) => new Uint32Array(aligned(bytes, 4))
  const wide = (from: ArrayLike<number>) =>
    BigInt64Array.from({ length: from.length }, (_, i) => BigInt(from[i]))
  return [
    ...(
      [
        'bool',
        'uint8',
        'int8',
        'int16',
        'int32',
        'int64',
        'float16',
        'bfloat16',
        'float32',
        'float64',
      ] as const
    ).map(own),
    { name: 'uint16', bits: 16, dtype: 'int32', convert: widened(words16, (from) => Int32Array.from(from)) },
    { name: 'uint32', bits: 32, dtype: 'int64', convert: widened(words32, wide) },
    { name: 'uint64', bits: 64, dtype: 'int64', convert: signed },
    float8('float8_e4m3fn', 4, 7, 'fn'),
    float8('float8_e5m2', 5, 15, 'ieee'),
    float8('float8_e4m3fnuz', 4, 8, 'fnuz'),
    float8('float8_e5m2fnuz', 5, 16, 'fnuz'),
    {
      name: 'float8_e8m0fnu',
      bits: 8,
      dtype: 'float32',
      convert: (bytes) => Float32Array.from(bytes, (byte) => (byte === 255 ? NaN : 2 ** (byte - 127))),
    },
    { name: 'float4_e2m1fn_x2', bits: 4, dtype: 'float16', convert: float4 },
  ]
}

/** The element type of a name of PyTorch's, or undefined. */
export const elementType = (name: string): ElementType | undefined => types.find((type) => type.name === name)

/**
 * Bytes as elements of a dtype: a view of the same memory where that begins at a multiple of their length, a copy elsewhere. A bool is
 * 0 or 1, whatever the file has for true.
 */
export function elementsOf(bytes: Uint8Array, dtype: DType): TypedArray {
  if (dtype === 'bool')
    return bytes.some((byte) => byte > 1) ? bytes.map((byte) => (byte === 0 ? 0 : 1)) : bytes
  const length = bytes.byteLength / bytesOf(dtype)
  const { buffer, byteOffset } = bytes.byteOffset % bytesOf(dtype) === 0 ? bytes : bytes.slice()
  switch (dtype) {
    case 'uint8':
      return bytes
    case 'int8':
      return new Int8Array(buffer, byteOffset, length)
    case 'int16':
      return new Int16Array(buffer, byteOffset, length)
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(buffer, byteOffset, length)
    case 'int32':
      return new Int32Array(buffer, byteOffset, length)
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, length)
    case 'float32':
      return new Float32Array(buffer, byteOffset, length)
    case 'float64':
      return new Float64Array(buffer, byteOffset, length)
  }
}

/** A tensor of bytes as a file holds them, row-major. */
export const tensorOf = (bytes: Uint8Array, shape: Shape, type: ElementType): Tensor =>
  fromRaw(type.convert ? type.convert(bytes) : elementsOf(bytes, type.dtype), shape, type.dtype)

/** Elements in a shape whose sizes a file claims, or null where it cannot be one. */
export function sizeOfClaim(shape: readonly unknown[]): number | null {
  let size = 1
  let empty = false
  for (const n of shape) {
    if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) return null
    if (n === 0) empty = true
    else size *= n
    if (!Number.isSafeInteger(size)) return null
  }
  return empty ? 0 : size
}

/** Says, once for each, that elements are read as another dtype. */
export const sayRead = ({ name, dtype }: ElementType): void =>
  warn(`a file has tensors of dtype ${name}, which are read as ${dtype}`)

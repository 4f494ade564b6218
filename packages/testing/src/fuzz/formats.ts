import { type Draw, mutateBytes, mutateText, spliced } from './mutate.ts'

/** Changes a file in a way that knows its format, so that what lies behind the first check is reached. */
export type Mutate = (bytes: Uint8Array, draw: Draw) => Uint8Array

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function withU64(length: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + rest.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(rest, 8)
  return bytes
}

/** safetensors: the header's text changes and its length follows, or anything does. */
export const mutateSafetensors: Mutate = (bytes, draw) => {
  if (bytes.length < 9 || draw.below(4) === 0) return mutateBytes(bytes, draw)
  const length = Math.min(
    Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)),
    bytes.length - 8,
  )
  const words = [
    '"F32"',
    '"F64"',
    '"U8"',
    '"BOOL"',
    '"F8_E4M3"',
    '"F4"',
    '"U64"',
    '"__proto__"',
    '"__metadata__"',
    '"data_offsets"',
    '"a"',
  ]
  const header = encode(mutateText(new TextDecoder().decode(bytes.subarray(8, 8 + length)), draw, words))
  const data = bytes.subarray(8 + length)
  const whole = withU64(header.length, spliced(header, header.length, 0, data))
  return draw.below(8) === 0 ? mutateBytes(whole, draw) : whole
}

/** NumPy: likewise; the header's length is in two or four bytes. */
export const mutateNpy: Mutate = (bytes, draw) => {
  if (bytes.length < 12 || draw.below(4) === 0) return mutateBytes(bytes, draw)
  const start = bytes[6] === 1 ? 10 : 12
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = Math.min(
    start === 10 ? view.getUint16(8, true) : view.getUint32(8, true),
    bytes.length - start,
  )
  const words = [
    "'<f4'",
    "'>f8'",
    "'|O'",
    "'<i8'",
    "'|b1'",
    "'<U9'",
    'True',
    'False',
    "'shape'",
    "'descr'",
    '(',
    ')',
  ]
  const header = encode(
    mutateText(new TextDecoder().decode(bytes.subarray(start, start + length)), draw, words),
  )
  const whole = spliced(bytes, start, length, header)
  const lengths = new DataView(whole.buffer)
  if (start === 10) lengths.setUint16(8, header.length, true)
  else if (whole.length >= 12) lengths.setUint32(8, header.length, true)
  return whole
}

/** PyTorch: mostly the pickle, which begins at protocol 2 and ends before the first storage; else its archive, and lengths in the pickle. */
export const mutateTorch: Mutate = (bytes, draw) => {
  const from = indexOf(bytes, [0x80, 2])
  const isZip = bytes[0] === 0x50
  const end = isZip ? indexOf(bytes, [0x50, 0x4b, 7, 8], from) : Math.floor(bytes.length / 2)
  if (from < 0 || draw.below(3) === 0) {
    // the directory of an archive is at its end
    const directory = isZip ? Math.max(0, indexOf(bytes, [0x50, 0x4b, 1, 2])) : 0
    return mutateBytes(bytes, draw, draw.below(2) === 0 ? directory : 0)
  }
  const to = end < 0 ? bytes.length : end
  if (!isZip) return mutateBytes(bytes, draw, from, to)
  // changes within the pickle keep its length, or all offsets behind would be wrong
  const pickle = bytes.slice(from, to)
  const opcodes = [
    0x28, 0x29, 0x2e, 0x4b, 0x52, 0x51, 0x5d, 0x62, 0x63, 0x65, 0x68, 0x71, 0x73, 0x74, 0x75, 0x7d, 0x81,
    0x85, 0x86, 0x87, 0x88, 0x8a, 0x93, 0x94, 0x95, 0x58, 0x42, 0x8e,
  ]
  for (let i = 0; i <= draw.below(4); i++) {
    const at = draw.below(pickle.length)
    const change = draw.below(3)
    if (change === 0) pickle[at] = draw.of(opcodes)
    else if (change === 1) pickle[at] = draw.below(256)
    else pickle.copyWithin(at, draw.below(pickle.length), draw.below(pickle.length))
  }
  const copy = bytes.slice()
  copy.set(pickle, from)
  return copy
}

function indexOf(bytes: Uint8Array, pattern: readonly number[], from = 0): number {
  for (let i = Math.max(0, from); i + pattern.length <= bytes.length; i++)
    if (pattern.every((byte, k) => bytes[i + k] === byte)) return i
  return -1
}

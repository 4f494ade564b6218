import { joined } from './protobuf.ts'

let table: Uint32Array | null = null

/** CRC-32C, with Castagnoli's polynomial. */
function crc32c(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
    return c
  })
  let crc = ~0
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Check sums of check sums would be weak: they are turned and moved. */
function masked(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes)
  const word = new Uint8Array(4)
  new DataView(word.buffer).setUint32(0, (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, true)
  return word
}

/** One record of a file of events: its length and itself, each with a check sum. https://www.tensorflow.org/tutorials/load_data/tfrecord */
export function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true)
  return joined([length, masked(length), data, masked(data)])
}

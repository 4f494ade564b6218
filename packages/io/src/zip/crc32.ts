let tables: Uint32Array[] | null = null

/** Eight tables, so that eight bytes are taken at once: Kounavis & Berry 2005, "slicing by 8". */
function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    return c
  })
  const all = [first]
  for (let t = 1; t < 8; t++) all.push(all[t - 1].map((c) => (c >>> 8) ^ first[c & 0xff]))
  return all
}

/** The CRC-32 of bytes, or of those before and these: zip's check sum. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const zlib = typeof process === 'object' ? process.getBuiltinModule?.('node:zlib') : undefined
  // in Node from 20.15 and 22.2 on
  if (typeof zlib?.crc32 === 'function') return zlib.crc32(bytes, before)
  const [t0, t1, t2, t3, t4, t5, t6, t7] = (tables ??= makeTables())
  let crc = ~before
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    crc =
      t7[crc & 0xff] ^
      t6[(crc >>> 8) & 0xff] ^
      t5[(crc >>> 16) & 0xff] ^
      t4[crc >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]]
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]) & 0xff]
  return ~crc >>> 0
}

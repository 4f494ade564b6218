import { FileError, formatBytes } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'

/*
 * The directory of a zip archive, read from its end: APPNOTE.TXT 6.3.10. An own reader rather than a library, because entries are read
 * by range and only when they are asked for, from anything that has a length: libraries take the whole archive as bytes or give an entry
 * only as a whole, and none says where an entry's data lie.
 */

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  readonly crc32: number
  /** Bytes in the archive. */
  readonly compressed: number
  /** Bytes when read. */
  readonly size: number
  readonly headerOffset: number
  /** Where the next entry, or the directory, begins: this one ends before. */
  readonly limit: number
}

const endSize = 22
const largestComment = 65535
const corrupt = (what: string): FileError =>
  new FileError(what, { hint: 'the archive is damaged, or was made to look like one' })

/** @throws FileError for an archive whose directory is missing, or does not describe the file it is in */
export async function readDirectory(source: ByteSource): Promise<ZipEntry[]> {
  const { start, length, count } = await findDirectory(source)
  const bytes = await source.read(start, length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Omit<ZipEntry, 'limit'>[] = []
  let at = 0
  while (entries.length < count) {
    if (at + 46 > length || view.getUint32(at, true) !== 0x02014b50)
      throw corrupt(`the zip directory names ${count} entries and has ${entries.length}`)
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((i) => view.getUint16(at + i, true))
    const end = at + 46 + nameLength + extraLength + commentLength
    if (end > length) throw corrupt('an entry of the zip directory is cut off')
    entries.push(readEntry(bytes.subarray(at, end), nameLength, extraLength))
    at = end
  }
  return withLimits(entries, start)
}

function withLimits(entries: readonly Omit<ZipEntry, 'limit'>[], directory: number): ZipEntry[] {
  const names = new Set<string>()
  for (const { name } of entries) {
    if (names.has(name)) throw corrupt(`the archive has the entry ${JSON.stringify(name)} twice`)
    names.add(name)
  }
  const order = [...entries].sort((a, b) => a.headerOffset - b.headerOffset)
  return order.map((entry, i) => {
    const limit = order[i + 1]?.headerOffset ?? directory
    if (entry.headerOffset + 30 + entry.compressed > limit)
      throw corrupt(
        `the entry ${JSON.stringify(entry.name)} claims ${formatBytes(entry.compressed)} and reaches beyond its place`,
      )
    return { ...entry, limit }
  })
}

/** The record at the end of the file that says where the directory is. */
async function findDirectory(source: ByteSource): Promise<{ start: number; length: number; count: number }> {
  const { size } = source
  const tailStart = Math.max(0, size - endSize - largestComment)
  const tail = await source.read(tailStart, size - tailStart)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  for (let at = tail.length - endSize; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue
    // the comment reaches to the end of the file
    if (at + endSize + view.getUint16(at + 20, true) !== tail.length) continue
    const found = {
      count: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    }
    const is64 = found.count === 0xffff || found.length === 0xffffffff || found.start === 0xffffffff
    const directory = is64 ? await findDirectory64(source, tailStart + at) : found
    const { start, length, count } = directory
    if (start + length > tailStart + at)
      throw corrupt(
        `the zip directory claims to be ${formatBytes(length)} at ${start}, beyond the file's ${formatBytes(size)}`,
      )
    // an entry takes at least 46 bytes
    if (count * 46 > length) throw corrupt(`the zip directory claims ${count} entries in ${length} bytes`)
    return directory
  }
  throw new FileError('the end of the zip directory is missing', {
    hint: 'the file is truncated: it was not written or copied to its end',
  })
}

async function findDirectory64(
  source: ByteSource,
  end: number,
): Promise<{ start: number; length: number; count: number }> {
  if (end < 20) throw corrupt('the zip64 directory is missing')
  const locator = await source.read(end - 20, 20)
  const at = new DataView(locator.buffer, locator.byteOffset, 20)
  if (at.getUint32(0, true) !== 0x07064b50) throw corrupt('the zip64 directory is missing')
  const record = await source.read(safe(at.getBigUint64(8, true)), 56)
  const view = new DataView(record.buffer, record.byteOffset, 56)
  if (view.getUint32(0, true) !== 0x06064b50) throw corrupt('the zip64 directory is missing')
  const [count, length, start] = [32, 40, 48].map((i) => safe(view.getBigUint64(i, true)))
  return { start, length, count }
}

function safe(x: bigint): number {
  if (x > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(`the archive claims a position of ${x}`)
  return Number(x)
}

function readEntry(bytes: Uint8Array, nameLength: number, extraLength: number): Omit<ZipEntry, 'limit'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const name = new TextDecoder().decode(bytes.subarray(46, 46 + nameLength))
  const method = view.getUint16(10, true)
  if (view.getUint16(8, true) & 1) throw new FileError(`the entry ${JSON.stringify(name)} is encrypted`)
  if (method !== 0 && method !== 8)
    throw new FileError(`the entry ${JSON.stringify(name)} is compressed by method ${method}, not by deflate`)
  const claims = {
    size: view.getUint32(24, true),
    compressed: view.getUint32(20, true),
    headerOffset: view.getUint32(42, true),
  }
  widen(claims, bytes.subarray(46 + nameLength, 46 + nameLength + extraLength))
  if (method === 0 && claims.size !== claims.compressed)
    throw corrupt(
      `the entry ${JSON.stringify(name)} is stored, but claims two sizes, ${claims.size} and ${claims.compressed}`,
    )
  return { name, method: method === 0 ? 'stored' : 'deflated', crc32: view.getUint32(16, true), ...claims }
}

/** Sizes beyond 4 GB are in an extra field, in this order, and only those that do not fit. */
function widen(claims: { size: number; compressed: number; headerOffset: number }, extra: Uint8Array): void {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let next = at + 4
    const end = Math.min(extra.length, next + view.getUint16(at + 2, true))
    for (const key of ['size', 'compressed', 'headerOffset'] as const) {
      if (claims[key] !== 0xffffffff || next + 8 > end) continue
      claims[key] = safe(view.getBigUint64(next, true))
      next += 8
    }
  }
}

import type { ByteSink } from '../source/types.ts'
import { crc32 } from './crc32.ts'

interface Written {
  readonly name: Uint8Array
  readonly crc: number
  readonly size: number
  readonly offset: number
}

const small = 0xffffffff

/**
 * A zip archive of stored entries, written in one pass. Each entry's data begin at a multiple of 64 bytes, as PyTorch has it, so that
 * a reader may map them.
 */
export class ZipWriter {
  private readonly sink: ByteSink
  private readonly written: Written[] = []
  private at = 0

  constructor(sink: ByteSink) {
    this.sink = sink
  }

  /** Writes one entry of `size` bytes, which come in parts. */
  async add(
    name: string,
    size: number,
    parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const encoded = new TextEncoder().encode(name)
    const offset = this.at
    await this.emit(localHeader(encoded, size, offset))
    let crc = 0
    let done = 0
    // one part is made while the one before is written
    let writing = Promise.resolve()
    for await (const part of parts) {
      await writing
      crc = crc32(part, crc)
      done += part.length
      writing = this.emit(part)
      writing.catch(() => {})
    }
    await writing
    if (done !== size) throw new Error(`the entry ${name} was to have ${size} bytes and has ${done}`)
    await this.emit(descriptor(crc, size))
    this.written.push({ name: encoded, crc, size, offset })
  }

  /** Writes the directory. The sink stays open. */
  async finish(): Promise<void> {
    const start = this.at
    for (const entry of this.written) await this.emit(directoryEntry(entry))
    await this.emit(endOfDirectory(this.written.length, this.at - start, start))
  }

  private async emit(bytes: Uint8Array): Promise<void> {
    this.at += bytes.length
    await this.sink.write(bytes)
  }
}

/** Bytes of little-endian numbers: each of its length. */
function record(...fields: readonly (readonly [bytes: 2 | 4 | 8, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else if (width === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    at += width
  }
  return bytes
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

// text is UTF-8, and sizes come after the data
const flags = 0x0808

function localHeader(name: Uint8Array, size: number, offset: number): Uint8Array {
  // zip64 sizes have to be announced where they are zero, too
  const wide = size >= small ? record([2, 1], [2, 16], [8, 0], [8, 0]) : new Uint8Array(0)
  const fixed = offset + 30 + name.length + wide.length + 4
  const padding = (64 - (fixed % 64)) % 64
  const extra = joined(wide, record([2, 0x4246], [2, padding]), new Uint8Array(padding).fill(0x5a))
  const unknown = size >= small ? small : 0
  return joined(
    record([4, 0x04034b50], [2, size >= small ? 45 : 20], [2, flags], [2, 0], [4, 0x210000], [4, 0]),
    record([4, unknown], [4, unknown], [2, name.length], [2, extra.length]),
    name,
    extra,
  )
}

function descriptor(crc: number, size: number): Uint8Array {
  const width = size >= small ? 8 : 4
  return record([4, 0x08074b50], [4, crc], [width, size], [width, size])
}

function directoryEntry({ name, crc, size, offset }: Written): Uint8Array {
  const fields: [8, number][] = []
  if (size >= small) fields.push([8, size], [8, size])
  if (offset >= small) fields.push([8, offset])
  const extra = fields.length > 0 ? record([2, 1], [2, 8 * fields.length], ...fields) : new Uint8Array(0)
  const shown = Math.min(size, small)
  return joined(
    record(
      [4, 0x02014b50],
      [2, 45],
      [2, fields.length > 0 ? 45 : 20],
      [2, flags],
      [2, 0],
      [4, 0x210000],
      [4, crc],
    ),
    record([4, shown], [4, shown], [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0]),
    record([4, Math.min(offset, small)]),
    name,
    extra,
  )
}

function endOfDirectory(count: number, length: number, start: number): Uint8Array {
  const end = record(
    [4, 0x06054b50],
    [4, 0],
    [2, Math.min(count, 0xffff)],
    [2, Math.min(count, 0xffff)],
    [4, Math.min(length, small)],
    [4, Math.min(start, small)],
    [2, 0],
  )
  if (count < 0xffff && length < small && start < small) return end
  const wide = record(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [8, 0],
    [8, count],
    [8, count],
    [8, length],
    [8, start],
  )
  return joined(wide, record([4, 0x07064b50], [4, 0], [8, start + length], [4, 1]), end)
}

import { FileError, formatBytes } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'
import { crc32 } from './crc32.ts'
import type { ZipEntry } from './directory.ts'

// deflate makes at most 1032 bytes of one
const largestRatio = 1032

const quoted = (entry: ZipEntry): string => JSON.stringify(entry.name)

/** Where the data of an entry begin. */
async function dataOffset(source: ByteSource, entry: ZipEntry): Promise<number> {
  const header = await source.read(entry.headerOffset, 30)
  const view = new DataView(header.buffer, header.byteOffset, 30)
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new FileError(`the entry ${quoted(entry)} is not where the zip directory says`)
  const start = entry.headerOffset + 30 + view.getUint16(26, true) + view.getUint16(28, true)
  if (start + entry.compressed > entry.limit)
    throw new FileError(
      `the entry ${quoted(entry)} claims ${formatBytes(entry.compressed)} and reaches beyond its place`,
    )
  return start
}

/**
 * The bytes of an entry.
 *
 * @param check - whether they must have the check sum that the directory says; some of PyTorch's files have wrong ones on purpose
 * @throws FileError if they are not what the directory says
 */
export async function readEntry(
  source: ByteSource,
  entry: ZipEntry,
  { check = true, into }: { check?: boolean; into?: Uint8Array } = {},
): Promise<Uint8Array> {
  const offset = await dataOffset(source, entry)
  const stored = entry.method === 'stored'
  const raw = await source.read(offset, entry.compressed, stored ? into : undefined)
  const bytes = stored ? raw : await inflate(raw, entry)
  if (check && crc32(bytes) !== entry.crc32)
    throw new FileError(`the entry ${quoted(entry)} is damaged: its check sum is another`, {
      hint: 'the file was changed or not copied whole',
    })
  return bytes
}

/** Inflates until there is more than the entry claims: whatever it would make, no more than that is kept. */
async function inflate(raw: Uint8Array, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.size > raw.length * largestRatio)
    throw new FileError(
      `the entry ${quoted(entry)} claims ${formatBytes(entry.size)} from ${formatBytes(raw.length)}, more than deflate can make`,
    )
  const stream = new Blob([raw.slice()]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      length += value.length
      if (length > entry.size) break
    }
  } catch (cause) {
    throw new FileError(`the entry ${quoted(entry)} cannot be inflated: it is damaged`, { cause })
  } finally {
    await reader.cancel().catch(() => {})
  }
  if (length !== entry.size)
    throw new FileError(
      `the entry ${quoted(entry)} inflates to ${length > entry.size ? 'more than' : length} instead of ${entry.size} bytes`,
    )
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

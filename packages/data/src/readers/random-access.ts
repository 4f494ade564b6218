import { allOf, nameOf, nodeFiles, type ByteSource, type Readable } from './source.ts'
import { DataError } from './data-error.ts'

/** A file of which any part can be read. What has to be fetched is fetched whole. */
export async function openReadable(from: Readable): Promise<ByteSource> {
  const name = nameOf(from)
  if (from instanceof Blob) {
    return {
      name,
      size: from.size,
      read: async (offset, length) => new Uint8Array(await from.slice(offset, offset + length).arrayBuffer()),
      close: async () => {},
    }
  }
  if (typeof from === 'object' && 'read' in from) return from
  const fs = nodeFiles()
  const isPath = typeof from === 'string' && !/^(https?|file|data|blob):/i.test(from)
  if (fs !== undefined && (isPath || (from instanceof URL && from.protocol === 'file:')))
    return openFile(from, name)
  const bytes = await allOf(from)
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  }
}

async function openFile(path: string | URL, name: string): Promise<ByteSource> {
  try {
    const handle = await nodeFiles()!.promises.open(path) // the caller has seen it
    const { size } = await handle.stat()
    return {
      name,
      size,
      async read(offset, length) {
        const bytes = new Uint8Array(length)
        const { bytesRead } = await handle.read(bytes, 0, length, offset)
        if (bytesRead < length) throw new DataError(`${name} ends at byte ${offset + bytesRead}`)
        return bytes
      },
      close: () => handle.close(),
    }
  } catch (cause) {
    throw new DataError(`${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

import { FileError } from '../file-error.ts'
import { blobSource } from './blob.ts'
import { httpSource } from './http.ts'
import { bytesSource } from './memory.ts'
import { fileSink, fileSource, hasFiles } from './node-files.ts'
import { handleSink } from './opfs.ts'
import type { ByteSink, ByteSource } from './types.ts'

/** Where a file is: a path or URL, a `Blob` or `File`, bytes, or a source of one's own. */
export type Readable = string | URL | Blob | ArrayBuffer | ArrayBufferView | ByteSource

/** Where a file goes: a path, a handle that the browser gave, or a sink of one's own. */
export type Writable = string | URL | FileSystemFileHandle | ByteSink

const schemes = /^(https?|file|blob|data):/i

/**
 * What a readable stands for. A path is one of Node's files; in a page it is a URL beside the page.
 *
 * @throws FileError if there is nothing to open
 */
export async function openSource(from: Readable): Promise<ByteSource> {
  if (typeof from === 'string') return schemes.test(from) ? openUrl(new URL(from)) : openPath(from)
  if (from instanceof URL) return openUrl(from)
  if (from instanceof Blob) return blobSource(from)
  if (from instanceof ArrayBuffer || ArrayBuffer.isView(from)) return bytesSource(from)
  if (typeof from === 'object' && from !== null && typeof from.read === 'function') return from
  throw new FileError(`expected a path, URL, Blob, bytes or ByteSource, got ${kindOf(from)}`)
}

/**
 * What a writable stands for.
 *
 * @throws FileError if nothing can be written there
 */
export async function openSink(to: Writable): Promise<ByteSink> {
  if (typeof to === 'string' && !schemes.test(to)) return fileSink(checkedPath(to))
  if (typeof to === 'string' || to instanceof URL) return fileSink(filePath(new URL(to)))
  if (typeof to === 'object' && to !== null) {
    if ('write' in to && typeof to.write === 'function') return to
    if ('getFile' in to) return handleSink(to)
  }
  throw new FileError(`expected a path, file handle or ByteSink, got ${kindOf(to)}`)
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return `an object of class ${value.constructor?.name ?? 'none'}`
}

function openPath(path: string): Promise<ByteSource> {
  if (hasFiles()) return fileSource(checkedPath(path))
  if (typeof location === 'object') return httpSource(new URL(path, location.href))
  throw new FileError(`there is nowhere to find ${JSON.stringify(path)}`, { hint: 'give a URL or bytes' })
}

function checkedPath(path: string): string {
  if (path === '' || path.includes('\0')) throw new FileError(`${JSON.stringify(path)} is not a path`)
  return path
}

const openUrl = (url: URL): Promise<ByteSource> =>
  url.protocol === 'file:' && hasFiles() ? fileSource(filePath(url)) : httpSource(url)

function filePath(url: URL): string {
  if (url.protocol !== 'file:' || !hasFiles()) {
    throw new FileError(`${url.href} cannot be written to`, {
      hint: 'give a path, or take the bytes of toBytes() and send them',
    })
  }
  return process.getBuiltinModule('node:url').fileURLToPath(url)
}

import { takeArgument, text } from '@gradus/core/internal'
import { FileError } from '../file-error.ts'
import { blobSource } from './blob.ts'
import type { ByteSink, Folder } from './types.ts'

/** A file that the browser gave a handle on, in its private file system or chosen by the user, as a sink. */
export async function handleSink(handle: FileSystemFileHandle): Promise<ByteSink> {
  if (typeof handle.createWritable !== 'function') {
    throw new FileError('this browser does not write to file handles here', {
      hint: 'use indexedDbFolder()',
    })
  }
  // what is written replaces the file when the stream closes, all at once
  const stream = await handle.createWritable()
  const guarded = async (fn: () => Promise<void>): Promise<void> => {
    try {
      await fn()
    } catch (cause) {
      await stream.abort().catch(() => {})
      throw new FileError(`writing ${JSON.stringify(handle.name)} failed: ${String(cause)}`, {
        cause,
        hint: 'what was there under this name before is untouched',
      })
    }
  }
  return {
    name: handle.name,
    // the stream may look at the bytes later, and takes none that are shared
    write: (bytes) => guarded(() => stream.write(bytes.slice())),
    close: () => guarded(() => stream.close()),
    abort: () => stream.abort(),
  }
}

/**
 * A folder of the page's origin private file system, made if it is not there.
 *
 * @param path - folders from the root, as in `runs/first`; the root itself by default
 * @see https://developer.mozilla.org/docs/Web/API/File_System_API/Origin_private_file_system
 */
export function opfsFolder(path = ''): Folder {
  takeArgument('opfsFolder', 'path', text, path)
  let opened: Promise<FileSystemDirectoryHandle> | null = null
  const directory = (): Promise<FileSystemDirectoryHandle> => (opened ??= openPath(path))
  return {
    name: `opfs:${path}`,
    async list() {
      const names: string[] = []
      for await (const [name, handle] of entries(await directory())) {
        if (handle.kind === 'file' && !unfinished.test(name)) names.push(name)
      }
      return names
    },
    async open(name) {
      const handle = await (await directory()).getFileHandle(name).catch((cause: unknown) => {
        throw new FileError(`there is no file ${JSON.stringify(name)} in opfs:${path}`, { cause })
      })
      return blobSource(await handle.getFile(), name)
    },
    create: async (name) => newFile(await directory(), name),
    async remove(name) {
      await (await directory()).removeEntry(name).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
      })
    },
  }
}

/** Files that are being written: ours, and those that Chromium keeps beside a file while a stream is open. */
const unfinished = /\.(part|crswap)$/

/** Browsers move files of this file system; the compiler's library does not have it. */
interface Movable {
  move(name: string): Promise<void>
}
const isMovable = (handle: object): handle is Movable => 'move' in handle && typeof handle.move === 'function'

/** To ask for a handle makes an empty file: it has another name until what it holds is whole. */
async function newFile(directory: FileSystemDirectoryHandle, name: string): Promise<ByteSink> {
  const id = `${name}.${crypto.randomUUID()}.part`
  const handle = await directory.getFileHandle(id, { create: true })
  if (!isMovable(handle)) {
    await directory.removeEntry(id)
    return handleSink(await directory.getFileHandle(name, { create: true }))
  }
  const sink = await handleSink(handle)
  const dropped = async <T>(error: T): Promise<T> => {
    await directory.removeEntry(id).catch(() => {})
    return error
  }
  return {
    name,
    write: (bytes) =>
      sink.write(bytes).catch(async (error: unknown) => {
        throw await dropped(error)
      }),
    async close() {
      try {
        await sink.close()
        await handle.move(name)
      } catch (error) {
        throw await dropped(error)
      }
    },
    async abort() {
      await sink.abort()
      await dropped(null)
    },
  }
}

function entries(directory: FileSystemDirectoryHandle): AsyncIterable<[string, FileSystemHandle]> {
  // the compiler's library has no iteration of directories; the standard has: File System, 2.5
  return directory as unknown as AsyncIterable<[string, FileSystemHandle]>
}

async function openPath(path: string): Promise<FileSystemDirectoryHandle> {
  if (typeof navigator !== 'object' || typeof navigator.storage?.getDirectory !== 'function') {
    throw new FileError('there is no origin private file system here', {
      hint: 'it needs a page from https or localhost; in Node use fileFolder()',
    })
  }
  let directory = await navigator.storage.getDirectory()
  for (const part of path.split('/')) {
    if (part !== '') directory = await directory.getDirectoryHandle(part, { create: true })
  }
  return directory
}

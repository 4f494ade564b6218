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
  let opened: Promise<FileSystemDirectoryHandle> | null = null
  const directory = (): Promise<FileSystemDirectoryHandle> => (opened ??= openPath(path))
  return {
    name: `opfs:${path}`,
    async list() {
      const names: string[] = []
      for await (const [name, handle] of entries(await directory()))
        if (handle.kind === 'file') names.push(name)
      return names
    },
    async open(name) {
      const handle = await (await directory()).getFileHandle(name).catch((cause: unknown) => {
        throw new FileError(`there is no file ${JSON.stringify(name)} in opfs:${path}`, { cause })
      })
      return blobSource(await handle.getFile(), name)
    },
    async create(name) {
      return handleSink(await (await directory()).getFileHandle(name, { create: true }))
    },
    async remove(name) {
      await (await directory()).removeEntry(name).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
      })
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

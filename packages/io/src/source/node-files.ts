import { kind, takeArgument, text } from '@gradus/core/internal'
import type * as fsModule from 'node:fs'
import type * as pathModule from 'node:path'
import { FileError } from '../file-error.ts'
import { checkRange } from './range.ts'
import type { ByteSink, ByteSource, Folder } from './types.ts'

type Fs = typeof fsModule
type Path = typeof pathModule

/** Node's modules, where there are any: no import, so that a bundle for a page holds nothing of them. */
const builtin = (): { fs: Fs; path: Path } | null =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? { fs: process.getBuiltinModule('node:fs'), path: process.getBuiltinModule('node:path') }
    : null

/** Whether paths name files here. */
export const hasFiles = (): boolean => builtin() !== null

function modules(name: string): { fs: Fs; path: Path } {
  const found = builtin()
  if (found) return found
  throw new FileError(`there are no files here to find ${JSON.stringify(name)} among`, {
    hint: 'in a page give a URL, a File, bytes, or a file of opfsFolder() or indexedDbFolder()',
  })
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is not a folder',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  EFBIG: 'the file would be larger than the file system allows',
}

/** The system's error as one of gradus. */
function failed(doing: string, path: string, cause: unknown): FileError {
  const reason = reasons[codeOf(cause)] ?? (cause instanceof Error ? cause.message : String(cause))
  return new FileError(`${doing} ${JSON.stringify(path)} failed: ${reason}`, {
    cause,
    ...(doing === 'writing' && { hint: 'what was there under this name before is untouched' }),
  })
}

async function attempt<T>(doing: string, path: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn()
  } catch (error) {
    throw error instanceof FileError ? error : failed(doing, path, error)
  }
}

/** A file of Node as a source. */
export async function fileSource(file: string): Promise<ByteSource> {
  const { fs, path } = modules(file)
  const handle = await attempt('opening', file, () => fs.promises.open(file, 'r'))
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    throw new FileError(`${JSON.stringify(file)} is not a file`, {
      hint: stat.isDirectory() ? 'it is a folder: name the file in it' : 'pipes and devices have no length',
    })
  }
  let closed: Promise<void> | null = null
  const source: ByteSource = {
    name: file,
    size: stat.size,
    async read(offset, length, into) {
      checkRange(source, offset, length)
      // memory that is written over at once need not be zero
      const bytes = into ? into.subarray(0, length) : fresh(length)
      let done = 0
      while (done < length) {
        const { bytesRead } = await attempt('reading', file, () =>
          handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done),
        )
        if (bytesRead === 0) throw new FileError(`${JSON.stringify(file)} became shorter while it was read`)
        done += bytesRead
      }
      return bytes
    },
    sibling: (name) => fileSource(path.join(path.dirname(file), name)),
    close: () => (closed ??= handle.close()),
  }
  return source
}

function fresh(length: number): Uint8Array {
  const { buffer } = Buffer.allocUnsafeSlow(length)
  return new Uint8Array(buffer, 0, length)
}

let written = 0
const temporary = /^\.(.*)\.(\d+)-(\d+)-[0-9a-z]+\.partial$/

/**
 * A file of Node as a sink: written under another name, flushed, renamed, and the folder flushed. Whatever happens, under its
 * own name is either the file of before or the whole new one.
 */
export async function fileSink(file: string): Promise<ByteSink> {
  const { fs, path } = modules(file)
  // a link stays one: the file it leads to is replaced
  const target = await fs.promises.realpath(file).catch(() => path.resolve(file))
  const folder = path.dirname(target)
  const random = Math.random().toString(36).slice(2, 10)
  const partial = path.join(folder, `.${path.basename(target)}.${process.pid}-${written++}-${random}.partial`)
  const handle = await attempt('writing', file, () => fs.promises.open(partial, 'wx'))
  let open = true
  const abort = async (): Promise<void> => {
    if (open) await handle.close().catch(() => {})
    open = false
    await fs.promises.rm(partial, { force: true })
  }
  const orAbort = (fn: () => Promise<void>): Promise<void> =>
    attempt('writing', file, fn).catch(async (error: unknown) => {
      await abort().catch(() => {})
      throw error
    })
  return {
    name: file,
    write: (bytes) =>
      orAbort(async () => {
        let done = 0
        while (done < bytes.length)
          done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
      }),
    close: () =>
      orAbort(async () => {
        await handle.sync()
        await handle.close()
        open = false
        await fs.promises.rename(partial, target)
        await flushFolder(fs, folder)
      }),
    abort,
  }
}

/** A file that is seen as it grows: for what others read while it is written. Its folder is made. */
export async function appendSink(directory: string, name: string): Promise<ByteSink> {
  const { fs, path } = modules(directory)
  const file = path.join(directory, name)
  await attempt('making the folder', directory, () => fs.promises.mkdir(directory, { recursive: true }))
  const handle = await attempt('writing', file, () => fs.promises.open(file, 'ax'))
  return {
    name: file,
    write: (bytes) => attempt('writing', file, () => handle.writeFile(bytes)),
    close: () => attempt('writing', file, () => handle.close()),
    abort: () => handle.close(),
  }
}

/** Makes a rename last; Windows has no such call and needs none. */
async function flushFolder(fs: Fs, folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.promises.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // a process of somebody else runs, too
    return codeOf(error) === 'EPERM'
  }
}

/**
 * A directory of Node as a folder, made if it is not there. Parts of files that a process left behind when it died are removed
 * when the folder is listed.
 */
export function fileFolder(directory: string): Folder {
  takeArgument('fileFolder', 'directory', text, directory)
  const { fs, path } = modules(directory)
  const inside = (name: string): string => {
    if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
      throw new FileError(`${JSON.stringify(name)} is not the name of a file in ${JSON.stringify(directory)}`)
    return path.join(directory, name)
  }
  return {
    name: directory,
    async list() {
      const entries = await attempt('listing', directory, () =>
        fs.promises.readdir(directory, { withFileTypes: true }),
      ).catch((error: unknown) => {
        if (error instanceof FileError && codeOf(error.cause) === 'ENOENT') return []
        throw error
      })
      const names: string[] = []
      for (const entry of entries) {
        const partial = temporary.exec(entry.name)
        if (!partial) {
          if (entry.isFile()) names.push(entry.name)
        } else if (!isRunning(Number(partial[2]))) {
          await fs.promises.rm(path.join(directory, entry.name), { force: true })
        }
      }
      return names
    },
    open: async (name) => fileSource(inside(name)),
    async create(name) {
      const file = inside(name)
      await attempt('making the folder', directory, () => fs.promises.mkdir(directory, { recursive: true }))
      return fileSink(file)
    },
    remove: async (name) =>
      attempt('removing', name, async () => fs.promises.rm(inside(name), { force: true })),
  }
}

const folderKind = /* @__PURE__ */ kind<Folder>(
  'a path or a folder',
  (x) =>
    typeof x === 'object' &&
    x !== null &&
    ['list', 'open', 'create', 'remove'].every((name) => typeof Reflect.get(x, name) === 'function'),
)

/**
 * The folder that an argument stands for: a path is one of Node's.
 *
 * @throws ArgumentError for what is neither a path nor a folder
 */
export const folderOf = (call: string, name: string, given: Folder | string): Folder =>
  typeof given === 'string' ? fileFolder(given) : takeArgument(call, name, folderKind, given)

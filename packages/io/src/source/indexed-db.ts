import { takeArgument, text } from '@gradus/core/internal'
import { FileError } from '../file-error.ts'
import { checkRange } from './range.ts'
import type { ByteSink, ByteSource, Folder } from './types.ts'

/** What the database knows of a file; its parts lie under `[id, 0]`, `[id, 1]`, … */
interface Entry {
  readonly name: string
  readonly id: string
  readonly size: number
}

const partBytes = 1 << 20

/**
 * A folder kept in the page's IndexedDB. Files are kept in parts of 1 MB, so that one may be larger than memory; a file that was
 * not written to its end is not there.
 *
 * @param database - its name; `gradus` by default
 */
export function indexedDbFolder(database = 'gradus'): Folder {
  takeArgument('indexedDbFolder', 'database', text, database)
  let opened: Promise<IDBDatabase> | null = null
  const db = (): Promise<IDBDatabase> => (opened ??= openDatabase(database))
  const find = async (name: string): Promise<Entry | undefined> =>
    // what lies in this store are entries, by their names
    (await answer((await db()).transaction('files').objectStore('files').get(name))) as Entry | undefined
  return {
    name: `indexeddb:${database}`,
    async list() {
      const keys = await answer((await db()).transaction('files').objectStore('files').getAllKeys())
      return keys.map(String)
    },
    async open(name) {
      const entry = await find(name)
      if (!entry) throw new FileError(`there is no file ${JSON.stringify(name)} in indexeddb:${database}`)
      return partsSource(await db(), entry)
    },
    create: async (name) => new PartsSink(await db(), name),
    async remove(name) {
      const transaction = (await db()).transaction(['files', 'parts'], 'readwrite')
      await replace(transaction, name, null)
    },
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  if (typeof indexedDB !== 'object') {
    throw new FileError('there is no IndexedDB here', { hint: 'in Node use fileFolder()' })
  }
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('files', { keyPath: 'name' })
    request.result.createObjectStore('parts')
  }
  return answer(request)
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
    transaction.onerror = () => reject(transaction.error)
  })

const partsOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, Infinity])

/** Puts an entry in place of the one of its name, in one transaction; null removes. */
async function replace(transaction: IDBTransaction, name: string, entry: Entry | null): Promise<void> {
  const files = transaction.objectStore('files')
  const before: unknown = await answer(files.get(name))
  // what lies in this store are entries
  if (before) transaction.objectStore('parts').delete(partsOf((before as Entry).id))
  if (entry) files.put(entry)
  else files.delete(name)
  await finished(transaction)
}

function partsSource(db: IDBDatabase, { name, id, size }: Entry): ByteSource {
  const part = async (i: number): Promise<Uint8Array> => {
    const bytes: unknown = await answer(db.transaction('parts').objectStore('parts').get([id, i]))
    if (bytes instanceof Uint8Array) return bytes
    throw new FileError(`${JSON.stringify(name)} was replaced while it was read`, { hint: 'load it again' })
  }
  const source: ByteSource = {
    name,
    size,
    async read(offset, length) {
      checkRange(source, offset, length)
      const bytes = new Uint8Array(length)
      for (let at = offset; at < offset + length;) {
        const index = Math.floor(at / partBytes)
        const from = at - index * partBytes
        const piece = (await part(index)).subarray(from, from + offset + length - at)
        bytes.set(piece, at - offset)
        at += piece.length
      }
      return bytes
    },
    async close() {},
  }
  return source
}

class PartsSink implements ByteSink {
  readonly name: string
  private readonly db: IDBDatabase
  private readonly id = crypto.randomUUID()
  private readonly part = new Uint8Array(partBytes)
  private filled = 0
  private parts = 0

  constructor(db: IDBDatabase, name: string) {
    this.db = db
    this.name = name
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + partBytes - this.filled)
      this.part.set(piece, this.filled)
      this.filled += piece.length
      at += piece.length
      if (this.filled === partBytes) await this.flush()
    }
  }

  async close(): Promise<void> {
    const size = this.parts * partBytes + this.filled
    await this.flush()
    const transaction = this.db.transaction(['files', 'parts'], 'readwrite')
    await replace(transaction, this.name, { name: this.name, id: this.id, size })
  }

  async abort(): Promise<void> {
    const transaction = this.db.transaction('parts', 'readwrite')
    transaction.objectStore('parts').delete(partsOf(this.id))
    await finished(transaction)
  }

  private async flush(): Promise<void> {
    if (this.filled === 0) return
    const transaction = this.db.transaction('parts', 'readwrite')
    transaction.objectStore('parts').put(this.part.slice(0, this.filled), [this.id, this.parts++])
    this.filled = 0
    try {
      await finished(transaction)
    } catch (cause) {
      await this.abort().catch(() => {})
      throw new FileError(`writing ${JSON.stringify(this.name)} failed: ${String(cause)}`, {
        cause,
        hint: 'what was there under this name before is untouched; the browser may be out of space for this page',
      })
    }
  }
}

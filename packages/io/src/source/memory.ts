import { kind, takeArgument, text } from '@gradus/core/internal'
import { FileError } from '../file-error.ts'
import { checkRange } from './range.ts'
import type { ByteSink, ByteSource, Folder } from './types.ts'

const viewOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)

const bytesKind = /* @__PURE__ */ kind<ArrayBuffer | ArrayBufferView>(
  'an ArrayBuffer or a typed array whose memory is here',
  (x) => {
    const isShared = typeof SharedArrayBuffer === 'function' && x instanceof SharedArrayBuffer
    if (!ArrayBuffer.isView(x) && !(x instanceof ArrayBuffer) && !isShared) return false
    try {
      viewOf(x as ArrayBuffer) // one of the three
      return true
    } catch {
      return false // it was sent elsewhere
    }
  },
)

/** Bytes in memory as a source. What is read are views of them, not copies. */
export function bytesSource(data: ArrayBuffer | ArrayBufferView, name = 'bytes'): ByteSource {
  takeArgument('bytesSource', 'data', bytesKind, data)
  takeArgument('bytesSource', 'name', text, name)
  const bytes = viewOf(data)
  const source = {
    name,
    size: bytes.length,
    async read(offset: number, length: number) {
      checkRange(source, offset, length)
      return bytes.subarray(offset, offset + length)
    },
    async close() {},
  }
  return source
}

/** A sink that keeps what is written. */
export class MemorySink implements ByteSink {
  readonly name: string
  private parts: Uint8Array[] = []
  private length = 0
  private readonly done: (bytes: Uint8Array) => void

  /** @param done - is given all bytes when the sink closes */
  constructor(name = 'bytes', done: (bytes: Uint8Array) => void = () => {}) {
    this.name = name
    this.done = done
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.parts.push(bytes.slice())
    this.length += bytes.length
  }

  async close(): Promise<void> {
    this.done(this.bytes())
  }

  async abort(): Promise<void> {
    this.parts = []
    this.length = 0
  }

  /** All that was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length)
    let at = 0
    for (const part of this.parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
}

/**
 * A folder in memory, for tests and for programs that send files elsewhere.
 *
 * @example
 * const folder = g.io.memoryFolder()
 * await g.save({ a: 1 }, await folder.create('a.pt'))
 * await folder.list() // => ['a.pt']
 */
export function memoryFolder(): Folder {
  const files = new Map<string, Uint8Array>()
  return {
    name: 'memory',
    list: async () => [...files.keys()],
    async open(name) {
      const bytes = files.get(name)
      if (!bytes) throw new FileError(`there is no file ${JSON.stringify(name)} in memory`)
      return bytesSource(bytes, name)
    },
    create: async (name) => new MemorySink(name, (bytes) => void files.set(name, bytes)),
    remove: async (name) => void files.delete(name),
  }
}

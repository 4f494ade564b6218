import type { Tensor } from '@gradus/core'
import { tensorOf } from '../elements.ts'
import { FileError, inFile } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'
import { readAll, type LazyTensor, type SafetensorsFile, type TensorInfo } from './file.ts'
import { readHeader, type Header, type TensorEntry } from './header.ts'

// a larger tensor is read into memory of its own, which is let go of
const largestScratch = 64 << 20

/** Memory that tensors are read to, again and again. */
interface Scratch {
  bytes: Uint8Array
}

/** One file, its header read; where that fails, the source is closed. */
export async function openFile(source: ByteSource): Promise<SafetensorsFile> {
  try {
    return new OneFile(source, await readHeader(source))
  } catch (error) {
    await source.close()
    throw error
  }
}

class OneFile implements SafetensorsFile {
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly names: readonly string[]
  private readonly entries: ReadonlyMap<string, TensorEntry>
  private readonly source: ByteSource
  /** Where tensors are read to, again and again, before they are copied to the backend's memory. */
  private readonly scratch: Scratch = { bytes: new Uint8Array(0) }
  private reading = false

  constructor(source: ByteSource, { entries, metadata }: Header) {
    this.name = source.name
    this.source = source
    this.entries = entries
    this.metadata = metadata
    this.names = [...entries.keys()]
  }

  info(name: string): TensorInfo {
    const { type, shape, bytes } = this.entry(name)
    return { dtype: type.dtype, storedAs: type.name, shape, bytes }
  }

  async tensor(name: string): Promise<Tensor> {
    return this.within(name, () => this.withScratch((scratch) => this.read(name, scratch)))
  }

  bytes(name: string): Promise<Uint8Array> {
    const { offset, bytes } = this.entry(name)
    return this.source.read(offset, bytes)
  }

  lazy(name: string): LazyTensor {
    const { dtype, shape } = this.info(name)
    return { dtype, shape, read: () => this.tensor(name) }
  }

  all(): Promise<Record<string, Tensor>> {
    return readAll(this)
  }

  /** One tensor after the other; the bytes of the next are read while the program looks at the one before. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[string, Tensor]> {
    const scratch: Scratch[] = [{ bytes: new Uint8Array(0) }, { bytes: new Uint8Array(0) }]
    const start = (i: number): Promise<Uint8Array> => {
      const reading = this.readBytes(this.entry(this.names[i]), scratch[i % 2])
      // an error is met where this tensor's turn comes
      reading.catch(() => {})
      return reading
    }
    let next = this.names.length > 0 ? start(0) : null
    for (const [i, name] of this.names.entries()) {
      const bytes = await this.within(name, async () => next ?? start(i))
      next = i + 1 < this.names.length ? start(i + 1) : null
      const { shape, type } = this.entry(name)
      yield [name, await this.within(name, async () => tensorOf(bytes, shape, type))]
    }
  }

  close(): Promise<void> {
    this.scratch.bytes = new Uint8Array(0)
    return this.source.close()
  }

  private entry(name: string): TensorEntry {
    const entry = this.entries.get(name)
    if (entry) return entry
    throw new FileError(`there is no tensor ${JSON.stringify(name)} in ${JSON.stringify(this.name)}`, {
      hint: `it has ${this.names.length}: ${this.names.slice(0, 5).join(', ')}${this.names.length > 5 ? ', …' : ''}`,
    })
  }

  private within<T>(name: string, fn: () => Promise<T>): Promise<T> {
    return inFile(`tensor(${JSON.stringify(name)}) of ${JSON.stringify(this.name)}`, fn)
  }

  private async read(name: string, scratch?: Scratch): Promise<Tensor> {
    const entry = this.entry(name)
    return tensorOf(await this.readBytes(entry, scratch), entry.shape, entry.type)
  }

  /** Reads into scratch memory, if there is any and the bytes are not too many. */
  private readBytes({ offset, bytes }: TensorEntry, scratch?: Scratch): Promise<Uint8Array> {
    if (!scratch || bytes > largestScratch) return this.source.read(offset, bytes)
    if (scratch.bytes.length < bytes) scratch.bytes = new Uint8Array(bytes)
    return this.source.read(offset, bytes, scratch.bytes)
  }

  /** Reads with the scratch memory, which one read at a time has: several would write over each other. */
  private async withScratch<T>(read: (scratch?: Scratch) => Promise<T>): Promise<T> {
    if (this.reading) return read()
    this.reading = true
    try {
      return await read(this.scratch)
    } finally {
      this.reading = false
    }
  }
}

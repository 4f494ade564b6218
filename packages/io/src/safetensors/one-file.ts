import type { Tensor } from '@gradus/core'
import { tensorOf } from '../elements.ts'
import { FileError, inFile } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'
import { readAll, type LazyTensor, type SafetensorsFile, type TensorInfo } from './file.ts'
import { readHeader, type Header, type TensorEntry } from './header.ts'

// a larger tensor is read into memory of its own, which is let go of
const largestScratch = 64 << 20

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
  private scratch = new Uint8Array(0)
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
    const { type, shape, offset, bytes } = this.entry(name)
    return inFile(`tensor(${JSON.stringify(name)}) of ${JSON.stringify(this.name)}`, () =>
      this.withScratch(bytes, async (scratch) =>
        tensorOf(await this.source.read(offset, bytes, scratch), shape, type),
      ),
    )
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

  async *[Symbol.asyncIterator](): AsyncGenerator<[string, Tensor]> {
    for (const name of this.names) yield [name, await this.tensor(name)]
  }

  close(): Promise<void> {
    this.scratch = new Uint8Array(0)
    return this.source.close()
  }

  private entry(name: string): TensorEntry {
    const entry = this.entries.get(name)
    if (entry) return entry
    throw new FileError(`there is no tensor ${JSON.stringify(name)} in ${JSON.stringify(this.name)}`, {
      hint: `it has ${this.names.length}: ${this.names.slice(0, 5).join(', ')}${this.names.length > 5 ? ', …' : ''}`,
    })
  }

  /** Reads with the scratch memory, which one read at a time has: several would write over each other. */
  private async withScratch<T>(bytes: number, read: (scratch?: Uint8Array) => Promise<T>): Promise<T> {
    if (this.reading || bytes > largestScratch) return read()
    if (this.scratch.length < bytes) this.scratch = new Uint8Array(bytes)
    this.reading = true
    try {
      return await read(this.scratch)
    } finally {
      this.reading = false
    }
  }
}

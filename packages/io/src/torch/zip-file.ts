import { FileError } from '../file-error.ts'
import { unpickle } from '../pickle/read.ts'
import type { ByteSource } from '../source/types.ts'
import type { ZipEntry } from '../zip/directory.ts'
import { readEntry } from '../zip/read.ts'
import { TensorBuilder } from './build.ts'
import { torchRules } from './globals.ts'
import type { StorageRef } from './refs.ts'

/** An entry that says which program wrote a file: those of gradus have right check sums, PyTorch may be told to write none. */
export const writerEntry = '.data/writer'

/** Whether the entries of an archive are those of `torch.save`. */
export const isTorchZip = (entries: readonly ZipEntry[]): boolean =>
  entries.some(({ name }) => /^([^/]+\/)?data\.pkl$/.test(name))

/**
 * Reads what `torch.save` wrote in its format since 1.6: a zip archive of a pickle and one entry for each storage. Only the entries that the
 * pickle speaks of are read.
 */
export async function readTorchZip(source: ByteSource, entries: readonly ZipEntry[]): Promise<unknown> {
  const { value, length, archive, storages } = await readTorchPickle(source, entries)
  const builder = new TensorBuilder()
  for (const ref of storages.values()) builder.addStorage(ref, await archive.storage(ref))
  return builder.build(value, length)
}

/** A pickle of an archive, with what it says of tensors in place of them. */
interface Outline {
  readonly value: unknown
  /** Bytes of the pickle. */
  readonly length: number
  readonly archive: Archive
  readonly storages: ReadonlyMap<string, StorageRef>
}

/** Reads the pickle of an archive, and no storage. */
export async function readTorchPickle(source: ByteSource, entries: readonly ZipEntry[]): Promise<Outline> {
  const archive = new Archive(source, entries)
  const pickle = await archive.read('data.pkl')
  const order = archive.has('byteorder')
    ? new TextDecoder().decode(await archive.read('byteorder')).trim()
    : 'little'
  if (order !== 'little')
    throw new FileError(`the file has the byte order ${JSON.stringify(order)}; only little is read`)
  const storages = new Map<string, StorageRef>()
  const { value } = unpickle(pickle, torchRules(storages))
  return { value, length: pickle.length, archive, storages }
}

class Archive {
  private readonly source: ByteSource
  private readonly entries: ReadonlyMap<string, ZipEntry>
  private readonly root: string
  private readonly check: boolean

  constructor(source: ByteSource, entries: readonly ZipEntry[]) {
    this.source = source
    const [compressed] = entries.filter(({ method }) => method !== 'stored').sort((a, b) => b.size - a.size)
    if (compressed) {
      throw new FileError(
        `the entry ${JSON.stringify(compressed.name)} is compressed and would inflate from ${compressed.compressed} to ${compressed.size} bytes: PyTorch stores its entries as they are`,
      )
    }
    if (entries.some(({ name }) => name.endsWith('/constants.pkl'))) {
      throw new FileError('the file is a TorchScript program, not data', {
        hint: 'in PyTorch save model.state_dict() with torch.save',
      })
    }
    this.entries = new Map(entries.map((entry) => [entry.name, entry]))
    const pickle = entries.find(({ name }) => /^([^/]+\/)?data\.pkl$/.test(name))
    this.root = pickle ? pickle.name.slice(0, -'data.pkl'.length) : ''
    this.check = this.has(writerEntry)
  }

  has(name: string): boolean {
    return this.entries.has(this.root + name)
  }

  async read(name: string): Promise<Uint8Array> {
    const entry = this.entries.get(this.root + name)
    if (!entry) throw new FileError(`the archive has no entry ${JSON.stringify(this.root + name)}`)
    return readEntry(this.source, entry, { check: this.check })
  }

  async storage(ref: StorageRef): Promise<Uint8Array> {
    const entry = this.entries.get(`${this.root}data/${ref.key}`)
    if (!entry) throw new FileError(`storage ${ref.key} is missing from the archive`)
    if (entry.size !== ref.bytes) {
      throw new FileError(`storage ${ref.key} has ${entry.size} of ${ref.bytes} bytes`, {
        hint: 'the file is damaged: the pickle describes another storage',
      })
    }
    return this.read(`data/${ref.key}`)
  }
}

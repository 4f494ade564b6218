import type { Tensor } from '@gradus/core'
import { FileError, inFile } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'
import { repeatedKey } from '../unique-keys.ts'
import { readAll, type LazyTensor, type SafetensorsFile, type TensorInfo } from './file.ts'
import { openFile } from './one-file.ts'

/** Whether a source is the JSON that says which tensor is in which shard. */
export async function isIndex(source: ByteSource): Promise<boolean> {
  const head = await source.read(0, Math.min(source.size, 9))
  // a safetensors file has its `{` after eight bytes of length; text that begins with one is no length of any file
  return head[0] === 0x7b && !(head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0))
}

/** Opens the shards that an index names. */
export async function openShards(source: ByteSource): Promise<SafetensorsFile> {
  const { weightMap, metadata } = parseIndex(
    new TextDecoder('utf-8').decode(await source.read(0, source.size)),
  )
  const { sibling } = source
  if (!sibling) {
    throw new FileError(`the shards of ${JSON.stringify(source.name)} cannot be found from here`, {
      hint: 'an index knows only names: give its path or URL, or load the shards one by one',
    })
  }
  const files = new Map<string, SafetensorsFile>()
  try {
    for (const shard of new Set(weightMap.values())) {
      files.set(
        shard,
        await inFile(`shard ${JSON.stringify(shard)}`, async () => openFile(await sibling(shard))),
      )
    }
    return new Shards(source, weightMap, metadata, files)
  } catch (error) {
    for (const file of files.values()) await file.close()
    throw error
  }
}

interface Index {
  readonly weightMap: ReadonlyMap<string, string>
  readonly metadata: Readonly<Record<string, string>>
}

function parseIndex(text: string): Index {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FileError(`the index is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  const map = typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : undefined
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new FileError('the index has no weight_map, which says in which shard each tensor is')
  const twice = repeatedKey(text)
  if (twice !== null) throw new FileError(`the name ${JSON.stringify(twice)} is there twice in the index`)
  const weightMap = new Map<string, string>()
  for (const [name, shard] of Object.entries(map)) {
    // names that lead out of the folder are nobody's shard
    if (typeof shard !== 'string' || !/^[^/\\\0]+$/.test(shard) || shard === '.' || shard === '..')
      throw new FileError(
        `the index has ${JSON.stringify(shard)} as the shard of ${JSON.stringify(name)}: it is not the name of a file`,
      )
    weightMap.set(name, shard)
  }
  return { weightMap, metadata: textOf(json) }
}

/** What an index says besides: numbers, such as the total size, become text. */
function textOf(json: unknown): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null)
  if (typeof json !== 'object' || json === null || !('metadata' in json)) return metadata
  for (const [key, value] of Object.entries(json.metadata ?? {})) {
    metadata[key] = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  }
  return metadata
}

class Shards implements SafetensorsFile {
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  readonly names: readonly string[]
  private readonly source: ByteSource
  private readonly weightMap: ReadonlyMap<string, string>
  private readonly files: ReadonlyMap<string, SafetensorsFile>

  constructor(
    source: ByteSource,
    weightMap: ReadonlyMap<string, string>,
    metadata: Readonly<Record<string, string>>,
    files: ReadonlyMap<string, SafetensorsFile>,
  ) {
    this.name = source.name
    this.source = source
    this.weightMap = weightMap
    this.metadata = metadata
    this.files = files
    this.names = [...weightMap.keys()]
    for (const name of this.names) this.fileOf(name).info(name)
    for (const [shard, file] of files) {
      const stray = file.names.find((name) => weightMap.get(name) !== shard)
      if (stray !== undefined)
        throw new FileError(
          `the shard ${JSON.stringify(shard)} has the tensor ${JSON.stringify(stray)}, of which the index does not know`,
        )
    }
  }

  info(name: string): TensorInfo {
    return this.fileOf(name).info(name)
  }

  tensor(name: string): Promise<Tensor> {
    return this.fileOf(name).tensor(name)
  }

  bytes(name: string): Promise<Uint8Array> {
    return this.fileOf(name).bytes(name)
  }

  lazy(name: string): LazyTensor {
    return this.fileOf(name).lazy(name)
  }

  all(): Promise<Record<string, Tensor>> {
    return readAll(this)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<[string, Tensor]> {
    for (const name of this.names) yield [name, await this.tensor(name)]
  }

  async close(): Promise<void> {
    for (const file of this.files.values()) await file.close()
    await this.source.close()
  }

  private fileOf(name: string): SafetensorsFile {
    const file = this.files.get(this.weightMap.get(name) ?? '')
    if (file) return file
    throw new FileError(`there is no tensor ${JSON.stringify(name)} in ${JSON.stringify(this.name)}`)
  }
}

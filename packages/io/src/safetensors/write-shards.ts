import { defineOptions, integer, takeOptions, text } from '@gradus/core/internal'
import { inFile } from '../file-error.ts'
import { folderOf } from '../source/node-files.ts'
import type { Folder } from '../source/types.ts'
import {
  metadataKind,
  plan,
  writeFile,
  type Planned,
  type SafetensorsOptions,
  type TensorsToSave,
} from './write.ts'

/** Options of {@link saveShards}. */
export interface ShardOptions extends SafetensorsOptions {
  /** Bytes of tensors in one file; a larger tensor has a file of its own. 5 GB by default. */
  maxShardBytes?: number
  /** What the files' names begin with; `model` by default. */
  name?: string
}

const shardOptions = /* @__PURE__ */ defineOptions<ShardOptions>({
  metadata: metadataKind,
  maxShardBytes: /* @__PURE__ */ integer(1),
  name: text,
})

/**
 * Writes tensors into several safetensors files of limited size, and an index that says which is where:
 * `model-00001-of-00003.safetensors`, …, `model.safetensors.index.json`. The index is written last.
 *
 * @param to - a folder, or the path of one
 * @returns the name of the index
 * @throws ArgumentError for a size that is not a positive integer
 * @example
 * const folder = g.io.memoryFolder()
 * await g.io.saveShards({ a: g.ones(4), b: g.ones(4) }, folder, { maxShardBytes: 16 })
 * ;(await folder.list()).length // => 3
 */
export async function saveShards(
  tensors: TensorsToSave,
  to: Folder | string,
  options?: ShardOptions,
): Promise<string> {
  const {
    maxShardBytes = 5e9,
    name = 'model',
    metadata = { format: 'pt' },
  } = takeOptions('saveShards', shardOptions, options)
  const folder = folderOf('saveShards', 'to', to)
  const shards = divide(plan(tensors), maxShardBytes)
  const weightMap: [string, string][] = []
  let total = 0
  return inFile(`saveShards(${JSON.stringify(folder.name)})`, async () => {
    for (const [i, shard] of shards.entries()) {
      const file = `${name}-${number(i + 1)}-of-${number(shards.length)}.safetensors`
      await writeFile(shard, metadata, await folder.create(file))
      for (const { name: tensor, bytes } of shard) {
        weightMap.push([tensor, file])
        total += bytes
      }
    }
    const index = `${name}.safetensors.index.json`
    const sink = await folder.create(index)
    await sink.write(new TextEncoder().encode(indexOf(weightMap, total)))
    await sink.close()
    return index
  })
}

const number = (i: number): string => String(i).padStart(5, '0')

function divide(planned: readonly Planned[], limit: number): Planned[][] {
  const shards: Planned[][] = [[]]
  let filled = 0
  for (const tensor of planned) {
    if (filled > 0 && filled + tensor.bytes > limit) {
      shards.push([])
      filled = 0
    }
    shards.at(-1)!.push(tensor)
    filled += tensor.bytes
  }
  return shards
}

function indexOf(weightMap: readonly (readonly [string, string])[], total: number): string {
  // names are data: written one by one, so that __proto__ is one like any other
  const lines = weightMap.map(([tensor, file]) => `    ${JSON.stringify(tensor)}: ${JSON.stringify(file)}`)
  return `{\n  "metadata": { "total_size": ${total} },\n  "weight_map": {\n${lines.join(',\n')}\n  }\n}\n`
}

import { inFile } from '../file-error.ts'
import { openSource, type Readable } from '../source/open.ts'
import type { SafetensorsFile } from './file.ts'
import { openFile } from './one-file.ts'
import { isIndex, openShards } from './shards.ts'

/**
 * Opens a safetensors file, or the index of a sharded one, and reads its header. Its tensors are read when they are asked for, so
 * that a file may be larger than memory.
 *
 * float8, float4 and unsigned integers are read as the nearest dtype, which holds their values exactly; a warning says so.
 *
 * @param from - a path, URL, `Blob`, bytes or source; an index finds its shards beside itself
 * @throws FileError for a header that breaks a rule of the format
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * const bytes = await g.io.toBytes({ w: g.ones(2), b: g.zeros(1) }, { format: 'safetensors' })
 * const file = await g.io.openSafetensors(bytes)
 * file.info('w').shape // => [2]
 * ;(await file.tensor('w')).tolist() // => [1, 1]
 */
export async function openSafetensors(from: Readable): Promise<SafetensorsFile> {
  const source = await openSource(from)
  return inFile(`openSafetensors(${JSON.stringify(source.name)})`, async () => {
    try {
      return (await isIndex(source)) ? await openShards(source) : await openFile(source)
    } catch (error) {
      await source.close()
      throw error
    }
  })
}

import type { DType, Storage, Tensor } from '@gradus/core'
import { bytesOf } from '@gradus/core/backend'
import { pickle, type StorageKey } from '../pickle/write.ts'
import type { ByteSink } from '../source/types.ts'
import { storageChunks } from '../tensor-bytes.ts'
import { ZipWriter } from '../zip/write.ts'
import { writerEntry } from './zip-file.ts'

const classNames: Record<DType, string> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
}

/** A value as it will be written: its pickle, and the storages that follow. */
export interface TorchPlan {
  readonly pickle: Uint8Array
  readonly storages: readonly Storage[]
}

/**
 * What there is to write of a value. Tensors that share memory share it in the file.
 *
 * @throws ValueError for what the format has no form for
 */
export function planTorch(value: unknown): TorchPlan {
  const keys = new Map<Storage, string>()
  const storageOf = (x: Tensor): StorageKey => {
    const { storage, dtype } = x
    const key = keys.get(storage) ?? String(keys.size)
    keys.set(storage, key)
    return { key, className: classNames[dtype], length: storage.bytes / bytesOf(dtype) }
  }
  const bytes = pickle(value, storageOf)
  return { pickle: bytes, storages: [...keys.keys()] }
}

/** Where the bytes of a storage come from: the storage itself, or a copy that was made of it. */
export type ChunksOf = (storage: Storage) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Writes a planned value in PyTorch's format since 1.6. The sink stays open. */
export async function writeTorch(
  plan: TorchPlan,
  sink: ByteSink,
  chunksOf: ChunksOf = storageChunks,
): Promise<void> {
  const zip = new ZipWriter(sink)
  const text = (name: string, content: string): Promise<void> => {
    const bytes = new TextEncoder().encode(content)
    return zip.add(`archive/${name}`, bytes.length, [bytes])
  }
  await zip.add('archive/data.pkl', plan.pickle.length, [plan.pickle])
  await text('.format_version', '1')
  await text('.storage_alignment', '64')
  await text('byteorder', 'little')
  for (const [i, storage] of plan.storages.entries())
    await zip.add(`archive/data/${i}`, storage.bytes, chunksOf(storage))
  await text('version', '3\n')
  await text(writerEntry, 'gradus')
  await zip.finish()
}

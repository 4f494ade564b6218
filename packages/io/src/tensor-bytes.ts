import { Layout, Tensor, type Storage, type TypedArray } from '@gradus/core'
import { bytesOf } from '@gradus/core/backend'
import type { ByteSink } from './source/types.ts'

// what is copied at once: small enough to stay in the processor's cache on its way to the file
const chunkBytes = 4 << 20

/** The bytes of an array of elements. */
export const bytesOfArray = (data: TypedArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** A range of a storage, as a tensor of bytes. */
const byteView = (storage: Storage, offset: number, length: number): Tensor =>
  new Tensor(storage, new Layout([length], [1], offset), 'uint8')

/** The bytes of a storage from `offset`, in parts that are copied one by one. */
export async function* storageChunks(
  storage: Storage,
  offset = 0,
  length = storage.bytes,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += chunkBytes) {
    const view = byteView(storage, offset + done, Math.min(chunkBytes, length - done))
    yield bytesOfArray(await storage.backend.read(view))
  }
}

/** A copy of a storage's bytes, made at once where the backend can. */
export async function copyOfStorage(storage: Storage): Promise<Uint8Array> {
  return bytesOfArray(await storage.backend.read(byteView(storage, 0, storage.bytes)))
}

/** Writes a tensor's elements in row-major order, as they lie in memory. */
export async function writeElements(x: Tensor, sink: ByteSink): Promise<void> {
  if (!x.isContiguous()) {
    await sink.write(bytesOfArray(await x.storage.backend.read(x)))
    return
  }
  const width = bytesOf(x.dtype)
  // one part is copied while the one before is written
  let writing = Promise.resolve()
  for await (const chunk of storageChunks(x.storage, x.storageOffset() * width, x.nbytes)) {
    await writing
    writing = sink.write(chunk)
    writing.catch(() => {})
  }
  await writing
}

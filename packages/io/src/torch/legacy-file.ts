import { FileError } from '../file-error.ts'
import { PickleEnd } from '../pickle/bytes.ts'
import { unpickle, type Unpickled } from '../pickle/read.ts'
import { PyDict, type PickleRules } from '../pickle/values.ts'
import type { ByteSource } from '../source/types.ts'
import { TensorBuilder } from './build.ts'
import { torchRules } from './globals.ts'
import type { StorageRef } from './refs.ts'

// protocol 2, then the integer 0x1950a86a20f9469cfc6c, then the end
const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]

/** Whether a file begins as `torch.save` began before 1.6. */
export const isTorchLegacy = (head: Uint8Array): boolean => magic.every((byte, i) => head[i] === byte)

/**
 * Reads what `torch.save` wrote before 1.6: pickles of a magic number, a version, facts about the system, the value, and the keys of the
 * storages; then each storage, its length first.
 */
export async function readTorchLegacy(source: ByteSource): Promise<unknown> {
  const none = torchRules(new Map())
  const version = await readPickle(source, magic.length, () => none)
  if (version.value !== 1001)
    throw new FileError(`the file has version ${String(version.value)} of PyTorch's old format; 1001 is read`)
  const system = await readPickle(source, version.end, () => none)
  if (system.value instanceof PyDict && system.value.get('little_endian') === false)
    throw new FileError('the file has its numbers in big-endian order; only little is read')
  let storages = new Map<string, StorageRef>()
  const root = await readPickle(source, system.end, () =>
    torchRules((storages = new Map<string, StorageRef>())),
  )
  const keys = await readPickle(source, root.end, () => none)
  if (!Array.isArray(keys.value)) throw new FileError('the keys of the storages are no list')
  const builder = new TensorBuilder()
  let at = keys.end
  for (const key of keys.value) {
    const ref = storages.get(String(key))
    if (!ref) throw new FileError(`the file has storage ${String(key)}, of which its pickle does not speak`)
    at = await readStorage(source, at, ref, builder)
    storages.delete(ref.key)
  }
  const [missing] = storages.keys()
  if (missing !== undefined) throw new FileError(`storage ${missing} is missing from the file`)
  return builder.build(root.value, root.end - system.end)
}

async function readStorage(
  source: ByteSource,
  at: number,
  ref: StorageRef,
  builder: TensorBuilder,
): Promise<number> {
  const head = await source.read(at, 8)
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true)
  if (length !== BigInt(ref.length))
    throw new FileError(`storage ${ref.key} has ${length} of ${ref.length} elements`)
  if (at + 8 + ref.bytes > source.size)
    throw new FileError(
      `storage ${ref.key} has ${source.size - at - 8} of ${ref.bytes} bytes: the file is truncated`,
    )
  builder.addStorage(ref, await source.read(at + 8, ref.bytes))
  return at + 8 + ref.bytes
}

/** One pickle that begins at `offset`; nothing says where it ends, so more is read until it has. */
async function readPickle(source: ByteSource, offset: number, rules: () => PickleRules): Promise<Unpickled> {
  for (let length = 64 * 1024; ; length *= 4) {
    const all = source.size - offset
    const bytes = await source.read(offset, Math.min(length, all))
    try {
      const { value, end } = unpickle(bytes, rules(), all)
      return { value, end: offset + end }
    } catch (error) {
      if (!(error instanceof PickleEnd) || length >= all) throw error
    }
  }
}

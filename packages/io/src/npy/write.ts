import { Tensor, ValueError, type DType } from '@gradus/core'
import type { ByteSink } from '../source/types.ts'
import { writeElements } from '../tensor-bytes.ts'
import { ZipWriter } from '../zip/write.ts'

const descriptions: Partial<Record<DType, string>> = {
  bool: '|b1',
  uint8: '|u1',
  int8: '|i1',
  int16: '<i2',
  int32: '<i4',
  int64: '<i8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
}

/** Throws for a dtype that NumPy does not have. */
export function checkNpy(x: unknown, name = 'the value'): Tensor {
  if (!(x instanceof Tensor)) {
    throw new ValueError(
      `an array file holds tensors: ${name} is ${x === null ? 'null' : `of type ${typeof x}`}`,
      {
        hint: 'a .pt file keeps nested state',
      },
    )
  }
  if (descriptions[x.dtype] === undefined) {
    throw new ValueError(`NumPy has no ${x.dtype}: ${name} cannot be written as an array file`, {
      hint: "x.to('float32') holds the same values",
    })
  }
  return x
}

/** The header of an array file, which ends at a multiple of 64 bytes. */
function npyHeader(x: Tensor): Uint8Array {
  const sizes = x.shape.length === 1 ? `${x.shape[0]},` : x.shape.join(', ')
  const literal = `{'descr': '${descriptions[x.dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`
  const long = literal.length > 65000
  const start = long ? 12 : 10
  const length = Math.ceil((start + literal.length + 1) / 64) * 64 - start
  const bytes = new Uint8Array(start + length).fill(0x20)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, long ? 2 : 1, 0])
  const view = new DataView(bytes.buffer)
  if (long) view.setUint32(8, length, true)
  else view.setUint16(8, length, true)
  bytes.set(new TextEncoder().encode(literal), start)
  bytes[bytes.length - 1] = 0x0a
  return bytes
}

/** Writes an array file of NumPy, `.npy`. The sink stays open. */
export async function writeNpy(x: Tensor, sink: ByteSink): Promise<void> {
  await sink.write(npyHeader(x))
  await writeElements(x, sink)
}

/** Writes several array files in one archive, `.npz`, uncompressed as `numpy.savez` does. The sink stays open. */
export async function writeNpz(
  arrays: readonly (readonly [string, Tensor])[],
  sink: ByteSink,
): Promise<void> {
  const zip = new ZipWriter(sink)
  for (const [name, x] of arrays) {
    const parts: Uint8Array[] = []
    const collect = {
      name,
      write: async (bytes: Uint8Array) => void parts.push(bytes.slice()),
      close: async () => {},
      abort: async () => {},
    }
    await writeNpy(x, collect)
    await zip.add(
      `${name}.npy`,
      parts.reduce((sum, part) => sum + part.length, 0),
      parts,
    )
  }
  await zip.finish()
}

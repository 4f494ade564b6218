import type { Tensor } from '@gradus/core'
import { tensorOf } from '../elements.ts'
import { FileError, inFile } from '../file-error.ts'
import { bytesSource } from '../source/memory.ts'
import type { ByteSource } from '../source/types.ts'
import type { ZipEntry } from '../zip/directory.ts'
import { readEntry } from '../zip/read.ts'
import { readNpyHeader } from './header.ts'

/** Reads an array file of NumPy: `.npy`. An array in Fortran's order is a transposed view. */
export async function readNpy(source: ByteSource): Promise<Tensor> {
  const { type, bigEndian, fortranOrder, shape, offset, bytes } = await readNpyHeader(source)
  const raw = await source.read(offset, bytes)
  const data = bigEndian ? swapped(raw, type.bits / 8) : raw
  if (!fortranOrder || shape.length < 2) return tensorOf(data, shape, type)
  return tensorOf(data, [...shape].reverse(), type).permute(...shape.map((_, i) => shape.length - 1 - i))
}

/** Each element's bytes in the other order. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i += width)
    for (let k = 0; k < width; k++) result[i + k] = bytes[i + width - 1 - k]
  return result
}

const npyName = /^(.+)\.npy$/

/** Whether the entries of an archive are arrays of NumPy. */
export const isNpz = (entries: readonly ZipEntry[]): boolean =>
  entries.length > 0 && entries.every(({ name }) => npyName.test(name))

/** Reads several arrays of NumPy by name: `.npz`, compressed or not. The result has no prototype. */
export async function readNpz(
  source: ByteSource,
  entries: readonly ZipEntry[],
): Promise<Record<string, Tensor>> {
  const arrays: Record<string, Tensor> = Object.create(null)
  for (const entry of entries) {
    const name = npyName.exec(entry.name)?.[1]
    if (name === undefined) throw new FileError(`the entry ${JSON.stringify(entry.name)} is no array`)
    const bytes = await readEntry(source, entry)
    arrays[name] = await inFile(`array ${JSON.stringify(name)}`, () =>
      readNpy(bytesSource(bytes, entry.name)),
    )
  }
  return arrays
}

import { tensor, type DType, type Tensor, type TypedArray } from '@gradus/core'
import { defineOptions, integer, takeTensor, withDefaults } from '@gradus/core/internal'
import { DataError } from './data-error.ts'
import { allOf, checkReadable, joined, nameOf, piecesOf, unpacked, type Readable } from './source.ts'

/** Options of {@link readIdx}. */
export interface ReadIdxOptions {
  /** The most bytes that a packed file may unpack to; 2^30 by default. */
  maxBytes?: number
}

const table = /* @__PURE__ */ defineOptions<ReadIdxOptions>({ maxBytes: integer(1) })

interface ElementKind {
  readonly code: number
  readonly dtype: DType
  readonly width: number
  readonly read: (view: DataView, at: number) => number
  readonly write: (view: DataView, at: number, value: number) => void
}

// the third byte of a file, as http://yann.lecun.com/exdb/mnist lists them; numbers are big-endian
const kinds: readonly ElementKind[] = [
  {
    code: 0x08,
    dtype: 'uint8',
    width: 1,
    read: (v, i) => v.getUint8(i),
    write: (v, i, x) => v.setUint8(i, x),
  },
  { code: 0x09, dtype: 'int8', width: 1, read: (v, i) => v.getInt8(i), write: (v, i, x) => v.setInt8(i, x) },
  {
    code: 0x0b,
    dtype: 'int16',
    width: 2,
    read: (v, i) => v.getInt16(i),
    write: (v, i, x) => v.setInt16(i, x),
  },
  {
    code: 0x0c,
    dtype: 'int32',
    width: 4,
    read: (v, i) => v.getInt32(i),
    write: (v, i, x) => v.setInt32(i, x),
  },
  {
    code: 0x0d,
    dtype: 'float32',
    width: 4,
    read: (v, i) => v.getFloat32(i),
    write: (v, i, x) => v.setFloat32(i, x),
  },
  {
    code: 0x0e,
    dtype: 'float64',
    width: 8,
    read: (v, i) => v.getFloat64(i),
    write: (v, i, x) => v.setFloat64(i, x),
  },
]

/**
 * The array in a file of MNIST's format, packed by gzip or not: images as uint8 `[n, height, width]`, labels as uint8 `[n]`.
 *
 * @throws DataError for a file of another format, or of another length than its header says
 * @see http://yann.lecun.com/exdb/mnist
 * @example
 * const bytes = g.utils.data.toIdx(g.tensor([[1, 2], [3, 4]], { dtype: 'uint8' }))
 * const images = await g.utils.data.readIdx(bytes)
 * images.tolist() // => [[1, 2], [3, 4]]
 */
export async function readIdx(from: Readable, options?: ReadIdxOptions): Promise<Tensor> {
  checkReadable('readIdx', from)
  const { maxBytes } = withDefaults('readIdx', table, options, { maxBytes: 2 ** 30 })
  const name = nameOf(from)
  const raw = await allOf(from)
  const isPacked = raw[0] === 0x1f && raw[1] === 0x8b
  const bytes = isPacked ? await joined(unpacked(piecesOf(raw), 'gzip', name), maxBytes, name) : raw
  return arrayIn(bytes, name)
}

function arrayIn(bytes: Uint8Array, name: string): Tensor {
  const refuse = (what: string): DataError => new DataError(`${name}: ${what}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw refuse(
      'not an IDX file: it begins with two zero bytes, the kind of the elements, and the number of axes',
    )
  }
  const kind = kinds.find(({ code }) => code === bytes[2])
  if (!kind) throw refuse(`0x${bytes[2].toString(16)} is no kind of elements of an IDX file`)
  const axes = bytes[3]
  const start = 4 + 4 * axes
  if (bytes.length < start) throw refuse(`the file ends in its header, which has ${axes} sizes`)
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i))
  const count = shape.reduce((product, size) => product * size, 1)
  const found = bytes.length - start
  // a product beyond 2^53 is rounded, and far from any length
  if (count * kind.width !== found) {
    throw refuse(
      `the header claims ${count * kind.width} bytes for elements of shape [${shape.join(', ')}], the file has ${found}`,
    )
  }
  return tensor(elementsOf(view, start, count, kind), { dtype: kind.dtype }).reshape(shape)
}

function elementsOf(
  view: DataView,
  start: number,
  count: number,
  { dtype, width, read }: ElementKind,
): TypedArray {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, count * width)
  if (dtype === 'uint8') return bytes
  const elements =
    dtype === 'float64'
      ? new Float64Array(count)
      : dtype === 'float32'
        ? new Float32Array(count)
        : new Int32Array(count)
  for (let i = 0; i < count; i++) elements[i] = read(view, start + i * width)
  return elements
}

/**
 * A tensor as a file of MNIST's format.
 *
 * @param x - of dtype uint8, int8, int16, int32, float32 or float64, with at most 255 axes
 * @throws DataError for another dtype
 */
export function toIdx(x: Tensor): Uint8Array {
  takeTensor('toIdx', 'x', x)
  const kind = kinds.find(({ dtype }) => dtype === x.dtype)
  if (!kind) {
    throw new DataError(`an IDX file has no elements of dtype ${x.dtype}`, {
      hint: "convert them, as in x.to('uint8')",
    })
  }
  const start = 4 + 4 * x.ndim
  const bytes = new Uint8Array(start + x.numel() * kind.width)
  const view = new DataView(bytes.buffer)
  bytes.set([0, 0, kind.code, x.ndim])
  x.shape.forEach((size, i) => view.setUint32(4 + 4 * i, size))
  Array.from(x.readSync(), Number).forEach((value, i) => kind.write(view, start + i * kind.width, value))
  return bytes
}

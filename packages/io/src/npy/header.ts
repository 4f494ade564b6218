import { elementType, sayRead, sizeOfClaim, type ElementType } from '../elements.ts'
import { FileError, formatBytes } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'

/** What an array file says of itself. */
export interface NpyHeader {
  readonly type: ElementType
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  /** Where the elements begin. */
  readonly offset: number
  readonly bytes: number
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** Whether a file begins as NumPy's array files do. */
export const isNpy = (head: Uint8Array): boolean => magic.every((byte, i) => head[i] === byte)

/** Kinds of NumPy's type strings, and PyTorch's names for the same. */
const kinds: Record<string, string> = {
  b1: 'bool',
  u1: 'uint8',
  i1: 'int8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
}

/** @throws FileError for a header that is none, and for elements that gradus does not have */
export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const head = await source.read(0, Math.min(12, source.size))
  if (!isNpy(head) || head.length < 10)
    throw new FileError('the file does not begin as an array file of NumPy')
  const [major, minor] = [head[6], head[7]]
  if (major < 1 || major > 3)
    throw new FileError(`the array file has version ${major}.${minor}; 1.0 to 3.0 are read`)
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  const start = major === 1 ? 10 : 12
  if (head.length < start) throw new FileError('the array file ends in its header')
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (start + length > source.size)
    throw new FileError(
      `the header claims ${length} bytes and is longer than the file, which has ${formatBytes(source.size)}`,
    )
  // NumPy's own reader takes no longer ones
  if (length > 1 << 20) throw new FileError(`the header is too large: ${formatBytes(length)}, at most 1 MB`)
  const bytes = await source.read(start, length)
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes)
  return checked(parseLiteral(text), start + length, source.size)
}

interface Literal {
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/**
 * The one dictionary that a header is. It is matched by its grammar and not evaluated: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`,
 * in any order.
 */
function parseLiteral(text: string): Literal {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  const found = new Map<string, string>()
  const pair = /\s*(?:'([a-z_]+)'|"([a-z_]+)")\s*:\s*(\[.*\]|\([^()]*\)|'[^']*'|"[^"]*"|True|False)\s*(,|$)/sy
  const refuse = (what: string): FileError =>
    new FileError(`the header is not the literal that NumPy writes: ${what}`, {
      hint: 'it is data, and nothing in it is run',
    })
  if (inner === undefined) throw refuse(`it reads ${JSON.stringify(text.slice(0, 60))}`)
  let at = 0
  while (inner.slice(at).trim() !== '') {
    pair.lastIndex = at
    const match = pair.exec(inner)
    if (!match) throw refuse(`it has ${JSON.stringify(inner.slice(at, at + 60))}`)
    const key = match[1] ?? match[2]
    if (found.has(key)) throw refuse(`it has ${key} twice`)
    found.set(key, match[3])
    at = pair.lastIndex
  }
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => {
    const value = found.get(key)
    if (value === undefined) throw refuse(`it has no ${key}`)
    return value
  })
  if (found.size > 3) throw refuse('it has more than descr, fortran_order and shape')
  if (descr.startsWith('[') || descr.startsWith('('))
    throw new FileError('the array has a structured dtype, which no tensor has', {
      hint: 'save its fields one by one',
    })
  const tuple = /^\(((?:\s*\d+\s*,)*\s*\d*\s*)\)$/.exec(shape)?.[1]
  if (!/^['"]/.test(descr) || !/^(True|False)$/.test(order) || tuple === undefined)
    throw refuse('a value is of the wrong kind')
  const sizes = tuple
    .split(',')
    .map((n) => n.trim())
    .filter((n) => n !== '')
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: sizes.map(Number) }
}

function checked({ descr, fortranOrder, shape }: Literal, offset: number, fileSize: number): NpyHeader {
  const [, order, kind] = /^([<>=|])?(.*)$/s.exec(descr) ?? []
  if (kind === 'O') {
    throw new FileError('the array holds Python objects, which are pickles', {
      hint: 'in NumPy make it an array of numbers: x.astype("float32")',
    })
  }
  const type = kind !== undefined && Object.hasOwn(kinds, kind) ? elementType(kinds[kind]) : undefined
  if (!type) throw new FileError(`arrays of dtype ${JSON.stringify(descr)} are not supported`)
  const count = sizeOfClaim(shape)
  if (count === null || shape.length > 64)
    throw new FileError(`the sizes of the array overflow: [${shape.join(', ')}]`)
  const bytes = (count * type.bits) / 8
  if (bytes > fileSize - offset) {
    throw new FileError(
      `the array claims ${formatBytes(bytes)} and the file has ${formatBytes(fileSize - offset)} for it`,
      {
        hint: 'the file is truncated, or claims more than it has',
      },
    )
  }
  if (bytes < fileSize - offset)
    throw new FileError(`${fileSize - offset - bytes} bytes follow the array and belong to nothing`)
  if (type.convert) sayRead(type)
  return { type, bigEndian: order === '>', fortranOrder, shape, offset, bytes }
}

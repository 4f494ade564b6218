import { sayRead, sizeOfClaim, type ElementType } from '../elements.ts'
import { FileError, formatBytes } from '../file-error.ts'
import type { ByteSource } from '../source/types.ts'
import { repeatedKey } from '../unique-keys.ts'
import { fromHeader } from './dtypes.ts'

/** One tensor of a file, as its header describes it. */
export interface TensorEntry {
  readonly type: ElementType
  readonly shape: readonly number[]
  /** Where its bytes begin in the file. */
  readonly offset: number
  readonly bytes: number
}

/** What a file says about itself. */
export interface Header {
  readonly entries: ReadonlyMap<string, TensorEntry>
  /** Text by name, as whoever wrote the file left it. */
  readonly metadata: Readonly<Record<string, string>>
}

// the limit of the format's own reader
const largestHeader = 100_000_000

/** @throws FileError for a header that breaks any rule of the format */
export async function readHeader(source: ByteSource): Promise<Header> {
  const { size } = source
  if (size < 8) throw new FileError(`a safetensors file begins with 8 bytes, this one has ${size}`)
  const claimed = readU64(await source.read(0, 8))
  if (claimed > BigInt(size - 8)) {
    throw new FileError(
      `the header's length, ${claimed} bytes, reaches beyond the file, which has ${formatBytes(size)}`,
      { hint: 'the file is truncated, or it is no safetensors file' },
    )
  }
  const length = Number(claimed)
  if (length > largestHeader)
    throw new FileError(`the header is too large: ${formatBytes(length)}, at most 100 MB`)
  const json = parse(await source.read(8, length))
  const { __metadata__, tensors } = split(json)
  return {
    metadata: checkMetadata(__metadata__),
    entries: checkEntries(tensors, 8 + length, size - 8 - length),
  }
}

function readU64(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(bytes: Uint8Array): Record<string, unknown> {
  let text: string
  let json: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (cause) {
    throw new FileError(`the header is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  if (!isObject(json) || !text.startsWith('{')) {
    const kind = Array.isArray(json) ? 'an array' : json === null ? 'null' : `a ${typeof json}`
    throw new FileError(`the header is not an object but ${kind}`)
  }
  const twice = repeatedKey(text)
  if (twice !== null) throw new FileError(`the name ${JSON.stringify(twice)} is there twice in the header`)
  return json
}

function split(json: Record<string, unknown>): { __metadata__: unknown; tensors: [string, unknown][] } {
  const tensors = Object.entries(json).filter(([name]) => name !== '__metadata__')
  return { __metadata__: Object.hasOwn(json, '__metadata__') ? json['__metadata__'] : {}, tensors }
}

function checkMetadata(given: unknown): Record<string, string> {
  if (!isObject(given)) throw new FileError('__metadata__ is not an object of text')
  // names are data: an object without a prototype has no others
  const metadata: Record<string, string> = Object.create(null)
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string') {
      throw new FileError(
        `metadata must be text: ${JSON.stringify(key)} is ${value === null ? 'null' : `of type ${typeof value}`}`,
      )
    }
    metadata[key] = value
  }
  return metadata
}

function checkEntries(
  tensors: readonly [string, unknown][],
  start: number,
  length: number,
): Map<string, TensorEntry> {
  const entries = new Map<string, TensorEntry>()
  for (const [name, given] of tensors) entries.set(name, checkEntry(name, given, start, length))
  let end = start
  let before = ''
  for (const [name, { offset, bytes }] of [...entries].sort(
    ([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes,
  )) {
    if (offset < end)
      throw new FileError(`the tensors ${JSON.stringify(before)} and ${JSON.stringify(name)} overlap`)
    if (offset > end)
      throw new FileError(
        `there is a hole of ${offset - end} bytes before the tensor ${JSON.stringify(name)}`,
      )
    end = offset + bytes
    before = name
  }
  if (end < start + length)
    throw new FileError(`${start + length - end} bytes follow the last tensor and belong to none`)
  return entries
}

function checkEntry(name: string, given: unknown, start: number, length: number): TensorEntry {
  const fail = (what: string, hint?: string): FileError =>
    new FileError(`the tensor ${JSON.stringify(name)}: ${what}`, hint === undefined ? {} : { hint })
  if (!isObject(given)) throw fail('its description is not an object')
  const known = ['dtype', 'shape', 'data_offsets']
  const other = Object.keys(given).find((key) => !known.includes(key))
  if (other !== undefined)
    throw fail(`its description has ${JSON.stringify(other)}, which the format does not know`)
  const [dtype, shape, offsets] = known.map((key) => (Object.hasOwn(given, key) ? given[key] : undefined))
  const type = fromHeader(dtype)
  if (typeof type === 'string') throw fail(type)
  if (!isNumbers(shape) || shape.length > 64) throw fail(`its shape ${shown(shape)} is not a list of sizes`)
  const negative = shape.find((n) => n < 0)
  if (negative !== undefined) throw fail(`its shape has a negative size, ${negative}`)
  const count = sizeOfClaim(shape)
  if (count === null) throw fail(`its sizes overflow: [${shape.join(', ')}]`)
  if (!isNumbers(offsets) || offsets.length !== 2 || !offsets.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw fail(`its data_offsets ${shown(offsets)} are not two positions`)
  const [begin, end] = offsets
  if (begin > end) throw fail(`its offsets run backwards, from ${begin} to ${end}`)
  if (end > length)
    throw fail(`its offsets end at ${end}, beyond the file, which has ${length} bytes of data`)
  if (count * type.bits !== 8 * (end - begin)) {
    throw fail(
      `its shape [${shape.join(', ')}] of ${String(dtype)} needs ${(count * type.bits) / 8} bytes, its offsets span ${end - begin}`,
    )
  }
  if (type.convert) sayRead(type)
  return { type, shape, offset: start + begin, bytes: end - begin }
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => typeof n === 'number' && Number.isInteger(n))
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 80)

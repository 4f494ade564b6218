import { isDType, Tensor, ValueError } from '@gradus/core'
import { fromRaw } from '@gradus/core/internal'
import { bytesOf } from '@gradus/core/backend'
import { elementsOf, sizeOfClaim } from './elements.ts'
import { FileError } from './file-error.ts'
import { deepest } from './pickle/values.ts'
import { bytesOfArray } from './tensor-bytes.ts'

/** What JSON has. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** State as JSON: see {@link exportState}. */
export interface ExportedState {
  readonly format: 'gradus.state'
  readonly version: 1
  readonly value: Json
}

/**
 * State as an object that `JSON.stringify` takes, tensors in base64: for small models, which are kept where only text is.
 *
 * Each tensor is written for itself, row-major. What JSON has not (NaN, bigints, bytes, maps) has a form of its own, so that
 * {@link importState} gives it back.
 *
 * @throws ValueError for what is no data, naming where it is
 * @example
 * const text = JSON.stringify(await g.io.exportState({ w: g.tensor([1, 2]) }))
 * const state = g.io.importState(JSON.parse(text))
 * state.w.tolist() // => [1, 2]
 */
export async function exportState(value: unknown): Promise<ExportedState> {
  return { format: 'gradus.state', version: 1, value: await encode(value, '', new Set()) }
}

async function encode(value: unknown, path: string, open: Set<object>): Promise<Json> {
  const cannot = (what: string): ValueError =>
    new ValueError(`${what} cannot be exported${path === '' ? '' : `: it is at ${path}`}`, {
      hint: 'tensors, numbers, text, bytes, null, and arrays, objects and maps of them can',
    })
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $number: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (typeof value !== 'object') throw cannot(`a ${typeof value}`)
  if (value instanceof Tensor) return encodeTensor(value)
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (open.has(value)) throw cannot('a value that contains itself')
  if (open.size > deepest) throw cannot(`a value nested more than ${deepest} levels deep`)
  open.add(value)
  try {
    return await encodeContainer(value, path, open, cannot)
  } finally {
    open.delete(value)
  }
}

async function encodeContainer(
  value: object,
  path: string,
  open: Set<object>,
  cannot: (what: string) => ValueError,
): Promise<Json> {
  const list = async (items: readonly unknown[]): Promise<Json[]> => {
    const encoded: Json[] = []
    for (const [i, item] of items.entries()) encoded.push(await encode(item, `${path}[${i}]`, open))
    return encoded
  }
  if (Array.isArray(value)) return list(value)
  if (value instanceof Map) return { $map: await list([...value].map(([key, item]) => [key, item])) }
  if (value instanceof Set) return { $set: await list([...value]) }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw cannot(`an object of class ${value.constructor?.name ?? 'none'}`)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  // a key that reads like one of the forms here, or means something to JavaScript
  if (entries.some(([key]) => key.startsWith('$') || key === '__proto__'))
    return { $object: await list(entries) }
  const encoded: Record<string, Json> = {}
  for (const [key, item] of entries) encoded[key] = await encode(item, `${path}.${key}`, open)
  return encoded
}

async function encodeTensor(x: Tensor): Promise<Json> {
  const data = toBase64(bytesOfArray(await x.storage.backend.read(x)))
  return { $tensor: { dtype: x.dtype, shape: [...x.shape], data } }
}

/**
 * The state that {@link exportState} gave. Objects have no prototype.
 *
 * @typeParam T - what the caller knows it to be
 * @throws FileError for anything else
 */
export function importState<T = Record<string, Tensor>>(json: unknown): T {
  if (!isRecord(json) || json['format'] !== 'gradus.state')
    throw new FileError('this JSON is not what exportState() gives')
  if (json['version'] !== 1)
    throw new FileError(`the state has version ${String(json['version'])}; 1 is read`)
  return decode(json['value'], 0) as T // the caller's claim
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numbers: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }

function decode(json: unknown, depth: number): unknown {
  if (depth > deepest) throw new FileError(`the state is nested more than ${deepest} levels deep`)
  if (Array.isArray(json)) return json.map((item) => decode(item, depth + 1))
  if (!isRecord(json)) return json
  const keys = Object.keys(json)
  if (keys.length === 1 && keys[0].startsWith('$')) return decodeForm(keys[0], json[keys[0]], depth)
  return objectOf(keys.map((key) => [key, decode(json[key], depth + 1)]))
}

function objectOf(entries: readonly (readonly [unknown, unknown])[]): object {
  const object: Record<string, unknown> = Object.create(null)
  for (const [key, value] of entries) object[String(key)] = value
  return object
}

function decodeForm(form: string, value: unknown, depth: number): unknown {
  const pairs = (): [unknown, unknown][] => {
    if (!Array.isArray(value) || !value.every((pair) => Array.isArray(pair) && pair.length === 2))
      throw new FileError(`a ${form} of the state is no list of pairs`)
    return value.map(([key, item]) => [decode(key, depth + 1), decode(item, depth + 1)])
  }
  if (form === '$tensor' && isRecord(value)) return decodeTensor(value)
  if (form === '$map') return new Map(pairs())
  if (form === '$object') return objectOf(pairs())
  if (form === '$set' && Array.isArray(value)) return new Set(value.map((item) => decode(item, depth + 1)))
  if (form === '$bytes' && typeof value === 'string') return fromBase64(value)
  if (form === '$number' && typeof value === 'string' && Object.hasOwn(numbers, value)) return numbers[value]
  if (form === '$bigint' && typeof value === 'string' && /^-?\d{1,10000}$/.test(value)) return BigInt(value)
  throw new FileError(`the state has ${JSON.stringify(form)}, which exportState() does not write`)
}

function decodeTensor({ dtype, shape, data }: Record<string, unknown>): Tensor {
  const count = Array.isArray(shape) ? sizeOfClaim(shape) : null
  if (!isDType(dtype) || !Array.isArray(shape) || count === null || typeof data !== 'string')
    throw new FileError('a tensor of the state has no dtype, shape or data')
  const bytes = fromBase64(data)
  if (bytes.length !== count * bytesOf(dtype))
    throw new FileError(
      `a tensor of the state is ${dtype}[${shape.join(', ')}] and has ${bytes.length} of ${count * bytesOf(dtype)} bytes`,
    )
  return fromRaw(elementsOf(bytes, dtype), shape, dtype)
}

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096))
  return btoa(text)
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  } catch (cause) {
    throw new FileError('the state has data that are not base64', { cause })
  }
}

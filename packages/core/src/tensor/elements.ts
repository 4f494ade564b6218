import { ArgumentError } from '../base/errors.ts'
import { describeValue } from '../base/describe.ts'
import { allocateTyped, type DType, type TypedArray } from '../base/dtype.ts'
import type { TensorError } from '../base/errors.ts'
import { ValueError } from '../base/errors.ts'
import { bfloat16ToNumber, float16ToNumber, numberToBFloat16, numberToFloat16 } from '../base/half.ts'

/** Elements as a program reads them: half precision as float32, bool as bytes 0 or 1, int64 as bigint. */
export type HostArray =
  Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array

/** Elements as they lie in memory, made readable: 16-bit floats become float32. */
export function decode(data: TypedArray, dtype: DType): HostArray {
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, float16ToNumber) // float16 lies as its bits
  if (dtype === 'bfloat16') return Float32Array.from(data as Uint16Array, bfloat16ToNumber) // so does bfloat16
  if (data instanceof Uint16Array) throw new TypeError(`${dtype} does not lie as 16-bit words`)
  return data
}

/** Numbers as they lie in memory. Integers wrap, fractions are cut, half precision rounds to nearest even. */
export function encode(values: ArrayLike<number | bigint | boolean>, dtype: DType): TypedArray {
  return encodeEach(values.length, dtype, (i) => values[i])
}

/** {@link encode} of values that are computed one by one. */
export function encodeEach(
  length: number,
  dtype: DType,
  valueAt: (i: number) => number | bigint | boolean,
): TypedArray {
  const data = allocateTyped(dtype, length)
  const put = encoder(dtype)
  if (data instanceof BigInt64Array) for (let i = 0; i < length; i++) data[i] = toBigInt(valueAt(i))
  else for (let i = 0; i < length; i++) data[i] = put(Number(valueAt(i)))
  return data
}

function encoder(dtype: DType): (x: number) => number {
  if (dtype === 'float16') return numberToFloat16
  if (dtype === 'bfloat16') return numberToBFloat16
  if (dtype === 'bool') return (x) => (x !== 0 ? 1 : 0)
  return (x) => x
}

function toBigInt(x: number | bigint | boolean): bigint {
  if (typeof x === 'bigint') return x
  const n = Math.trunc(Number(x))
  // x86's result for values that do not fit
  return Number.isFinite(n) ? BigInt(n) : -(2n ** 63n)
}

/**
 * One element as a JavaScript value: bool as boolean, the rest as number.
 *
 * @throws ValueError for an int64 beyond 2^53, which a number cannot hold
 */
export function toValue(x: number | bigint, dtype: DType): number | boolean {
  if (dtype === 'bool') return x !== 0
  if (typeof x === 'number') return x
  if (x > BigInt(Number.MAX_SAFE_INTEGER) || x < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new ValueError(`the int64 value ${x} is beyond 2^53 and does not fit a number`, {
      hint: 'readSync() gives the values as a BigInt64Array',
    })
  }
  return Number(x)
}

/** Nested arrays of numbers or booleans. */
export type Nested = number | boolean | bigint | readonly Nested[]

/** Deeper ones are taken for an array that holds itself; PyTorch's limit for axes is 64. */
const deepest = 64

/** Nested arrays as a flat list with their shape. */
export function flatten(data: Nested): { values: (number | boolean | bigint)[]; shape: number[] } {
  const shape: number[] = []
  // an element of an array in Nested is Nested
  for (let level: Nested = data; Array.isArray(level); level = level[0] as Nested) {
    if (shape.push(level.length) > deepest) throw new ValueError(`arrays are nested deeper than ${deepest}`)
    if (level.length === 0) break
  }
  const values: (number | boolean | bigint)[] = []
  const visit = (item: Nested, depth: number): void => {
    if (!Array.isArray(item)) {
      if (depth !== shape.length) throw ragged(shape[depth], depth, 'a number')
      if (typeof item !== 'number' && typeof item !== 'boolean' && typeof item !== 'bigint')
        throw new ArgumentError(`a tensor is made of numbers or booleans, got ${describeValue(item)}`)
      values.push(item)
      return
    }
    if (depth >= shape.length) throw new ValueError(`expected a number at depth ${depth}, got an array`)
    if (item.length !== shape[depth]) throw ragged(shape[depth], depth, String(item.length))
    for (const part of item) visit(part as Nested, depth + 1) // parts of Nested are Nested
  }
  visit(data, 0)
  return { values, shape }
}

const ragged = (expected: number, dim: number, got: string): TensorError =>
  new ValueError(`expected sequence of length ${expected} at dim ${dim} (got ${got})`, {
    hint: 'all rows of a nested array have the same length',
  })

/** A flat list nested by shape. */
export function nest<T>(values: ArrayLike<T>, shape: readonly number[]): T | T[] {
  let at = 0
  const build = (depth: number): unknown =>
    depth === shape.length ? values[at++] : Array.from({ length: shape[depth] }, () => build(depth + 1))
  return build(0) as T | T[] // nested arrays of T, or T itself for a scalar
}

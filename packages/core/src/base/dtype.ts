import { describeValue } from './describe.ts'
import { ArgumentError, DTypeError } from './errors.ts'

/** The element types of a tensor. */
export type DType =
  | 'bool' | 'uint8' | 'int8' | 'int16' | 'int32' | 'int64'
  | 'float16' | 'bfloat16' | 'float32' | 'float64' // prettier-ignore

/** The number types that kernels compute in: half precision computes in float32, small integers in int32. */
export type Num = 'f32' | 'f64' | 'i32' | 'i64' | 'bool'

/** How elements lie in memory. float16 and bfloat16 are their 16 bits; bool is one byte, 0 or 1. */
export type TypedArray =
  | Uint8Array | Int8Array | Int16Array | Uint16Array | Int32Array | BigInt64Array
  | Float32Array | Float64Array // prettier-ignore

/** Rank of a dtype in promotion: a value of a higher category decides the result. */
export type Category = 'bool' | 'int' | 'float'

interface DTypeInfo {
  code: number
  bytes: number
  category: Category
  num: Num
}

const info: Record<DType, DTypeInfo> = {
  bool: { code: 0, bytes: 1, category: 'bool', num: 'bool' },
  uint8: { code: 1, bytes: 1, category: 'int', num: 'i32' },
  int8: { code: 2, bytes: 1, category: 'int', num: 'i32' },
  int16: { code: 3, bytes: 2, category: 'int', num: 'i32' },
  int32: { code: 4, bytes: 4, category: 'int', num: 'i32' },
  int64: { code: 5, bytes: 8, category: 'int', num: 'i64' },
  float16: { code: 6, bytes: 2, category: 'float', num: 'f32' },
  bfloat16: { code: 7, bytes: 2, category: 'float', num: 'f32' },
  float32: { code: 8, bytes: 4, category: 'float', num: 'f32' },
  float64: { code: 9, bytes: 8, category: 'float', num: 'f64' },
}

/** Every dtype, in the order of their codes. */
export const dtypes: readonly DType[] = [
  'bool',
  'uint8',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'bfloat16',
  'float32',
  'float64', // prettier-ignore
]

export const isDType = (value: unknown): value is DType =>
  typeof value === 'string' && Object.hasOwn(info, value)

/** A small integer per dtype, 0 to 9: the index of caches kept per dtype. */
export const codeOf = (dtype: DType): number => infoOf(dtype).code
/** Bytes of one element. */
export const bytesOf = (dtype: DType): number => infoOf(dtype).bytes
export const categoryOf = (dtype: DType): Category => infoOf(dtype).category
/** The type a kernel computes in for elements of this dtype. */
export const numOf = (dtype: DType): Num => infoOf(dtype).num
export const isFloat = (dtype: DType): boolean => infoOf(dtype).category === 'float'
export const isInteger = (dtype: DType): boolean => infoOf(dtype).category === 'int'
export const isHalf = (dtype: DType): boolean =>
  infoOf(dtype).category === 'float' && infoOf(dtype).bytes === 2

/** What is known of a dtype. JavaScript may give any value for its name. */
function infoOf(dtype: DType): DTypeInfo {
  const found: DTypeInfo | undefined = typeof dtype === 'string' ? info[dtype] : undefined
  // what every object inherits has no code
  if (found?.code === undefined)
    throw new ArgumentError(`a dtype is one of '${dtypes.join("', '")}', got ${describeValue(dtype)}`)
  return found
}

/** The dtype in which a kernel's number type is stored without loss. */
export const dtypeOfNum: Record<Num, DType> = {
  f32: 'float32',
  f64: 'float64',
  i32: 'int32',
  i64: 'int64',
  bool: 'bool',
}

const rank: Record<Category, number> = { bool: 0, int: 1, float: 2 }

/**
 * The dtype both `a` and `b` convert to: PyTorch's `promote_types`.
 *
 * @example
 * g.promoteTypes('int32', 'float16') // => 'float16'
 */
export function promoteTypes(a: DType, b: DType): DType {
  const x = infoOf(a)
  const y = infoOf(b)
  if (a === b) return a
  if (x.category !== y.category) return rank[x.category] > rank[y.category] ? a : b
  // two floats of two bytes have no common one of two bytes; uint8 and int8 have none of one byte
  if (x.bytes === y.bytes) return x.category === 'float' ? 'float32' : 'int16'
  return x.bytes > y.bytes ? a : b
}

/** The part of an operand that promotion reads. A number has no dtype. */
export interface Operand {
  dtype: DType
  /** 2: a tensor with dimensions, 1: a 0-dimensional tensor, 0: a number. A lower class only decides by its category. */
  priority: 0 | 1 | 2
}

/**
 * The dtype of an operation on operands of three classes: tensors with dimensions, 0-dimensional tensors, numbers.
 * A lower class changes the result only if its category (bool < int < float) is higher.
 *
 * @see https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 */
export function resultType(operands: readonly Operand[]): DType {
  const best: (DType | null)[] = [null, null, null]
  for (const { dtype, priority } of operands) {
    const current = best[priority]
    best[priority] = current === null ? dtype : promoteTypes(current, dtype)
  }
  let result = best[2]
  for (const lower of [best[1], best[0]]) {
    if (lower === null) continue
    if (result === null || rank[info[lower].category] > rank[info[result].category]) result = lower
  }
  if (result === null) throw new DTypeError('resultType needs at least one operand')
  return result
}

/** The dtype a plain number or boolean takes part with: 2.5 is float32, 2 is int64, true is bool (PyTorch's defaults). */
export function dtypeOfScalar(value: number | bigint | boolean): DType {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int64'
  return Number.isInteger(value) ? 'int64' : 'float32'
}

/** Whether a value of `from` may be written to a tensor of `to` in place: never to a lower category. */
export const canCast = (from: DType, to: DType): boolean => rank[categoryOf(from)] <= rank[categoryOf(to)]

/** Limits of a floating dtype, as `torch.finfo`. */
export interface FloatInfo {
  /** Distance from 1 to the next value. */
  eps: number
  max: number
  min: number
  /** Smallest positive normal value. */
  tiny: number
}

const floats: Partial<Record<DType, FloatInfo>> = {
  float16: { eps: 2 ** -10, max: 65504, min: -65504, tiny: 2 ** -14 },
  bfloat16: { eps: 2 ** -7, max: (2 - 2 ** -7) * 2 ** 127, min: -(2 - 2 ** -7) * 2 ** 127, tiny: 2 ** -126 },
  float32: {
    eps: 2 ** -23,
    max: (2 - 2 ** -23) * 2 ** 127,
    min: -(2 - 2 ** -23) * 2 ** 127,
    tiny: 2 ** -126,
  },
  float64: { eps: 2 ** -52, max: Number.MAX_VALUE, min: -Number.MAX_VALUE, tiny: 2 ** -1022 },
}

/**
 * Limits of a floating dtype.
 *
 * @throws DTypeError for an integer dtype or bool
 * @see https://pytorch.org/docs/stable/type_info.html
 * @example
 * g.finfo('float16').max // => 65504
 */
export function finfo(dtype: DType): FloatInfo {
  const { category } = infoOf(dtype)
  const limits = floats[dtype]
  if (category !== 'float' || !limits)
    throw new DTypeError(`finfo() requires a floating point dtype, got ${dtype}`, { hint: 'use iinfo' })
  return limits
}

/** Smallest and largest value of an integer dtype, as bigint. */
export function iinfo(dtype: DType): { min: bigint; max: bigint } {
  if (infoOf(dtype).category !== 'int') {
    throw new DTypeError(`iinfo() requires an integer dtype, got ${dtype}`, { hint: 'use finfo' })
  }
  if (dtype === 'uint8') return { min: 0n, max: 255n }
  const half = 2n ** BigInt(8 * info[dtype].bytes - 1)
  return { min: -half, max: half - 1n }
}

/** An empty array for `length` elements of `dtype`: its in-memory form. */
export function allocateTyped(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'bool':
    case 'uint8':
      return new Uint8Array(length)
    case 'int8':
      return new Int8Array(length)
    case 'int16':
      return new Int16Array(length)
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(length)
    case 'int32':
      return new Int32Array(length)
    case 'int64':
      return new BigInt64Array(length)
    case 'float32':
      return new Float32Array(length)
    case 'float64':
      return new Float64Array(length)
  }
}

import { elementType, type ElementType } from '../elements.ts'

/** Names of the format, and PyTorch's for the same. */
const names: Record<string, string> = {
  BOOL: 'bool',
  U8: 'uint8',
  I8: 'int8',
  I16: 'int16',
  U16: 'uint16',
  F16: 'float16',
  BF16: 'bfloat16',
  I32: 'int32',
  U32: 'uint32',
  F32: 'float32',
  F64: 'float64',
  I64: 'int64',
  U64: 'uint64',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  F8_E4M3FNUZ: 'float8_e4m3fnuz',
  F8_E5M2FNUZ: 'float8_e5m2fnuz',
  F8_E8M0: 'float8_e8m0fnu',
  F4: 'float4_e2m1fn_x2',
}

/** Dtypes of the format that nothing here can hold. */
const refused: Record<string, string> = {
  C64: 'complex numbers are not supported',
  F6_E2M3: '6-bit floats are not supported: the format does not say how they are packed',
  F6_E3M2: '6-bit floats are not supported: the format does not say how they are packed',
}

/** The element type that a header names, or why there is none. */
export function fromHeader(name: unknown): ElementType | string {
  if (typeof name === 'string' && Object.hasOwn(names, name)) {
    const type = elementType(names[name])
    if (type) return type
  }
  if (typeof name === 'string' && Object.hasOwn(refused, name)) return refused[name]
  return `the dtype ${JSON.stringify(name)} is unknown`
}

/** The format's name of a dtype. */
export function headerName(dtype: string): string {
  const found = Object.entries(names).find(([, name]) => name === dtype)
  if (!found) throw new TypeError(`safetensors has no dtype ${dtype}`)
  return found[0]
}

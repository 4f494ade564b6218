import { f32x4, f64x2, i32x4, i64x2, v128 } from '../assembler/index.ts'
import type { Load, Operand, Statement, Value } from '../assembler/index.ts'

/** The types that kernels of linear algebra compute in. */
export type ComputeType = 'f32' | 'f64' | 'i32' | 'i64'

type Vector = Operand<'v128'>

/**
 * Arithmetic on one `v128` of a compute type. A single number is a vector whose lane 0 alone counts, so that whole
 * vectors and remainders round alike.
 */
export interface Arithmetic {
  readonly type: ComputeType
  readonly lanes: 2 | 4
  readonly laneBytes: 4 | 8
  readonly add: (x: Vector, y: Vector) => Value<'v128'>
  /** `x * y + sum` */
  readonly multiplyAdd: (x: Vector, y: Vector, sum: Vector) => Value<'v128'>
  /** `x * y`, if multiply-add is this and an addition. */
  readonly multiply?: (x: Vector, y: Vector) => Value<'v128'>
  /** One number from memory in all lanes. */
  readonly splat: Load<'v128'>
  /** Writes lane 0. */
  readonly storeFirst: (address: Operand<'i32'>, x: Vector, offset?: number) => Statement
}

/** Vectors are 16 bytes, whatever their lanes. */
export const vectorBytes = 16

/** A vector of zeros of any type. */
export const zero: Value<'v128'> = v128.const(new Uint8Array(16))

/**
 * Arithmetic of a type. With `relaxed`, floating multiply-add may round once or twice, as the machine does it
 * faster. Without, results are the same on every machine.
 */
export function arithmeticOf(type: ComputeType, relaxed: boolean): Arithmetic {
  const narrow = { lanes: 4, laneBytes: 4, splat: v128.load32Splat, storeFirst: storeFirst32 } as const
  const wide = { lanes: 2, laneBytes: 8, splat: v128.load64Splat, storeFirst: storeFirst64 } as const
  const { add, mul } = { f32: f32x4, f64: f64x2, i32: i32x4, i64: i64x2 }[type]
  const size = type === 'f32' || type === 'i32' ? narrow : wide
  if (relaxed && type === 'f32') return { ...size, type, add, multiplyAdd: f32x4.relaxedMadd }
  if (relaxed && type === 'f64') return { ...size, type, add, multiplyAdd: f64x2.relaxedMadd }
  return { ...size, type, add, multiply: mul, multiplyAdd: (x, y, sum) => add(sum, mul(x, y)) }
}

function storeFirst32(address: Operand<'i32'>, x: Vector, offset = 0): Statement {
  return v128.store32Lane(address, x, 0, offset)
}

function storeFirst64(address: Operand<'i32'>, x: Vector, offset = 0): Statement {
  return v128.store64Lane(address, x, 0, offset)
}

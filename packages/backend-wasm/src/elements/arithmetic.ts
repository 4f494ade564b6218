import { f32x4, f64x2, i32x4, i64x2, v128 } from '../assembler/index.ts'
import type { Load, Operand, Statement, Value } from '../assembler/index.ts'

/** The types that kernels of linear algebra compute in. */
export type ComputeType = 'f32' | 'f64' | 'i32' | 'i64'

type Vector = Operand<'v128'>

/**
 * Arithmetic on one `v128` of a compute type. A single number is a vector of which only lane 0 counts, so that whole
 * vectors and remainders round alike.
 */
export interface Arithmetic {
  readonly type: ComputeType
  readonly lanes: 2 | 4
  readonly laneBytes: 4 | 8
  readonly add: (x: Vector, y: Vector) => Value<'v128'>
  /** `x * y + sum` */
  readonly multiplyAdd: (x: Vector, y: Vector, sum: Vector) => Value<'v128'>
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
 * Arithmetic of a type. With `relaxed`, floating multiply-add may round once instead of twice, which is what the
 * machine does faster; without, results are the same on every machine.
 */
export function arithmeticOf(type: ComputeType, relaxed: boolean): Arithmetic {
  const narrow = { lanes: 4, laneBytes: 4, splat: v128.load32Splat, storeFirst: storeFirst32 } as const
  const wide = { lanes: 2, laneBytes: 8, splat: v128.load64Splat, storeFirst: storeFirst64 } as const
  const separate = { f32: f32x4, f64: f64x2, i32: i32x4, i64: i64x2 }[type]
  const twoSteps = (x: Vector, y: Vector, sum: Vector) => separate.add(sum, separate.mul(x, y))
  switch (type) {
    case 'f32':
      return { ...narrow, type, add: f32x4.add, multiplyAdd: relaxed ? f32x4.relaxedMadd : twoSteps }
    case 'f64':
      return { ...wide, type, add: f64x2.add, multiplyAdd: relaxed ? f64x2.relaxedMadd : twoSteps }
    case 'i32':
      return { ...narrow, type, add: i32x4.add, multiplyAdd: twoSteps }
    case 'i64':
      return { ...wide, type, add: i64x2.add, multiplyAdd: twoSteps }
  }
}

function storeFirst32(address: Operand<'i32'>, x: Vector, offset = 0): Statement {
  return v128.store32Lane(address, x, 0, offset)
}

function storeFirst64(address: Operand<'i32'>, x: Vector, offset = 0): Statement {
  return v128.store64Lane(address, x, 0, offset)
}

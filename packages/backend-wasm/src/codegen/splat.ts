import type { Num } from '@gradus/core/backend'
import { f32, f32x4, f64, f64x2, i32, i32x4, i64, i64x2, i8x16, v128 } from '../assembler/index.ts'
import type { Local, Value } from '../assembler/index.ts'

type Vector = Value<'v128'>

/** The numbers of the lanes. */
export const iota = v128.const(new Uint8Array([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]))

/** The lanes below a count, as a mask. */
export const validLanes = (count: Local<'i32'>): Vector => i32x4.gtS(i32x4.splat(count), iota)

/** A mask for the 64-bit lanes of one half. */
export const wideMask = (mask: Vector, half: number): Vector =>
  half === 0 ? i64x2.extendLowI32x4S(mask) : i64x2.extendHighI32x4S(mask)

const firstBytes = [0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

/** A mask as bytes of 0 and 1, the lowest four. */
export function packMask(mask: Local<'v128'>): Vector[] {
  const ones = v128.and(mask, i32x4.splat(1))
  return [i8x16.shuffle(ones, mask, firstBytes)]
}

/** A number in all lanes; of a bool, a mask. */
export function splatOf(type: Num, value: number | bigint): Vector {
  switch (type) {
    case 'f32':
      return f32x4.splat(Number(value))
    case 'f64':
      return f64x2.splat(Number(value))
    case 'i32':
      return i32x4.splat(Number(value))
    case 'i64':
      return i64x2.splat(BigInt(value))
    case 'bool':
      return i32x4.splat(Number(value) === 0 ? 0 : -1)
  }
}

/** A param of an argument block, where it stands as a 64-bit float, in all lanes. */
export function splatParam(type: Num, block: Local<'i32'>, at: number): Vector {
  const value = f64.load(block, at)
  switch (type) {
    case 'f32':
      return f32x4.splat(f32.demoteF64(value))
    case 'f64':
      return f64x2.splat(value)
    case 'i32':
      return i32x4.splat(i32.truncSatF64S(value))
    case 'i64':
      return i64x2.splat(i64.truncSatF64S(value))
    case 'bool':
      return i32x4.splat(i32.sub(0, f64.ne(value, 0)))
  }
}

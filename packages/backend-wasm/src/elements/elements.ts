import { DTypeError, type DType } from '@gradus/core/backend'
import { i16x8, i32, i32x4, i8x16, tee, v128 } from '../assembler/index.ts'
import type { Func, Operand, Statement, Value } from '../assembler/index.ts'
import { arithmeticOf } from './arithmetic.ts'
import type { ComputeType } from './arithmetic.ts'
import { halfPrecision } from './half-precision.ts'

/** The dtypes that linear algebra takes. */
export type ElementType =
  'uint8' | 'int8' | 'int16' | 'int32' | 'int64' | 'float16' | 'bfloat16' | 'float32' | 'float64'

/** A dtype that products of matrices and convolutions take. */
export function elementType(dtype: DType): ElementType {
  if (dtype === 'bool') throw new DTypeError('products of matrices and convolutions do not take bool')
  return dtype
}

/** How elements in memory become lanes of their compute type, and back: halves are widened and rounded, integers wrap. */
export interface Elements {
  readonly bytes: number
  /** As many consecutive elements as a vector has lanes. */
  readonly load: (address: Operand<'i32'>, offset?: number) => Value<'v128'>
  /** Two consecutive elements in lanes 0 and 1. */
  readonly loadPair: (address: Operand<'i32'>, offset?: number) => Value<'v128'>
  /** One element in all lanes. */
  readonly splat: (address: Operand<'i32'>, offset?: number) => Value<'v128'>
  /** All lanes to consecutive elements. */
  readonly store: (address: Operand<'i32'>, x: Value<'v128'>, offset?: number) => Statement
  /** Lane 0 to one element. */
  readonly storeFirst: (address: Operand<'i32'>, x: Value<'v128'>, offset?: number) => Statement
}

const bytes: Record<ElementType, number> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
}

/** The compute type of a dtype: f32 for half precision, i32 for small integers. */
export function computeTypeOf(dtype: ElementType): ComputeType {
  switch (dtype) {
    case 'float64':
      return 'f64'
    case 'int64':
      return 'i64'
    case 'float32':
    case 'float16':
    case 'bfloat16':
      return 'f32'
    default:
      return 'i32'
  }
}

/** Bytes of one element in memory. */
export const elementBytes = (dtype: ElementType): number => bytes[dtype]

/** Whether elements lie in memory as they are computed with. */
export const isComputedAsStored = (dtype: ElementType): boolean =>
  dtype === 'float32' || dtype === 'float64' || dtype === 'int32' || dtype === 'int64'

/** Access to elements for one function. Half precision sets up constants where this is called: before loops. */
export function elementsOf(dtype: ElementType, f: Func): Elements {
  switch (dtype) {
    case 'float16':
    case 'bfloat16':
      return halves(dtype, f)
    case 'uint8':
    case 'int8':
    case 'int16':
      return smallIntegers[dtype]
    default: {
      const { splat, storeFirst, laneBytes } = arithmeticOf(computeTypeOf(dtype), false)
      const loadPair = laneBytes === 4 ? v128.load64Zero : v128.load
      return { bytes: laneBytes, load: v128.load, loadPair, splat, store: v128.store, storeFirst }
    }
  }
}

function halves(dtype: 'float16' | 'bfloat16', f: Func): Elements {
  const { widen, narrow } = halfPrecision(f, dtype)
  const bits = f.local('v128')
  return {
    bytes: 2,
    load: (address, offset) => widen(v128.load16x4S(address, offset)),
    loadPair: (address, offset) => widen(i32x4.extendLowI16x8S(v128.load32Zero(address, offset))),
    splat: (address, offset) => widen(i32x4.splat(i32.load16S(address, offset))),
    store: (address, x, offset) => {
      const packed = i16x8.narrowI32x4U(tee(bits, narrow(x)), bits)
      return v128.store64Lane(address, packed, 0, offset)
    },
    storeFirst: (address, x, offset) => v128.store16Lane(address, narrow(x), 0, offset),
  }
}

// the low bytes of the lanes, one after the other
const lowBytes = [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]
const lowShorts = [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13]

const smallIntegers: Record<'uint8' | 'int8' | 'int16', Elements> = {
  uint8: {
    bytes: 1,
    load: (address, offset) => i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(v128.load32Zero(address, offset))),
    loadPair: (address, offset) =>
      i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(v128.load16Splat(address, offset))),
    splat: (address, offset) => i32x4.splat(i32.load8U(address, offset)),
    store: (address, x, offset) => v128.store32Lane(address, choose(x, lowBytes), 0, offset),
    storeFirst: (address, x, offset) => v128.store8Lane(address, x, 0, offset),
  },
  int8: {
    bytes: 1,
    load: (address, offset) => i32x4.extendLowI16x8S(i16x8.extendLowI8x16S(v128.load32Zero(address, offset))),
    loadPair: (address, offset) =>
      i32x4.extendLowI16x8S(i16x8.extendLowI8x16S(v128.load16Splat(address, offset))),
    splat: (address, offset) => i32x4.splat(i32.load8S(address, offset)),
    store: (address, x, offset) => v128.store32Lane(address, choose(x, lowBytes), 0, offset),
    storeFirst: (address, x, offset) => v128.store8Lane(address, x, 0, offset),
  },
  int16: {
    bytes: 2,
    load: (address, offset) => v128.load16x4S(address, offset),
    loadPair: (address, offset) => i32x4.extendLowI16x8S(v128.load32Zero(address, offset)),
    splat: (address, offset) => i32x4.splat(i32.load16S(address, offset)),
    store: (address, x, offset) => v128.store64Lane(address, choose(x, lowShorts), 0, offset),
    storeFirst: (address, x, offset) => v128.store16Lane(address, x, 0, offset),
  },
}

function choose(x: Value<'v128'>, indices: readonly number[]): Value<'v128'> {
  return i8x16.shuffle(x, zeroBytes, indices)
}

const zeroBytes = v128.const(new Uint8Array(16))

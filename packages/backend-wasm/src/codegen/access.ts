import type { DType } from '@gradus/core/backend'
import { bytesOf } from '@gradus/core/backend'
import { i32, i32x4, v128 } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import type { Access } from './form.ts'

type Vector = Value<'v128'>
type Address = Value<'i32'>

/** How many of the four lanes are there: all, the lowest by a count, or only the first. */
export type Extent = 'full' | 'first' | Local<'i32'>

const laneLoad = { 1: v128.load8Lane, 2: v128.load16Lane, 4: v128.load32Lane, 8: v128.load64Lane } as const
const laneStore = {
  1: v128.store8Lane,
  2: v128.store16Lane,
  4: v128.store32Lane,
  8: v128.store64Lane,
} as const
const fullLoad = { 1: v128.load32Zero, 2: v128.load64Zero, 4: v128.load, 8: v128.load } as const
const splatLoad = {
  1: v128.load8Splat,
  2: v128.load16Splat,
  4: v128.load32Splat,
  8: v128.load64Splat,
} as const

// every dtype has one of these sizes
const sizeOf = (dtype: DType): 1 | 2 | 4 | 8 => bytesOf(dtype) as 1 | 2 | 4 | 8

/** Four elements along the vector axis, or one in all lanes, as they lie in memory. */
export interface Place {
  readonly dtype: DType
  readonly access: Access
  readonly address: Local<'i32'>
  /** Bytes between elements, of strided access. */
  readonly stride: Address
  /** Which vector of several side by side. */
  readonly way: number
}

/** Loads an element into all lanes. */
export const loadSplat = (dtype: DType, address: Address): Vector => splatLoad[sizeOf(dtype)](address)

/** Loads a vector: the four elements, or the half of them where an element has 64 bits. Lanes that are not there are 0. */
export function loadLanes(f: Func, place: Place, half: 0 | 1, extent: Extent): Vector {
  const size = sizeOf(place.dtype)
  if (place.access === 'constant') return loadSplat(place.dtype, place.address)
  if (place.access === 'unit' && extent === 'full') {
    return fullLoad[size](place.address, size * 4 * place.way + 16 * half)
  }
  const lanes = size === 8 ? [2 * half, 2 * half + 1] : [0, 1, 2, 3]
  const result = f.local('v128')
  f.set(result, i32x4.splat(0))
  eachLane(f, place, lanes, extent, (address, offset, at) => {
    f.set(result, laneLoad[size](address, result, at, offset))
  })
  return result
}

/** Stores a vector: the four elements, or the half of them where an element has 64 bits. */
export function storeLanes(f: Func, place: Place, half: 0 | 1, extent: Extent, value: Vector): void {
  const size = sizeOf(place.dtype)
  const { address } = place
  if (place.access !== 'strided' && extent === 'full') {
    const offset = size * 4 * place.way + 16 * half
    if (size >= 4) f.do(v128.store(address, value, offset))
    else f.do(laneStore[size === 2 ? 8 : 4](address, value, 0, offset))
    return
  }
  const lanes = size === 8 ? [2 * half, 2 * half + 1] : [0, 1, 2, 3]
  const kept = f.let(value)
  eachLane(f, place, lanes, extent, (at, offset, lane) => f.do(laneStore[size](at, kept, lane, offset)))
}

// visits the lanes that are there, each under the condition that it is
function eachLane(
  f: Func,
  place: Place,
  lanes: readonly number[],
  extent: Extent,
  visit: (address: Address, offset: number, lane: number) => void,
): void {
  const size = sizeOf(place.dtype)
  const strided = place.access === 'strided'
  let at: Address = place.address
  if (strided && (lanes[0] > 0 || place.way > 0)) {
    at = f.let(i32.add(place.address, i32.mul(place.stride, lanes[0] + 4 * place.way)))
  }
  const walk = (i: number): void => {
    const lane = lanes[i]
    const code = (): void => {
      if (strided && i > 0) at = f.let(i32.add(at, place.stride))
      visit(at, strided ? 0 : size * (lane + 4 * place.way), i)
      if (i + 1 < lanes.length && extent !== 'first') walk(i + 1)
    }
    // a lane above one that is absent is absent
    if (typeof extent === 'object' && lane > 0) f.if(i32.gtU(extent, lane), code)
    else if (extent !== 'first' || lane === 0) code()
  }
  walk(0)
}

import { describe, expect, test } from 'vitest'
import {
  f32x4,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i64x2,
  i8x16,
  probeFeatures,
  select,
  v128,
} from '../src/assembler/index.ts'
import type { Value } from '../src/assembler/index.ts'
import { bytes, run } from './run-code.ts'

/** The lanes of a vector, through memory. */
function lanes<A>(
  view: new (buffer: ArrayBuffer, at: number, count: number) => A,
  count: number,
  x: Value<'v128'>,
): A {
  run('i32', (f) => {
    f.do(v128.store(1024, x))
    return i32.const(0)
  })
  return new view(bytes.slice(1024, 1040).buffer, 0, count)
}
const floatsOf = (x: Value<'v128'>) => [...lanes(Float32Array, 4, x)]
const doublesOf = (x: Value<'v128'>) => [...lanes(Float64Array, 2, x)]
const intsOf = (x: Value<'v128'>) => [...lanes(Int32Array, 4, x)]
const longsOf = (x: Value<'v128'>) => [...lanes(BigInt64Array, 2, x)]
const shortsOf = (x: Value<'v128'>) => [...lanes(Int16Array, 8, x)]
const bytesOf = (x: Value<'v128'>) => [...lanes(Int8Array, 16, x)]

const vector = (array: ArrayBufferView) => v128.const(new Uint8Array(array.buffer, array.byteOffset, 16))
const floats = (...x: number[]) => vector(new Float32Array(x))
const doubles = (...x: number[]) => vector(new Float64Array(x))
const ints = (...x: number[]) => vector(new Int32Array(x))
const longs = (...x: bigint[]) => vector(new BigInt64Array(x))
const shorts = (...x: number[]) => vector(new Int16Array(x))
const octets = (...x: number[]) => vector(new Int8Array(x))

describe('vectors', () => {
  test('lanes are splatted, extracted and replaced', () => {
    expect(bytesOf(i8x16.splat(-1))).toEqual(Array.from({ length: 16 }, () => -1))
    expect(shortsOf(i16x8.replaceLane(i16x8.splat(3), 7, 9))).toEqual([3, 3, 3, 3, 3, 3, 3, 9])
    expect(intsOf(i32x4.replaceLane(i32x4.splat(3), 1, 9))).toEqual([3, 9, 3, 3])
    expect(longsOf(i64x2.replaceLane(i64x2.splat(3), 0, 9))).toEqual([9n, 3n])
    expect(floatsOf(f32x4.replaceLane(f32x4.splat(0.5), 2, 9))).toEqual([0.5, 0.5, 9, 0.5])
    expect(doublesOf(f64x2.replaceLane(f64x2.splat(0.1), 1, 9))).toEqual([0.1, 9])
    expect(run('i32', () => i8x16.extractLaneU(i8x16.splat(-1), 5))).toBe(255)
    expect(run('i32', () => i8x16.extractLaneS(i8x16.splat(255), 5))).toBe(-1)
    expect(run('i32', () => i16x8.extractLaneU(i16x8.splat(-1), 5))).toBe(65535)
    expect(run('i32', () => i32x4.extractLane(ints(1, 2, 3, 4), 2))).toBe(3)
    expect(run('i64', () => i64x2.extractLane(longs(1n, 2n), 1))).toBe(2n)
    expect(run('f32', () => f32x4.extractLane(floats(1, 2, 3, 4), 3))).toBe(4)
    expect(run('f64', () => f64x2.extractLane(doubles(1, 2), 0))).toBe(1)
  })

  test('select takes one of two vectors', () => {
    expect(intsOf(select(0, ints(1, 1, 1, 1), ints(1, 2, 3, 4)))).toEqual([1, 2, 3, 4])
  })

  test('loads splat, widen, fill with zeros or touch one lane', () => {
    bytes.set(new Uint8Array(new Int32Array([-1, 2, 3, 4]).buffer), 256)
    expect(intsOf(v128.load(250, 6))).toEqual([-1, 2, 3, 4])
    expect(bytesOf(v128.load8Splat(260))).toEqual(Array.from({ length: 16 }, () => 2))
    expect(shortsOf(v128.load16Splat(264))).toEqual([3, 3, 3, 3, 3, 3, 3, 3])
    expect(intsOf(v128.load32Splat(260))).toEqual([2, 2, 2, 2])
    expect(longsOf(v128.load64Splat(264))).toEqual([3n + (4n << 32n), 3n + (4n << 32n)])
    expect(intsOf(v128.load32Zero(256))).toEqual([-1, 0, 0, 0])
    expect(intsOf(v128.load64Zero(260))).toEqual([2, 3, 0, 0])
    expect(shortsOf(v128.load8x8U(256))).toEqual([255, 255, 255, 255, 2, 0, 0, 0])
    expect(shortsOf(v128.load8x8S(256))).toEqual([-1, -1, -1, -1, 2, 0, 0, 0])
    expect(intsOf(v128.load16x4U(256))).toEqual([65535, 65535, 2, 0])
    expect(intsOf(v128.load16x4S(256))).toEqual([-1, -1, 2, 0])
    expect(longsOf(v128.load32x2U(256))).toEqual([2n ** 32n - 1n, 2n])
    expect(longsOf(v128.load32x2S(256))).toEqual([-1n, 2n])
    expect(intsOf(v128.load32Lane(268, i32x4.splat(0), 3))).toEqual([0, 0, 0, 4])
    expect(longsOf(v128.load64Lane(264, i64x2.splat(1n), 0, 0))).toEqual([3n + (4n << 32n), 1n])
  })

  test('one lane is stored', () => {
    run('i32', (f) => {
      f.do(v128.store(320, i32x4.splat(0)), v128.store8Lane(320, i8x16.splat(1), 3))
      f.do(v128.store16Lane(320, i16x8.splat(2), 0, 2), v128.store32Lane(320, i32x4.splat(3), 1, 4))
      f.do(v128.store64Lane(328, i64x2.splat(4), 1))
      return i32.const(0)
    })
    expect([...new Uint16Array(bytes.slice(320, 336).buffer)]).toEqual([1, 2, 3, 0, 4, 0, 0, 0])
  })

  test('bits combine', () => {
    const x = ints(12, 12, -1, 0)
    const y = ints(10, 10, 10, 10)
    expect(intsOf(v128.and(x, y))).toEqual([8, 8, 10, 0])
    expect(intsOf(v128.or(x, y))).toEqual([14, 14, -1, 10])
    expect(intsOf(v128.xor(x, y))).toEqual([6, 6, -11, 10])
    expect(intsOf(v128.andnot(x, y))).toEqual([4, 4, -11, 0])
    expect(intsOf(v128.not(x))).toEqual([-13, -13, 0, -1])
    expect(intsOf(v128.bitselect(x, y, ints(-1, 0, 4, 1)))).toEqual([12, 10, 14, 10])
    expect(run('i32', () => v128.anyTrue(ints(0, 0, 8, 0)))).toBe(1)
    expect(run('i32', () => v128.anyTrue(ints(0, 0, 0, 0)))).toBe(0)
  })

  test('shuffle and swizzle choose bytes', () => {
    const x = octets(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    const y = i8x16.splat(-7)
    const even = [0, 16, 2, 17, 4, 18, 6, 19, 8, 20, 10, 21, 12, 22, 14, 23]
    expect(bytesOf(i8x16.shuffle(x, y, even))).toEqual([
      0, -7, 2, -7, 4, -7, 6, -7, 8, -7, 10, -7, 12, -7, 14, -7,
    ])
    expect(bytesOf(i8x16.swizzle(x, i8x16.splat(3)))).toEqual(Array.from({ length: 16 }, () => 3))
    expect(bytesOf(i8x16.swizzle(x, i8x16.splat(16)))).toEqual(Array.from({ length: 16 }, () => 0))
  })

  test('bytes', () => {
    const x = i8x16.splat(100)
    const y = i8x16.splat(-100)
    expect(bytesOf(i8x16.add(x, x))[0]).toBe(-56)
    expect(bytesOf(i8x16.addSatS(x, x))[0]).toBe(127)
    expect(bytesOf(i8x16.subSatU(x, y))[0]).toBe(0)
    expect(bytesOf(i8x16.minU(x, y))[0]).toBe(100)
    expect(bytesOf(i8x16.maxS(x, y))[0]).toBe(100)
    expect(bytesOf(i8x16.shrU(y, 1))[0]).toBe(78)
    expect(bytesOf(i8x16.geS(x, y))[0]).toBe(-1)
    expect(bytesOf(i8x16.popcnt(i8x16.splat(7)))[15]).toBe(3)
    expect(bytesOf(i8x16.avgrU(i8x16.splat(1), i8x16.splat(2)))[0]).toBe(2)
    expect(bytesOf(i8x16.narrowI16x8S(i16x8.splat(300), i16x8.splat(-300))).slice(7, 9)).toEqual([127, -128])
    expect(run('i32', () => i8x16.bitmask(octets(-1, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1)))).toBe(
      0x8005,
    )
    expect(run('i32', () => i8x16.allTrue(x))).toBe(1)
  })

  test('16-bit integers', () => {
    const x = shorts(1, -2, 3, 4, 5, 6, 7, 300)
    expect(shortsOf(i16x8.mul(x, x))).toEqual([1, 4, 9, 16, 25, 36, 49, 90000 - 65536])
    expect(shortsOf(i16x8.shl(x, 17))[7]).toBe(600)
    expect(shortsOf(i16x8.ltS(x, i16x8.splat(0)))).toEqual([0, -1, 0, 0, 0, 0, 0, 0])
    expect(shortsOf(i16x8.minS(x, i16x8.splat(3)))).toEqual([1, -2, 3, 3, 3, 3, 3, 3])
    expect(shortsOf(i16x8.narrowI32x4U(i32x4.splat(-5), i32x4.splat(70000)))).toEqual([
      0, 0, 0, 0, -1, -1, -1, -1,
    ])
    expect(shortsOf(i16x8.extendHighI8x16U(i8x16.splat(-1)))[0]).toBe(255)
    expect(shortsOf(i16x8.extendLowI8x16S(i8x16.splat(-1)))[0]).toBe(-1)
    expect(run('i32', () => i16x8.bitmask(x))).toBe(2)
    expect(run('i32', () => i16x8.allTrue(i16x8.splat(0)))).toBe(0)
  })

  test('32-bit integers', () => {
    const x = ints(1, -2, 3, 4)
    expect(intsOf(i32x4.add(x, x))).toEqual([2, -4, 6, 8])
    expect(intsOf(i32x4.sub(x, i32x4.splat(1)))).toEqual([0, -3, 2, 3])
    expect(intsOf(i32x4.mul(x, x))).toEqual([1, 4, 9, 16])
    expect(intsOf(i32x4.neg(x))).toEqual([-1, 2, -3, -4])
    expect(intsOf(i32x4.abs(x))).toEqual([1, 2, 3, 4])
    expect(intsOf(i32x4.shrU(x, 31))).toEqual([0, 1, 0, 0])
    expect(intsOf(i32x4.shrS(x, 1))).toEqual([0, -1, 1, 2])
    expect(intsOf(i32x4.maxU(x, i32x4.splat(3)))).toEqual([3, -2, 3, 4])
    expect(intsOf(i32x4.gtU(x, i32x4.splat(3)))).toEqual([0, -1, 0, -1])
    expect(intsOf(i32x4.eq(x, i32x4.splat(3)))).toEqual([0, 0, -1, 0])
    expect(intsOf(i32x4.dotI16x8S(i16x8.splat(3), i16x8.splat(-5)))).toEqual([-30, -30, -30, -30])
    expect(intsOf(i32x4.extendLowI16x8U(i16x8.splat(-1)))).toEqual([65535, 65535, 65535, 65535])
    expect(intsOf(i32x4.extendHighI16x8S(i16x8.splat(-1)))).toEqual([-1, -1, -1, -1])
    expect(intsOf(i32x4.truncSatF32x4S(floats(-1.5, 1e20, Number.NaN, 2.9)))).toEqual([-1, 2 ** 31 - 1, 0, 2])
    expect(intsOf(i32x4.truncSatF64x2SZero(doubles(-1.5, 7)))).toEqual([-1, 7, 0, 0])
    expect(run('i32', () => i32x4.bitmask(x))).toBe(2)
    expect(run('i32', () => i32x4.allTrue(x))).toBe(1)
  })

  test('64-bit integers', () => {
    const x = longs(-3n, 2n ** 40n)
    expect(longsOf(i64x2.add(x, x))).toEqual([-6n, 2n ** 41n])
    expect(longsOf(i64x2.sub(x, i64x2.splat(1)))).toEqual([-4n, 2n ** 40n - 1n])
    expect(longsOf(i64x2.mul(x, x))).toEqual([9n, 2n ** 80n % 2n ** 64n])
    expect(longsOf(i64x2.abs(x))).toEqual([3n, 2n ** 40n])
    expect(longsOf(i64x2.shrS(x, 1))).toEqual([-2n, 2n ** 39n])
    expect(longsOf(i64x2.ltS(x, i64x2.splat(0)))).toEqual([-1n, 0n])
    expect(longsOf(i64x2.eq(x, i64x2.splat(-3)))).toEqual([-1n, 0n])
    expect(longsOf(i64x2.extendHighI32x4S(ints(0, 0, -1, 5)))).toEqual([-1n, 5n])
    expect(longsOf(i64x2.extendLowI32x4U(ints(-1, 5, 0, 0)))).toEqual([2n ** 32n - 1n, 5n])
    expect(run('i32', () => i64x2.bitmask(x))).toBe(1)
    expect(run('i32', () => i64x2.allTrue(x))).toBe(1)
  })

  test('single precision', () => {
    const x = floats(1.5, -2.5, 4, Number.NaN)
    const y = floats(1, 1, 1, 1)
    expect(floatsOf(f32x4.add(x, y))).toEqual([2.5, -1.5, 5, Number.NaN])
    expect(floatsOf(f32x4.sub(x, y))).toEqual([0.5, -3.5, 3, Number.NaN])
    expect(floatsOf(f32x4.mul(x, x))).toEqual([2.25, 6.25, 16, Number.NaN])
    expect(floatsOf(f32x4.div(y, x))[2]).toBe(0.25)
    expect(floatsOf(f32x4.sqrt(x))[2]).toBe(2)
    expect(floatsOf(f32x4.abs(x))[1]).toBe(2.5)
    expect(floatsOf(f32x4.neg(x))[1]).toBe(2.5)
    expect(floatsOf(f32x4.min(x, y))).toEqual([1, -2.5, 1, Number.NaN])
    expect(floatsOf(f32x4.max(y, x))).toEqual([1.5, 1, 4, Number.NaN])
    expect(floatsOf(f32x4.pmin(y, x))).toEqual([1, -2.5, 1, 1])
    expect(floatsOf(f32x4.pmax(x, y))).toEqual([1.5, 1, 4, Number.NaN])
    expect(floatsOf(f32x4.ceil(x)).slice(0, 2)).toEqual([2, -2])
    expect(floatsOf(f32x4.floor(x)).slice(0, 2)).toEqual([1, -3])
    expect(floatsOf(f32x4.trunc(x)).slice(0, 2)).toEqual([1, -2])
    expect(floatsOf(f32x4.nearest(x)).slice(0, 2)).toEqual([2, -2])
    expect(intsOf(f32x4.lt(x, y))).toEqual([0, -1, 0, 0])
    expect(intsOf(f32x4.ne(x, x))).toEqual([0, 0, 0, -1])
    expect(floatsOf(f32x4.convertI32x4S(ints(-1, 2, 3, 4)))).toEqual([-1, 2, 3, 4])
    expect(floatsOf(f32x4.convertI32x4U(ints(-1, 2, 3, 4)))[0]).toBe(2 ** 32)
    expect(floatsOf(f32x4.demoteF64x2Zero(doubles(0.5, -0.25)))).toEqual([0.5, -0.25, 0, 0])
  })

  test('double precision', () => {
    const x = doubles(0.1, -2.5)
    expect(doublesOf(f64x2.add(x, x))).toEqual([0.2, -5])
    expect(doublesOf(f64x2.div(x, f64x2.splat(2)))).toEqual([0.05, -1.25])
    expect(doublesOf(f64x2.pmax(x, f64x2.splat(0)))).toEqual([0.1, 0])
    expect(doublesOf(f64x2.ceil(x))).toEqual([1, -2])
    expect(doublesOf(f64x2.floor(x))).toEqual([0, -3])
    expect(doublesOf(f64x2.trunc(x))).toEqual([0, -2])
    expect(doublesOf(f64x2.nearest(x))).toEqual([0, -2])
    expect(longsOf(f64x2.gt(x, f64x2.splat(0)))).toEqual([-1n, 0n])
    expect(doublesOf(f64x2.promoteLowF32x4(floats(0.5, 2, 3, 4)))).toEqual([0.5, 2])
    expect(doublesOf(f64x2.convertLowI32x4S(ints(-1, 2, 3, 4)))).toEqual([-1, 2])
  })

  test.runIf(probeFeatures().relaxedSimd)('relaxed madd multiplies, then adds', () => {
    expect(floatsOf(f32x4.relaxedMadd(floats(1, 2, 3, 4), f32x4.splat(2), f32x4.splat(1)))).toEqual([
      3, 5, 7, 9,
    ])
    expect(floatsOf(f32x4.relaxedNmadd(floats(1, 2, 3, 4), f32x4.splat(2), f32x4.splat(1)))).toEqual([
      -1, -3, -5, -7,
    ])
    expect(doublesOf(f64x2.relaxedMadd(doubles(1, 2), f64x2.splat(2), f64x2.splat(1)))).toEqual([3, 5])
    expect(doublesOf(f64x2.relaxedNmadd(doubles(1, 2), f64x2.splat(2), f64x2.splat(1)))).toEqual([-1, -3])
  })

  test('a constant of the wrong length is refused', () => {
    expect(() => v128.const([1, 2])).toThrow('a v128 has 16 bytes, got 2')
    expect(() => i8x16.shuffle(i8x16.splat(0), i8x16.splat(0), [0])).toThrow(
      'a shuffle has 16 indices, got 1',
    )
  })
})

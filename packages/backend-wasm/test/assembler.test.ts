import { describe, expect, test } from 'vitest'
import {
  atomicNotify, atomicWait32, Bytes, f32, f32x4, f64, f64x2, i16x8, i32, i32Atomic, i32x4, i64, i64Atomic, i64x2, i8x16,
  memory as bulk, ModuleBuilder, probeFeatures, select, tee, v128,
} from '../src/assembler/index.ts' // prettier-ignore
import type { Func, Value, ValueType } from '../src/assembler/index.ts'

const memory = new WebAssembly.Memory({ initial: 1 })
const bytes = new Uint8Array(memory.buffer)

function exportsOf(module: ModuleBuilder, env: Record<string, unknown> = {}): Record<string, CallableFunction> {
  const imports = { env: { memory, ...env } } as WebAssembly.Imports // every import is under env
  // every export of these modules is a function
  return new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), imports).exports as never
}

/** Runs code without parameters and returns its value. */
function run<T extends Exclude<ValueType, 'v128'>>(result: T, body: (f: Func) => Value<T>): number | bigint {
  const module = new ModuleBuilder()
  // the result of body is of the type that is declared
  module.func({ name: 'main', params: {}, result: result as ValueType }, (f) => body(f))
  return exportsOf(module).main() as number | bigint // what a scalar result becomes in JavaScript
}

/** The lanes of a vector, through memory. */
function lanes<A>(view: new (buffer: ArrayBuffer, at: number, count: number) => A, count: number, x: Value<'v128'>): A {
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

describe('bytes', () => {
  test('unsigned numbers are written in groups of seven bits', () => {
    expect([...new Bytes().u32(0).u32(127).u32(128).u32(0xffffffff).finish()]).toEqual([
      0, 127, 128, 1, 255, 255, 255, 255, 15,
    ])
  })

  test('signed numbers keep their sign in the last group', () => {
    expect([...new Bytes().s32(63).s32(64).s32(-64).s32(-65).finish()]).toEqual([63, 192, 0, 64, 191, 127])
    expect([...new Bytes().s64(-1n).s64(64n).finish()]).toEqual([127, 192, 0])
  })

  test('the buffer grows past its capacity', () => {
    const out = new Bytes(1)
    for (let i = 0; i < 100; i++) out.byte(i)
    expect(out.append(new Uint8Array([7, 8])).finish().slice(98)).toEqual(new Uint8Array([98, 99, 7, 8]))
  })
})

describe('scalars', () => {
  test('constants keep the extremes of their type', () => {
    expect(run('i32', () => i32.const(-(2 ** 31)))).toBe(-(2 ** 31))
    expect(run('i64', () => i64.const(2n ** 63n - 1n))).toBe(2n ** 63n - 1n)
    expect(run('f32', () => f32.const(Number.NaN))).toBeNaN()
    expect(run('f64', () => f64.const(0.1))).toBe(0.1)
  })

  test.each([
    ['add', i32.add(7, -9), -2],
    ['sub', i32.sub(7, -9), 16],
    ['mul', i32.mul(7, -9), -63],
    ['divS', i32.divS(-9, 2), -4],
    ['divU', i32.divU(-2, 2), 2 ** 31 - 1],
    ['remS', i32.remS(-9, 2), -1],
    ['remU', i32.remU(9, 4), 1],
    ['and', i32.and(6, 3), 2],
    ['or', i32.or(6, 3), 7],
    ['xor', i32.xor(6, 3), 5],
    ['shl', i32.shl(3, 2), 12],
    ['shrS', i32.shrS(-8, 1), -4],
    ['shrU', i32.shrU(-8, 28), 15],
    ['rotl', i32.rotl(1, 33), 2],
    ['rotr', i32.rotr(1, 1), -(2 ** 31)],
    ['clz', i32.clz(1), 31],
    ['ctz', i32.ctz(8), 3],
    ['popcnt', i32.popcnt(255), 8],
    ['eqz', i32.eqz(0), 1],
    ['eq', i32.eq(1, 2), 0],
    ['ne', i32.ne(1, 2), 1],
    ['ltS', i32.ltS(-1, 0), 1],
    ['ltU', i32.ltU(-1, 0), 0],
    ['gtS', i32.gtS(-1, 0), 0],
    ['gtU', i32.gtU(-1, 0), 1],
    ['leS', i32.leS(1, 1), 1],
    ['leU', i32.leU(-1, 1), 0],
    ['geS', i32.geS(1, 1), 1],
    ['geU', i32.geU(1, -1), 0],
    ['extend8S', i32.extend8S(0x80), -128],
    ['extend16S', i32.extend16S(0x8000), -32768],
    ['wrapI64', i32.wrapI64(2n ** 32n + 5n), 5],
    ['reinterpretF32', i32.reinterpretF32(1), 0x3f800000],
    ['truncSatF32S of NaN', i32.truncSatF32S(Number.NaN), 0],
    ['truncSatF32U', i32.truncSatF32U(-1), 0],
    ['truncSatF64S beyond the range', i32.truncSatF64S(1e20), 2 ** 31 - 1],
    ['truncSatF64U', i32.truncSatF64U(7.9), 7],
  ])('i32 %s', (_, code, expected) => {
    expect(run('i32', () => code)).toBe(expected)
  })

  test.each([
    ['add', i64.add(2n ** 40n, 1), 2n ** 40n + 1n],
    ['mul', i64.mul(-3, 5), -15n],
    ['divU', i64.divU(-1, 2), 2n ** 63n - 1n],
    ['remS', i64.remS(-9, 4), -1n],
    ['shrU', i64.shrU(-1, 60), 15n],
    ['rotr', i64.rotr(1, 1), -(2n ** 63n)],
    ['clz', i64.clz(1), 63n],
    ['popcnt', i64.popcnt(-1), 64n],
    ['extendI32S', i64.extendI32S(-1), -1n],
    ['extendI32U', i64.extendI32U(-1), 2n ** 32n - 1n],
    ['extend8S', i64.extend8S(0xff), -1n],
    ['extend32S', i64.extend32S(2n ** 31n), -(2n ** 31n)],
    ['reinterpretF64', i64.reinterpretF64(1), 0x3ff0000000000000n],
    ['truncSatF32S', i64.truncSatF32S(-2.5), -2n],
    ['truncSatF64U beyond the range', i64.truncSatF64U(1e30), -1n],
  ])('i64 %s', (_, code, expected) => {
    expect(run('i64', () => code)).toBe(expected)
  })

  test('i64 comparisons give an i32', () => {
    expect(run('i32', () => i64.ltS(-1, 0))).toBe(1)
    expect(run('i32', () => i64.ltU(-1, 0))).toBe(0)
    expect(run('i32', () => i64.geU(1, 1))).toBe(1)
    expect(run('i32', () => i64.eqz(0n))).toBe(1)
  })

  test.each([
    ['add', f32.add(0.5, 0.25), 0.75],
    ['sub', f32.sub(0.5, 0.25), 0.25],
    ['mul', f32.mul(0.5, 3), 1.5],
    ['div', f32.div(1, 4), 0.25],
    ['min', f32.min(-0, 0), -0],
    ['max with NaN', f32.max(1, Number.NaN), Number.NaN],
    ['copysign', f32.copysign(2, -1), -2],
    ['abs', f32.abs(-2), 2],
    ['neg', f32.neg(2), -2],
    ['ceil', f32.ceil(1.2), 2],
    ['floor', f32.floor(-1.2), -2],
    ['trunc', f32.trunc(-1.8), -1],
    ['nearest to even', f32.nearest(2.5), 2],
    ['sqrt', f32.sqrt(9), 3],
    ['convertI32U', f32.convertI32U(-1), 2 ** 32],
    ['convertI64S', f32.convertI64S(-5), -5],
    ['demoteF64', f32.demoteF64(0.1), Math.fround(0.1)],
    ['reinterpretI32', f32.reinterpretI32(0x40000000), 2],
  ])('f32 %s', (_, code, expected) => {
    expect(run('f32', () => code)).toBe(expected)
  })

  test.each([
    ['add', f64.add(0.1, 0.2), 0.1 + 0.2],
    ['sqrt', f64.sqrt(2), Math.SQRT2],
    ['copysign', f64.copysign(2, -1), -2],
    ['convertI32S', f64.convertI32S(-7), -7],
    ['convertI64U', f64.convertI64U(-1), 2 ** 64],
    ['promoteF32', f64.promoteF32(0.1), Math.fround(0.1)],
    ['reinterpretI64', f64.reinterpretI64(0x4000000000000000n), 2],
  ])('f64 %s', (_, code, expected) => {
    expect(run('f64', () => code)).toBe(expected)
  })

  test('float comparisons are false for NaN, except ne', () => {
    expect(run('i32', () => f32.lt(1, 2))).toBe(1)
    expect(run('i32', () => f32.ge(Number.NaN, 0))).toBe(0)
    expect(run('i32', () => f64.ne(Number.NaN, Number.NaN))).toBe(1)
    expect(run('i32', () => f64.le(2, 1))).toBe(0)
  })

  test('select takes one of two values, vectors too', () => {
    expect(run('f32', () => select(1, f32.const(2), f32.const(3)))).toBe(2)
    expect(run('i32', () => select(0, i32.const(2), i32.const(3)))).toBe(3)
    expect(intsOf(select(0, ints(1, 1, 1, 1), ints(1, 2, 3, 4)))).toEqual([1, 2, 3, 4])
  })
})

describe('memory', () => {
  test('narrow loads extend, narrow stores cut', () => {
    const value = run('i64', (f) => {
      f.do(i32.store(64, 0x12345680), i32.store8(68, 0x1ff), i32.store16(70, 0x18000))
      f.do(i64.store(72, -1), i64.store8(72, 0x180), i64.store16(74, 0), i64.store32(76, 2n ** 40n + 9n))
      return i64.load(0, 72)
    })
    expect(value).toBe((9n << 32n) + 0xff80n)
    expect(run('i32', () => i32.load8S(64))).toBe(-128)
    expect(run('i32', () => i32.load8U(60, 4))).toBe(128)
    expect(run('i32', () => i32.load16S(70))).toBe(-32768)
    expect(run('i32', () => i32.load16U(70))).toBe(32768)
    expect(run('i32', () => i32.load(64))).toBe(0x12345680)
    expect(run('i64', () => i64.load8S(72))).toBe(-128n)
    expect(run('i64', () => i64.load16U(72))).toBe(0xff80n)
    expect(run('i64', () => i64.load32S(76))).toBe(9n)
  })

  test('floats are stored at offsets', () => {
    expect(run('f32', (f) => (f.do(f32.store(100, 1.5, 28)), f32.load(128)))).toBe(1.5)
    expect(run('f64', (f) => (f.do(f64.store(120, 0.1, 16)), f64.load(136)))).toBe(0.1)
  })

  test('copy and fill work on runs of bytes', () => {
    run('i32', (f) => {
      f.do(bulk.fill(200, 7, 3), bulk.copy(202, 200, 2))
      return i32.const(0)
    })
    expect([...bytes.slice(200, 205)]).toEqual([7, 7, 7, 7, 0])
  })
})

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
    expect(bytesOf(i8x16.shuffle(x, y, even))).toEqual([0, -7, 2, -7, 4, -7, 6, -7, 8, -7, 10, -7, 12, -7, 14, -7])
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
    expect(run('i32', () => i8x16.bitmask(octets(-1, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1)))).toBe(0x8005)
    expect(run('i32', () => i8x16.allTrue(x))).toBe(1)
  })

  test('16-bit integers', () => {
    const x = shorts(1, -2, 3, 4, 5, 6, 7, 300)
    expect(shortsOf(i16x8.mul(x, x))).toEqual([1, 4, 9, 16, 25, 36, 49, 90000 - 65536])
    expect(shortsOf(i16x8.shl(x, 17))[7]).toBe(600)
    expect(shortsOf(i16x8.ltS(x, i16x8.splat(0)))).toEqual([0, -1, 0, 0, 0, 0, 0, 0])
    expect(shortsOf(i16x8.minS(x, i16x8.splat(3)))).toEqual([1, -2, 3, 3, 3, 3, 3, 3])
    expect(shortsOf(i16x8.narrowI32x4U(i32x4.splat(-5), i32x4.splat(70000)))).toEqual([0, 0, 0, 0, -1, -1, -1, -1])
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
    expect(floatsOf(f32x4.relaxedMadd(floats(1, 2, 3, 4), f32x4.splat(2), f32x4.splat(1)))).toEqual([3, 5, 7, 9])
    expect(floatsOf(f32x4.relaxedNmadd(floats(1, 2, 3, 4), f32x4.splat(2), f32x4.splat(1)))).toEqual([-1, -3, -5, -7])
    expect(doublesOf(f64x2.relaxedMadd(doubles(1, 2), f64x2.splat(2), f64x2.splat(1)))).toEqual([3, 5])
    expect(doublesOf(f64x2.relaxedNmadd(doubles(1, 2), f64x2.splat(2), f64x2.splat(1)))).toEqual([-1, -3])
  })

  test('a constant of the wrong length is refused', () => {
    expect(() => v128.const([1, 2])).toThrow('a v128 has 16 bytes, got 2')
    expect(() => i8x16.shuffle(i8x16.splat(0), i8x16.splat(0), [0])).toThrow('a shuffle has 16 indices, got 1')
  })
})

describe('atomics', () => {
  test('read-modify-write returns the value before', () => {
    new Int32Array(memory.buffer)[128] = 6
    expect(run('i32', () => i32Atomic.rmwAdd(512, 4))).toBe(6)
    expect(run('i32', () => i32Atomic.rmwSub(512, 1))).toBe(10)
    expect(run('i32', () => i32Atomic.rmwAnd(512, 12))).toBe(9)
    expect(run('i32', () => i32Atomic.rmwOr(512, 3))).toBe(8)
    expect(run('i32', () => i32Atomic.rmwXor(512, 1))).toBe(11)
    expect(run('i32', () => i32Atomic.rmwXchg(512, 5))).toBe(10)
    expect(run('i32', () => i32Atomic.rmwCmpxchg(512, 4, 1))).toBe(5)
    expect(run('i32', () => i32Atomic.rmwCmpxchg(512, 5, 1))).toBe(5)
    expect(run('i32', () => i32Atomic.load(512))).toBe(1)
    expect(run('i64', (f) => (f.do(i64Atomic.store(520, 3n)), i64Atomic.rmwAdd(512, 1n, 8)))).toBe(3n)
  })

  test.runIf(probeFeatures().threads)('wait returns at once when the value differs, notify counts sleepers', () => {
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
    const module = new ModuleBuilder({ shared: true })
    module.func({ name: 'wait', params: {}, result: 'i32' }, () => atomicWait32(0, 1, -1n))
    module.func({ name: 'late', params: {}, result: 'i32' }, () => atomicWait32(0, 0, 1000n))
    module.func({ name: 'notify', params: {}, result: 'i32' }, () => atomicNotify(0, 1))
    const { wait, late, notify } = exportsOf(module, { memory: shared })
    expect(wait()).toBe(1)
    expect(late()).toBe(2)
    expect(notify()).toBe(0)
  })
})

describe('control', () => {
  test('for counts, if chooses', () => {
    const sumOfOdd = run('i32', (f) => {
      const i = f.local('i32')
      const sum = f.local('i32')
      f.for(i, 0, 10, 1, () => {
        f.if(
          i32.and(i, 1),
          () => f.add(sum, i),
          () => f.add(sum, 0),
        )
      })
      return sum
    })
    expect(sumOfOdd).toBe(25)
  })

  test('while makes no turn when its condition fails at once, doWhile makes one', () => {
    const turns = run('i32', (f) => {
      const n = f.local('i32')
      f.while(i32.const(0), () => f.add(n, 100))
      f.doWhile(() => f.add(n, 1), i32.const(0))
      return n
    })
    expect(turns).toBe(1)
  })

  test('branches leave blocks and repeat loops from any depth', () => {
    const value = run('i32', (f) => {
      const i = f.local('i32')
      f.block((end) => {
        f.loop((again) => {
          f.add(i, 1)
          f.if(i32.ltU(i, 5), () => f.br(again))
          f.brIf(end, i32.eq(i, 5))
          f.unreachable()
        })
      })
      return i
    })
    expect(value).toBe(5)
  })

  test('tee sets a variable and is its value', () => {
    expect(
      run('i32', (f) => {
        const x = f.local('i32')
        return i32.add(tee(x, 4), x)
      }),
    ).toBe(8)
  })

  test('functions call each other by parameter name, and return early', () => {
    const module = new ModuleBuilder()
    const minus = module.func({ params: { x: 'i32', y: 'i32' }, result: 'i32' }, (_, { x, y }) => i32.sub(x, y))
    module.func({ name: 'main', params: { x: 'i32' }, result: 'i32' }, (f, { x }) => {
      f.if(i32.eqz(x), () => f.return(i32.const(-1)))
      f.drop(minus.call({ x: 0, y: 0 }))
      return minus.call({ y: x, x: 100 })
    })
    const { main } = exportsOf(module)
    expect(main(0)).toBe(-1)
    expect(main(30)).toBe(70)
  })

  test('functions and constants are imported', () => {
    const module = new ModuleBuilder()
    const outside = module.importFunc('outside', { x: 'f64' }, 'f64')
    const lane = module.importGlobal('lane', 'i32')
    module.func({ name: 'main', params: {}, result: 'f64' }, () => outside.call({ x: f64.convertI32S(lane) }))
    const { main } = exportsOf(module, { outside: (x: number) => x / 2, lane: 5 })
    expect(main()).toBe(2.5)
    expect(() => module.importFunc('late', {}, 'void')).toThrow('imports come before the first function')
  })

  test('locals of one type are declared in runs, and many of them work', () => {
    const value = run('f32', (f) => {
      const integers = f.localArray('i32', 200)
      const x = f.let(f32.const(1.5))
      f.set(integers[199], 2)
      return f32.add(x, f32.convertI32S(integers[199]))
    })
    expect(value).toBe(3.5)
  })
})

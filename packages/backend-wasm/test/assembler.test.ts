import { describe, expect, test } from 'vitest'
import {
  atomicNotify,
  atomicWait32,
  Bytes,
  f32,
  f64,
  i32,
  i32Atomic,
  i64,
  i64Atomic,
  memory as bulk,
  ModuleBuilder,
  probeFeatures,
  select,
  tee,
} from '../src/assembler/index.ts'
import { bytes, exportsOf, memory, run } from './run-code.ts'

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
    expect(
      out
        .append(new Uint8Array([7, 8]))
        .finish()
        .slice(98),
    ).toEqual(new Uint8Array([98, 99, 7, 8]))
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

  test('select takes one of two values', () => {
    expect(run('f32', () => select(1, f32.const(2), f32.const(3)))).toBe(2)
    expect(run('i32', () => select(0, i32.const(2), i32.const(3)))).toBe(3)
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

  test.runIf(probeFeatures().threads)(
    'wait returns at once when the value differs, notify counts sleepers',
    () => {
      const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
      const module = new ModuleBuilder({ shared: true })
      module.func({ name: 'wait', params: {}, result: 'i32' }, () => atomicWait32(0, 1, -1n))
      module.func({ name: 'late', params: {}, result: 'i32' }, () => atomicWait32(0, 0, 1000n))
      module.func({ name: 'notify', params: {}, result: 'i32' }, () => atomicNotify(0, 1))
      const { wait, late, notify } = exportsOf(module, { memory: shared })
      expect(wait()).toBe(1)
      expect(late()).toBe(2)
      expect(notify()).toBe(0)
    },
  )
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
    const minus = module.func({ params: { x: 'i32', y: 'i32' }, result: 'i32' }, (_, { x, y }) =>
      i32.sub(x, y),
    )
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

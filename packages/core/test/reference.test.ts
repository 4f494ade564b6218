import { describe, expect, test } from 'vitest'
import type { DType, Num } from '../src/base/dtype.ts'
import { IndexError } from '../src/base/errors.ts'
import { numberToFloat16 } from '../src/base/half.ts'
import { Layout } from '../src/base/layout.ts'
import * as e from '../src/program/expr.ts'
import { Program, type Combine } from '../src/program/program.ts'
import { apply, as, backend, f32, list, mapOf, read, view } from './reference-views.ts'

const numOf: Partial<Record<DType, Num>> = {
  float32: 'f32',
  float64: 'f64',
  int32: 'i32',
  int64: 'i64',
  bool: 'bool',
}

function unary(op: e.Unary, dtype: DType, values: readonly number[]): number[] {
  const x = e.input(0, numOf[dtype]!)
  return apply(
    mapOf([dtype], dtype, e.unary(op, x)),
    [view(dtype, [values.length], values)],
    view(dtype, [values.length]),
  )
}

function binary(op: e.Binary, dtype: DType, x: readonly number[], y: readonly number[]): number[] {
  const node = e.binary(op, e.input(0, numOf[dtype]!), e.input(1, numOf[dtype]!))
  const out = node.type === 'bool' ? 'bool' : dtype
  return apply(
    mapOf([dtype, dtype], out, node),
    [view(dtype, [x.length], x), view(dtype, [y.length], y)],
    view(out, [x.length]),
  )
}

function cast(from: DType, to: DType, values: readonly number[]): number[] {
  const out = view(to, [values.length])
  backend.copy(view(from, [values.length], values), out)
  return list(out)
}

function reduce(
  combine: Combine,
  dtype: DType,
  shape: [number, number],
  values: readonly number[],
): number[] {
  const num = numOf[dtype]!
  const program = new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: [{ combine, value: e.input(0, num) }],
    outputs: [{ dtype, value: e.reduced(0, num), over: 'outer' }],
  })
  const out = view(dtype, [shape[0]])
  backend.run(program, [
    { outer: [shape[0]], inner: [shape[1]], operands: [view(dtype, shape, values), out], params: [] },
  ])
  return list(out)
}

const x32 = e.input(0, 'f32')
const y32 = e.input(1, 'f32')
const double = mapOf(['float32'], 'float32', e.binary('add', x32, x32))

describe('scalar functions', () => {
  test('round is half to even and keeps the sign of zero', () => {
    expect(unary('round', 'float32', [0.5, 1.5, -0.5, -1.5, 2.5, 0.49999997])).toEqual([0, 2, -0, -2, 2, 0])
  })

  test('remainder takes the sign of the divisor, fmod of the dividend', () => {
    expect(binary('remainder', 'float32', [5, -5, 5, -5], [-3, 3, Infinity, Infinity])).toEqual([
      -1,
      1,
      5,
      Infinity,
    ])
    expect(binary('fmod', 'float32', [5, -5, 1], [-3, 3, Infinity])).toEqual([2, -2, 1])
    expect(binary('remainder', 'int32', [5, -5, 5], [-3, 3, 0])).toEqual([-1, 1, 0])
    expect(binary('remainder', 'int64', [5, -5, 5], [-3, 3, 0])).toEqual([-1, 1, 0])
  })

  test('floordiv rounds down and divides by zero as PyTorch', () => {
    expect(binary('floordiv', 'float32', [5, -5, 5, -0, 1, -5], [-3, 3, Infinity, 3, 0, Infinity])).toEqual([
      -2,
      -2,
      0,
      -0,
      Infinity,
      -1,
    ])
    expect(binary('floordiv', 'int32', [5, -5, -2147483648, 1], [-3, 3, -1, 0])).toEqual([
      -2, -2, -2147483648, 0,
    ])
  })

  test('pow of 1 is 1 whatever the exponent', () => {
    expect(binary('pow', 'float64', [1, -1, 0, -8], [NaN, Infinity, 0, 1 / 3])).toEqual([1, 1, 1, NaN])
    expect(binary('pow', 'int32', [2, -1, 0, 3], [-1, -3, 0, 21])).toEqual([0, -1, 1, 1870418611])
  })

  test('max propagates NaN and fmax prefers the number', () => {
    expect(binary('max', 'float32', [NaN, 1, 1], [1, NaN, 2])).toEqual([NaN, NaN, 2])
    expect(binary('fmax', 'float32', [NaN, 1, NaN], [1, NaN, NaN])).toEqual([1, 1, NaN])
  })

  test('a comparison with NaN is false and ne true', () => {
    expect(binary('eq', 'float32', [NaN, 1], [NaN, 1])).toEqual([0, 1])
    expect(binary('ne', 'float32', [NaN, 1], [NaN, 1])).toEqual([1, 0])
  })

  test('integers wrap', () => {
    expect(binary('add', 'int32', [2147483647], [1])).toEqual([-2147483648])
    expect(binary('mul', 'int32', [123456789], [987654321])).toEqual([Math.imul(123456789, 987654321)])
    expect(binary('shl', 'int32', [1, 1, 1], [31, 32, -1])).toEqual([-2147483648, 0, 0])
    expect(binary('shr', 'int32', [-8, -8], [1, 40])).toEqual([-4, -1])
    expect(unary('neg', 'int64', [0, 5])).toEqual([0, -5])
  })

  test('int64 is exact beyond 2^53', () => {
    const out = view('int64', [1])
    const program = mapOf(['int64'], 'int64', e.binary('mul', e.input(0, 'i64'), e.constant(3, 'i64')))
    backend.run(program, [
      { outer: [1], inner: [], operands: [view('int64', [1], [Number.MAX_SAFE_INTEGER]), out], params: [] },
    ])
    expect(read(out)[0]).toBe(27021597764222973n)
  })

  // mpmath, 40 digits
  test('special functions are good to 1e-15', () => {
    const near = (op: e.Unary, x: number, y: number): void => {
      const [value] = unary(op, 'float64', [x])
      expect(Math.abs(value / y - 1)).toBeLessThan(1e-15)
    }
    near('erf', 0.5, 0.52049987781304653768)
    near('erfc', 10, 2.088487583762544757e-45)
    near('erfinv', 0.99, 1.821386367718449673)
    near('lgamma', 0.1, 2.2527126517342059599)
    near('lgamma', -0.5, 1.2655121234846454)
    near('digamma', 0.5, -1.9635100260214234794)
    expect(unary('digamma', 'float64', [0, -1])).toEqual([-Infinity, NaN])
    expect(unary('erfinv', 'float64', [1, -1, 1.5])).toEqual([Infinity, -Infinity, NaN])
  })
})

describe('casts', () => {
  test('floats go to integers towards zero, NaN and overflow to the lowest', () => {
    expect(cast('float32', 'int32', [1.9, -1.9, NaN, 3e9])).toEqual([1, -1, -2147483648, -2147483648])
    expect(cast('float32', 'uint8', [300, -1, NaN])).toEqual([44, 255, 0])
    expect(cast('float64', 'int64', [-1.5, 1e30])).toEqual([-1, -(2 ** 63)])
  })

  test('anything but zero is true', () => {
    expect(cast('float32', 'bool', [0, -0, 0.1, NaN])).toEqual([0, 0, 1, 1])
  })

  test('int64 goes to float32 in one rounding', () => {
    const x = view('int64', [1])
    // just above the middle of two neighbours: through double it would become the middle
    backend.write(x.storage.block, new BigInt64Array([2n ** 60n + 2n ** 36n + 1n]))
    const out = f32([1])
    backend.copy(x, out)
    expect(list(out)).toEqual([2 ** 60 + 2 ** 37])
  })

  test('half precision is rounded to nearest even on store', () => {
    const out = view('float16', [3])
    backend.copy(f32([3], [2049, 2051, 70000]), out)
    expect(list(out)).toEqual([2048, 2052, Infinity].map(numberToFloat16))
  })

  test('a round node gives what storing and loading would', () => {
    const halved = e.binary('sub', e.roundTo(x32, 'float16'), x32)
    expect(apply(mapOf(['float32'], 'float32', halved), [f32([1], [2049])], f32([1]))).toEqual([-1])
    const wrapped = e.roundTo(e.input(0, 'i32'), 'int8')
    expect(
      apply(mapOf(['int32'], 'int32', wrapped), [view('int32', [1], [200])], view('int32', [1])),
    ).toEqual([-56])
  })
})

describe('maps', () => {
  test('an empty one writes nothing and a scalar has one position', () => {
    expect(apply(double, [f32([0])], f32([0]))).toEqual([])
    expect(apply(double, [f32([], [3])], f32([]))).toEqual([6])
  })

  test('strides of 0, negative ones and offsets are followed', () => {
    const x = f32([6], [0, 1, 2, 3, 4, 5])
    expect(apply(double, [as(x, new Layout([2, 2], [0, -2], 5))], f32([2, 2]))).toEqual([10, 6, 10, 6])
    const out = f32([2, 3])
    apply(
      double,
      [x].map((v) => as(v, Layout.of([3, 2]))),
      as(out, new Layout([3, 2], [1, 3])),
    )
    expect(list(out)).toEqual([0, 4, 8, 2, 6, 10])
  })

  test('an output may be an input', () => {
    const x = f32([3], [1, 2, 3])
    expect(apply(double, [x], x)).toEqual([2, 4, 6])
  })

  test('outputs are computed before any of them is stored', () => {
    const x = f32([2], [1, 2])
    const y = f32([2], [10, 20])
    const swap = new Program({
      inputs: [{ dtype: 'float32', over: 'all' }, { dtype: 'float32', over: 'all' }],
      outputs: [{ dtype: 'float32', value: y32, over: 'all' }, { dtype: 'float32', value: x32, over: 'all' }],
    }) // prettier-ignore
    backend.run(swap, [{ outer: [2], inner: [], operands: [x, y, x, y], params: [] }])
    expect([list(x), list(y)]).toEqual([[10, 20], [1, 2]]) // prettier-ignore
  })

  test('float32 is rounded at every node and params are float32', () => {
    const value = e.binary('sub', e.binary('add', x32, e.param(0, 'f32')), x32)
    const program = mapOf(['float32'], 'float32', value, { params: ['f32'] })
    expect(apply(program, [f32([1], [16777216])], f32([1]), [1])).toEqual([0])
    const identity = mapOf([], 'float64', e.convert(e.param(0, 'f32'), 'f64'), { params: ['f32'] })
    expect(apply(identity, [], view('float64', [1]), [0.1])).toEqual([Math.fround(0.1)])
  })

  test('positions and sizes count logical axes across chunks', () => {
    const column = e.index({ of: 'outer', axis: 1 })
    const flat = e.index({ of: 'outer', axis: 'flat' })
    const rows = e.size({ of: 'outer', axis: 0 })
    const value = e.binary('add', e.binary('mul', flat, e.constant(10, 'i32')), e.binary('add', column, rows))
    const result = apply(mapOf([], 'int32', value), [], view('int32', [700, 3]))
    expect(result).toEqual(result.map((_, p) => p * 10 + (p % 3) + 700))
  })

  test('bindings are run one after the other', () => {
    const x = f32([1], [1])
    const binding = { outer: [1], inner: [], operands: [x, x], params: [] }
    backend.run(double, [binding, binding])
    expect(list(x)).toEqual([4])
  })
})

describe('reductions and row kernels', () => {
  test('of nothing give the identity', () => {
    expect(reduce('sum', 'float32', [2, 0], [])).toEqual([0, 0])
    expect(reduce('prod', 'float32', [1, 0], [])).toEqual([1])
    expect(reduce('max', 'float32', [1, 0], [])).toEqual([-Infinity])
    expect(reduce('min', 'int32', [1, 0], [])).toEqual([2147483647])
    expect(reduce('max', 'int64', [1, 0], [])).toEqual([-(2 ** 63)])
    expect(reduce('and', 'bool', [1, 0], [])).toEqual([1])
    expect(reduce('or', 'bool', [1, 0], [])).toEqual([0])
    expect(reduce('sum', 'float32', [0, 3], [])).toEqual([])
  })

  test('max and min propagate NaN from any place', () => {
    expect(reduce('max', 'float32', [3, 2], [NaN, 1, 1, NaN, 2, 3])).toEqual([NaN, NaN, 3])
    expect(reduce('min', 'float32', [2, 2], [NaN, 1, 2, 3])).toEqual([NaN, 2])
  })

  test('a float32 sum is rounded once and integers wrap', () => {
    const many = Array.from({ length: 5000 }, () => 0.1)
    expect(reduce('sum', 'float32', [1, 5000], many)).toEqual([Math.fround(5000 * Math.fround(0.1))])
    expect(reduce('sum', 'int32', [1, 2], [2147483647, 1])).toEqual([-2147483648])
    expect(reduce('prod', 'int32', [1, 3], [65536, 65536, 3])).toEqual([0])
    expect(reduce('sum', 'int64', [1, 2], [2 ** 62, 2 ** 62])).toEqual([-(2 ** 63)])
  })

  const exp = e.unary('exp', e.binary('sub', x32, e.reduced(0, 'f32')))
  const softmax = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [
      { combine: 'max', value: x32 },
      { combine: 'sum', value: exp },
    ],
    outputs: [{ dtype: 'float32', value: e.binary('div', exp, e.reduced(1, 'f32')), over: 'all' }],
  })

  test('softmax is a row kernel of two levels, in place and longer than a chunk', () => {
    const x = f32(
      [2, 2000],
      Array.from({ length: 4000 }, (_, i) => (i < 2000 ? 0 : i === 2000 ? 1000 : 0)),
    )
    expect(softmax.levels).toEqual([1, 2])
    backend.run(softmax, [{ outer: [2], inner: [2000], operands: [x, x], params: [] }])
    const result = list(x)
    expect(result.slice(0, 2000)).toEqual(Array.from({ length: 2000 }, () => Math.fround(1 / 2000)))
    expect(result.slice(2000, 2003)).toEqual([1, 0, 0])
  })

  test('variance subtracts the mean of the level before; the outer axis may be the last in memory', () => {
    const n = e.convert(e.size({ of: 'inner', axis: 'flat' }), 'f32')
    const mean = e.binary('div', e.reduced(0, 'f32'), n)
    const off = e.binary('sub', x32, mean)
    const variance = new Program({
      inputs: [{ dtype: 'float32', over: 'all' }],
      reductions: [
        { combine: 'sum', value: x32 },
        { combine: 'sum', value: e.binary('mul', off, off) },
      ],
      outputs: [
        { dtype: 'float32', value: e.binary('div', e.reduced(1, 'f32'), n), over: 'outer' },
        { dtype: 'float32', value: off, over: 'all' },
      ],
    })
    const x = as(f32([2, 2], [1, 10, 3, 30]), new Layout([2, 2], [1, 2]))
    const [out, centred] = [f32([2]), f32([2, 2])]
    backend.run(variance, [{ outer: [2], inner: [2], operands: [x, out, centred], params: [] }])
    expect(list(out)).toEqual([1, 100])
    expect(list(centred)).toEqual([-1, 1, -10, 10])
  })

  test('an outer output may be an outer input that the row still reads', () => {
    const total = e.binary('add', y32, e.reduced(0, 'f32'))
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'outer' },
      ],
      reductions: [{ combine: 'sum', value: x32 }],
      outputs: [
        { dtype: 'float32', value: total, over: 'outer' },
        { dtype: 'float32', value: e.binary('add', x32, y32), over: 'all' },
      ],
    })
    const [running, out] = [f32([2], [100, 200]), f32([2, 2])]
    const operands = [f32([2, 2], [1, 2, 3, 4]), running, running, out]
    backend.run(program, [{ outer: [2], inner: [2], operands, params: [] }])
    expect(list(running)).toEqual([103, 207])
    expect(list(out)).toEqual([101, 102, 203, 204])
  })
})

describe('checks', () => {
  const target = e.input(1, 'i32')
  const classes = e.size({ of: 'inner', axis: 0 })
  const here = e.binary('eq', e.index({ of: 'inner', axis: 0 }), target)
  const pick = new Program({
    inputs: [
      { dtype: 'float32', over: 'all' },
      { dtype: 'int32', over: 'outer' },
    ],
    reductions: [{ combine: 'sum', value: e.select(here, x32, e.constant(0, 'f32')) }],
    outputs: [{ dtype: 'float32', value: e.reduced(0, 'f32'), over: 'outer' }],
    checks: [
      { fail: e.binary('lt', target, e.constant(0, 'i32')), error: 'below' },
      { fail: e.binary('ge', target, classes), error: 'Target is out of bounds.' },
    ],
  })
  const run = (targets: number[]): number[] => {
    const out = f32([2], [-1, -1])
    const operands = [f32([2, 3], [1, 2, 3, 4, 5, 6]), view('int32', [2], targets), out]
    try {
      backend.run(pick, [{ outer: [2], inner: [3], operands, params: [] }])
    } catch (error) {
      expect(list(out)).toEqual([-1, -1])
      throw error
    }
    return list(out)
  }

  test('that hold let the program run', () => {
    expect(run([2, 0])).toEqual([3, 4])
  })

  test('throw before anything is written, the first of the list first', () => {
    expect(() => run([0, 3])).toThrow(new IndexError('Target is out of bounds.'))
    expect(() => run([3, -1])).toThrow(new IndexError('below'))
  })
})

test('a reduction over an empty axis and a longer one writes each row once', () => {
  const x = view('float32', [3, 0, 2])
  const out = view('float32', [3], [7, 7, 7])
  const value = e.input(0, 'f32')
  const program = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [{ combine: 'prod', value }],
    outputs: [{ dtype: 'float32', value: e.reduced(0, 'f32'), over: 'outer' }],
  })
  backend.run(program, [{ outer: [3], inner: [0, 2], operands: [x, out], params: [] }])
  expect(list(out)).toEqual([1, 1, 1])
})

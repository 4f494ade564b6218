import {
  binary, constant, convert, dtypes, index, input, isFloat, isUnary, numOf, param, Program, roundTo, select, size, unary,
  type Binary, type DType, type Expr, type Num, type Unary,
} from '@gradus/core/backend' // prettier-ignore
import { describe, expect, test } from 'vitest'
import { expectReference, generator } from './against-reference.ts'
import { dense, KernelRunner } from './kernel-runner.ts'
import { operand, type Lie } from './operands.ts'

const runner = new KernelRunner()
const lies: readonly Lie[] = ['dense', 'transposed', 'gaps', 'backwards', 'repeated']
const random = generator(7)
const value = (): number => {
  const r = random()
  if (r < 0.1) return 0
  return (random() - 0.5) * (r < 0.5 ? 8 : 250)
}

const map = (inputs: DType[], outputs: { dtype: DType; value: Expr }[], params: Num[] = []): Program =>
  new Program({
    inputs: inputs.map((dtype) => ({ dtype, over: 'all' })),
    outputs: outputs.map((o) => ({ ...o, over: 'all' })),
    params,
  })

const add = map(
  ['float32', 'float32'],
  [{ dtype: 'float32', value: binary('add', input(0, 'f32'), input(1, 'f32')) }],
)

describe('a map', () => {
  test('of any length gives every element', () => {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9, 17, 1000, 100_000]) {
      const [x, y] = [operand('float32', [n], 'dense', value), operand('float32', [n], 'dense', value)]
      expectReference(runner, add, { outer: [n], inner: [], operands: [x, y, dense('float32', [n])] })
    }
  })

  test('takes operands that lie in any way', () => {
    for (const shape of [
      [5, 7],
      [3, 1, 9],
      [2, 3, 4, 5],
      [1, 1],
      [0, 3],
      [33, 4],
      [4, 33],
    ]) {
      for (const first of lies) {
        for (const second of lies) {
          const [x, y] = [operand('float32', shape, first, value), operand('float32', shape, second, value)]
          for (const third of lies.slice(0, 4)) {
            const out = operand('float32', shape, third, () => 0)
            expectReference(runner, add, {
              outer: shape.slice(0, 1),
              inner: shape.slice(1),
              operands: [x, y, out],
            })
          }
        }
      }
    }
  })

  test('of no axes is one element', () => {
    const scalar = (v: number) => dense('float32', [], [v])
    expectReference(runner, add, { outer: [], inner: [], operands: [scalar(2), scalar(3), scalar(0)] })
  })

  test('writes over its inputs', () => {
    const f = (i: number): Expr => input(i, 'f32')
    const swap = map(
      ['float32', 'float32'],
      [
        { dtype: 'float32', value: f(1) },
        { dtype: 'float32', value: f(0) },
      ],
    )
    for (const n of [1, 6, 1001]) {
      const [x, y] = [operand('float32', [n], 'dense', value), operand('float32', [n], 'dense', value)]
      expectReference(runner, swap, { outer: [n], inner: [], operands: [x, y, x, y] })
    }
  })

  test('gives the positions and lengths that it asks for', () => {
    const flat = index({ of: 'outer', axis: 'flat' })
    const [row, column] = [index({ of: 'outer', axis: 0 }), index({ of: 'inner', axis: 0 })]
    const value = binary(
      'add',
      binary('mul', row, size({ of: 'inner', axis: 0 })),
      binary('mul', column, constant(100, 'i32')),
    )
    const program = map(
      ['int32'],
      [
        { dtype: 'int32', value: binary('add', value, input(0, 'i32')) },
        { dtype: 'int32', value: flat },
      ],
    )
    for (const [m, n, k] of [
      [3, 5, 2],
      [1, 9, 1],
      [7, 1, 4],
      [70_000, 2, 1],
    ]) {
      for (const lie of lies.slice(0, 4)) {
        const shape = [m, k, n]
        const x = operand('int32', shape, lie, (i) => i % 5)
        const outputs = [operand('int32', shape, lie, () => 0), dense('int32', shape)]
        expectReference(runner, program, { outer: [m, k], inner: [n], operands: [x, ...outputs] })
      }
    }
  })

  test('takes params of every type', () => {
    for (const type of ['f32', 'f64', 'i32', 'i64', 'bool'] as const) {
      const dtype = ({ f32: 'float32', f64: 'float64', i32: 'int32', i64: 'int64', bool: 'bool' } as const)[
        type
      ]
      const program = map([dtype], [{ dtype, value: binary('add', input(0, type), param(0, type)) }], [type])
      for (const p of [0, 1, 3.75, -2]) {
        const x = operand(dtype, [9], 'dense', value)
        expectReference(runner, program, {
          outer: [9],
          inner: [],
          operands: [x, dense(dtype, [9])],
          params: [p],
        })
      }
    }
  })

  test('takes operands over the outer axes or over none', () => {
    const [x, y, z] = [input(0, 'f32'), input(1, 'f32'), input(2, 'f64')]
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'outer' },
        { dtype: 'float64', over: 'scalar' },
      ],
      outputs: [
        { dtype: 'float32', over: 'all', value: binary('mul', binary('add', x, y), convert(z, 'f32')) },
      ],
    })
    for (const lie of lies) {
      const operands = [
        operand('float32', [5, 6], lie, value),
        operand('float32', [5], lie, value),
        dense('float64', [], [3]),
      ]
      expectReference(runner, program, {
        outer: [5],
        inner: [6],
        operands: [...operands, dense('float32', [5, 6])],
      })
    }
  })
})

describe('every dtype', () => {
  test('is converted to every other', () => {
    for (const from of dtypes) {
      for (const to of dtypes) {
        const program = map([from], [{ dtype: to, value: convert(input(0, numOf(from)), numOf(to)) }])
        for (const lie of lies) {
          const x = operand(from, [3, 7], lie, (i) => (i % 5 === 0 ? i * 1e7 : value()))
          const out = operand(to, [3, 7], lie === 'repeated' ? 'dense' : lie, () => 0)
          expectReference(runner, program, { outer: [3, 7], inner: [], operands: [x, out] })
        }
      }
    }
  })

  test('keeps what does not fit as the lowest integer', () => {
    for (const from of ['float32', 'float64'] as const) {
      const values = [
        NaN,
        Infinity,
        -Infinity,
        2 ** 31,
        -(2 ** 31),
        2 ** 63,
        -(2 ** 63),
        1e30,
        -1e30,
        2147483520,
        -0.9,
        0.9,
      ]
      for (const to of ['int32', 'int64', 'bool', 'uint8', 'float16', 'bfloat16'] as const) {
        const program = map([from], [{ dtype: to, value: convert(input(0, numOf(from)), numOf(to)) }])
        const n = values.length
        expectReference(runner, program, {
          outer: [n],
          inner: [],
          operands: [dense(from, [n], values), dense(to, [n])],
        })
      }
    }
  })

  test('of half precision is exact in all its values and rounds to even', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const all = dense(
        dtype,
        [65536],
        Uint16Array.from({ length: 65536 }, (_, i) => i),
      )
      const wide = map([dtype], [{ dtype: 'float32', value: input(0, 'f32') }])
      expectReference(runner, wide, { outer: [65536], inner: [], operands: [all, dense('float32', [65536])] })
      const bits = Uint32Array.from({ length: 200_000 }, () => random() * 2 ** 32)
      const near = Uint32Array.from(
        { length: 50_000 },
        (_, i) => 0x33000000 + (i % 2) + Math.imul(i >> 1, 0x1000),
      )
      for (const source of [bits, near]) {
        const x = { ...dense('float32', [source.length]), array: new Float32Array(source.buffer) }
        const narrow = map(['float32'], [{ dtype, value: input(0, 'f32') }])
        const rounded = map(['float32'], [{ dtype: 'float32', value: roundTo(input(0, 'f32'), dtype) }])
        const run = { outer: [source.length], inner: [] }
        expectReference(runner, narrow, { ...run, operands: [x, dense(dtype, [source.length])] })
        expectReference(runner, rounded, { ...run, operands: [x, dense('float32', [source.length])] })
      }
    }
  })

  test('of small integers wraps when rounded to', () => {
    for (const to of ['uint8', 'int8', 'int16'] as const) {
      const program = map(['int32'], [{ dtype: 'int32', value: roundTo(input(0, 'i32'), to) }])
      const x = operand('int32', [50], 'dense', (i) => (i - 25) * 3001)
      expectReference(runner, program, { outer: [50], inner: [], operands: [x, dense('int32', [50])] })
    }
  })
})

const floatOps: readonly (Unary | Binary)[] = [
  'neg', 'abs', 'sign', 'floor', 'ceil', 'trunc', 'round', 'sqrt', 'rsqrt', 'exp', 'log1p', 'sin', 'erf', 'lgamma', 'add', 'sub',
  'mul', 'div', 'pow', 'remainder', 'fmod', 'floordiv', 'atan2', 'max', 'min', 'fmax', 'fmin', 'eq', 'ne', 'lt', 'le', 'gt', 'ge',
] // prettier-ignore
const intOps: readonly (Unary | Binary)[] = [
  'neg', 'abs', 'sign', 'floor', 'not', 'add', 'sub', 'mul', 'div', 'pow', 'remainder', 'fmod', 'floordiv', 'max', 'min', 'fmax',
  'fmin', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'xor', 'shl', 'shr',
] // prettier-ignore
const boolOps: readonly (Unary | Binary)[] = [
  'not', 'abs', 'sign', 'add', 'mul', 'max', 'min', 'fmax', 'fmin', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'xor',
] // prettier-ignore

describe('functions', () => {
  const specials = [0, -0, 1, -1, 2, -3, 0.5, NaN, Infinity, -Infinity, 1e-40, -7.25, 3e38]
  const ints = [0, 1, -1, 2, -2, 3, 7, -8, 31, 32, 33, 63, 64, 2147483647, -2147483648, 65536]

  test.each(['float32', 'float64', 'int32', 'int64', 'bool'] as const)(
    'of %s are those of the reference',
    (dtype) => {
      const num = numOf(dtype)
      const ops = isFloat(dtype) ? floatOps : dtype === 'bool' ? boolOps : intOps
      const values = isFloat(dtype) ? specials : dtype === 'bool' ? [0, 1] : ints
      const pairs = values.flatMap((a) => values.map((b) => [a, b]))
      for (let i = 0; i < 200; i++) pairs.push([value(), value()])
      const n = pairs.length
      const x = operand(dtype, [n], 'dense', (i) => pairs[Math.min(i, n - 1)][0])
      const y = operand(dtype, [n], 'dense', (i) => pairs[Math.min(i, n - 1)][1])
      for (const op of ops) {
        const result = isUnary(op) ? unary(op, input(0, num)) : binary(op, input(0, num), input(1, num))
        const to = result.type === 'bool' ? 'bool' : dtype
        const program = map([dtype, dtype], [{ dtype: to, value: result }])
        const tolerance = dtype === 'float32' ? 2 ** -22 : 0
        expectReference(
          runner,
          program,
          { outer: [n], inner: [], operands: [x, y, dense(to, [n])] },
          tolerance,
        )
      }
    },
  )

  test('choose by a condition without touching the other value', () => {
    for (const dtype of dtypes) {
      const num = numOf(dtype)
      const value_ = select(input(0, 'bool'), input(1, num), binary('add', input(1, num), input(1, num)))
      const program = map(['bool', dtype], [{ dtype, value: value_ }])
      const operands = [
        operand('bool', [13], 'dense', value),
        operand(dtype, [13], 'dense', value),
        dense(dtype, [13]),
      ]
      expectReference(runner, program, { outer: [13], inner: [], operands })
    }
  })
})

test('relaxed multiply-add is used only where it is asked for', () => {
  const program = map(['float32'], [{ dtype: 'float32', value: unary('exp', input(0, 'f32')) }])
  const code = (relaxed: boolean): string =>
    new KernelRunner(relaxed).compiled(program).flat?.kernel.bytes.join() ?? ''
  const madd = '253,133,2'
  expect(code(false)).not.toContain(madd)
  expect(code(true)).toContain(madd)
})

import {
  binary, constant, convert, index, input, param, Program, reduced, select, size, unary, roundTo,
  type DType, type Expr,
} from '@gradus/core/backend' // prettier-ignore
import { describe, test } from 'vitest'
import { expectReference, generator } from './against-reference.ts'
import { dense, KernelRunner, type Data } from './kernel-runner.ts'
import { operand, type Lie } from './operands.ts'

const runner = new KernelRunner()
const lies: readonly Lie[] = ['dense', 'transposed', 'gaps', 'backwards', 'repeated']
const random = generator(13)
const value = (): number => (random() - 0.5) * 6
const sizes = [[0, 3], [1, 1], [3, 1], [1, 3], [5, 7], [33, 40], [40, 33], [3, 1000], [200, 4], [2, 70_000]] // prettier-ignore

const x = input(0, 'f32')
const f = (value: number): Expr => constant(value, 'f32')
const count = convert(size({ of: 'inner', axis: 'flat' }), 'f32')
const r = (i: number): Expr => reduced(i, 'f32')

const shifted = unary('exp', binary('sub', x, r(0)))
const softmax = (dtype: DType): Program =>
  new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      { combine: 'sum', value: shifted },
    ],
    outputs: [{ dtype, over: 'all', value: binary('div', shifted, r(1)) }],
  })

function everywhere(
  program: Program,
  dtype: DType,
  extra: (m: number, n: number) => Data[],
  tolerance: number,
): void {
  for (const [m, n] of sizes) {
    for (const lie of lies) {
      const operands = [operand(dtype, [m, n], lie, value), ...extra(m, n)]
      expectReference(runner, program, { outer: [m], inner: [n], operands }, tolerance)
    }
  }
}

describe('a row kernel', () => {
  test('computes softmax', () => {
    everywhere(softmax('float32'), 'float32', (m, n) => [dense('float32', [m, n])], 1e-6)
    everywhere(softmax('float16'), 'float16', (m, n) => [dense('float16', [m, n])], 1e-3)
  })

  test('computes softmax over its input', () => {
    for (const [m, n] of sizes) {
      for (const lie of ['dense', 'transposed', 'gaps', 'backwards'] as const) {
        const data = operand('float32', [m, n], lie, value)
        expectReference(runner, softmax('float32'), { outer: [m], inner: [n], operands: [data, data] }, 1e-6)
      }
    }
  })

  test('computes logSoftmax and logsumexp in one go', () => {
    const total = binary('add', r(0), unary('log', r(1)))
    const program = new Program({
      inputs: [{ dtype: 'float32', over: 'all' }],
      reductions: softmax('float32').reductions,
      outputs: [
        { dtype: 'float32', over: 'outer', value: total },
        { dtype: 'float32', over: 'all', value: binary('sub', x, total) },
      ],
    })
    everywhere(program, 'float32', (m, n) => [dense('float32', [m]), dense('float32', [m, n])], 2e-6)
  })

  test('computes layerNorm, with the statistics of each row', () => {
    const mean = binary('div', r(0), count)
    const centred = binary('sub', x, mean)
    const scale = unary('rsqrt', binary('add', binary('div', r(1), count), param(0, 'f32')))
    const normal = binary('mul', centred, scale)
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'all' },
      ],
      params: ['f32'],
      reductions: [
        { combine: 'sum', value: x },
        { combine: 'sum', value: binary('mul', centred, centred) },
      ],
      outputs: [
        {
          dtype: 'float32',
          over: 'all',
          value: binary('add', binary('mul', normal, input(1, 'f32')), input(2, 'f32')),
        },
        { dtype: 'float32', over: 'outer', value: mean },
        { dtype: 'float32', over: 'outer', value: scale },
      ],
    })
    for (const [m, n] of sizes) {
      for (const lie of lies.slice(0, 4)) {
        const affine = (): Data => {
          const one = dense('float32', [n], Float32Array.from({ length: n }, value))
          return { ...one, layout: one.layout.expand([m, n]) }
        }
        const operands = [operand('float32', [m, n], lie, value), affine(), affine()]
        const results = [
          operand('float32', [m, n], lie, () => 0),
          dense('float32', [m]),
          dense('float32', [m]),
        ]
        expectReference(
          runner,
          program,
          { outer: [m], inner: [n], operands: [...operands, ...results], params: [1e-5] },
          2e-5,
        )
      }
    }
  })

  test('computes crossEntropy by class numbers, which are checked', () => {
    const target = convert(input(1, 'i64'), 'i32')
    const picked = select(binary('eq', index({ of: 'inner', axis: 0 }), target), x, f(0))
    const classes = size({ of: 'inner', axis: 0 })
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'int64', over: 'outer' },
      ],
      reductions: [...softmax('float32').reductions, { combine: 'sum', value: picked }],
      outputs: [
        {
          dtype: 'float32',
          over: 'outer',
          value: binary('sub', binary('add', r(0), unary('log', r(1))), r(2)),
        },
      ],
      checks: [
        {
          fail: binary('or', binary('lt', target, constant(0, 'i32')), binary('ge', target, classes)),
          error: 'Target out of bounds.',
        },
      ],
    })
    for (const [m, n] of sizes) {
      for (const bad of [-2, 0, m - 1]) {
        for (const lie of ['dense', 'transposed'] as const) {
          const labels = operand('int64', [m], 'dense', (i) => (i === bad && bad > 0 ? n : i % n))
          const operands = [operand('float32', [m, n], lie, value), labels, dense('float32', [m])]
          expectReference(runner, program, { outer: [m], inner: [n], operands }, 2e-5)
        }
      }
    }
  })

  test('computes argmax as the first position of the largest', () => {
    const position = index({ of: 'inner', axis: 'flat' })
    const program = new Program({
      inputs: [{ dtype: 'float32', over: 'all' }],
      reductions: [
        { combine: 'max', value: x },
        { combine: 'min', value: select(binary('eq', x, r(0)), position, constant(2 ** 31 - 1, 'i32')) },
      ],
      outputs: [{ dtype: 'int32', over: 'outer', value: reduced(1, 'i32') }],
    })
    everywhere(program, 'float32', (m) => [dense('int32', [m])], 0)
  })

  test('computes the gradient of softmax', () => {
    const [g, y] = [input(0, 'f32'), input(1, 'f32')]
    const product = binary('mul', g, y)
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'all' },
      ],
      reductions: [{ combine: 'sum', value: product }],
      outputs: [{ dtype: 'float32', over: 'all', value: binary('sub', product, binary('mul', y, r(0))) }],
    })
    everywhere(
      program,
      'float32',
      (m, n) => [operand('float32', [m, n], 'transposed', value), dense('float32', [m, n])],
      1e-3,
    )
  })

  test('updates running statistics in place', () => {
    const mean = binary('div', r(0), count)
    const running = binary('add', binary('mul', input(1, 'f32'), f(0.9)), binary('mul', mean, f(0.1)))
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'outer' },
      ],
      reductions: [{ combine: 'sum', value: x }],
      outputs: [
        { dtype: 'float32', over: 'all', value: binary('sub', x, binary('add', mean, input(1, 'f32'))) },
        { dtype: 'float32', over: 'outer', value: running },
      ],
    })
    for (const [n, c, s] of [
      [3, 5, 4],
      [8, 33, 9],
      [2, 3, 1000],
      [6, 40, 1],
    ]) {
      const image = operand('float32', [n, c, s], 'dense', value)
      const data = { ...image, layout: image.layout.permute([1, 0, 2]) }
      const stats = operand('float32', [c], 'dense', value)
      expectReference(
        runner,
        program,
        { outer: [c], inner: [n, s], operands: [data, stats, data, stats] },
        1e-5,
      )
    }
  })

  test('rounds between operations where the program says so', () => {
    const sum = roundTo(r(0), 'bfloat16')
    const program = new Program({
      inputs: [{ dtype: 'bfloat16', over: 'all' }],
      reductions: [{ combine: 'max', value: x }],
      outputs: [
        {
          dtype: 'bfloat16',
          over: 'all',
          value: roundTo(binary('add', roundTo(binary('mul', x, f(1.1)), 'bfloat16'), sum), 'bfloat16'),
        },
      ],
    })
    everywhere(program, 'bfloat16', (m, n) => [dense('bfloat16', [m, n])], 0)
  })

  test('of doubles and long integers', () => {
    const d = input(0, 'f64')
    const program = new Program({
      inputs: [{ dtype: 'float64', over: 'all' }],
      reductions: [
        { combine: 'max', value: d },
        { combine: 'sum', value: unary('exp', binary('sub', d, reduced(0, 'f64'))) },
        { combine: 'sum', value: convert(d, 'i64') },
      ],
      outputs: [
        {
          dtype: 'float64',
          over: 'all',
          value: binary('div', unary('exp', binary('sub', d, reduced(0, 'f64'))), reduced(1, 'f64')),
        },
        { dtype: 'int64', over: 'outer', value: reduced(2, 'i64') },
      ],
    })
    everywhere(program, 'float64', (m, n) => [dense('float64', [m, n]), dense('int64', [m])], 1e-12)
  })
})

import {
  binary, convert, dtypes, index, input, numOf, param, Program, reduced, size, unary,
  type Combine, type DType, type Expr,
} from '@gradus/core/backend' // prettier-ignore
import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { expectReference, generator } from './against-reference.ts'
import { dense, KernelRunner, type Data } from './kernel-runner.ts'
import { operand, type Lie } from './operands.ts'

// before the first module: Node 20 has it behind this flag
setFlagsFromString('--experimental-wasm-relaxed-simd')
const runner = new KernelRunner()
const relaxed = new KernelRunner(true)
const lies: readonly Lie[] = ['dense', 'transposed', 'gaps', 'backwards', 'repeated']
const random = generator(11)
const whole = (): number => Math.round(random() * 2 - 1)
const value = (): number => Math.round((random() - 0.5) * 4096) / 1024
const sizes = [[1, 0], [0, 3], [1, 1], [3, 1], [1, 3], [5, 7], [40, 33], [9, 1000], [100, 3], [2, 70_000], [1, 200_001]] // prettier-ignore

function fold(dtype: DType, ...combines: Combine[]): Program {
  const num = numOf(dtype)
  return new Program({
    inputs: [{ dtype, over: 'all' }],
    reductions: combines.map((combine) => ({ combine, value: input(0, num) })),
    outputs: combines.map((_, r) => ({ dtype, over: 'outer', value: reduced(r, num) })),
  })
}

describe('a reduction', () => {
  test('of rows of any length and lie', () => {
    const program = fold('float32', 'sum', 'max', 'min')
    for (const [m, n] of sizes) {
      for (const lie of lies) {
        const x = operand('float32', [m, n], lie, value)
        const results = [0, 1, 2].map(() => dense('float32', [m]))
        expectReference(runner, program, { outer: [m], inner: [n], operands: [x, ...results] }, 2e-6)
      }
    }
  })

  test('over several axes that do not merge', () => {
    const program = fold('float32', 'sum', 'prod')
    for (const shape of [
      [2, 3, 4],
      [3, 1, 5],
      [7, 33, 2],
      [4, 16, 40],
      [40, 3, 60],
      [3, 0, 1],
      [0, 3, 1],
    ]) {
      for (const lie of lies) {
        // the middle axis is the outer one, as in a norm per channel
        const x = operand('float32', shape, lie, (i) => 1 + value() / (100 + (i % 3)))
        const middle: Data = { ...x, layout: x.layout.permute([1, 0, 2]) }
        const results = [0, 1].map(() => dense('float32', [shape[1]]))
        const run = { outer: [shape[1]], inner: [shape[0], shape[2]], operands: [middle, ...results] }
        expectReference(runner, program, run, 1e-4)
      }
    }
  })

  test('with several outer axes', () => {
    const program = fold('float32', 'sum')
    for (const lie of lies) {
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
        [0, 2, 1],
      ]) {
        const x = operand('float32', [6, 9, 12], lie, value)
        const layout = x.layout.permute(order)
        const out = operand('float32', layout.shape.slice(0, 2), lie === 'repeated' ? 'dense' : lie, () => 0)
        const run = {
          outer: layout.shape.slice(0, 2),
          inner: layout.shape.slice(2),
          operands: [{ ...x, layout }, out],
        }
        expectReference(runner, program, run, 2e-6)
      }
    }
  })

  test('in every dtype', () => {
    for (const dtype of dtypes) {
      const combines: Combine[] = dtype === 'bool' ? ['and', 'or'] : ['sum', 'prod', 'max', 'min']
      const program = fold(dtype, ...combines)
      for (const [m, n] of [
        [3, 0],
        [3, 5],
        [5, 37],
        [1, 70_000],
        [70_000, 1],
      ]) {
        for (const lie of ['dense', 'transposed', 'backwards'] as const) {
          const x = operand(dtype, [m, n], lie, () => Math.round(random() * 3 - 1.2) || 1)
          const results = combines.map(() => dense(dtype, [m]))
          // sums of whole numbers below 2^11 are exact in any order
          expectReference(runner, program, { outer: [m], inner: [n], operands: [x, ...results] }, 0)
        }
      }
    }
  })

  test('lets NaN win in max and min wherever it stands', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const program = fold(dtype, 'max', 'min')
      for (const [m, n] of [
        [1, 1],
        [3, 19],
        [19, 3],
        [2, 70_000],
      ]) {
        for (let at = 0; at < m * n; at += Math.ceil((m * n) / 23)) {
          for (const lie of ['dense', 'transposed'] as const) {
            const x = operand(dtype, [m, n], lie, (i) => (i - 2 === at ? NaN : value()))
            expectReference(runner, program, {
              outer: [m],
              inner: [n],
              operands: [x, dense(dtype, [m]), dense(dtype, [m])],
            })
          }
        }
      }
    }
  })

  test('of products, whatever stands beyond the last', () => {
    for (const dtype of ['float32', 'float64', 'float16', 'int32'] as const) {
      const num = numOf(dtype)
      const [x, y, mean] = [input(0, num), input(1, num), input(2, num)]
      const deviation = binary('sub', x, mean)
      const products = [
        binary('mul', deviation, deviation),
        binary('mul', y, deviation),
        binary('mul', mean, mean),
      ]
      const program = new Program({
        inputs: [
          { dtype, over: 'all' },
          { dtype, over: 'all' },
          { dtype, over: 'outer' },
        ],
        reductions: products.map((value) => ({ combine: 'sum', value })),
        outputs: products.map((_, r) => ({ dtype, over: 'outer', value: reduced(r, num) })),
      })
      for (const [m, n] of [
        [3, 0],
        [3, 5],
        [40, 33],
        [33, 40],
        [9, 1003],
        [1, 70_001],
        [70_001, 1],
      ]) {
        for (const lie of lies) {
          // lanes beyond the last are taken from what lies there as 0: 0 - mean is infinite
          const row = operand(dtype, [m], 'dense', (i) =>
            i === 2 && dtype === 'float32' ? Infinity : whole(),
          )
          const operands = [
            operand(dtype, [m, n], lie, whole),
            operand(dtype, [m, n], lie, whole),
            row,
            ...products.map(() => dense(dtype, [m])),
          ]
          // whole numbers: exact in any order and with any rounding
          for (const one of [runner, relaxed])
            expectReference(one, program, { outer: [m], inner: [n], operands }, 0)
        }
      }
    }
  })

  test('of a million numbers stays within two units in the last place', () => {
    const n = 1 << 20
    const x = operand('float32', [n], 'dense', () => random())
    const out = dense('float32', [])
    runner.run(fold('float32', 'sum'), { outer: [], inner: [n], operands: [x, out] })
    let exact = 0
    for (const v of x.array.subarray(0, n)) exact += Number(v)
    expect(Math.abs(Number(out.array[0]) - exact) / exact).toBeLessThan(2 ** -22)
  })

  test('computes with params, lengths and outer operands, in parts too', () => {
    const [x, bias] = [input(0, 'f32'), input(1, 'f32')]
    const centred = binary('sub', x, param(0, 'f32'))
    const count = convert(size({ of: 'inner', axis: 'flat' }), 'f32')
    const program = new Program({
      inputs: [
        { dtype: 'float16', over: 'all' },
        { dtype: 'float32', over: 'outer' },
      ],
      params: ['f32'],
      reductions: [
        { combine: 'sum', value: centred },
        { combine: 'sum', value: binary('mul', centred, centred) },
      ],
      outputs: [
        {
          dtype: 'float32',
          over: 'outer',
          value: binary('add', binary('div', reduced(0, 'f32'), count), bias),
        },
        { dtype: 'float64', over: 'outer', value: convert(binary('div', reduced(1, 'f32'), count), 'f64') },
      ],
    })
    for (const [m, n] of [
      [4, 9],
      [3, 100_000],
      [70_000, 4],
    ]) {
      for (const lie of ['dense', 'transposed'] as const) {
        const operands = [
          operand('float16', [m, n], lie, value),
          operand('float32', [m], 'gaps', value),
          dense('float32', [m]),
          operand('float64', [m], 'backwards', () => 0),
        ]
        expectReference(runner, program, { outer: [m], inner: [n], operands, params: [0.25] }, 1e-5)
      }
    }
  })

  test('knows positions along the axes it folds', () => {
    const position = index({ of: 'inner', axis: 'flat' })
    const row = index({ of: 'outer', axis: 0 })
    const program = new Program({
      inputs: [{ dtype: 'int32', over: 'all' }],
      reductions: [{ combine: 'max', value: binary('add', binary('mul', input(0, 'i32'), position), row) }],
      outputs: [{ dtype: 'int32', over: 'outer', value: reduced(0, 'i32') }],
    })
    for (const shape of [
      [3, 5, 7],
      [2, 300, 300],
      [500, 2, 2],
    ]) {
      for (const lie of lies) {
        const x = operand('int32', shape, lie, (i) => i % 3)
        const run = {
          outer: shape.slice(0, 1),
          inner: shape.slice(1),
          operands: [x, dense('int32', [shape[0]])],
        }
        expectReference(runner, program, run)
      }
    }
  })
})

describe('checks', () => {
  const fails = (value: Expr, limit: Expr): Program =>
    new Program({
      inputs: [{ dtype: 'int32', over: 'all' }],
      params: ['i32'],
      reductions: [{ combine: 'sum', value }],
      outputs: [{ dtype: 'int32', over: 'outer', value: reduced(0, 'i32') }],
      checks: [
        { fail: binary('lt', value, unary('neg', limit)), error: 'too low' },
        { fail: binary('ge', value, limit), error: 'too high' },
        { fail: binary('gt', reduced(0, 'i32'), param(0, 'i32')), error: 'too much' },
      ],
    })

  test('see every element and none beyond the last', () => {
    const program = fails(binary('sub', input(0, 'i32'), param(0, 'i32')), param(0, 'i32'))
    for (const [m, n] of [
      [1, 3],
      [3, 5],
      [5, 3],
      [2, 70_000],
      [20_000, 9],
    ]) {
      for (const lie of ['dense', 'transposed'] as const) {
        for (const at of [-1, 0, m * n - 1, Math.floor((m * n) / 2)]) {
          for (const bad of [2_000_000, -4]) {
            // the other elements become 0
            const x = operand('int32', [m, n], lie, (i) =>
              i - (lie === 'dense' ? 0 : 2) === at ? bad : 1000,
            )
            expectReference(runner, program, {
              outer: [m],
              inner: [n],
              operands: [x, dense('int32', [m])],
              params: [1000],
            })
          }
        }
      }
    }
  })

  test('hold for reductions', () => {
    const program = fails(input(0, 'i32'), param(0, 'i32'))
    for (const [m, n] of [
      [3, 5],
      [2, 70_000],
    ]) {
      const x = operand('int32', [m, n], 'dense', () => 1)
      expectReference(runner, program, {
        outer: [m],
        inner: [n],
        operands: [x, dense('int32', [m])],
        params: [4],
      })
      expectReference(runner, program, {
        outer: [m],
        inner: [n],
        operands: [x, dense('int32', [m])],
        params: [1e6],
      })
    }
  })
})

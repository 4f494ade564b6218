import {
  binary, constant, convert, dtypes, index, input, numOf, param, Program, reduced, type Combine, type DType, type Expr,
} from '@gradus/core/backend' // prettier-ignore
import { setFlagsFromString } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { expectReference, generator } from './against-reference.ts'
import { dense, KernelRunner, type Run } from './kernel-runner.ts'
import { operand } from './operands.ts'

// before the first module: Node 20 has it behind this flag
setFlagsFromString('--experimental-wasm-relaxed-simd')
// products are added up in one instruction, or in two
const runners = [new KernelRunner(), new KernelRunner(true)]
const random = generator(23)
const value = (): number => Math.round((random() - 0.5) * 4096) / 1024
const whole = (): number => Math.round(random() * 3 - 1.2) || 1

const sumOf = (x: Expr, inputs: { dtype: DType; over: 'all' | 'outer' | 'scalar' }[]): Program =>
  new Program({
    inputs,
    reductions: [{ combine: 'sum', value: x }],
    outputs: [{ dtype: 'float32', over: 'outer', value: reduced(0, 'f32') }],
  })

function expectBand(program: Program, run: Run, tolerance: number, mode = 'band'): void {
  for (const runner of runners) {
    const space = { outer: run.outer, inner: run.inner, layouts: run.operands.map((o) => o.layout) }
    expect(runner.compiled(program).plan(space).form.mode).toBe(mode)
    expectReference(runner, program, run, tolerance)
  }
}

describe('a reduction of many columns', () => {
  const sum = sumOf(input(0, 'f32'), [{ dtype: 'float32', over: 'all' }])

  test('gives every column whatever is left over in both directions', () => {
    for (const [columns, rows] of [
      [4096, 16],
      [512, 128],
      [515, 129],
      [1021, 131],
      [1024, 64],
      [1024, 65],
      [1025, 67],
      [2049, 130],
      [2053, 33],
    ]) {
      const operands = [operand('float32', [columns, rows], 'transposed', value), dense('float32', [columns])]
      expectBand(sum, { outer: [columns], inner: [rows], operands }, 2e-6)
    }
  })

  test('begins where there are enough columns and elements', () => {
    for (const [columns, rows, mode] of [
      [511, 200, 'column'],
      [512, 127, 'column'],
      [512, 128, 'band'],
      [8000, 15, 'column'],
      [8000, 16, 'band'],
    ] as const) {
      const operands = [operand('float32', [columns, rows], 'transposed', value), dense('float32', [columns])]
      expectBand(sum, { outer: [columns], inner: [rows], operands }, 2e-6, mode)
    }
  })

  test('in every dtype and by every fold', () => {
    for (const dtype of dtypes) {
      const num = numOf(dtype)
      const combines: Combine[] = dtype === 'bool' ? ['and', 'or'] : ['sum', 'prod', 'max', 'min']
      const program = new Program({
        inputs: [{ dtype, over: 'all' }],
        reductions: combines.map((combine) => ({ combine, value: input(0, num) })),
        outputs: combines.map((_, r) => ({ dtype, over: 'outer', value: reduced(r, num) })),
      })
      const operands = [
        operand(dtype, [517, 150], 'transposed', whole),
        ...combines.map(() => dense(dtype, [517])),
      ]
      // sums of whole numbers below 2^11 are exact in any order
      expectBand(program, { outer: [517], inner: [150], operands }, 0)
    }
  })

  test('lets NaN win in max and min wherever it stands', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const num = numOf(dtype)
      const program = new Program({
        inputs: [{ dtype, over: 'all' }],
        reductions: (['max', 'min'] as const).map((combine) => ({ combine, value: input(0, num) })),
        outputs: [0, 1].map((r) => ({ dtype, over: 'outer', value: reduced(r, num) })),
      })
      for (let at = 0; at < 517 * 150; at += 7919) {
        const operands = [
          operand(dtype, [517, 150], 'transposed', (i) => (i - 2 === at ? NaN : value())),
          dense(dtype, [517]),
          dense(dtype, [517]),
        ]
        expectBand(program, { outer: [517], inner: [150], operands }, 0)
      }
    }
  })

  test('of products, with operands that lie in any way', () => {
    const [x, y, row, column, scalar] = [0, 1, 2, 3, 4].map((i) => input(i, 'f32'))
    const program = new Program({
      inputs: [
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'all' },
        { dtype: 'float32', over: 'outer' },
        { dtype: 'float32', over: 'scalar' },
      ],
      params: ['f32'],
      reductions: [
        { combine: 'sum', value: binary('mul', x, binary('sub', y, row)) },
        { combine: 'max', value: binary('add', binary('mul', column, x), scalar) },
        { combine: 'sum', value: constant(1, 'f32') },
        { combine: 'sum', value: row },
      ],
      outputs: [0, 1, 2, 3].map((r) => ({
        dtype: 'float32',
        over: 'outer',
        value: binary('add', reduced(r, 'f32'), binary('mul', column, param(0, 'f32'))),
      })),
    })
    const [columns, rows] = [701, 133]
    const perRow = operand('float32', [rows], 'dense', value)
    for (const lie of ['transposed', 'dense', 'gaps'] as const) {
      for (const side of ['dense', 'backwards', 'repeated'] as const) {
        const operands = [
          operand('float32', [columns, rows], 'transposed', value),
          operand('float32', [columns, rows], lie, value),
          { ...perRow, layout: perRow.layout.expand([columns, rows]) },
          operand('float32', [columns], side, value),
          operand('float32', [], 'dense', value),
          ...[0, 1, 2, 3].map(() => dense('float32', [columns])),
        ]
        const run = { outer: [columns], inner: [rows], operands, params: [0.25] }
        // a second operand along the rows outweighs the first
        if (lie === 'transposed') expectBand(program, run, 2e-5)
        else for (const runner of runners) expectReference(runner, program, run, 2e-5)
      }
    }
  })

  test('over several axes that do not merge, at any place', () => {
    const position = index({ of: 'inner', axis: 'flat' })
    const place = index({ of: 'outer', axis: 0 })
    const program = new Program({
      inputs: [{ dtype: 'int32', over: 'all' }],
      reductions: [
        { combine: 'sum', value: binary('mul', input(0, 'i32'), binary('add', position, place)) },
        { combine: 'sum', value: input(0, 'i32') },
      ],
      outputs: [0, 1].map((r) => ({ dtype: 'int32', over: 'outer', value: reduced(r, 'i32') })),
    })
    for (const [a, b, c, d] of [
      [5, 3, 7, 1030],
      [1, 3, 60, 515],
      [20, 2, 4, 513],
      [2, 1, 90, 700],
      [3, 2, 128, 600],
    ]) {
      const x = operand('int32', [a, b, c, d], 'dense', whole)
      const layout = x.layout.permute([1, 3, 0, 2])
      const operands = [{ ...x, layout }, dense('int32', [b, d]), dense('int32', [b, d])]
      expectBand(program, { outer: [b, d], inner: [a, c], operands }, 0)
    }
  })

  test('sees every element that a check forbids and none beyond the last', () => {
    const program = new Program({
      inputs: [{ dtype: 'int32', over: 'all' }],
      reductions: [{ combine: 'sum', value: input(0, 'i32') }],
      outputs: [{ dtype: 'int32', over: 'outer', value: reduced(0, 'i32') }],
      checks: [{ fail: binary('lt', input(0, 'i32'), constant(1, 'i32')), error: 'too low' }],
    })
    for (const at of [-1, 0, 517 * 150 - 1, 40_000]) {
      const x = operand('int32', [517, 150], 'transposed', (i) => (i - 2 === at ? 0 : 1))
      expectBand(program, { outer: [517], inner: [150], operands: [x, dense('int32', [517])] }, 0)
    }
  })

  test('of sixteen thousand numbers each stays within two units in the last place', () => {
    const [columns, rows] = [512, 1 << 14]
    const x = operand('float32', [columns, rows], 'transposed', () => random())
    const out = dense('float32', [columns])
    const run = { outer: [columns], inner: [rows], operands: [x, out] }
    runners[0].run(sum, run)
    const { strides, offset } = x.layout
    for (let c = 0; c < columns; c += 37) {
      let exact = 0
      for (let r = 0; r < rows; r++) exact += Number(x.array[offset + c * strides[0] + r * strides[1]])
      expect(Math.abs(Number(out.array[c]) - exact) / exact).toBeLessThan(2 ** -22)
    }
  })

  test('in half precision is added up in single', () => {
    const program = new Program({
      inputs: [{ dtype: 'bfloat16', over: 'all' }],
      reductions: [{ combine: 'sum', value: convert(input(0, 'f32'), 'f32') }],
      outputs: [{ dtype: 'bfloat16', over: 'outer', value: reduced(0, 'f32') }],
    })
    const operands = [operand('bfloat16', [600, 300], 'transposed', () => 0x3f80), dense('bfloat16', [600])]
    expectBand(program, { outer: [600], inner: [300], operands }, 0)
  })
})

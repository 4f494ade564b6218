import {
  binary,
  constant,
  convert,
  dtypeOfNum,
  index,
  input,
  param,
  Program,
  reduced,
  select,
  size,
  unary,
} from '@gradus/core/backend'
import type { Combine, Num } from '@gradus/core/backend'
import type { Case } from './index.ts'
import { lies, numbers, nums, source, trial } from './trial.ts'

const combines: Record<Num, readonly Combine[]> = {
  f32: ['sum', 'prod', 'max', 'min'],
  f64: ['sum', 'prod', 'max', 'min'],
  i32: ['sum', 'prod', 'max', 'min'],
  i64: ['sum', 'prod', 'max', 'min'],
  bool: ['and', 'or'],
}
const spaces: readonly (readonly [number[], number[]])[] = [
  [[], [0]], [[3], [0]], [[0], [3]], [[], [1]], [[], [17]], [[5], [7]], [[3, 2], [4, 5]], [[40], [3]], [[2], [70_001]], [[9], [5000]], [[], [200_003]], [[520], [130]],
] // prettier-ignore

function* reductions(): Generator<Case> {
  for (const num of nums) {
    const dtype = dtypeOfNum[num]
    for (const combine of combines[num]) {
      const program = new Program({
        inputs: [{ dtype, over: 'all' }],
        reductions: [{ combine, value: input(0, num) }],
        outputs: [{ dtype, value: reduced(0, num), over: 'outer' }],
      })
      // products of many stay in range near one
      const value =
        combine === 'prod' ? (i: number) => (i % 11 === 0 ? -1 : 1) : numbers(26, num === 'bool' ? 8 : 100)
      for (const [outer, inner] of spaces) {
        for (const lie of lies) {
          const shape = [...outer, ...inner]
          const count = inner.reduce((x, y) => x * y, 1)
          if (count > 10_000 && lie !== 'dense' && lie !== 'transposed') continue
          const scale = combine === 'sum' ? 16 * Math.sqrt(count) : 0
          const operands = [source(dtype, shape, lie, value), source(dtype, outer)]
          yield {
            name: `${combine} of ${num} over [${inner}] for [${outer}], ${lie}`,
            ...trial(program, outer, inner, operands, { ulps: 16, scale }),
          }
        }
      }
    }
  }
}

function* means(): Generator<Case> {
  const count = convert(size({ of: 'inner', axis: 'flat' }), 'f32')
  const rows = convert(size({ of: 'outer', axis: 0 }), 'f32')
  const mean = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    params: ['f32'],
    reductions: [{ combine: 'sum', value: input(0, 'f32') }],
    outputs: [
      {
        dtype: 'float32',
        value: binary('add', binary('div', reduced(0, 'f32'), count), binary('mul', rows, param(0, 'f32'))),
        over: 'outer',
      },
    ],
  })
  for (const [outer, inner] of [
    [[5], [7]],
    [[2], [70_001]],
    [[520], [130]],
  ] as const) {
    for (const lie of ['dense', 'transposed'] as const) {
      const operands = [
        source('float32', [...outer, ...inner], lie, numbers(29, 8)),
        source('float32', outer),
      ]
      yield {
        name: `mean by its length over [${inner}] for [${outer}], ${lie}`,
        ...trial(mean, outer, inner, operands, { params: [0.5], ulps: 16, scale: 16 }),
      }
    }
  }
}

function* maxima(): Generator<Case> {
  const maximum = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [{ combine: 'max', value: input(0, 'f32') }],
    outputs: [{ dtype: 'float32', value: reduced(0, 'f32'), over: 'outer' }],
  })
  for (const at of [0, 4, 16, 18]) {
    const x = source('float32', [3, 19], 'dense', (i) => (i === 19 + at ? NaN : i % 5))
    yield { name: `max with NaN at ${at}`, ...trial(maximum, [3], [19], [x, source('float32', [3])]) }
  }
}

function* rowKernels(): Generator<Case> {
  const x = input(0, 'f32')
  const e = unary('exp', binary('sub', x, reduced(0, 'f32')))
  const softmax = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      { combine: 'sum', value: e },
    ],
    outputs: [{ dtype: 'float32', value: binary('div', e, reduced(1, 'f32')), over: 'all' }],
  })
  const column = index({ of: 'inner', axis: 0 })
  const argmax = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      {
        combine: 'min',
        value: select(binary('eq', x, reduced(0, 'f32')), column, constant(2 ** 31 - 1, 'i32')),
      },
    ],
    outputs: [{ dtype: 'int32', value: reduced(1, 'i32'), over: 'outer' }],
  })
  const target = input(1, 'i32')
  const picked = new Program({
    inputs: [
      { dtype: 'float32', over: 'all' },
      { dtype: 'int32', over: 'outer' },
    ],
    reductions: [{ combine: 'sum', value: select(binary('eq', column, target), x, constant(0, 'f32')) }],
    outputs: [{ dtype: 'float32', value: reduced(0, 'f32'), over: 'outer' }],
    checks: [
      { fail: binary('ge', target, size({ of: 'inner', axis: 0 })), error: 'target is out of bounds' },
    ],
  })
  for (const [outer, inner] of [
    [[1], [1]],
    [[5], [7]],
    [[4, 3], [33]],
    [[40], [3]],
    [[200], [1000]],
  ] as const) {
    for (const lie of ['dense', 'transposed', 'gaps'] as const) {
      const shape = [...outer, ...inner]
      const rows = source('float32', shape, lie, numbers(27, 20))
      const name = `over [${inner}] for [${outer}], ${lie}`
      yield {
        name: `softmax ${name}`,
        ...trial(softmax, outer, inner, [rows, source('float32', shape, lie)], { ulps: 8 }),
      }
      yield { name: `argmax ${name}`, ...trial(argmax, outer, inner, [rows, source('int32', outer)]) }
      const inside = source('int32', outer, 'dense', (i) => (i * 5) % inner[0])
      yield { name: `pick ${name}`, ...trial(picked, outer, inner, [rows, inside, source('float32', outer)]) }
    }
  }
}

/** A pass that some rows, or some of the columns side by side, go without. */
function* conditions(): Generator<Case> {
  const x = input(0, 'f32')
  const when = binary('gt', reduced(0, 'f32'), constant(15, 'f32'))
  const least = binary('add', reduced(0, 'f32'), reduced(1, 'f32'))
  const seldom = new Program({
    inputs: [{ dtype: 'float32', over: 'all' }],
    reductions: [
      { combine: 'max', value: x },
      { combine: 'min', value: binary('sub', x, reduced(0, 'f32')), when },
    ],
    outputs: [{ dtype: 'float32', value: select(when, least, reduced(0, 'f32')), over: 'outer' }],
  })
  for (const [outer, inner] of [
    [[31], [1]],
    [[37], [3]],
    [[4, 3], [33]],
  ] as const) {
    for (const lie of ['dense', 'transposed', 'gaps'] as const) {
      const rows = source('float32', [...outer, ...inner], lie, numbers(27, 20))
      yield {
        name: `a least of rows with large values, over [${inner}] for [${outer}], ${lie}`,
        ...trial(seldom, outer, inner, [rows, source('float32', outer)], { ulps: 2 }),
      }
    }
  }
}

/** Programs that fold rows. */
export function* rowCases(): Generator<Case> {
  yield* reductions()
  yield* means()
  yield* maxima()
  yield* rowKernels()
  yield* conditions()
}

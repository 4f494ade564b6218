import {
  binary, constant, convert, dtypeOfNum, dtypes, index, input, isFloat, numOf, param, Program, roundTo, select, size, unary,
} from '@gradus/core/backend' // prettier-ignore
import type { Binary, DType, Expr, Num, Unary } from '@gradus/core/backend'
import type { Case } from './index.ts'
import { lies, nums, numbers, source, trial, type Lie } from './trial.ts'

const floats: readonly Num[] = ['f32', 'f64']
const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 17, 1001]
const corners = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  3,
  -7,
  1e-40,
  -1e-40,
  1e-20,
  1e20,
  88,
  -88,
  3e38,
  -3e38,
  Infinity,
  -Infinity,
  NaN,
]

const map = (
  inputs: readonly DType[],
  outputs: readonly { dtype: DType; value: Expr }[],
  params: readonly Num[] = [],
): Program =>
  new Program({
    inputs: inputs.map((dtype) => ({ dtype, over: 'all' })),
    outputs: outputs.map((o) => ({ ...o, over: 'all' })),
    params,
  })

const withCorners = (seed: number): ((i: number) => number) => {
  const random = numbers(seed)
  return (i) => (i % 3 === 0 ? corners[(i / 3) % corners.length] : random(i))
}

// ---- maps

function* shapesAndLies(): Generator<Case> {
  const x = input(0, 'f32')
  const program = map(
    ['float32', 'float32'],
    [{ dtype: 'float32', value: binary('sub', x, input(1, 'f32')) }],
  )
  for (const shape of [
    [],
    [0],
    [1],
    [5, 7],
    [3, 1, 9],
    [0, 3],
    [2, 3, 4, 5],
    [33, 4],
    [40, 53],
    [8, 20, 30],
  ]) {
    for (const first of lies) {
      for (const second of lies) {
        const out: Lie = first === 'repeated' ? 'dense' : first
        const operands = [
          source('float32', shape, first, withCorners(1)),
          source('float32', shape, second, withCorners(2)),
          source('float32', shape, out),
        ]
        yield { name: `map of [${shape}], ${first} and ${second}`, ...trial(program, shape, [], operands) }
      }
    }
  }
  for (const n of [...lengths, 200_001]) {
    const operands = [
      source('float32', [n], 'dense', withCorners(3)),
      source('float32', [n], 'dense', withCorners(4)),
      source('float32', [n]),
    ]
    yield { name: `map of ${n} elements`, ...trial(program, [n], [], operands) }
  }
}

function* casts(): Generator<Case> {
  for (const from of dtypes) {
    for (const to of dtypes) {
      const program = map([from], [{ dtype: to, value: convert(input(0, numOf(from)), numOf(to)) }])
      const value = isFloat(from) ? withCorners(5) : numbers(5, 200)
      // what a float becomes that no integer of this dtype is, is undefined beyond 32 bits' saturation
      const kept = (i: number): number =>
        isFloat(from) && !isFloat(to) && !(Math.abs(value(i)) < 1e9) ? 3.7 : value(i)
      for (const lie of ['dense', 'gaps'] as const) {
        yield {
          name: `${from} to ${to}, ${lie}`,
          ...trial(program, [37], [], [source(from, [37], lie, kept), source(to, [37], lie)]),
        }
      }
    }
  }
}

const exactUnary: readonly Unary[] = ['neg', 'abs', 'sign', 'floor', 'ceil', 'trunc', 'round', 'sqrt']
// results of the reference are rounded from double; bounds are what kernels promise over the whole range
const roundedUnary: Partial<Record<Unary, number>> = {
  rsqrt: 2, exp: 2, exp2: 2, expm1: 2, log: 2, log2: 2, log10: 2, log1p: 2, sin: 2, cos: 2, tan: 4, asin: 3, acos: 3, atan: 2,
  sinh: 3, cosh: 2, tanh: 2, asinh: 4, acosh: 4, atanh: 4, erf: 2, erfc: 16,
} // prettier-ignore
const exactBinary: readonly Binary[] = [
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'fmax',
  'fmin',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
]
const integerBinary: readonly Binary[] = [
  'add',
  'sub',
  'mul',
  'floordiv',
  'remainder',
  'fmod',
  'max',
  'min',
  'and',
  'or',
  'xor',
  'eq',
  'lt',
  'ge',
]

function* functions(): Generator<Case> {
  const one = (op: Unary, num: Num, ulps: number, value: (i: number) => number): Case => {
    const dtype = dtypeOfNum[num]
    const program = map([dtype], [{ dtype, value: unary(op, input(0, num)) }])
    return {
      name: `${op} of ${num}`,
      ...trial(program, [130], [], [source(dtype, [130], 'dense', value), source(dtype, [130])], { ulps }),
    }
  }
  const two = (
    op: Binary,
    num: Num,
    ulps: number,
    f: (i: number) => number,
    g: (i: number) => number,
  ): Case => {
    const dtype = dtypeOfNum[num]
    const value = binary(op, input(0, num), input(1, num))
    const to = dtypeOfNum[value.type]
    const operands = [source(dtype, [130], 'dense', f), source(dtype, [130], 'dense', g), source(to, [130])]
    return {
      name: `${op} of ${num}`,
      ...trial(map([dtype, dtype], [{ dtype: to, value }]), [130], [], operands, { ulps }),
    }
  }
  for (const num of floats) {
    for (const op of exactUnary) yield one(op, num, 0, withCorners(6))
    // the table has the ops of this record
    for (const [op, ulps] of Object.entries(roundedUnary)) yield one(op as Unary, num, ulps, withCorners(7))
    for (const op of exactBinary)
      yield two(op, num, 0, withCorners(8), (i) => corners[(i * 7) % corners.length])
    yield two('pow', num, 4, (i) => Math.abs(numbers(9)(i)) + 0.1, numbers(10, 6))
    yield two('atan2', num, 4, numbers(11), numbers(12))
  }
  const divisor = (i: number): number => (i % 9) - 4 || 5
  for (const num of ['i32', 'i64'] as const) {
    for (const op of ['neg', 'abs', 'sign', 'not'] as const) yield one(op, num, 0, numbers(13, 1000))
    for (const op of integerBinary) yield two(op, num, 0, numbers(14, 1e9), divisor)
    for (const op of ['shl', 'shr'] as const) yield two(op, num, 0, numbers(15, 1e6), (i) => i % 31)
  }
  for (const op of ['and', 'or', 'xor', 'eq'] as const) yield two(op, 'bool', 0, numbers(16), numbers(17))
  yield one('not', 'bool', 0, numbers(18))
}

function* others(): Generator<Case> {
  for (const num of nums) {
    const dtype = dtypeOfNum[num]
    const [x, y] = [input(1, num), input(2, num)]
    const operands = [
      source('bool', [67], 'dense', numbers(19)),
      source(dtype, [67], 'gaps', numbers(20, 50)),
      source(dtype, [67], 'dense', numbers(21, 50)),
      source(dtype, [67]),
    ]
    yield {
      name: `where of ${num}`,
      ...trial(
        map(['bool', dtype, dtype], [{ dtype, value: select(input(0, 'bool'), x, y) }]),
        [67],
        [],
        operands,
      ),
    }
    const sum =
      num === 'bool'
        ? binary('or', input(0, num), param(0, num))
        : binary('add', input(0, num), param(0, num))
    const program = map([dtype], [{ dtype, value: sum }], [num])
    yield {
      name: `param of ${num}`,
      ...trial(program, [9], [], [source(dtype, [9], 'dense', numbers(22)), source(dtype, [9])], {
        params: [3],
      }),
    }
  }
  for (const dtype of ['float16', 'bfloat16', 'uint8', 'int8', 'int16'] as const) {
    const num = numOf(dtype)
    const value = convert(roundTo(input(0, num), dtype), num)
    const operands = [
      source(dtypeOfNum[num], [99], 'dense', isFloat(dtype) ? withCorners(23) : numbers(23, 1e6)),
      source(dtypeOfNum[num], [99]),
    ]
    yield {
      name: `rounding to ${dtype}`,
      ...trial(map([dtypeOfNum[num]], [{ dtype: dtypeOfNum[num], value }]), [99], [], operands),
    }
  }
  const position = binary(
    'add',
    binary('mul', index({ of: 'outer', axis: 0 }), size({ of: 'outer', axis: 1 })),
    index({ of: 'outer', axis: 'flat' }),
  )
  const positions = map([], [{ dtype: 'int32', value: position }])
  for (const lie of ['dense', 'transposed'] as const) {
    yield { name: `positions, ${lie}`, ...trial(positions, [5, 7], [], [source('int32', [5, 7], lie)]) }
  }
  const swap = map(['float32', 'float32'], [{ dtype: 'float32', value: input(1, 'f32') }, { dtype: 'float32', value: input(0, 'f32') }]) // prettier-ignore
  const [a, b] = [
    source('float32', [1001], 'dense', numbers(24)),
    source('float32', [1001], 'dense', numbers(25)),
  ]
  yield { name: 'outputs that are inputs', ...trial(swap, [1001], [], [a, b, a, b]) }
}

function* several(): Generator<Case> {
  const [w, g, m] = [input(0, 'f32'), input(1, 'f32'), input(2, 'f32')]
  const next = binary('add', binary('mul', m, constant(0.5, 'f32')), g)
  const momentum = map(
    ['float32', 'float32', 'float32'],
    [
      { dtype: 'float32', value: binary('sub', w, binary('mul', param(0, 'f32'), next)) },
      { dtype: 'float32', value: next },
    ],
    ['f32'],
  )
  for (const sizes of [
    [3, 70, 0, 1],
    [100_000, 7, 90_000],
  ]) {
    const groups = sizes.map((n, k) => {
      const three = [0, 1, 2].map((j) =>
        source('float32', [n], k === 1 ? 'gaps' : 'dense', numbers(30 + j + 3 * k)),
      )
      return [...three, three[0], three[2]]
    })
    yield {
      name: `one program on tensors of ${sizes}`,
      sources: groups.flat(),
      ulps: 4,
      scale: 4,
      run: (backend, views) =>
        backend.run(
          momentum,
          sizes.map((n, k) => ({
            outer: [n],
            inner: [],
            operands: views.slice(5 * k, 5 * k + 5),
            params: [0.1 * (k + 1)],
          })),
        ),
    }
  }
}

function* checks(): Generator<Case> {
  const [x, y] = [input(0, 'i32'), input(1, 'i32')]
  const program = new Program({
    inputs: [
      { dtype: 'int32', over: 'all' },
      { dtype: 'int32', over: 'all' },
    ],
    outputs: [{ dtype: 'int32', value: binary('floordiv', x, y), over: 'all' }],
    checks: [{ fail: binary('eq', y, constant(0, 'i32')), error: 'ZeroDivisionError' }],
  })
  for (const zeroAt of [-1, 0, 6, 66]) {
    const a = source('int32', [67], 'dense', (i) => i * 3)
    const b = source('int32', [67], 'dense', (i) => (i === zeroAt ? 0 : (i % 5) + 1))
    yield { name: `a check that fails at ${zeroAt}, in place`, ...trial(program, [67], [], [a, b, a]) }
  }
}

/** Programs on one and many tensors. */
export function* programCases(): Generator<Case> {
  yield* shapesAndLies()
  yield* casts()
  yield* functions()
  yield* others()
  yield* several()
  yield* checks()
}

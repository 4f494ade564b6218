import { dtypes, isFloat } from '@gradus/core/backend'
import type { DType, Scan } from '@gradus/core/backend'
import type { Case } from './index.ts'
import { numbers, source, type Lie } from './trial.ts'

// between ordinary numbers, and equal ones among them
const extraordinary: Readonly<Record<number, number>> = { 3: -0, 5: 0, 11: NaN, 17: Infinity, 23: -Infinity }

/** Shapes and an axis for routines on lines: beside the corners, lines enough for whole vectors of them and for threads. */
const lineShapes = [
  [[7], 0],
  [[1], 0],
  [[5, 6], 0],
  [[5, 6], 1],
  [[3, 4, 5], 1],
  [[2, 3, 2, 3, 4], 2],
  [[0, 3], 0],
  [[3, 0], 0],
  [[1000, 3], 0],
  [[9, 70], 0],
  [[70, 49], 1],
] as const

function* scansAndSorts(): Generator<Case> {
  for (const dtype of dtypes) {
    for (const [shape, axis] of lineShapes) {
      for (const [lie, into] of [
        ['dense', 'dense'],
        ['transposed', 'transposed'],
        ['backwards', 'gaps'],
        ['repeated', 'backwards'],
      ] as const) {
        yield* linesOf(dtype, shape, axis, lie, into)
      }
    }
    // so long that keys are sorted by longer digits
    yield* linesOf(dtype, [17_000], 0, 'dense', 'dense')
  }
  // so many elements that threads share them
  for (const dtype of ['float32', 'int64'] as const) {
    yield* linesOf(dtype, [470, 141], 0, 'dense', 'dense')
    yield* linesOf(dtype, [470, 141], 1, 'dense', 'dense')
  }
}

function* linesOf(
  dtype: DType,
  shape: readonly number[],
  axis: number,
  lie: Lie,
  into: Lie,
): Generator<Case> {
  const kinds: readonly Scan[] = ['sum', 'prod', 'max', 'min', 'logsumexp']
  const plain = isFloat(dtype) ? numbers(15, 4) : numbers(15, 100)
  const value = (i: number): number => {
    const x = Math.round(plain(i))
    return (isFloat(dtype) ? extraordinary[i % 29] : undefined) ?? x
  }
  const name = `${dtype} [${shape}] along ${axis}, ${lie}`
  for (const kind of kinds) {
    const indexes = kind === 'max' || kind === 'min'
    // sums of bool are of another dtype, and logarithms of floats
    if (dtype === 'bool' ? !indexes : kind === 'logsumexp' && !isFloat(dtype)) continue
    const values = kind === 'prod' ? (i: number) => (i % 4 === 0 ? -1 : 1) : indexes ? value : plain
    yield {
      name: `scan ${kind} ${name}`,
      sources: [source(dtype, shape, lie, values), source(dtype, shape, into), source('int32', shape, into)],
      ulps: kind === 'logsumexp' ? 4 : 0,
      scale: 64,
      run: (backend, [x, out, at]) =>
        indexes ? backend.scan(kind, x, axis, out, at) : backend.scan(kind, x, axis, out),
    }
  }
  for (const descending of [false, true]) {
    for (const position of ['int32', 'int64'] as const) {
      yield {
        name: `sort ${descending ? 'descending ' : ''}${name}, positions ${position}`,
        sources: [
          source(dtype, shape, lie, value),
          source(dtype, shape, into),
          source(position, shape, into),
        ],
        run: (backend, [x, values, at]) => backend.sort(x, axis, descending, values, at),
      }
    }
  }
}

/** Scans whose result is of another dtype. */
function* convertingScans(): Generator<Case> {
  for (const [from, to] of [
    ['bool', 'int64'],
    ['int32', 'int64'],
    ['uint8', 'int64'],
    ['int64', 'float32'],
    ['float16', 'float64'],
    ['float32', 'float16'],
    ['float64', 'int32'],
  ] as const) {
    for (const axis of [0, 1]) {
      yield {
        name: `scan sum ${from} to ${to} along ${axis}`,
        sources: [source(from, [40, 37], 'transposed', numbers(16, 50)), source(to, [40, 37])],
        run: (backend, [x, out]) => backend.scan('sum', x, axis, out),
      }
    }
  }
}

/** Routines that go along lines: running folds, and sorting. */
export function* lineCases(): Generator<Case> {
  yield* scansAndSorts()
  yield* convertingScans()
}

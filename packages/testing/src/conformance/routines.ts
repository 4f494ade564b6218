import {
  binary,
  categoryOf,
  constant,
  dtypes,
  input,
  isFloat,
  Layout,
  numOf,
  Program,
} from '@gradus/core/backend'
import type { Backend, DType, Scatter, View } from '@gradus/core/backend'
import type { Case } from './index.ts'
import { lineCases } from './lines.ts'
import { lies, numbers, source, type Lie, type Source } from './trial.ts'

const numeric = dtypes.filter((dtype) => dtype !== 'bool')

const under = (view: View, layout: Layout): View => ({ storage: view.storage, dtype: view.dtype, layout })

function* copies(): Generator<Case> {
  const run = (backend: Backend, [x, out]: readonly View[]): void => backend.copy(x, out)
  for (const from of dtypes) {
    for (const to of dtypes) {
      const value = categoryOf(from) === 'float' ? numbers(1) : numbers(2, 300)
      yield {
        name: `copy ${from} to ${to}`,
        sources: [source(from, [5, 7], 'transposed', value), source(to, [5, 7])],
        run,
      }
    }
    const large = from === 'float32' || from === 'uint8' ? [300, 700] : [65, 130]
    for (const shape of [[], [0, 3], [1], [5, 7], [3, 4, 5], large]) {
      for (const [first, second] of [
        ['dense', 'dense'],
        ['transposed', 'dense'],
        ['dense', 'transposed'],
        ['gaps', 'backwards'],
        ['repeated', 'gaps'],
      ] as const) {
        yield {
          name: `copy ${from} [${shape}], ${first} to ${second}`,
          sources: [source(from, shape, first, numbers(3, 200)), source(from, shape, second)],
          run,
        }
      }
    }
  }
}

function* products(): Generator<Case> {
  const sizes = [[1, 1, 1], [0, 3, 2], [3, 0, 2], [2, 3, 0], [1, 17, 9], [9, 1, 17], [5, 7, 3], [33, 65, 17], [64, 64, 64], [130, 70, 300], [200, 150, 128]] // prettier-ignore
  for (const dtype of numeric) {
    const value = isFloat(dtype) ? numbers(4) : numbers(5, 20)
    for (const [m, n, k] of sizes) {
      for (const [first, second, third] of [
        ['dense', 'dense', 'dense'],
        ['transposed', 'dense', 'dense'],
        ['dense', 'transposed', 'transposed'],
        ['gaps', 'backwards', 'gaps'],
        ['repeated', 'repeated', 'dense'],
      ] as const) {
        for (const accumulate of [false, true]) {
          yield {
            name: `${dtype} [${m}, ${k}] ${first} by [${k}, ${n}] ${second} into ${third}${accumulate ? ', added' : ''}`,
            sources: [
              source(dtype, [m, k], first, value),
              source(dtype, [k, n], second, value),
              source(dtype, [m, n], third),
            ],
            ulps: 16,
            scale: 16 * Math.sqrt(k),
            run: (backend, [x, y, out]) => backend.matmul(x, y, out, { accumulate }),
          }
        }
      }
    }
    yield {
      name: `${dtype} batches, one of them repeated`,
      sources: [
        source(dtype, [3, 4, 5, 6], 'dense', value),
        source(dtype, [4, 6, 7], 'dense', value),
        source(dtype, [3, 4, 5, 7]),
      ],
      ulps: 16,
      scale: 32,
      run: (backend, [x, y, out]) =>
        backend.matmul(x, under(y, new Layout([3, 4, 6, 7], [0, 42, 7, 1])), out),
    }
  }
  yield* epilogues()
}

function* epilogues(): Generator<Case> {
  for (const dtype of ['float32', 'float64', 'float16', 'int32'] as const) {
    const num = numOf(dtype)
    const bias = new Program({
      inputs: [
        { dtype, over: 'all' },
        { dtype, over: 'all' },
      ],
      outputs: [{ dtype, value: binary('add', input(0, num), input(1, num)), over: 'all' }],
    })
    const scaled = new Program({
      inputs: [{ dtype, over: 'all' }],
      outputs: [{ dtype, value: binary('max', input(0, num), constant(0, num)), over: 'all' }],
    })
    for (const [m, n, k] of [
      [1, 9, 5],
      [7, 1, 3],
      [17, 33, 40],
      [65, 64, 128],
    ]) {
      const operands = [
        source(dtype, [m, k], 'dense', numbers(6)),
        source(dtype, [k, n], 'transposed', numbers(7)),
        source(dtype, [n], 'dense', numbers(8)),
        source(dtype, [m, n]),
      ]
      const spread = new Layout([m, n], [0, 1])
      yield {
        name: `${dtype} [${m}, ${k}] by [${k}, ${n}] with a bias`,
        sources: operands,
        ulps: 16,
        scale: 16 * Math.sqrt(k),
        run: (backend, [x, y, b, out]) =>
          backend.matmul(x, y, out, {
            epilogue: { program: bias, operands: [under(b, spread)], params: [] },
          }),
      }
      yield {
        name: `${dtype} [${m}, ${k}] by [${k}, ${n}] with a function`,
        sources: operands,
        ulps: 16,
        scale: 16 * Math.sqrt(k),
        run: (backend, [x, y, , out]) =>
          backend.matmul(x, y, out, { epilogue: { program: scaled, operands: [], params: [] } }),
      }
    }
  }
}

interface Geometry {
  readonly name: string
  readonly x: number[]
  readonly weight: number[]
  readonly out: number[]
  readonly window: { stride: number[]; padding: number[]; dilation: number[] }
  readonly groups: number
}

function geometry(
  images: number,
  channels: number,
  filters: number,
  groups: number,
  spatial: number[],
  kernel: number[],
  stride: number[],
  padding: number[],
  dilation: number[],
): Geometry {
  const out = spatial.map(
    (d, i) => Math.floor((d + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
  )
  return {
    name: `[${images}, ${channels}, ${spatial}] with ${filters} of [${kernel}], stride ${stride}, padding ${padding}, dilation ${dilation}, ${groups} groups`,
    x: [images, channels, ...spatial],
    weight: [filters, channels / groups, ...kernel],
    out: [images, filters, ...out],
    window: { stride, padding, dilation },
    groups,
  }
}

const geometries = [
  geometry(1, 1, 1, 1, [1], [1], [1], [0], [1]),
  geometry(2, 3, 4, 1, [11], [3], [2], [1], [1]),
  geometry(2, 3, 5, 1, [7, 9], [3, 3], [1, 1], [1, 1], [1, 1]),
  geometry(1, 4, 6, 2, [8, 8], [3, 2], [2, 1], [0, 1], [1, 2]),
  geometry(2, 6, 6, 6, [9, 5], [3, 3], [1, 2], [2, 0], [2, 1]),
  geometry(3, 5, 7, 1, [6, 7], [1, 1], [1, 1], [0, 0], [1, 1]),
  geometry(2, 9, 4, 1, [10], [1], [2], [0], [1]),
  geometry(2, 5, 5, 5, [13, 30], [3, 3], [1, 1], [1, 1], [1, 1]),
  geometry(1, 3, 6, 3, [9, 21], [5, 3], [2, 2], [2, 1], [1, 1]),
  geometry(2, 4, 4, 4, [40], [7], [1], [9], [3]),
  geometry(1, 2, 3, 1, [4, 5, 6], [2, 3, 2], [1, 2, 1], [1, 0, 1], [1, 1, 2]),
  geometry(4, 16, 16, 1, [28, 28], [3, 3], [1, 1], [1, 1], [1, 1]),
]

function* convolutions(): Generator<Case> {
  for (const dtype of ['float32', 'float64', 'float16', 'bfloat16', 'int32'] as const) {
    for (const { name, x, weight, out, window, groups } of geometries) {
      for (const [pass, hasBias] of [
        ['forward', false],
        ['forward', true],
        ['input', false],
        ['weight', false],
      ] as const) {
        for (const lie of ['dense', 'transposed'] as const) {
          const value = isFloat(dtype) ? numbers(9, 2) : numbers(9, 20)
          const terms =
            pass === 'weight'
              ? out.reduce((a, b) => a * b, 1) / out[1]
              : weight.slice(1).reduce((a, b) => a * b, 1)
          yield {
            name: `conv ${pass}${hasBias ? ' with bias' : ''} ${dtype} ${name}, ${lie}`,
            sources: [
              source(dtype, x, lie, value),
              source(dtype, weight, 'dense', value),
              source(dtype, out, lie, value),
              source(dtype, [out[1]], 'backwards', value),
            ],
            ulps: 4,
            scale: 4 * Math.sqrt(terms),
            run: (backend, [a, b, c, bias]) =>
              backend.conv(pass, a, b, c, window, groups, hasBias ? bias : undefined),
          }
        }
      }
    }
  }
}

function* pools(): Generator<Case> {
  const planes = [
    {
      x: [6, 16, 28, 28],
      kernel: [3, 3],
      stride: [2, 2],
      padding: [1, 1],
      dilation: [1, 1],
      out: [6, 16, 14, 14],
    },
    { x: [2, 3, 8, 9], kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], out: [2, 3, 4, 4] },
    { x: [2, 7, 7], kernel: [3, 3], stride: [2, 1], padding: [1, 1], dilation: [1, 1], out: [2, 4, 7] },
    { x: [3, 10], kernel: [3], stride: [1], padding: [1], dilation: [2], out: [3, 8] },
    {
      x: [1, 4, 5, 6],
      kernel: [2, 2, 3],
      stride: [1, 2, 1],
      padding: [1, 0, 1],
      dilation: [1, 1, 1],
      out: [1, 5, 2, 6],
    },
  ]
  for (const dtype of numeric) {
    for (const { x, kernel, out, ...window } of planes) {
      for (const lie of ['dense', 'gaps'] as const) {
        const value = isFloat(dtype) ? numbers(10) : numbers(10, 100)
        const withNaN = (i: number): number => (isFloat(dtype) && i % 37 === 5 ? NaN : value(i))
        yield {
          name: `max pool ${dtype} [${x}], ${lie}`,
          sources: [source(dtype, x, lie, withNaN), source(dtype, out, lie), source('int32', out)],
          run: (backend, [a, b, c]) => backend.pool('max', a, b, kernel, window, c),
        }
        if (dtype === 'int64') continue
        for (const kind of ['sum', 'spread'] as const) {
          yield {
            name: `${kind} pool ${dtype} [${x}], ${lie}`,
            sources: [source(dtype, x, lie, value), source(dtype, out, lie, value)],
            ulps: 4,
            scale: 8,
            run: (backend, [a, b]) => backend.pool(kind, a, b, kernel, window),
          }
        }
      }
    }
  }
}

const indexed: readonly { x: number[]; index: number[]; axis: number }[] = [
  { x: [5], index: [8], axis: 0 },
  { x: [4, 6], index: [3, 6], axis: 0 },
  { x: [4, 6], index: [4, 9], axis: 1 },
  { x: [3, 7, 5], index: [3, 4, 5], axis: 1 },
  { x: [2, 3, 4, 5], index: [2, 2, 6, 4], axis: 2 },
  { x: [50, 64], index: [300, 64], axis: 0 },
  { x: [3, 2], index: [0, 2], axis: 0 },
]

/** What all dtypes are tried on; and once, what several threads share. */
const indexedBy = (dtype: DType) =>
  dtype === 'float32' ? [...indexed, { x: [9, 256], index: [520, 256], axis: 0 }] : indexed

/** An index whose positions fit; along `repeated` axes it is one row for all. */
const indices = (dtype: DType, shape: number[], length: number, lie: Lie): Source =>
  source(dtype, shape, lie, (i) => (i * 7) % length)

function* gathers(): Generator<Case> {
  for (const dtype of dtypes) {
    for (const { x, index, axis } of indexedBy(dtype)) {
      for (const lie of lies) {
        const into: Lie = lie === 'repeated' ? 'dense' : lie
        for (const kind of ['int32', 'int64'] as const) {
          yield {
            name: `gather ${dtype} [${x}] at ${kind} [${index}] along ${axis}, ${lie}`,
            sources: [
              source(dtype, x, into, numbers(11, 100)),
              indices(kind, index, x[axis], lie),
              source(dtype, index, into),
            ],
            run: (backend, [a, at, out]) => backend.gather(a, at, axis, out),
          }
        }
      }
    }
  }
  for (const wrong of [-1, 6]) {
    const at = source('int32', [9], 'dense', (i) => (i === 5 ? wrong : 0))
    yield {
      name: `gather with an index of ${wrong}`,
      sources: [source('float32', [6], 'dense', numbers(12)), at, source('float32', [9])],
      run: (backend, [a, index, out]) => backend.gather(a, index, 0, out),
    }
  }
}

function* scatters(): Generator<Case> {
  const kinds: readonly Scatter[] = ['set', 'sum', 'prod', 'max', 'min']
  for (const dtype of dtypes) {
    for (const { x, index, axis } of indexedBy(dtype)) {
      for (const lie of lies) {
        const into: Lie = lie === 'repeated' ? 'dense' : lie
        for (const kind of kinds) {
          const value =
            kind === 'prod' ? (i: number) => (i % 3 === 0 ? -1 : 1) : numbers(13, isFloat(dtype) ? 8 : 100)
          yield {
            name: `scatter ${kind} ${dtype} to [${x}] at [${index}] along ${axis}, ${lie}`,
            sources: [
              source(dtype, index, into, value),
              indices('int32', index, x[axis], lie),
              source(dtype, x, into, numbers(14, 2)),
            ],
            ulps: 4,
            scale: 32,
            run: (backend, [from, at, out]) => backend.scatter(kind, from, at, axis, out),
          }
        }
      }
    }
  }
  yield {
    name: 'scatter with an index out of bounds',
    sources: [source('float32', [3]), source('int32', [3], 'dense', (i) => i * 2), source('float32', [4])],
    run: (backend, [from, at, out]) => backend.scatter('sum', from, at, 0, out),
  }
}

/** What a backend has besides programs. */
export function* routineCases(): Generator<Case> {
  yield* copies()
  yield* products()
  yield* convolutions()
  yield* pools()
  yield* gathers()
  yield* scatters()
  yield* lineCases()
}

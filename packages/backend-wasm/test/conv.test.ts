import { describe, expect, test } from 'vitest'
import { convModule, outputSize, planConv, writeConvDescriptor } from '../src/routines/conv/index.ts'
import type { Convolution, Pass } from '../src/routines/conv/index.ts'
import type { ElementType } from '../src/elements/index.ts'
import { Arena, builds, memory } from './products.ts'
import type { Elements } from './products.ts'

interface Geometry {
  images?: number
  groups?: number
  channels: number
  filters: number
  input: number[]
  kernel: number[]
  stride?: number
  padding?: number
  dilation?: number
}

type Stages = Record<string, (descriptor: number, from: number, to: number) => void>
const modules = new Map<string, Stages>()

function stagesOf(dtype: ElementType, build: (typeof builds)[number], thread: number): Stages {
  const key = [dtype, build.relaxed, build.tileRows, thread].join()
  const known = modules.get(key)
  if (known) return known
  const module = new WebAssembly.Module(convModule({ dtype, ...build }))
  // every export is a stage
  const stages = new WebAssembly.Instance(module, { env: { memory, thread } }).exports as Stages
  modules.set(key, stages)
  return stages
}

const product = (list: readonly number[]) => list.reduce((x, y) => x * y, 1)

function values(count: number, seed: number): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ((state >>> 16) % 5) - 2
  })
}

/** Row-major strides, or those of channels that come last. */
function stridesOf(shape: readonly number[], channelsLast: boolean): number[] {
  const order = channelsLast ? [0, ...shape.slice(2).map((_, i) => i + 2), 1] : shape.map((_, i) => i)
  const strides = shape.map(() => 0)
  let step = 1
  for (const axis of order.toReversed()) {
    strides[axis] = step
    step *= shape[axis]
  }
  return strides
}

/** All index tuples of a shape, the last fastest. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const index = shape.map(() => 0)
  for (let left = product(shape); left > 0; left--) {
    yield index
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break
      index[axis] = 0
    }
  }
}

/** The definition: every product of an element of x, one of the weight and one of the output, in plain loops. */
function reference(
  pass: Pass,
  c: Convolution,
  output: number[],
  x: number[],
  w: number[],
  y: number[],
): Float64Array {
  const perGroup = { channels: c.channels / c.groups, filters: c.filters / c.groups }
  const result = new Float64Array(pass === 'forward' ? y.length : pass === 'input' ? x.length : w.length)
  const flat = (shape: readonly number[], index: readonly number[]) =>
    index.reduce((at, i, axis) => at * shape[axis] + i, 0)
  for (const at of indices([c.images, c.filters, ...output])) {
    const [image, filter] = at
    const group = Math.floor(filter / perGroup.filters)
    const yAt = flat([c.images, c.filters, ...output], at)
    for (const tap of indices(c.kernel)) {
      const from = tap.map((k, i) => at[i + 2] * c.stride[i] + k * c.dilation[i] - c.padding[i])
      if (from.some((position, i) => position < 0 || position >= c.input[i])) continue
      for (let channel = 0; channel < perGroup.channels; channel++) {
        const all = group * perGroup.channels + channel
        const xAt = flat([c.images, c.channels, ...c.input], [image, all, ...from])
        const wAt = flat([c.filters, perGroup.channels, ...c.kernel], [filter, channel, ...tap])
        if (pass === 'forward') result[yAt] += x[xAt] * w[wAt]
        if (pass === 'input') result[xAt] += y[yAt] * w[wAt]
        if (pass === 'weight') result[wAt] += y[yAt] * x[xAt]
      }
    }
  }
  return result
}

interface Options {
  dtype?: ElementType
  build?: (typeof builds)[number]
  threads?: number
  xLast?: boolean
  yLast?: boolean
  scale?: number
}

/** Runs a pass and returns its result with the reference, in row-major order. */
function run(
  pass: Pass,
  geometry: Geometry,
  options: Options = {},
): { result: number[]; expected: number[]; stages: number[] } {
  const {
    dtype = 'float32',
    build = builds[0],
    threads = 1,
    xLast = false,
    yLast = false,
    scale = 1,
  } = options
  const {
    images = 2,
    groups = 1,
    channels,
    filters,
    input,
    kernel,
    stride = 1,
    padding = 0,
    dilation = 1,
  } = geometry
  const same = (value: number) => input.map(() => value)
  const output = input.map((size, i) =>
    outputSize({ input: size, kernel: kernel[i], stride, padding, dilation }),
  )
  const xShape = [images, channels, ...input]
  const yShape = [images, filters, ...output]
  const wShape = [filters, channels / groups, ...kernel]
  const convolution: Convolution = {
    images,
    groups,
    channels,
    filters,
    input,
    kernel,
    stride: same(stride),
    padding: same(padding),
    dilation: same(dilation),
    xStrides: stridesOf(xShape, xLast),
    outputStrides: stridesOf(yShape, yLast),
  }
  const arena = new Arena()
  const place = (shape: number[], strides: number[], seed: number, isResult: boolean) => {
    const logical = values(product(shape), seed).map((value) => value / scale)
    const elements = arena.take(dtype, product(shape) + 8)
    const positions: number[] = []
    for (const index of indices(shape))
      positions.push(index.reduce((at, i, axis) => at + i * strides[axis], 0))
    positions.forEach((at, i) => elements.set(at, isResult ? 99 : logical[i]))
    for (let i = 0; i < 8; i++) elements.set(product(shape) + i, 77)
    const stored = positions.map((at) => elements.get(at))
    return { elements, positions, stored, guard: product(shape) }
  }
  const x = place(xShape, convolution.xStrides as number[], 1, pass === 'input')
  const w = place(wShape, stridesOf(wShape, false), 2, pass === 'weight')
  const y = place(yShape, convolution.outputStrides as number[], 3, pass === 'forward')
  const plan = planConv(pass, convolution, dtype, threads)
  const shared = arena.take('uint8', plan.sharedBytes)
  const workspace = arena.take('uint8', plan.workspaceBytes)
  const descriptor = arena.take('int32', plan.words.length).address
  // memory that was used before holds anything, NaN too
  new Uint8Array(memory.buffer, shared.address, plan.sharedBytes).fill(0xff)
  new Uint8Array(memory.buffer, workspace.address, plan.workspaceBytes).fill(0xff)
  writeConvDescriptor(plan, new Int32Array(memory.buffer), descriptor / 4, {
    x: x.elements.address,
    weight: w.elements.address,
    output: y.elements.address,
    shared: shared.address,
    workspace: workspace.address,
  })
  for (const { name, blocks } of plan.stages) {
    for (let block = blocks - 1; block >= 0; block--) {
      stagesOf(dtype, build, block % threads)[name](descriptor, block, block + 1)
    }
  }
  const written = { forward: y, input: x, weight: w }[pass]
  for (let i = 0; i < 8; i++) expect(written.elements.get(written.guard + i)).toBe(77)
  const rounded: Elements = arena.take(dtype, 1)
  const expected = [...reference(pass, convolution, output, x.stored, w.stored, y.stored)].map((value) => {
    rounded.set(0, value)
    return rounded.get(0)
  })
  return {
    result: written.positions.map((at) => written.elements.get(at)),
    expected,
    stages: plan.stages.map(({ blocks }) => blocks),
  }
}

const geometries: [string, Geometry][] = [
  ['3×3, padding 1', { channels: 3, filters: 5, input: [9, 7], kernel: [3, 3], padding: 1 }],
  ['no padding', { channels: 2, filters: 13, input: [8, 11], kernel: [3, 2] }],
  ['1×1', { channels: 7, filters: 4, input: [5, 6], kernel: [1, 1] }],
  ['stride 2', { channels: 3, filters: 4, input: [9, 12], kernel: [3, 3], stride: 2, padding: 1 }],
  ['stride beyond the kernel', { channels: 2, filters: 3, input: [13, 10], kernel: [2, 1], stride: 3 }],
  ['padding beyond the kernel', { channels: 2, filters: 3, input: [4, 5], kernel: [2, 2], padding: 3 }],
  ['dilation', { channels: 2, filters: 3, input: [11, 12], kernel: [3, 3], dilation: 2, padding: 2 }],
  [
    'stride and dilation without a common factor',
    { channels: 2, filters: 3, input: [14, 15], kernel: [3, 3], stride: 3, dilation: 2, padding: 2 },
  ],
  [
    'stride and dilation with a common factor',
    { channels: 2, filters: 3, input: [14, 15], kernel: [3, 3], stride: 2, dilation: 2, padding: 1 },
  ],
  ['groups', { groups: 2, channels: 4, filters: 6, input: [6, 7], kernel: [3, 3], padding: 1 }],
  ['depthwise', { groups: 6, channels: 6, filters: 12, input: [6, 7], kernel: [3, 3], padding: 1 }],
  ['many filters and channels', { channels: 40, filters: 75, input: [5, 6], kernel: [3, 3], padding: 1 }],
  ['one axis', { channels: 3, filters: 4, input: [50], kernel: [5], padding: 2 }],
  [
    'one long axis',
    { images: 1, channels: 2, filters: 3, input: [2500], kernel: [3], padding: 1, stride: 2 },
  ],
  ['three axes', { channels: 2, filters: 3, input: [5, 6, 7], kernel: [3, 2, 3], padding: 1 }],
  [
    'three axes, stride 2',
    { channels: 2, filters: 3, input: [6, 7, 8], kernel: [2, 3, 3], padding: 1, stride: 2 },
  ],
  ['a kernel as large as x', { channels: 3, filters: 4, input: [5, 6], kernel: [5, 6] }],
  ['a single row of output', { channels: 2, filters: 3, input: [3, 20], kernel: [3, 3] }],
  ['several slabs', { images: 1, channels: 2, filters: 3, input: [45, 60], kernel: [3, 3], padding: 1 }],
  [
    'several slabs, stride 2',
    { images: 1, channels: 2, filters: 3, input: [91, 70], kernel: [3, 3], padding: 1, stride: 2 },
  ],
  [
    'slabs of three axes',
    { images: 1, channels: 2, filters: 2, input: [6, 20, 25], kernel: [3, 3, 3], padding: 1 },
  ],
  [
    'more images than sums',
    { images: 9, channels: 2, filters: 3, input: [4, 4], kernel: [3, 3], padding: 1 },
  ],
  ['no images', { images: 0, channels: 2, filters: 3, input: [4, 4], kernel: [3, 3], padding: 1 }],
]

const passes: Pass[] = ['forward', 'input', 'weight']

describe.each(passes)('convolution, %s', (pass) => {
  test.each(geometries)('%s', (_, geometry) => {
    for (const build of builds) {
      const { result, expected } = run(pass, geometry, { build })
      expect(result).toEqual(expected)
    }
  })

  test('channels last in x, in the output and in both', () => {
    const geometry = { channels: 3, filters: 5, input: [9, 7], kernel: [3, 3], padding: 1, stride: 2 }
    for (const xLast of [true, false]) {
      for (const yLast of [true, false]) {
        const { result, expected } = run(pass, geometry, { xLast, yLast })
        expect(result).toEqual(expected)
      }
    }
  })

  test.each<ElementType>(['float64', 'float16', 'bfloat16', 'int32', 'int64', 'int16'])('%s', (dtype) => {
    for (const build of builds) {
      const geometry = { channels: 5, filters: 9, input: [10, 13], kernel: [3, 3], padding: 1, stride: 2 }
      const { result, expected } = run(pass, geometry, { dtype, build })
      expect(result).toEqual(expected)
    }
  })

  test('as many channels as end a round of steps at any', () => {
    for (const build of builds) {
      for (let channels = 1; channels <= 9; channels++) {
        const geometry = { channels, filters: channels, input: [3, 7], kernel: [1, 1] }
        const { result, expected } = run(pass, geometry, { build })
        expect(result).toEqual(expected)
      }
    }
  })

  test('the same bits for any number of threads', () => {
    const geometry = {
      images: 3,
      groups: 2,
      channels: 30,
      filters: 8,
      input: [30, 33],
      kernel: [3, 3],
      padding: 1,
    }
    const single = run(pass, geometry, { scale: 3 })
    const shared = run(pass, geometry, { scale: 3, threads: 4 })
    expect(Math.max(...shared.stages)).toBeGreaterThanOrEqual(12)
    expect(shared.result).toEqual(single.result)
  })
})

test('infinity in x reaches only the outputs and taps that read it', () => {
  const geometry = { images: 1, channels: 1, filters: 1, input: [3, 3], kernel: [3, 3], padding: 1 }
  const convolution = {
    images: 1,
    groups: 1,
    channels: 1,
    filters: 1,
    input: [3, 3],
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1],
    dilation: [1, 1],
    xStrides: [9, 9, 3, 1],
    outputStrides: [9, 9, 3, 1],
  }
  expect(run('weight', geometry).result).toHaveLength(9)
  const arena = new Arena()
  const [x, w, y] = [arena.take('float32', 9), arena.take('float32', 9), arena.take('float32', 9)]
  for (let i = 0; i < 9; i++) {
    x.set(i, i === 2 ? Infinity : 1)
    y.set(i, 1)
  }
  const plan = planConv('weight', convolution, 'float32')
  const addresses = { x: x.address, weight: w.address, output: y.address }
  const shared = arena.take('uint8', plan.sharedBytes).address
  const workspace = arena.take('uint8', plan.workspaceBytes).address
  const descriptor = arena.take('int32', plan.words.length).address
  writeConvDescriptor(plan, new Int32Array(memory.buffer), descriptor / 4, {
    ...addresses,
    shared,
    workspace,
  })
  for (const { name, blocks } of plan.stages) stagesOf('float32', builds[0], 0)[name](descriptor, 0, blocks)
  // tap (2, 0) would read the element at the right end of the first row only from beyond the output
  expect(Array.from({ length: 9 }, (_, i) => w.get(i))).toEqual([
    4,
    Infinity,
    Infinity,
    6,
    Infinity,
    Infinity,
    4,
    6,
    4,
  ])
})

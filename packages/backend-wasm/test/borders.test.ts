import {
  binary,
  bytesOf,
  convert,
  input,
  Layout,
  Program,
  reduced,
  TensorError,
  type Backend,
  type DType,
  type View,
} from '@gradus/core/backend'
import { referenceBackend } from '@gradus/core/reference'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { wasmBackend } from '../src/index.ts'

const add = new Program({
  inputs: [
    { dtype: 'float32', over: 'all' },
    { dtype: 'float32', over: 'all' },
  ],
  outputs: [{ dtype: 'float32', over: 'all', value: binary('add', input(0, 'f32'), input(1, 'f32')) }],
})
const sum = new Program({
  inputs: [{ dtype: 'float32', over: 'all' }],
  reductions: [{ combine: 'sum', value: input(0, 'f32') }],
  outputs: [{ dtype: 'float64', over: 'outer', value: convert(reduced(0, 'f32'), 'f64') }],
})
const window = { stride: [1, 1], padding: [1, 1], dilation: [1, 1] }

interface Call {
  readonly operands: readonly (readonly [DType, readonly number[]])[]
  run(on: Backend, views: readonly View[], number: (usual: number) => number): void
}

/** Calls that are right as they are; `number` stands for a number that is no operand. */
const calls: Record<string, Call> = {
  'a map': {
    operands: [['float32', [4, 6]], ['float32', [4, 6]], ['float32', [4, 6]]],
    run: (on, operands, n) => on.run(add, [{ outer: [4, n(6)], inner: [], operands, params: [] }]),
  },
  'a map among several': {
    operands: [['float32', [4, 6]], ['float32', [4, 6]], ['float32', [4, 6]]],
    run: (on, operands, n) => {
      const binding = { outer: [4, 6], inner: [], operands, params: [] }
      on.run(add, [binding, { ...binding, outer: [4, n(6)] }])
    },
  },
  'a reduction': {
    operands: [['float32', [5, 7]], ['float64', [5]]],
    run: (on, operands, n) => on.run(sum, [{ outer: [5], inner: [n(7)], operands, params: [] }]),
  },
  'a product of matrices': {
    operands: [['float32', [2, 4, 5]], ['float32', [2, 5, 3]], ['float32', [2, 4, 3]]],
    run: (on, [x, y, out]) => on.matmul(x, y, out),
  },
  'a convolution': {
    operands: [['float32', [2, 4, 5, 6]], ['float32', [6, 2, 3, 3]], ['float32', [2, 6, 5, 6]], ['float32', [6]]],
    run: (on, [x, weight, out, bias], n) =>
      on.conv('forward', x, weight, out, { ...window, padding: [1, n(1)] }, 2, bias),
  },
  'the gradient of a weight': {
    operands: [['float32', [2, 4, 5, 6]], ['float32', [6, 2, 3, 3]], ['float32', [2, 6, 5, 6]]],
    run: (on, [x, weight, out], n) =>
      on.conv('weight', x, weight, out, { ...window, stride: [n(1), 1] }, 2),
  },
  'the gradient of an input': {
    operands: [['float32', [2, 4, 5, 6]], ['float32', [6, 2, 3, 3]], ['float32', [2, 6, 5, 6]]],
    run: (on, [x, weight, out], n) => on.conv('input', x, weight, out, window, n(2)),
  },
  'largest values of windows': {
    operands: [['float32', [2, 4, 6]], ['float32', [2, 4, 6]], ['int64', [2, 4, 6]]],
    run: (on, [x, out, indices], n) => on.pool('max', x, out, [3, n(3)], window, indices),
  },
  'windows spread': {
    operands: [['float32', [2, 4, 6]], ['float32', [2, 4, 6]]],
    run: (on, [x, out], n) =>
      on.pool('spread', x, out, [3, 3], { ...window, dilation: [1, n(1)], padding: [1, 1] }),
  },
  gather: {
    operands: [['float32', [5, 4]], ['int64', [3, 4]], ['float32', [3, 4]]],
    run: (on, [x, index, out], n) => on.gather(x, index, n(0), out),
  },
  scatter: {
    operands: [['float32', [3, 4]], ['int32', [3, 4]], ['float32', [5, 4]]],
    run: (on, [source, index, out], n) => on.scatter('sum', source, index, n(0), out),
  },
  scan: {
    operands: [['float32', [3, 5]], ['float32', [3, 5]], ['int64', [3, 5]]],
    run: (on, [x, out, indices], n) => on.scan('max', x, n(1), out, indices),
  },
  sort: {
    operands: [['float32', [3, 5]], ['float32', [3, 5]], ['int64', [3, 5]]],
    run: (on, [x, values, indices], n) => on.sort(x, n(1), false, values, indices),
  },
  copy: {
    operands: [['float32', [3, 5]], ['float16', [3, 5]]],
    run: (on, [x, out]) => on.copy(x, out),
  },
  read: {
    operands: [['float32', [3, 5]]],
    run: (on, [x]) => void on.readSync?.(x),
  },
} // prettier-ignore

const hostile = [
  NaN,
  Infinity,
  -Infinity,
  -1,
  0.5,
  2.5,
  -0.5,
  1e9,
  2 ** 31,
  2 ** 53,
  -4,
  0,
  1,
  3,
  7,
  24,
  1000,
]

/** One number of an operand, or the call's own, replaced. */
const change = fc.record({
  operand: fc.nat(3),
  part: fc.constantFrom('shape' as const, 'strides' as const, 'offset' as const, 'number' as const),
  axis: fc.nat(3),
  value: fc.constantFrom(...hostile),
})
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

function changed(layout: Layout, { part, axis, value }: Change): Layout {
  const at = (list: readonly number[]): number[] => list.map((n, i) => (i === axis % list.length ? value : n))
  const { shape, strides, offset } = layout
  return new Layout(
    part === 'shape' ? at(shape) : shape,
    part === 'strides' ? at(strides) : strides,
    part === 'offset' ? value : offset,
  )
}

const pattern = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x5a)
const guardBytes = 512

/** What a call with some changes does to memory that is not its own. */
function outcome(on: Backend, call: Call, changes: readonly Change[]): { error: unknown; spoilt: number } {
  const guards: View[] = []
  const guard = (): void => {
    const block = on.alloc(guardBytes)
    on.write(block, pattern(guardBytes))
    guards.push({ storage: { block }, dtype: 'uint8', layout: Layout.of([guardBytes]) })
  }
  guard()
  const views = call.operands.map(([dtype, shape], i): View => {
    const layout = Layout.of(shape)
    const block = on.alloc(layout.size * bytesOf(dtype))
    on.write(block, new Uint8Array(layout.size * bytesOf(dtype)))
    guard()
    const own = changes.filter(({ operand, part }) => operand === i && part !== 'number')
    return { storage: { block }, dtype, layout: own.reduce(changed, layout) }
  })
  const number = changes.find(({ part }) => part === 'number')
  let error: unknown = null
  try {
    call.run(on, views, (usual) => number?.value ?? usual)
  } catch (thrown) {
    error = thrown
  }
  const spoilt = guards.filter((view) => on.readSync?.(view).some((byte) => byte !== 0x5a)).length
  for (const { storage } of [...views, ...guards]) on.free(storage.block)
  return { error, spoilt }
}

const wasm = wasmBackend({ threads: 1, memoryBudget: 2 ** 24 })
afterAll(() => wasm.stop())

describe.each([wasm, referenceBackend()])('$name', (on) => {
  test.each(Object.keys(calls))('%s touches its operands alone, or throws', (name) => {
    expect(outcome(on, calls[name], [])).toEqual({ error: null, spoilt: 0 })
    const property = fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const { error, spoilt } = outcome(on, calls[name], changes)
      expect(spoilt).toBe(0)
      if (error !== null) expect(error).toBeInstanceOf(TensorError)
    })
    fc.assert(property, { numRuns: 100 })
  })

  test.each(Object.keys(calls))('%s of operands that go beyond their blocks throws', (name) => {
    calls[name].operands.forEach((_, operand) => {
      for (const value of [1, 0.5, NaN, -1, Infinity, 2 ** 31]) {
        const { error } = outcome(on, calls[name], [{ operand, part: 'offset', axis: 0, value }])
        expect(error, `offset ${value} of operand ${operand}`).toBeInstanceOf(TensorError)
      }
    })
  })

  test('a write that is longer than its block throws', () => {
    const block = on.alloc(16)
    expect(() => on.write(block, new Uint8Array(17))).toThrow('17 bytes do not fit into a block of 16')
    on.free(block)
  })

  test('operands of another number or dtype than the program has are refused', () => {
    const view = (dtype: DType): View => ({ storage: { block: on.alloc(16) }, dtype, layout: Layout.of([4]) })
    const run =
      (operands: View[], params: number[] = []) =>
      () =>
        on.run(add, [{ outer: [4], inner: [], operands, params }])
    expect(run([view('float32'), view('float32')])).toThrow('a program of 3 operands was given 2')
    expect(run([view('float32'), view('int32'), view('float32')])).toThrow('is int32, and declared float32')
    expect(run([view('float32'), view('float32'), view('float32')], [1])).toThrow('0 params was given 1')
  })
})

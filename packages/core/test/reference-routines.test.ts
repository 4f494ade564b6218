import { describe, expect, test } from 'vitest'
import type { View } from '../src/backend/types.ts'
import { IndexError } from '../src/base/errors.ts'
import { Layout, type Shape } from '../src/base/layout.ts'
import * as e from '../src/program/expr.ts'
import { as, backend, f32, list, mapOf, read, view } from './reference-views.ts'

describe('matmul', () => {
  test('follows strides, broadcast batches and accumulates', () => {
    const x = as(f32([2, 3], [1, 2, 3, 4, 5, 6]), new Layout([2, 3, 2], [0, 1, 3]))
    const y = f32([2, 2, 1], [1, 10, 2, 20])
    const out = f32([2, 3, 1], [1, 1, 1, 1, 1, 1])
    backend.matmul(x, y, out)
    expect(list(out)).toEqual([41, 52, 63, 82, 104, 126])
    backend.matmul(x, y, out, { accumulate: true })
    expect(list(out)).toEqual([82, 104, 126, 164, 208, 252])
  })

  test('over nothing is zero', () => {
    const out = f32([2, 2], [9, 9, 9, 9])
    backend.matmul(f32([2, 0]), f32([0, 2]), out)
    expect(list(out)).toEqual([0, 0, 0, 0])
  })

  test('of integers wraps', () => {
    const out = view('int32', [1, 1])
    backend.matmul(view('int32', [1, 2], [65537, 1]), view('int32', [2, 1], [65537, 1]), out)
    expect(list(out)).toEqual([131074])
    const wide = view('int64', [1, 1])
    backend.matmul(view('int64', [1, 1], [2 ** 40]), view('int64', [1, 1], [2 ** 40]), wide)
    expect(list(wide)).toEqual([0])
  })

  test('runs an epilogue on the result', () => {
    const program = mapOf(
      ['float32', 'float32'],
      'float32',
      e.binary('add', e.input(0, 'f32'), e.input(1, 'f32')),
    )
    const bias = as(f32([2], [10, 20]), new Layout([1, 2], [0, 1]))
    const out = f32([1, 2])
    backend.matmul(f32([1, 1], [2]), f32([1, 2], [3, 4]), out, {
      epilogue: { program, operands: [bias], params: [] },
    })
    expect(list(out)).toEqual([16, 28])
  })
})

describe('conv', () => {
  const window = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] }
  const shape = { x: [2, 4, 5, 6], w: [6, 2, 3, 2], out: [2, 6, 3, 4] }
  const size = (s: Shape): number => s.reduce((a, b) => a * b, 1)
  const wave = (s: Shape, f: number): number[] =>
    Array.from({ length: size(s) }, (_, i) => Math.round(Math.sin(f * i) * 8))

  // visits (x, weight, out) positions that are multiplied and added, straight from the definition
  function eachProduct(visit: (x: number, w: number, o: number) => void): void {
    for (let o = 0; o < size(shape.out); o++) {
      const [n, f, oy, ox] = [Math.floor(o / 72), Math.floor(o / 12) % 6, Math.floor(o / 4) % 3, o % 4]
      for (let k = 0; k < 12; k++) {
        const [c, ky, kx] = [Math.floor(k / 6), Math.floor(k / 2) % 3, k % 2]
        const [y, x] = [oy * 2 - 1 + ky, ox + 2 * kx]
        if (y < 0 || y >= 5 || x < 0 || x >= 6) continue
        visit(((n * 4 + Math.floor(f / 3) * 2 + c) * 5 + y) * 6 + x, f * 12 + k, o)
      }
    }
  }

  test.each(['forward', 'input', 'weight'] as const)('%s agrees with the definition', (pass) => {
    const [x, w, o] = [wave(shape.x, 0.7), wave(shape.w, 1.3), wave(shape.out, 2.1)]
    const [xv, wv, ov] = [f32(shape.x, x), f32(shape.w, w), f32(shape.out, o)]
    backend.conv(pass, xv, wv, ov, window, 2)
    const expected = new Array<number>({ forward: o, input: x, weight: w }[pass].length).fill(0)
    eachProduct((i, k, j) => {
      if (pass === 'forward') expected[j] += x[i] * w[k]
      else if (pass === 'input') expected[i] += w[k] * o[j]
      else expected[k] += x[i] * o[j]
    })
    expect(list({ forward: ov, input: xv, weight: wv }[pass])).toEqual(expected)
  })

  test('of one dimension', () => {
    const out = f32([1, 1, 2])
    const plain = { stride: [1], padding: [0], dilation: [1] }
    backend.conv('forward', f32([1, 1, 3], [1, 2, 3]), f32([1, 1, 2], [10, 1]), out, plain, 1)
    expect(list(out)).toEqual([12, 23])
  })
})

describe('pool', () => {
  const window = { stride: [2], padding: [1], dilation: [1] }

  test('max never takes padding, takes NaN, and says where', () => {
    const out = f32([1, 2])
    const indices = view('int32', [1, 2])
    backend.pool('max', f32([1, 4], [-5, -7, -1, -1]), out, [2], window, indices)
    expect([list(out), list(indices)]).toEqual([[-5, -1], [0, 2]]) // prettier-ignore
    backend.pool('max', f32([1, 4], [1, NaN, 2, NaN]), out, [3], window, indices)
    expect([list(out), list(indices)]).toEqual([[NaN, NaN], [1, 3]]) // prettier-ignore
  })

  test('sum counts padding as 0 and spread is its transpose', () => {
    const out = f32([1, 2])
    backend.pool('sum', f32([1, 4], [1, 2, 3, 4]), out, [3], window)
    expect(list(out)).toEqual([3, 9])
    const x = f32([1, 4], [7, 7, 7, 7])
    backend.pool('spread', x, out, [3], window)
    expect(list(x)).toEqual([3, 12, 9, 9])
  })
})

describe('gather and scatter', () => {
  const x = (): View => f32([3, 2], [1, 2, 3, 4, 5, 6])

  test('gather along any axis, with fewer rows than x', () => {
    const out = f32([1, 2])
    backend.gather(x(), view('int64', [1, 2], [2, 0]), 0, out)
    expect(list(out)).toEqual([5, 2])
    backend.gather(as(x(), new Layout([2, 3], [1, 2])), view('uint8', [1, 2], [2, 1]), 1, out)
    expect(list(out)).toEqual([5, 3])
  })

  test('an index out of bounds is named before anything is written', () => {
    const out = x()
    const index = view('int32', [2, 2], [0, 0, 5, 0])
    const message = 'index 5 is out of bounds for dimension 0 with size 3'
    expect(() => backend.scatter('set', f32([2, 2]), index, 0, out)).toThrow(new IndexError(message))
    expect(list(out)).toEqual([1, 2, 3, 4, 5, 6])
    expect(() => backend.gather(x(), view('int32', [1, 1], [-1]), 0, f32([1, 1]))).toThrow(IndexError)
  })

  test.each([
    ['set', [3, 20]],
    ['sum', [106, 20]],
    ['prod', [600, 20]],
    ['max', [100, 20]],
    ['min', [1, 20]],
  ] as const)('scatter %s takes duplicates in order', (kind, expected) => {
    const out = f32([2], [100, 20])
    backend.scatter(kind, f32([3], [1, 2, 3]), view('int32', [3], [0, 0, 0]), 0, out)
    expect(list(out)).toEqual(expected)
  })

  test('scatter wraps small integers and keeps bool', () => {
    const bytes = view('uint8', [1], [250])
    backend.scatter('sum', view('uint8', [2], [5, 5]), view('int32', [2], [0, 0]), 0, bytes)
    expect(list(bytes)).toEqual([4])
    const flags = view('bool', [1], [1])
    backend.scatter('sum', view('bool', [1], [1]), view('int32', [1], [0]), 0, flags)
    expect(list(flags)).toEqual([1])
  })
})

describe('scan and sort', () => {
  test('sum runs along the axis and wraps in the dtype of out', () => {
    const out = view('int64', [2, 2])
    backend.scan('sum', view('bool', [2, 2], [1, 0, 1, 1]), 0, out)
    expect(list(out)).toEqual([1, 0, 2, 1])
    const bytes = view('int8', [2])
    backend.scan('sum', view('int8', [2], [100, 100]), 0, bytes)
    expect(list(bytes)).toEqual([100, -56])
  })

  test('max keeps NaN and the last of equals', () => {
    const [out, indices] = [f32([5]), view('int32', [5])]
    backend.scan('max', f32([5], [1, NaN, 2, NaN, 3]), 0, out, indices)
    expect([list(out), list(indices)]).toEqual([[1, NaN, NaN, NaN, NaN], [0, 1, 1, 3, 3]]) // prettier-ignore
    backend.scan('max', f32([5], [1, 1, 0, 2, 2]), 0, out, indices)
    expect(list(indices)).toEqual([0, 1, 1, 3, 4])
  })

  test('logsumexp passes infinities on', () => {
    const out = view('float64', [4])
    backend.scan('logsumexp', view('float64', [4], [-Infinity, -Infinity, 1, Infinity]), 0, out)
    expect(list(out)).toEqual([-Infinity, -Infinity, 1, Infinity])
  })

  test('sort is stable both ways and NaN is largest', () => {
    const [values, indices] = [f32([5]), view('int64', [5])]
    const x = f32([5], [2, NaN, 1, 2, NaN])
    backend.sort(x, 0, false, values, indices)
    expect([list(values), list(indices)]).toEqual([[1, 2, 2, NaN, NaN], [2, 0, 3, 1, 4]]) // prettier-ignore
    backend.sort(x, 0, true, values, indices)
    expect([list(values), list(indices)]).toEqual([[NaN, NaN, 2, 2, 1], [1, 4, 0, 3, 2]]) // prettier-ignore
  })

  test('a 0-dimensional one is itself', () => {
    const [values, indices] = [f32([]), view('int32', [])]
    backend.sort(f32([], [4]), 0, false, values, indices)
    expect([list(values), list(indices)]).toEqual([[4], [0]])
    backend.scan('sum', f32([], [4]), 0, values)
    expect(list(values)).toEqual([4])
  })
})

describe('memory', () => {
  test('counts what is in use from 4 kB on and refuses what was freed', () => {
    const before = backend.memory().live
    const x = f32([1024])
    expect(backend.memory().live).toBe(before + 4096)
    expect(backend.memory().peak).toBeGreaterThanOrEqual(before + 4096)
    backend.free(x.storage.block)
    backend.free(x.storage.block)
    expect(backend.memory().live).toBe(before)
    expect(() => read(x)).toThrow('freed')
  })

  test('read copies the elements as they lie in memory', async () => {
    const half = view('float16', [2], [1, NaN])
    const bits = await backend.read(half)
    expect(bits).toEqual(new Uint16Array([0x3c00, 0x7e00]))
    bits[0] = 0
    expect(list(half)[0]).toBe(0x3c00)
  })
})

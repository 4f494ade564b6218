import { describe, expect, test } from 'vitest'
import type { ElementType } from '../src/elements/index.ts'
import { planGemm } from '../src/routines/gemm/index.ts'
import type { Product } from '../src/routines/gemm/index.ts'
import { Arena, builds, orders, runProduct, stridesOf } from './products.ts'
import type { Elements, Order, Run } from './products.ts'

/** Small integers, so that every sum is exact; the seed decides which. */
function values(count: number, seed: number, reach = 2): number[] {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return ((state >>> 16) % (2 * reach + 1)) - reach
  })
}

function multiply(m: number, n: number, k: number, a: number[], b: number[]): Float64Array {
  const c = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = a[i * k + p]
      for (let j = 0; j < n; j++) c[i * n + j] += x * b[p * n + j]
    }
  }
  return c
}

interface Case extends Run {
  m: number
  n: number
  k: number
  orderA?: Order
  orderB?: Order
  accumulate?: boolean
  bias?: boolean
  /** Elements of C from row to row beyond n. */
  gap?: number
}

const signed = (dtype: ElementType) => dtype !== 'uint8'

/** How many elements of C differ from the plain loops, the path taken, and whether anything beyond C was written. */
function check(item: Case): { wrong: number; path: string; strayed: number } {
  const { m, n, k, input, output = input, orderA = 'rows', orderB = 'rows', gap = 0 } = item
  const arena = new Arena()
  const reach = signed(input) ? 2 : 1
  const offset = signed(input) ? 0 : reach
  const logicalA = values(m * k, 1 + m, reach).map((x) => x + offset)
  const logicalB = values(k * n, 7 + n, reach).map((x) => x + offset)
  const place = (dtype: ElementType, logical: number[], order: Order, rows: number, columns: number) => {
    const { row, column, length } = stridesOf(order, rows, columns)
    const elements = arena.take(dtype, length, dtype === 'float32' ? 4 : 0)
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) elements.set(i * row + j * column, logical[i * columns + j])
    }
    return { elements, strides: { row, column } }
  }
  const a = place(input, logicalA, orderA, m, k)
  const b = place(input, logicalB, orderB, k, n)
  const cRow = n + gap
  const guard = 77
  const c = arena.take(output, m * cRow + 16)
  for (let i = 0; i < m * cRow + 16; i++) c.set(i, guard)
  const bias = arena.take(output, n)
  const biasValues = values(n, 5, 3).map(Math.abs)
  biasValues.forEach((value, j) => bias.set(j, value))
  const product: Product = {
    m,
    n,
    k,
    a: a.strides,
    b: b.strides,
    c: { row: cRow, column: 1 },
    accumulate: item.accumulate ?? false,
    bias: item.bias ?? false,
  }
  const path = runProduct(product, { a: a.elements, b: b.elements, c, bias }, arena, item)
  const expected = multiply(m, n, k, logicalA, logicalB)
  const rounded: Elements = arena.take(output, 1)
  let wrong = 0
  let strayed = 0
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const sum = expected[i * n + j] + (item.accumulate ? guard : 0) + (item.bias ? biasValues[j] : 0)
      rounded.set(0, sum)
      if (c.get(i * cRow + j) !== rounded.get(0)) wrong++
    }
    for (let j = n; j < cRow; j++) if (c.get(i * cRow + j) !== guard) strayed++
  }
  for (let i = 0; i < 16; i++) if (c.get(m * cRow + i) !== guard) strayed++
  return { wrong, path, strayed }
}

const right = { wrong: 0, strayed: 0 }
const sizes = [0, 1, 3, 5, 17, 64, 65, 130, 257]
const odd = [1, 5, 34, 65]
const few = [1, 5, 64, 257]

describe.each(builds)('gemm, relaxed $relaxed, $tileRows rows to a tile', (build) => {
  describe.each(orders)('A by %s', (orderA) => {
    test.each(orders)('B by %s: any sizes', (orderB) => {
      const list = build === builds[0] && orderA !== 'gaps' && orderB !== 'gaps' ? sizes : few
      for (const m of list) {
        for (const n of list) {
          for (const k of list) {
            if (m * n * k > 3_000_000) continue
            const item = { m, n, k, orderA, orderB, input: 'float32', ...build } as const
            expect({ item, ...check(item) }).toMatchObject({ item, ...right })
          }
        }
      }
    })
  })

  const types: [ElementType, ElementType][] = [
    ['float32', 'float32'],
    ['float64', 'float64'],
    ['int32', 'int32'],
    ['int64', 'int64'],
    ['float16', 'float16'],
    ['bfloat16', 'bfloat16'],
    ['float16', 'float32'],
    ['bfloat16', 'float32'],
    ['int16', 'int16'],
    ['int8', 'int8'],
    ['uint8', 'uint8'],
  ]
  test.each(types)('%s to %s: any strides, with and without bias, added to C or not', (input, output) => {
    let turn = 0
    for (const m of odd) {
      for (const n of odd) {
        for (const k of odd) {
          for (const orderA of orders) {
            for (const orderB of orders) {
              turn++
              const item = { m, n, k, orderA, orderB, input, output, gap: turn % 3, ...build }
              const options = { accumulate: turn % 2 === 0, bias: turn % 5 < 2 }
              expect({ item, options, ...check({ ...item, ...options }) }).toMatchObject({ item, ...right })
            }
          }
        }
      }
    }
  })

  test('k of several blocks adds up in C, with the bias once', () => {
    for (const output of ['float32', 'float16'] as const) {
      const item = { m: 37, n: 83, k: 1000, input: output, accumulate: true, bias: true, ...build } as const
      expect(check(item)).toMatchObject({ ...right, path: 'packed' })
    }
  })

  test('k that ends at any step of a round', () => {
    for (let k = 1; k <= 17; k++) {
      for (const m of [8, 71]) {
        const item = { m, n: 83, k, input: 'float32', accumulate: true, ...build } as const
        expect(check(item)).toMatchObject({ ...right, path: m === 8 ? 'direct' : 'packed' })
      }
    }
  })

  test('n beyond the columns packed at once', () => {
    const item = { m: 33, n: 1100, k: 40, input: 'float32', bias: true, gap: 2, ...build } as const
    expect(check(item)).toMatchObject({ ...right, path: 'packed' })
  })

  test('half precision over several blocks of rows and columns', () => {
    const item = { m: 530, n: 540, k: 9, input: 'float16', bias: true, ...build } as const
    expect(check(item)).toMatchObject({ ...right, path: 'packed' })
  })

  test('a row of more columns than are summed at once', () => {
    const item = { m: 1, n: 5000, k: 6, input: 'float32', bias: true, accumulate: true, ...build } as const
    expect(check(item)).toMatchObject({ ...right, path: 'axpy' })
  })

  test('a column with a bias adds the same number to every row', () => {
    const item = { m: 200, n: 1, k: 30, input: 'float32', bias: true, ...build } as const
    expect(check({ ...item, orderA: 'columns' })).toMatchObject({ ...right, path: 'axpy' })
    expect(check({ ...item, orderA: 'rows' })).toMatchObject({ ...right, path: 'dot' })
  })

  test('products without operations leave C as it is, or zero', () => {
    expect(check({ m: 9, n: 9, k: 0, input: 'float32', accumulate: true, ...build })).toMatchObject(right)
    expect(check({ m: 9, n: 90, k: 0, input: 'float16', ...build })).toMatchObject(right)
    expect(check({ m: 0, n: 9, k: 3, input: 'float32', ...build })).toMatchObject(right)
  })

  test.each([
    ['packed', { m: 130, n: 200, k: 300 }, 'rows'],
    ['packed in half precision', { m: 530, n: 200, k: 300 }, 'rows'],
    ['direct', { m: 16, n: 700, k: 300 }, 'rows'],
    ['direct with a remainder', { m: 700, n: 43, k: 200 }, 'rows'],
    ['dot', { m: 13, n: 700, k: 301 }, 'columns'],
    ['axpy', { m: 1, n: 3001, k: 303 }, 'rows'],
  ] as const)('%s: the same bits for any number of threads', (name, size, orderB) => {
    const bitsOn = (threads: number) => {
      const { m, n, k } = size
      const dtype = name.includes('half') ? 'float16' : 'float32'
      const arena = new Arena()
      const strides = stridesOf(orderB, k, n)
      const a = arena.take(dtype, m * k)
      const b = arena.take(dtype, k * n)
      const c = arena.take(dtype, m * n)
      values(m * k, 3, 1000).forEach((x, i) => a.set(i, x / 999))
      values(k * n, 4, 1000).forEach((x, i) => b.set(i, x / 999))
      const product = { m, n, k, a: { row: k, column: 1 }, b: strides, c: { row: n, column: 1 } }
      const path = runProduct(product, { a, b, c }, arena, { input: dtype, ...build, threads })
      return {
        path,
        blocks: planGemm(product, dtype, dtype, threads).blocks,
        c: Array.from({ length: m * n }, (_, i) => c.get(i)),
      }
    }
    const single = bitsOn(1)
    const shared = bitsOn(3)
    expect(shared.path).toBe(name.split(' ')[0])
    expect(shared.blocks).toBeGreaterThan(3)
    expect(shared.c).toEqual(single.c)
  })

  test('a random product is as exact as float32 allows', () => {
    const [m, n, k] = [50, 60, 500]
    const arena = new Arena()
    const a = arena.take('float32', m * k)
    const b = arena.take('float32', k * n)
    const c = arena.take('float32', m * n)
    values(m * k, 3, 30000).forEach((x, i) => a.set(i, x / 29999))
    values(k * n, 4, 30000).forEach((x, i) => b.set(i, x / 29999))
    const product = { m, n, k, a: { row: k, column: 1 }, b: { row: n, column: 1 }, c: { row: n, column: 1 } }
    runProduct(product, { a, b, c }, arena, { input: 'float32', ...build })
    const list = (x: Elements, count: number) => Array.from({ length: count }, (_, i) => x.get(i))
    const expected = multiply(m, n, k, list(a, m * k), list(b, k * n))
    const worst = Math.max(...list(c, m * n).map((x, i) => Math.abs(x - expected[i])))
    // rounding errors of 500 products below 1 add up like a random walk, in four blocks
    expect(worst).toBeLessThan(500 * 2 ** -24)
  })
})

describe('batches', () => {
  const [m, n, k] = [5, 9, 7]

  /** Multiplies a batch [2, 3] whose strides are given and compares every product. */
  function checkBatch(
    axes: { size: number; a: number; b: number; c: number }[],
    build: (typeof builds)[number],
  ) {
    const arena = new Arena()
    const count = axes.reduce((product, axis) => product * axis.size, 1)
    const a = arena.take('float32', 2000)
    const b = arena.take('float32', 2000)
    const c = arena.take('float32', 2000)
    values(2000, 1).forEach((x, i) => a.set(i, x))
    values(2000, 2).forEach((x, i) => b.set(i, x))
    const product = {
      m,
      n,
      k,
      a: { row: k, column: 1 },
      b: { row: n, column: 1 },
      c: { row: n, column: 1 },
      batch: axes,
    }
    runProduct(product, { a, b, c }, arena, { input: 'float32', ...build })
    let wrong = 0
    for (let index = 0; index < count; index++) {
      const start = { a: 0, b: 0, c: 0 }
      let rest = index
      for (const axis of axes.toReversed()) {
        const position = rest % axis.size
        rest = Math.floor(rest / axis.size)
        start.a += position * axis.a
        start.b += position * axis.b
        start.c += position * axis.c
      }
      const take = (x: Elements, from: number, length: number) =>
        Array.from({ length }, (_, i) => x.get(from + i))
      const expected = multiply(m, n, k, take(a, start.a, m * k), take(b, start.b, k * n))
      take(c, start.c, m * n).forEach((x, i) => (wrong += x === expected[i] ? 0 : 1))
    }
    return wrong
  }

  const [sa, sb, sc] = [m * k, k * n, m * n]
  test.each([
    ['of adjacent matrices', [{ size: 6, a: sa, b: sb, c: sc }]],
    [
      'of two axes that are one',
      [
        { size: 2, a: 3 * sa, b: 3 * sb, c: 3 * sc },
        { size: 3, a: sa, b: sb, c: sc },
      ],
    ],
    [
      'of two axes in exchanged order',
      [
        { size: 2, a: sa, b: sb, c: 3 * sc },
        { size: 3, a: 2 * sa, b: 2 * sb, c: sc },
      ],
    ],
    ['that share B', [{ size: 6, a: sa, b: 0, c: sc }]],
    ['that share A', [{ size: 6, a: 0, b: sb, c: sc }]],
    [
      'that share B along one axis',
      [
        { size: 2, a: 3 * sa, b: sb, c: 3 * sc },
        { size: 3, a: sa, b: 0, c: sc },
      ],
    ],
    [
      'with axes of size 1',
      [
        { size: 1, a: 9, b: 9, c: 9 },
        { size: 3, a: sa, b: sb, c: sc },
        { size: 1, a: 0, b: 0, c: 0 },
      ],
    ],
    ['of no matrices', [{ size: 0, a: sa, b: sb, c: sc }]],
  ])('%s', (_, axes) => {
    for (const build of builds) expect(checkBatch(axes, build)).toBe(0)
  })

  test('rows that share B are one product', () => {
    const axes = [{ size: 40, a: 1 * k, b: 0, c: 1 * n }]
    const strides = { a: { row: 0, column: 1 }, b: { row: 1, column: k }, c: { row: 0, column: 1 } }
    const plan = planGemm({ m: 1, n: 50, k, ...strides, batch: axes }, 'float32', 'float32')
    expect({ blocks: plan.blocks, path: plan.path }).toEqual({ blocks: 1, path: 'packed' })
  })
})

describe('layouts of C', () => {
  /** Whether a product with C of these strides is right, whatever the order of A and B. */
  function isRight(m: number, n: number, k: number, c: { row: number; column: number }): boolean {
    const logicalA = values(m * k, 1)
    const logicalB = values(k * n, 2)
    const expected = multiply(m, n, k, logicalA, logicalB)
    return orders.every((orderA) =>
      orders.every((orderB) => {
        const arena = new Arena()
        const a = stridesOf(orderA, m, k)
        const b = stridesOf(orderB, k, n)
        const operands = {
          a: arena.take('float32', a.length),
          b: arena.take('float32', b.length),
          c: arena.take('float32', 5000),
        }
        const index = (i: number, columns: number, { row, column }: { row: number; column: number }) =>
          Math.floor(i / columns) * row + (i % columns) * column
        logicalA.forEach((x, i) => operands.a.set(index(i, k, a), x))
        logicalB.forEach((x, i) => operands.b.set(index(i, n, b), x))
        runProduct({ m, n, k, a, b, c }, operands, arena, { input: 'float32', ...builds[0] })
        return expected.every((x, i) => operands.c.get(index(i, n, c)) === x)
      }),
    )
  }

  test('adjacent columns are computed as the transpose', () => {
    expect(isRight(19, 30, 21, { row: 1, column: 19 })).toBe(true)
    expect(isRight(40, 80, 21, { row: 1, column: 50 })).toBe(true)
    expect(isRight(2, 80, 21, { row: 1, column: 2 })).toBe(true)
  })

  test('a single row or column may have any stride', () => {
    expect(isRight(1, 30, 21, { row: 7, column: 3 })).toBe(true)
    expect(isRight(30, 1, 21, { row: 3, column: 7 })).toBe(true)
    expect(isRight(1, 1, 21, { row: 3, column: 7 })).toBe(true)
  })

  test('no unit stride is refused', () => {
    const strides = { a: { row: 40, column: 1 }, b: { row: 40, column: 1 }, c: { row: 80, column: 2 } }
    expect(() => planGemm({ m: 40, n: 40, k: 40, ...strides }, 'float32', 'float32')).toThrow(
      'C has no unit stride',
    )
  })
})

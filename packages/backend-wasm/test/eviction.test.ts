import { BackendError, setBackend, tensor, zeros, type Tensor } from '@gradus/core'
import { internals } from '@gradus/core/internal'
import { beforeEach, describe, expect, test } from 'vitest'
import { Collector } from '../src/heap/collector.ts'
import { wasmBackend } from '../src/index.ts'
import { sameBits } from './bits.ts'

const megabyte = 2 ** 20
const budget = 8 * megabyte

let backend = wasmBackend({ memoryBudget: budget, threads: 1 })

beforeEach(() => {
  backend = wasmBackend({ memoryBudget: budget, threads: 1 })
  setBackend(backend)
})

const numbers = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 12.9898 + seed)))

describe('live data twice the budget', () => {
  test('comes back right to the bit', () => {
    const count = 64
    const data = Array.from({ length: count }, (_, i) => numbers(65536, i))
    const held = data.map((array) => tensor(array))
    expect(backend.memory().evicted).toBeGreaterThan(7 * megabyte)
    held.forEach((x, i) => expect(sameBits(internals(x).rawSync(), data[i])).toBe(true))
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
  })

  test('takes part in operations, in place too', () => {
    const held = Array.from({ length: 64 }, (_, i) => tensor(numbers(65536, i)))
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < held.length; i++) held[i].add_(held[(i * 7 + 1) % held.length])
    }
    const expected = Array.from({ length: 64 }, (_, i) => numbers(65536, i))
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < expected.length; i++) {
        const other = expected[(i * 7 + 1) % expected.length]
        for (let j = 0; j < 65536; j++) expected[i][j] += other[j]
      }
    }
    held.forEach((x, i) => expect(sameBits(internals(x).rawSync(), expected[i])).toBe(true))
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
  })

  test('mixes small and large blocks', () => {
    const small = Array.from({ length: 20_000 }, (_, i) => tensor([i, i + 1]))
    const large = Array.from({ length: 6 }, (_, i) => zeros(500_000).add(i))
    small.forEach((x, i) => {
      if (i % 997 === 0) expect(x.tolist()).toEqual([i, i + 1])
    })
    large.forEach((x, i) => expect(x.max().item()).toBe(i))
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
  })
})

describe('a loop that drops what it makes', () => {
  test('stays within the budget', () => {
    let x = tensor(numbers(50_000, 1))
    for (let step = 0; step < 2000; step++) x = x.mul(0.999).add(0.001)
    expect(Number.isFinite(x.sum().item())).toBe(true)
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
    expect(backend.memory().live).toBeLessThanOrEqual(budget)
  })

  test('with a matrix product and a row kernel in it too', () => {
    const weight = tensor(numbers(65536, 2)).reshape(256, 256)
    let x: Tensor = tensor(numbers(65536, 3)).reshape(256, 256)
    for (let step = 0; step < 300; step++)
      x = x
        .matmul(weight)
        .mul(0.05)
        .sub(x.mean(1, { keepdim: true }))
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
  })
})

describe('out of memory', () => {
  test('is one clear error for an operation larger than the budget, and leaves the backend usable', () => {
    const x = zeros(1_500_000)
    expect(() => x.add(1)).toThrow(BackendError)
    expect(() => x.add(1)).toThrow(/out of memory: 5\.7 MB do not fit into 8\.0 MB/)
    expect(x.slice(0, 1000).add(1).sum().item()).toBe(1000)
  })

  test('a tensor larger than the budget cannot be made', () => {
    expect(() => zeros(10 * megabyte)).toThrow(/out of memory: 40\.0 MB/)
  })

  test('a budget below 1 MB is refused', () => {
    const tiny = wasmBackend({ memoryBudget: 1000 })
    expect(() => tiny.alloc(8)).toThrow(/memoryBudget is at least 1 MB/)
  })
})

test('what is freed while it is moved out is forgotten', () => {
  const blocks = Array.from({ length: 40 }, () => backend.alloc(megabyte / 4))
  expect(backend.memory().evicted).toBeGreaterThan(0)
  for (const block of blocks) backend.free(block)
  expect(backend.memory()).toMatchObject({ live: 0, evicted: 0 })
})

describe('blocks that nothing holds', () => {
  test('are found without being copied', () => {
    expect(Collector.find()).not.toBeNull()
    let x = zeros(200_000)
    for (let step = 0; step < 500; step++) x = x.add(1)
    expect(x.max().item()).toBe(500)
    expect(backend.memory()).toMatchObject({ evicted: 0 })
  })

  test('are found whatever their size', () => {
    const roomy = wasmBackend({ memoryBudget: 128 * megabyte, threads: 1 })
    setBackend(roomy)
    for (const size of [16, 1000, 10_000, 100_000]) {
      let x = zeros(size)
      const steps = Math.floor((512 * megabyte) / (4 * Math.max(size, 4000)))
      for (let step = 0; step < steps; step++) x = x.add(1)
      expect(x.max().item()).toBe(steps)
    }
    expect(roomy.memory()).toMatchObject({ evicted: 0 })
  })

  test('are told apart from those of the same time that something holds', () => {
    const roomy = wasmBackend({ memoryBudget: 64 * megabyte, threads: 1 })
    setBackend(roomy)
    const held: Tensor[] = []
    for (let step = 0; step < 60_000; step++) {
      const x = tensor(new Float32Array(1000).fill(step))
      if (step % 500 === 0) held.push(x)
    }
    held.forEach((x, i) => expect(x.min().item()).toBe(500 * i))
    held.forEach((x, i) => expect(x.max().item()).toBe(500 * i))
    expect(roomy.memory()).toMatchObject({ evicted: 0 })
  })

  test('come back where they were moved out and are held', () => {
    const small = Array.from({ length: 20_000 }, (_, i) => tensor(new Float32Array(250).fill(i)))
    for (let round = 0; round < 2; round++) {
      small.forEach((x, i) => {
        if (i % 97 === 0) expect(x.sum().item()).toBe(250 * i)
      })
    }
    expect(backend.memory().evicted).toBeGreaterThan(0)
    expect(backend.memory().resident).toBeLessThanOrEqual(budget)
  })
})

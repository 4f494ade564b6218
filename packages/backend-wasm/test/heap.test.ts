import { describe, expect, test } from 'vitest'
import { bytesOfClass, classOf, largestClass } from '../src/heap/allocator.ts'
import type { Block } from '@gradus/core/backend'
import { cellOf, Heap, LinearMemory, pageBytes } from '../src/heap/index.ts'
import { PageRuns } from '../src/heap/page-runs.ts'

const megabyte = 2 ** 20

const heapOf = (budget: number): Heap => new Heap(new LinearMemory(budget, false), budget)

/** A sequence that looks random and is the same every time. */
function sequence(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('size classes', () => {
  test('every size fits its class and not the one before', () => {
    for (let bytes = 1; bytes <= largestClass; bytes += bytes < 4096 ? 1 : 97) {
      const index = classOf(bytes)
      expect(bytesOfClass(index)).toBeGreaterThanOrEqual(bytes)
      if (index > 0) expect(bytesOfClass(index - 1)).toBeLessThan(bytes)
    }
  })

  test('nothing at all is a block too', () => {
    expect(classOf(0)).toBe(0)
  })

  test('sizes are multiples of 64 bytes', () => {
    for (let index = 0; index <= classOf(largestClass); index++) expect(bytesOfClass(index) % 64).toBe(0)
  })
})

describe('runs of pages', () => {
  test('neighbours join, in whatever order they come', () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [1, 3, 2],
    ]) {
      const runs = new PageRuns()
      for (const page of order) runs.add(page, 1)
      expect(runs.take(3)).toBe(1)
      expect(runs.take(1)).toBe(0)
    }
  })

  test('the shortest run that fits is taken', () => {
    const runs = new PageRuns()
    runs.add(1, 5)
    runs.add(10, 2)
    expect(runs.take(2)).toBe(10)
    expect(runs.take(2)).toBe(1)
    expect(runs.endingAt(6)).toBe(3)
  })
})

describe('heap', () => {
  test('blocks are aligned to 64 bytes and do not overlap', () => {
    const heap = heapOf(64 * megabyte)
    const random = sequence(1)
    const held = new Map<Block, number>()
    for (let step = 0; step < 5000; step++) {
      if (held.size > 200 || (held.size > 0 && random(3) === 0)) {
        const [block] = held.keys()
        heap.free(block)
        held.delete(block)
      } else {
        const bytes = random(10) === 0 ? random(3 * megabyte) : random(5000)
        held.set(heap.alloc(bytes), bytes)
      }
      if (step % 100 !== 0) continue
      const spans = [...held].map(([block, bytes]) => ({
        from: cellOf(block).address,
        to: cellOf(block).address + bytes,
      }))
      spans.sort((a, b) => a.from - b.from)
      spans.forEach(({ from, to }, i) => {
        expect(from % 64).toBe(0)
        expect(from).toBeGreaterThanOrEqual(pageBytes)
        if (i > 0) expect(from).toBeGreaterThanOrEqual(spans[i - 1].to)
        expect(to).toBeLessThanOrEqual(heap.memory.bytes)
      })
    }
  })

  test('what is freed is used again', () => {
    const heap = heapOf(64 * megabyte)
    for (const bytes of [1, 1000, 100_000, 3 * megabyte]) {
      const first = heap.alloc(bytes)
      const { address } = cellOf(first)
      heap.free(first)
      const again = cellOf(heap.alloc(bytes)).address
      // of large blocks the pages
      if (bytes <= largestClass) expect(again).toBe(address)
      else expect(Math.floor(again / pageBytes)).toBe(Math.floor(address / pageBytes))
    }
  })

  test('large blocks that are made together begin at different lines of a page', () => {
    const heap = heapOf(256 * megabyte)
    for (const bytes of [32 * 1024, 65_536, 100_000, 512 * 1024, megabyte, 4 * megabyte]) {
      const lines = Array.from({ length: 8 }, () => (cellOf(heap.alloc(bytes)).address % 4096) / 64)
      for (const [i, line] of lines.entries()) {
        // at least eight lines apart, either way round the page
        for (const other of lines.slice(0, i)) {
          const apart = Math.abs(line - other)
          expect(Math.min(apart, 64 - apart)).toBeGreaterThanOrEqual(8)
        }
      }
    }
  })

  test('freeing twice changes nothing', () => {
    const heap = heapOf(megabyte)
    const block = heap.alloc(100)
    heap.free(block)
    heap.free(block)
    expect(heap.statistics().live).toBe(0)
    expect(cellOf(heap.alloc(100)).address).not.toBe(cellOf(heap.alloc(100)).address)
  })

  test('spans of small blocks serve large ones once they are empty', () => {
    const heap = heapOf(8 * megabyte)
    const small = Array.from({ length: 6000 }, () => heap.alloc(1000))
    expect(heap.memory.bytes).toBeGreaterThan(5.5 * megabyte)
    for (const block of small) heap.free(block)
    heap.alloc(7 * megabyte)
    expect(heap.statistics()).toMatchObject({ live: 7 * megabyte, evicted: 0 })
    expect(heap.memory.bytes).toBeLessThanOrEqual(8 * megabyte)
  })

  test('counts what lives, and the most that ever did', () => {
    const heap = heapOf(16 * megabyte)
    const a = heap.alloc(1000)
    const b = heap.alloc(2000)
    heap.free(a)
    expect(heap.statistics()).toMatchObject({ live: 2000, peak: 3000 })
    heap.free(b)
    expect(heap.statistics()).toMatchObject({ live: 0, peak: 3000 })
    expect(heap.statistics().resident).toBe(heap.memory.bytes)
  })

  test('arrays are made anew when memory grows', () => {
    const heap = heapOf(64 * megabyte)
    const before = heap.memory.words
    heap.alloc(20 * megabyte)
    expect(heap.memory.words === before).toBe(false)
    expect(heap.memory.words.byteLength).toBe(heap.memory.bytes)
    expect(heap.memory.as('float32').byteLength).toBe(heap.memory.bytes)
  })
})

import type { Block } from '@gradus/core/backend'
import { expect, test } from 'vitest'
import { Heap, LinearMemory } from '../src/heap/index.ts'

const megabyte = 2 ** 20

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Steps that free 4 MB and drop 128 KB; how far memory grew after half of them, and in the end. */
async function residentOf(steps: number, turn: () => Promise<void> | void): Promise<[number, number]> {
  const heap = new Heap(new LinearMemory(2 ** 30, false), 2 ** 30)
  const held: Block[] = []
  let half = 0
  for (let step = 0; step < steps; step++) {
    const scoped = Array.from({ length: 4 }, () => heap.alloc(megabyte))
    for (const block of scoped) heap.free(block)
    // the last of them is all that anybody can reach
    held[0] = heap.alloc(megabyte / 8)
    await turn()
    if (step === steps / 2) half = heap.memory.bytes
  }
  return [half / megabyte, heap.memory.bytes / megabyte]
}

test.each([
  ['yields to the event loop', nextTurn],
  ['waits for microtasks', () => Promise.resolve()],
  ['is synchronous', () => undefined],
])('a loop that %s does not grow with its steps', async (_, turn) => {
  const [half, end] = await residentOf(8000, turn)
  expect(end).toBeLessThan(256)
  expect(end).toBeLessThanOrEqual(half * 1.3)
})

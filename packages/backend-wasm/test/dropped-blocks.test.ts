import type { Block } from '@gradus/core/backend'
import { expect, test } from 'vitest'
import { Heap, LinearMemory } from '../src/heap/index.ts'

const megabyte = 2 ** 20

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Steps that free 4 MB and drop 128 KB; the megabytes to which memory grew. */
async function residentOf(steps: number, turn: () => Promise<void> | void): Promise<number> {
  const heap = new Heap(new LinearMemory(2 ** 30, false), 2 ** 30)
  const held: Block[] = []
  for (let step = 0; step < steps; step++) {
    const scoped = Array.from({ length: 4 }, () => heap.alloc(megabyte))
    for (const block of scoped) heap.free(block)
    // the last of them is all that anybody can reach
    held[0] = heap.alloc(megabyte / 8)
    await turn()
  }
  return heap.memory.bytes / megabyte
}

test.each([
  ['yields to the event loop', nextTurn],
  ['waits for microtasks', () => Promise.resolve()],
  ['is synchronous', () => undefined],
])('a loop that %s does not grow with its steps', async (_, turn) => {
  // 4 GB are dropped in all. How many of them lie between two collections is V8's to choose.
  expect(await residentOf(32_000, turn)).toBeLessThan(256)
})

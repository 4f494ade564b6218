import { end } from './fetch.ts'

/** Begins the next batch; null if there is none left to begin. `end` is the answer of a source that ended before. */
export type Begin = () => Promise<unknown> | null

/**
 * What `begin` gives, in order. `count` of it are under way while the loop has one.
 */
export async function* inOrder(begin: Begin, count: number): AsyncGenerator<unknown, void> {
  const queue: Promise<unknown>[] = []
  let more = true
  const fill = (until: number): void => {
    while (more && queue.length < until) {
      const next = begin()
      if (next === null) more = false
      else queue.push(next)
      // a loop that has left waits for nothing
      next?.then(undefined, () => {})
    }
  }
  for (;;) {
    fill(Math.max(1, count))
    const first = queue.shift()
    if (first === undefined) return
    const batch = await first
    if (batch === end) continue
    fill(count)
    yield batch
  }
}

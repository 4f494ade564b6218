import { i32 } from './assembler/index.ts'
import type { Value } from './assembler/index.ts'

/** A word of an argument block by its name, or several in a row with how many. */
export type Word<N extends string = string> = N | readonly [name: N, count: number]

/** Names for consecutive 32-bit words in memory: the arguments of a kernel. */
export interface ArgumentBlock<N extends string> {
  /** Position of the first word of each name. */
  readonly at: Readonly<Record<N, number>>
  /** Position after the last word. */
  readonly words: number
  readonly bytes: number
  /** Word `i` of a name, of the block at an address. */
  readonly read: (address: Value<'i32'>, name: N, i?: number) => Value<'i32'>
  /** Values in the order of the block, 0 for words that have none. A name of several words takes an array. */
  readonly list: (values: Readonly<Partial<Record<N, number | readonly number[]>>>) => number[]
}

/** The names of a block. */
export type NameOf<B> = B extends ArgumentBlock<infer N> ? N : never

/**
 * Lays out words in the order of their names.
 *
 * @param first - position of the first word: where the block goes on from another
 * @example
 * const block = argumentBlock(['m', ['steps', 2], 'n'])
 * block.read(address, 'steps', 1) // i32.load of address + 8
 * block.list({ m: 1, steps: [2, 3], n: 4 }) // [1, 2, 3, 4]
 */
export function argumentBlock<const N extends string>(
  words: readonly Word<N>[],
  first = 0,
): ArgumentBlock<N> {
  const counted = words.map((word) => (typeof word === 'string' ? ([word, 1] as const) : word))
  let next = first
  const places = counted.map(([name, count]) => {
    next += count
    return [name, next - count]
  })
  const at = Object.fromEntries(places) as Record<N, number> // every name became a key
  return {
    at,
    words: next,
    bytes: 4 * next,
    read: (address, name, i = 0) => i32.load(address, 4 * (at[name] + i)),
    list: (values) => {
      const result: number[] = []
      for (const [name, count] of counted) {
        const given: number | readonly number[] | undefined = values[name]
        if (typeof given !== 'object') result.push(given ?? 0)
        else for (let i = 0; i < count; i++) result.push(given[i] ?? 0)
      }
      return result
    },
  }
}

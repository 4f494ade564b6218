import { i32 } from './assembler/index.ts'
import type { Value } from './assembler/index.ts'

/** Names for consecutive 32-bit words in memory, by which a routine is told what to do. */
export interface WordLayout<N extends string> {
  readonly names: readonly N[]
  /** Position of each word. */
  readonly index: Readonly<Record<N, number>>
  /** The word of this name, of the words that begin at an address. */
  readonly read: (address: Value<'i32'>, name: N) => Value<'i32'>
}

/**
 * Lays out words in the order of their names.
 *
 * @example
 * const layout = wordLayout(['m', 'n'])
 * layout.read(descriptor, 'n') // i32.load of descriptor + 4
 */
export function wordLayout<const N extends string>(names: readonly N[]): WordLayout<N> {
  // every name becomes a key
  const index = Object.fromEntries(names.map((name, i) => [name, i])) as Record<N, number>
  return { names, index, read: (address, name) => i32.load(address, 4 * index[name]) }
}

/** The values of a layout in its order. */
export function wordsOf<N extends string>(
  layout: WordLayout<N>,
  values: Readonly<Record<N, number>>,
): number[] {
  return layout.names.map((name) => values[name])
}

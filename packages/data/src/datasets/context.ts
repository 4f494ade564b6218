import { Generator } from '@gradus/core'

/** Randomness for one item. */
export interface ItemContext {
  /** Seeded by the loader's seed of this iteration and the item's place in it. */
  readonly generator: Generator
}

/** The context of the item at a place of an iteration. The generator is made when it is first asked for. */
export function contextOf(baseSeed: bigint, place: number): ItemContext {
  let generator: Generator | undefined
  return {
    get generator() {
      return (generator ??= new Generator(BigInt.asUintN(63, baseSeed + BigInt(place))))
    },
  }
}

import { Generator } from '@gradus/core'

/** Randomness for one item: a `get` that draws from it gives the same with any number of workers, and when resumed. */
export interface ItemContext {
  /** Seeded by the loader's seed of this iteration and the item's place in it. */
  readonly generator: Generator
}

/** The context of the item at a place of an iteration. The generator is made when it is first asked for. */
export class PlacedContext implements ItemContext {
  readonly #baseSeed: bigint
  readonly #place: number
  #generator: Generator | undefined

  constructor(baseSeed: bigint, place: number) {
    this.#baseSeed = baseSeed
    this.#place = place
  }

  get generator(): Generator {
    return (this.#generator ??= new Generator(BigInt.asUintN(63, this.#baseSeed + BigInt(this.#place))))
  }
}

import { defaultGenerator, ValueError, type Generator } from '@gradus/core'
import { describeValue } from '@gradus/core/internal'
import { drawSeed } from '../samplers/draws.ts'
import type { Task } from './fetch.ts'
import { fromBase64, toBase64, type DataLoaderState, type OrderSources } from './state.ts'

/**
 * One iteration over a loader: its seed, the positions of its batches, and how many the loop has had. An iteration that goes
 * on from a state draws from the generators as they were when it began, up to where it was; the default generator is then as
 * it was before, since the loop draws from it too.
 */
export class Epoch {
  /** PyTorch draws it when an iteration begins, for its workers, whether it has any or not. */
  readonly baseSeed: bigint
  /** Batches that the loop has had. */
  delivered: number
  readonly #begun: Pick<DataLoaderState, 'generators' | 'samplers'> & { start: string }
  readonly #order: Iterator<readonly number[]> | null
  #place = 0

  /** @param order - positions of each batch, null for an iterable dataset */
  constructor(
    order: Iterable<readonly number[]> | null,
    sources: OrderSources,
    generator: Generator | null,
    resumed: DataLoaderState | null,
  ) {
    const shared = defaultGenerator()
    const now = resumed === null ? null : shared.getState()
    if (resumed !== null) {
      sources.restore(resumed)
      shared.setState(fromBase64(resumed.start!)) // an iteration that is resumed had begun
    }
    this.#begun = { start: resumed?.start ?? toBase64(shared.getState()), ...sources.capture() }
    this.baseSeed = drawSeed(generator ?? shared)
    this.#order = order?.[Symbol.iterator]() ?? null
    this.delivered = resumed?.batches ?? 0
    try {
      if (this.#order) for (let i = 0; i < this.delivered; i++) this.next()
    } finally {
      if (now !== null) shared.setState(now)
    }
  }

  /** The items of the next batch; null if there are no more. */
  next(): Task | null {
    const next = this.#order!.next() // of a dataset with positions
    if (next.done === true) return null
    const indices = next.value
    if (!Array.isArray(indices)) {
      throw new ValueError(`a batchSampler gives arrays of positions, got ${describeValue(indices)}`)
    }
    const place = this.#place
    this.#place += indices.length
    return { indices, place }
  }

  /** Lets go of a sampler that has more. */
  close(): void {
    this.#order?.return?.()
  }

  state(): Pick<DataLoaderState, 'batches' | 'start' | 'generators' | 'samplers'> {
    return { batches: this.delivered, ...this.#begun }
  }
}

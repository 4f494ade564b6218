import { defaultGenerator, Generator, ValueError } from '@gradus/core'
import { drawIndices, drawSeed, permutation } from './draws.ts'

/** Positions in an order of its own. Iterating again may give another order. */
export interface Sampler extends Iterable<number> {
  readonly length: number
}

/** All positions in order. */
export class SequentialSampler implements Sampler {
  readonly length: number

  constructor(source: { readonly length: number }) {
    this.length = source.length
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    for (let i = 0; i < this.length; i++) yield i
  }
}

/** Options of {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Draws each position independently, so that some come twice; false by default. */
  replacement?: boolean
  /** How many positions an iteration gives; all of them by default. */
  numSamples?: number
  /** By default a new one for each iteration, seeded from the default generator. */
  generator?: Generator
}

/**
 * All positions in random order, as PyTorch draws it from the same seed.
 *
 * @throws ValueError if there is nothing to sample
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 */
export class RandomSampler implements Sampler {
  readonly length: number
  readonly replacement: boolean
  private readonly size: number
  private readonly generator: Generator | null

  constructor(
    source: { readonly length: number },
    { replacement = false, numSamples = source.length, generator }: RandomSamplerOptions = {},
  ) {
    if (!(Number.isInteger(numSamples) && numSamples > 0)) {
      throw new ValueError(
        `num_samples should be a positive integer value, but got num_samples=${numSamples}`,
      )
    }
    this.length = numSamples
    this.replacement = replacement
    this.size = source.length
    this.generator = generator ?? null
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    const { size: n, length: count } = this
    const generator = this.generator ?? new Generator(drawSeed(defaultGenerator()))
    if (this.replacement) {
      for (let done = 0; done + 32 <= count; done += 32) yield* drawIndices(generator, n, 32)
      yield* drawIndices(generator, n, count % 32)
      return
    }
    for (let done = 0; done + n <= count; done += n) yield* permutation(generator, n)
    // drawn even if nothing of it is used, as PyTorch does
    yield* permutation(generator, n).slice(0, count % n)
  }
}

/** The given positions in random order. */
export class SubsetRandomSampler implements Sampler {
  readonly indices: readonly number[]
  readonly length: number
  private readonly generator: Generator | null

  constructor(indices: Iterable<number>, { generator }: { generator?: Generator } = {}) {
    this.indices = [...indices]
    this.length = this.indices.length
    this.generator = generator ?? null
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    for (const i of permutation(this.generator ?? defaultGenerator(), this.length)) yield this.indices[i]
  }
}

/**
 * Positions of another sampler in batches.
 *
 * @param dropLast - leaves out the last batch if it is not full
 * @throws ValueError for a batch size that is not a positive integer
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 * @example
 * const sampler = new g.utils.data.SequentialSampler([1, 2, 3])
 * const batches = new g.utils.data.BatchSampler(sampler, 2, false)
 * Array.from(batches) // => [[0, 1], [2]]
 */
export class BatchSampler implements Iterable<number[]> {
  readonly sampler: Sampler
  readonly batchSize: number
  readonly dropLast: boolean

  constructor(sampler: Sampler, batchSize: number, dropLast: boolean) {
    if (!(Number.isInteger(batchSize) && batchSize > 0)) {
      throw new ValueError(`batch_size should be a positive integer value, but got batch_size=${batchSize}`)
    }
    this.sampler = sampler
    this.batchSize = batchSize
    this.dropLast = dropLast
  }

  get length(): number {
    const count = this.sampler.length / this.batchSize
    return this.dropLast ? Math.floor(count) : Math.ceil(count)
  }

  *[Symbol.iterator](): globalThis.Generator<number[], void> {
    const indices = this.sampler[Symbol.iterator]()
    for (;;) {
      const batch: number[] = []
      while (batch.length < this.batchSize) {
        const next = indices.next()
        if (next.done) break
        batch.push(next.value)
      }
      if (batch.length === 0 || (this.dropLast && batch.length < this.batchSize)) return
      yield batch
      if (batch.length < this.batchSize) return
    }
  }
}

import { defaultGenerator, Generator } from '@gradus/core'
import { defineOptions, flag, takeArgument, withDefaults } from '@gradus/core/internal'
import { checkedSource, countKind, generatorKind, iterableKind, type Sized } from './kinds.ts'
import { drawIndices, drawSeed, permutation } from './draws.ts'

/**
 * Positions in an order of its own; iterating again may give another order. A class to extend, or a type to implement.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Sampler
 */
export abstract class Sampler<T = number> implements Iterable<T> {
  /** How many an iteration gives. */
  abstract readonly length: number;
  abstract [Symbol.iterator](): Iterator<T>
}

/**
 * All positions in order.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
 */
export class SequentialSampler extends Sampler {
  readonly #source: Sized

  constructor(source: Sized) {
    super()
    this.#source = checkedSource('SequentialSampler', source)
  }

  get length(): number {
    return this.#source.length
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

const numSamplesKind = /* @__PURE__ */ countKind('num_samples')

const randomTable = /* @__PURE__ */ defineOptions<RandomSamplerOptions>({
  replacement: flag,
  numSamples: numSamplesKind,
  generator: generatorKind,
})

/**
 * All positions in random order, as PyTorch draws it from the same seed.
 *
 * @throws ValueError if there is nothing to sample
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 */
export class RandomSampler extends Sampler {
  readonly replacement: boolean
  readonly generator: Generator | null
  readonly #source: Sized
  readonly #numSamples: number | null

  constructor(source: Sized, options?: RandomSamplerOptions) {
    super()
    this.#source = checkedSource('RandomSampler', source)
    const taken = withDefaults('RandomSampler', randomTable, options, { replacement: false })
    this.#numSamples = taken.numSamples ?? null
    this.replacement = taken.replacement
    this.generator = taken.generator ?? null
    takeArgument('RandomSampler', 'source', numSamplesKind, this.length)
  }

  get length(): number {
    return this.#numSamples ?? this.#source.length
  }

  [Symbol.iterator](): globalThis.Generator<number, void> {
    return inRuns(this.#runs())
  }

  *#runs(): globalThis.Generator<ArrayLike<number>, void> {
    const { length: count } = this
    const n = this.#source.length
    const generator = this.generator ?? new Generator(drawSeed(defaultGenerator()))
    if (this.replacement) {
      for (let done = 0; done + 32 <= count; done += 32) yield drawIndices(generator, n, 32)
      yield drawIndices(generator, n, count % 32)
      return
    }
    for (let done = 0; done + n <= count; done += n) yield permutation(generator, n)
    // drawn even if nothing of it is used, as PyTorch does
    yield permutation(generator, n).subarray(0, count % n)
  }
}

/** The numbers of arrays, one by one: one generator, since each `yield*` between costs a batch of 256 as much as its rows. */
function* inRuns(runs: Iterable<ArrayLike<number>>): globalThis.Generator<number, void> {
  for (const run of runs) for (let i = 0; i < run.length; i++) yield run[i]
}

/** Options of {@link SubsetRandomSampler}. */
export interface SubsetRandomSamplerOptions {
  /** Where the order comes from; the default generator by default. */
  generator?: Generator
}

const subsetTable = /* @__PURE__ */ defineOptions<SubsetRandomSamplerOptions>({ generator: generatorKind })

/**
 * The given positions in random order.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SubsetRandomSampler
 */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[]
  readonly generator: Generator | null

  constructor(indices: Iterable<number>, options?: SubsetRandomSamplerOptions) {
    super()
    takeArgument('SubsetRandomSampler', 'indices', iterableKind, indices)
    this.indices = [...indices]
    this.generator = withDefaults('SubsetRandomSampler', subsetTable, options, {}).generator ?? null
  }

  get length(): number {
    return this.indices.length
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    for (const i of permutation(this.generator ?? defaultGenerator(), this.length)) yield this.indices[i]
  }
}

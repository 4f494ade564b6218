import { defaultGenerator, Generator, ValueError } from '@gradus/core'
import { describeValue } from '@gradus/core/internal'

/** Where a loader is: plain data that JSON keeps. */
export interface DataLoaderState {
  version: 1
  /** Items of the dataset, null if it does not say, and in a batch. */
  items: number | null
  batchSize: number | null
  /** Batches of the unfinished iteration that the loop has had. */
  batches: number
  /** The default generator when that iteration began, in base64; null between iterations. */
  start: string | null
  /** The generators given to the loader and its samplers: when the iteration began, or now. */
  generators: string[]
  /** What a sampler with a `stateDict` of its own said then. */
  samplers: unknown[]
}

/** A sampler that keeps a state of its own. */
interface Stateful {
  stateDict(): unknown
  loadStateDict(state: unknown): void
}

/** What decides the order of a loader's items: samplers, and the generators that they and the loader draw from. */
export class OrderSources {
  readonly #generators: readonly Generator[]
  readonly #samplers: readonly Stateful[]

  /** @param samplers - each sampler, and those within it */
  constructor(generator: Generator | null, samplers: readonly unknown[]) {
    const own = [generator, ...samplers.map((sampler) => memberOf(sampler, 'generator'))]
    this.#generators = [...new Set(own.filter((g) => g instanceof Generator))].filter(
      (g) => g !== defaultGenerator(),
    )
    this.#samplers = samplers.filter(isStateful)
  }

  capture(): Pick<DataLoaderState, 'generators' | 'samplers'> {
    return {
      generators: this.#generators.map((g) => toBase64(g.getState())),
      samplers: this.#samplers.map((sampler) => sampler.stateDict()),
    }
  }

  restore({ generators, samplers }: Pick<DataLoaderState, 'generators' | 'samplers'>): void {
    generators.forEach((state, i) => this.#generators[i].setState(fromBase64(state)))
    samplers.forEach((state, i) => this.#samplers[i].loadStateDict(state))
  }

  /** @throws ValueError unless `state` is of as many generators and samplers as there are here, each readable */
  check({ generators, samplers }: Pick<DataLoaderState, 'generators' | 'samplers'>): void {
    if (generators.length !== this.#generators.length || samplers.length !== this.#samplers.length) {
      throw new ValueError(
        `the state is of a loader with ${generators.length} generators and ${samplers.length} samplers with a state; this one has ${this.#generators.length} and ${this.#samplers.length}`,
        { hint: 'make the loader with the options it had when it was saved' },
      )
    }
    for (const state of generators) new Generator().setState(fromBase64(state))
  }
}

const memberOf = (x: unknown, name: string): unknown =>
  typeof x === 'object' && x !== null ? Reflect.get(x, name) : undefined

const isStateful = (x: unknown): x is Stateful =>
  typeof memberOf(x, 'stateDict') === 'function' && typeof memberOf(x, 'loadStateDict') === 'function'

/**
 * A state as it was given, if it has the form of one and fits a loader.
 *
 * @throws ValueError if not
 */
export function checkState(
  state: DataLoaderState,
  { items, batchSize }: Pick<DataLoaderState, 'items' | 'batchSize'>,
  sources: OrderSources,
): void {
  const isState =
    typeof state === 'object' &&
    state !== null &&
    Number.isSafeInteger(state.batches) &&
    state.batches >= 0 &&
    Array.isArray(state.generators) &&
    Array.isArray(state.samplers) &&
    (state.start === null || typeof state.start === 'string')
  if (!isState || state.version !== 1) {
    throw new ValueError(`not the state of a DataLoader: ${describeValue(state)}`, {
      hint: 'loadStateDict takes what stateDict() of a loader returned',
    })
  }
  if (state.items !== items || state.batchSize !== batchSize) {
    throw new ValueError(
      `the state is of ${state.items === null ? 'an unknown number of' : describeValue(state.items)} items in batches of ${describeValue(state.batchSize)}, the loader has ${items ?? 'an unknown number'} in batches of ${batchSize}`,
      { hint: 'resume with the dataset and the batch size that were saved, or begin a new iteration' },
    )
  }
  sources.check(state)
  if (state.start !== null) new Generator().setState(fromBase64(state.start))
}

/** Bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** @throws ValueError for text that is not base64 */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw new ValueError('a generator in the state is not base64', { cause })
  }
}

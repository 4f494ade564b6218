import { ValueError, type Generator } from '@gradus/core'
import { isMapStyle, type AnyDataset } from '../datasets/dataset.ts'
import { needsAwait } from '../datasets/later.ts'
import { BatchSampler } from '../samplers/batch-sampler.ts'
import { RandomSampler, SequentialSampler } from '../samplers/sampler.ts'
import { WorkerPool } from '../workers/pool.ts'
import { inOrder, type Begin } from './ahead.ts'
import type { Collated } from './collate.ts'
import { Epoch } from './epoch.ts'
import { batchesLater, batchesNow, end, fetchLater, fetchNow } from './fetch.ts'
import { datasetOf, type Loadable } from './loadable.ts'
import { planOf, type DataLoaderOptions, type Plan } from './options.ts'
import { checkState, OrderSources, type DataLoaderState } from './state.ts'

/**
 * Batches of a dataset, of an array of items, or of an iterable: iterate over it once per epoch, with `for … of`, or with
 * `for await … of` where items come later: from an async `get`, from workers.
 *
 * From the same seed it draws what PyTorch's loader draws, so batches are the same. `stateDict()` within an iteration and
 * `loadStateDict()` in another program go on with the next batch; the default generator's own state is saved apart
 * (`g.getRngState()`). What a `get` draws it takes from its second argument: draws from the default generator are repeated
 * only without prefetching, or in workers, where it is seeded for each batch.
 *
 * @throws ValueError for options that exclude each other
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * const data = new g.utils.data.TensorDataset(g.arange(4), g.zeros(4))
 * const loader = new g.utils.data.DataLoader(data, { batchSize: 2 })
 * for (const [x, y] of loader) x.shape // => [2]
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: AnyDataset<T>
  /** Null for an iterable dataset. */
  readonly batchSampler: Iterable<readonly number[]> | null
  readonly generator: Generator | null
  readonly numWorkers: number
  readonly #plan: Plan<T, B>
  readonly #sources: OrderSources
  /** The iteration that began last, if it has not ended. */
  #current: Epoch | null = null
  #resumed: DataLoaderState | null = null
  #pool: WorkerPool | null = null

  constructor(items: Loadable<T>, options?: DataLoaderOptions<T, B>) {
    this.dataset = datasetOf(items)
    const plan = planOf(options, isMapStyle(this.dataset))
    this.#plan = plan
    this.numWorkers = plan.numWorkers
    this.generator = plan.generator ?? null
    this.batchSampler = isMapStyle(this.dataset)
      ? (plan.batchSampler ?? new BatchSampler(this.#sampler(this.dataset), plan.batchSize, plan.dropLast))
      : null
    const inner = this.batchSampler instanceof BatchSampler ? [this.batchSampler.sampler] : []
    this.#sources = new OrderSources(this.generator, [this.batchSampler, ...inner])
  }

  #sampler(dataset: { readonly length: number }): Iterable<number> {
    const { sampler, shuffle, generator } = this.#plan
    if (sampler) return sampler
    return shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset)
  }

  /**
   * Batches in one iteration.
   *
   * @throws ValueError if the sampler or the iterable dataset does not know how many items it gives
   */
  get length(): number {
    const { batchSize, dropLast } = this.#plan
    if (this.batchSampler !== null) {
      const length = 'length' in this.batchSampler ? this.batchSampler.length : undefined
      if (typeof length === 'number') return length
      throw new ValueError('the batchSampler has no length')
    }
    const { length } = this.dataset
    if (length === undefined) throw new ValueError('the iterable dataset has no length')
    return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize)
  }

  /** @throws ValueError if items or workers have to be waited for */
  [Symbol.iterator](): Iterator<B, void> {
    if (this.numWorkers > 0) throw new ValueError(`workers take time: ${needsAwait}`)
    return this.#batches(this.#begin())
  }

  [Symbol.asyncIterator](): AsyncIterator<B, void> {
    return this.#batchesLater(this.#begin())
  }

  /**
   * Where the loader is: within an iteration, after the batch that the loop has.
   *
   * @example
   * const loader = new g.utils.data.DataLoader([1, 2, 3, 4], { batchSize: 2, shuffle: true })
   * const [first] = loader
   * loader.stateDict().batches // => 0, since the iteration has ended
   */
  stateDict(): DataLoaderState {
    if (this.#current === null && this.#resumed !== null) return this.#resumed
    const at = this.#current?.state() ?? { batches: 0, start: null, ...this.#sources.capture() }
    return { version: 1, ...this.#size(), ...at }
  }

  /**
   * Goes on where a loader like this one was: the next iteration begins after the batches that it had given.
   *
   * @throws ValueError for a state of other data or another batch size; nothing has changed then
   */
  loadStateDict(state: DataLoaderState): void {
    checkState(state, this.#size(), this.#sources)
    this.#current = null
    this.#resumed = state.start === null ? null : state
    if (state.start === null) this.#sources.restore(state)
  }

  /** Ends workers that `persistentWorkers` kept. */
  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = null
    await pool?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #size(): Pick<DataLoaderState, 'items' | 'batchSize'> {
    const { length } = this.dataset
    return { items: length ?? null, batchSize: this.#plan.batchSampler ? null : this.#plan.batchSize }
  }

  #begin(): Epoch {
    const resumed = this.#resumed
    this.#resumed = null
    this.#current = new Epoch(this.batchSampler, this.#sources, this.generator, resumed)
    return this.#current
  }

  *#batches(epoch: Epoch): globalThis.Generator<B, void> {
    try {
      for (const batch of this.#made(epoch)) {
        epoch.delivered++
        yield batch as B // what collating gives, or the collateFn
      }
    } finally {
      this.#ended(epoch)
    }
  }

  *#made(epoch: Epoch): globalThis.Generator<unknown, void> {
    const { dataset } = this
    const collate = this.#plan.collateFn ?? null
    if (!isMapStyle(dataset)) return yield* batchesNow(dataset, { ...this.#plan, collate }, epoch.delivered)
    for (let task = epoch.next(); task !== null; task = epoch.next()) {
      yield fetchNow(dataset, task, epoch.baseSeed, collate)
    }
  }

  async *#batchesLater(epoch: Epoch): AsyncGenerator<B, void> {
    const pool = this.#workers()
    const source = pool ? this.#inWorkers(epoch, pool) : this.#here(epoch)
    try {
      let skip = source.skip
      for await (const batch of inOrder(source.begin, source.count)) {
        if (skip-- > 0) continue
        epoch.delivered++
        yield batch as B // what collating gives, or the collateFn
      }
    } finally {
      this.#ended(epoch)
      await source.close()
    }
  }

  /** Batches made in this thread. */
  #here(epoch: Epoch): Source {
    const { dataset } = this
    const collate = this.#plan.collateFn ?? null
    const count = this.#plan.prefetchFactor
    if (isMapStyle(dataset)) {
      const begin = (): Promise<unknown> | null => {
        const task = epoch.next()
        return task && fetchLater(dataset, task, epoch.baseSeed, collate)
      }
      return { begin, count, skip: 0, close: async () => {} }
    }
    const batches = batchesLater(dataset, { ...this.#plan, collate }, epoch.delivered)
    let ended = false
    const begin = (): Promise<unknown> | null =>
      ended
        ? null
        : batches.next().then(({ done, value }) => {
            ended ||= done === true
            return done ? end : value
          })
    return { begin, count, skip: 0, close: async () => void (await batches.return()) }
  }

  /** Batches made by workers in turn. */
  #inWorkers(epoch: Epoch, pool: WorkerPool): Source {
    const collate = this.#plan.collateFn
    const finish = (made: Promise<unknown>): Promise<unknown> =>
      // with a collateFn a worker gives the items
      collate === undefined ? made : made.then((items) => (items === end ? end : collate(items as T[])))
    const { batchSize, dropLast, persistentWorkers } = this.#plan
    const run = pool.begin({ baseSeed: epoch.baseSeed, batchSize, dropLast, raw: collate !== undefined })
    const byPosition = this.batchSampler !== null
    const begin = (): Promise<unknown> | null => {
      const task = byPosition ? epoch.next() : null
      const made = byPosition && task === null ? null : run.request(task)
      return made && finish(made)
    }
    const close = async (): Promise<void> => {
      run.close()
      if (persistentWorkers && !pool.failed) return
      if (this.#pool === pool) this.#pool = null
      await pool.close()
    }
    // workers cannot skip together: which of them had ended is known only by going through their batches
    const skip = byPosition ? 0 : epoch.delivered
    return { begin, count: this.#plan.prefetchFactor * this.numWorkers, skip, close }
  }

  #workers(): WorkerPool | null {
    const { numWorkers, worker, workerArgs, persistentWorkers } = this.#plan
    if (numWorkers === 0 || worker === undefined) return null
    const pool = this.#pool ?? new WorkerPool(numWorkers, worker, workerArgs)
    if (persistentWorkers) this.#pool = pool
    return pool
  }

  #ended(epoch: Epoch): void {
    epoch.close()
    if (this.#current === epoch) this.#current = null
  }
}

/** How batches of one iteration come. */
interface Source {
  readonly begin: Begin
  /** Batches under way while the loop has one. */
  readonly count: number
  /** Batches that the loop has had before. */
  readonly skip: number
  close(): Promise<void>
}

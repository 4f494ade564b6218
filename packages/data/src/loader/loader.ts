import { defaultGenerator, ValueError, type Generator } from '@gradus/core'
import { defaultCollate, type Collated } from './collate.ts'
import { isBatched, type Dataset } from '../datasets/dataset.ts'
import { isPromise, needsAwait } from '../datasets/later.ts'
import { BatchSampler } from '../samplers/batch-sampler.ts'
import { drawSeed } from '../samplers/draws.ts'
import { RandomSampler, SequentialSampler, type Sampler } from '../samplers/sampler.ts'

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<T, B> {
  /** Items in a batch; 1 by default. */
  batchSize?: number
  /** A new random order in every iteration; false by default. */
  shuffle?: boolean
  /** Which items, in which order; not together with `shuffle`. */
  sampler?: Sampler
  /** Which items make each batch; alone. */
  batchSampler?: Iterable<readonly number[]> & { readonly length: number }
  /** Leaves out the last batch if it is not full; false by default. */
  dropLast?: boolean
  /** Where the order comes from; by default seeded from the default generator. */
  generator?: Generator
  /** Makes a batch of items; {@link defaultCollate} by default. */
  collateFn?: (items: T[]) => B
}

/**
 * Batches of a dataset, or of an array of items: iterate over it once per epoch.
 *
 * From the same seed it draws what PyTorch's loader draws, so batches are the same.
 *
 * @throws ValueError for options that exclude each other
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 * @example
 * const data = new g.utils.data.TensorDataset(g.arange(4), g.zeros(4))
 * const loader = new g.utils.data.DataLoader(data, { batchSize: 2 })
 * for (const [x, y] of loader) x.shape // => [2]
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B> {
  readonly dataset: Dataset<T>
  readonly batchSampler: Iterable<readonly number[]> & { readonly length: number }
  readonly generator: Generator | null
  private readonly collateFn: ((items: T[]) => B) | null

  constructor(dataset: Dataset<T> | readonly T[], options: DataLoaderOptions<T, B> = {}) {
    const {
      batchSize = 1,
      shuffle = false,
      sampler,
      batchSampler,
      dropLast = false,
      generator,
      collateFn,
    } = options
    if (sampler && shuffle) throw new ValueError('sampler option is mutually exclusive with shuffle')
    if (batchSampler && (batchSize !== 1 || shuffle || sampler || dropLast)) {
      throw new ValueError(
        'batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last',
      )
    }
    this.dataset = 'get' in dataset ? dataset : { length: dataset.length, get: (i) => dataset[i] }
    this.generator = generator ?? null
    this.collateFn = collateFn ?? null
    const order =
      sampler ??
      (shuffle ? new RandomSampler(dataset, generator ? { generator } : {}) : new SequentialSampler(dataset))
    this.batchSampler = batchSampler ?? new BatchSampler(order, batchSize, dropLast)
  }

  /** Batches in one iteration. */
  get length(): number {
    return this.batchSampler.length
  }

  [Symbol.iterator](): Iterator<B, void> {
    // PyTorch draws a seed for its workers when an iteration begins, whether it has any or not
    drawSeed(this.generator ?? defaultGenerator())
    return this.#batches()
  }

  *#batches(): globalThis.Generator<B, void> {
    for (const indices of this.batchSampler) yield this.#batch(indices)
  }

  #batch(indices: readonly number[]): B {
    const { dataset, collateFn } = this
    // B is what collating gives, unless a collateFn says otherwise
    if (collateFn === null && isBatched(dataset)) return dataset.batch(indices) as B
    const items = indices.map((i) => {
      const item = dataset.get(i)
      if (isPromise(item)) throw new ValueError(needsAwait)
      return item
    })
    return collateFn ? collateFn(items) : (defaultCollate(items) as B) // as above
  }
}

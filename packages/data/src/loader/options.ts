import { ArgumentError, ValueError, type Generator } from '@gradus/core'
import {
  defineOptions,
  flag,
  functionKind,
  integer,
  kind,
  withDefaults,
  type OptionTable,
} from '@gradus/core/internal'
import { isIterable } from '../datasets/dataset.ts'
import { countKind, generatorKind } from '../samplers/kinds.ts'
import type { WorkerSource } from '../workers/spawn.ts'

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<T, B> {
  /** Items in a batch; 1 by default. */
  batchSize?: number
  /** A new random order in every iteration; false by default. */
  shuffle?: boolean
  /** Positions in an order of one's own; not together with `shuffle`. */
  sampler?: Iterable<number>
  /** The positions of each batch; alone. */
  batchSampler?: Iterable<readonly number[]>
  /** Leaves out the last batch if it is not full; false by default. */
  dropLast?: boolean
  /** Where the order comes from; by default seeded from the default generator. */
  generator?: Generator
  /** Makes a batch of items; {@link defaultCollate} by default. With workers it runs in the main thread. */
  collateFn?: (items: T[]) => B | Promise<B>
  /** Threads that get items and collate them, for `for await`; 0 by default: the thread of the loop. */
  numWorkers?: number
  /**
   * Batches that are begun before they are asked for, for each worker; 2 by default. Without workers 0 by default: more lets an
   * asynchronous `get` work while the loop trains.
   */
  prefetchFactor?: number
  /**
   * The module that makes the dataset in a worker, by calling {@link serveDataset}: its URL, or in a page a function that
   * makes the `Worker`.
   */
  worker?: WorkerSource
  /** What the function given to {@link serveDataset} is called with; anything that can be cloned. */
  workerArgs?: readonly unknown[]
  /** Keeps workers for the next iteration, until `close()`; false by default. */
  persistentWorkers?: boolean
}

/** The options with their defaults. */
export interface Plan<T, B> {
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly sampler: Iterable<number> | undefined
  readonly batchSampler: Iterable<readonly number[]> | undefined
  readonly generator: Generator | undefined
  readonly collateFn: ((items: T[]) => B | Promise<B>) | undefined
  readonly numWorkers: number
  readonly prefetchFactor: number
  readonly worker: WorkerSource | undefined
  readonly workerArgs: readonly unknown[]
  readonly persistentWorkers: boolean
}

const ordered = <T>(name: string) => kind<Iterable<T>>(`a ${name} to iterate over`, isIterable)

/** What a loader takes. */
const table = /* @__PURE__ */ makeTable()

/*@__NO_SIDE_EFFECTS__*/
function makeTable(): OptionTable<DataLoaderOptions<unknown, unknown>> {
  return defineOptions<DataLoaderOptions<unknown, unknown>>({
    batchSize: countKind('batch_size'),
    shuffle: flag,
    sampler: ordered('sampler'),
    batchSampler: ordered('batchSampler'),
    dropLast: flag,
    generator: generatorKind,
    collateFn: functionKind(),
    numWorkers: integer(0, 1024),
    prefetchFactor: integer(0),
    worker: kind('the URL of a module, or a function that makes a Worker', isWorkerSource),
    workerArgs: kind('an array', Array.isArray),
    persistentWorkers: flag,
  })
}

function isWorkerSource(x: unknown): boolean {
  return typeof x === 'string' || typeof x === 'function' || x instanceof URL
}

/**
 * The options with their defaults, if they go together.
 *
 * @param isMapStyle - whether the dataset has its items by position
 * @throws ValueError for options that exclude each other
 */
export function planOf<T, B>(options: DataLoaderOptions<T, B> | undefined, isMapStyle: boolean): Plan<T, B> {
  // the kinds do not depend on the types of items and batches
  const plan = withDefaults('DataLoader', table as OptionTable<DataLoaderOptions<T, B>>, options, {
    batchSize: 1,
    shuffle: false,
    dropLast: false,
    numWorkers: 0,
    prefetchFactor: (options?.numWorkers ?? 0) > 0 ? 2 : 0,
    workerArgs: [],
    persistentWorkers: false,
  })
  checkOrder(plan, isMapStyle)
  if (plan.numWorkers > 0 && plan.worker === undefined) {
    throw new ArgumentError('numWorkers needs worker, the module that makes the dataset in a worker', {
      hint: "worker: new URL('./dataset.js', import.meta.url), with serveDataset(() => new MyDataset()) in that module",
    })
  }
  if (plan.numWorkers > 0 && plan.prefetchFactor === 0) {
    throw new ValueError('prefetchFactor must be at least 1 with workers')
  }
  if (plan.numWorkers === 0 && plan.persistentWorkers) {
    throw new ValueError('persistent_workers option needs num_workers > 0')
  }
  if (plan.numWorkers === 0 && (plan.worker !== undefined || plan.workerArgs.length > 0)) {
    throw new ValueError('worker and workerArgs need numWorkers above 0')
  }
  return {
    sampler: undefined,
    batchSampler: undefined,
    generator: undefined,
    collateFn: undefined,
    worker: undefined,
    ...plan,
  }
}

function checkOrder<T, B>(
  { batchSize, shuffle, sampler, batchSampler, dropLast }: DataLoaderOptions<T, B>,
  isMapStyle: boolean,
): void {
  if (!isMapStyle) {
    const name = shuffle ? 'shuffle' : sampler ? 'sampler' : batchSampler ? 'batch_sampler' : undefined
    if (name === undefined) return
    throw new ValueError(`DataLoader with IterableDataset: expected unspecified ${name} option`, {
      hint: 'an IterableDataset gives items in its own order',
    })
  }
  if (sampler && shuffle) throw new ValueError('sampler option is mutually exclusive with shuffle')
  if (batchSampler && (batchSize !== 1 || shuffle || sampler || dropLast)) {
    throw new ValueError(
      'batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last',
    )
  }
}

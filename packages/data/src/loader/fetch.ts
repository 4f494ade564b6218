import { ValueError } from '@gradus/core'
import { PlacedContext } from '../datasets/context.ts'
import { isBatched, isMapStyle, type AnyDataset, type Dataset } from '../datasets/dataset.ts'
import { isPromise, needsAwait } from '../datasets/later.ts'
import { defaultCollate } from './collate.ts'

/** The items of one batch of a dataset that has them by position. */
export interface Task {
  readonly indices: readonly number[]
  /** How many items of the iteration come before. */
  readonly place: number
}

/** How items become a batch. Null is {@link defaultCollate}, or the dataset's own `batch`. */
export type Collate<T> = ((items: T[]) => unknown) | null

/** What an iterable dataset gives when it has no more. */
export const end: unique symbol = Symbol('end')

const collated = <T>(items: T[], collate: Collate<T>): unknown =>
  collate === null ? defaultCollate(items) : collate(items)

/** A batch of items that are there at once. */
export function fetchNow<T>(dataset: Dataset<T>, task: Task, baseSeed: bigint, collate: Collate<T>): unknown {
  if (collate === null && isBatched(dataset)) return now(dataset.batch(task.indices))
  const items = task.indices.map((index, i) =>
    now(dataset.get(index, new PlacedContext(baseSeed, task.place + i))),
  )
  return now(collated(items, collate))
}

/** A batch of items that may come later; they are asked for at once. */
export async function fetchLater<T>(
  dataset: Dataset<T>,
  task: Task,
  baseSeed: bigint,
  collate: Collate<T>,
): Promise<unknown> {
  if (collate === null && isBatched(dataset)) return dataset.batch(task.indices)
  const items = await Promise.all(
    // async: what get throws at once must not leave the others' rejections to nobody
    task.indices.map(async (index, i) => dataset.get(index, new PlacedContext(baseSeed, task.place + i))),
  )
  return collated(items, collate)
}

/** @throws ValueError for a promise: the loop does not wait */
function now<T>(value: T | PromiseLike<T>): T {
  if (!isPromise(value)) return value
  // nobody waits for it any more
  value.then(undefined, () => {})
  throw new ValueError(needsAwait)
}

/** How an iterable dataset is cut into batches. */
export interface Cut<T> {
  readonly batchSize: number
  readonly dropLast: boolean
  readonly collate: Collate<T>
}

/** Batches of an iterable dataset for a loop that does not wait. */
export function* batchesNow<T>(
  dataset: AnyDataset<T>,
  { batchSize, dropLast, collate }: Cut<T>,
  skip: number,
): Generator<unknown, void> {
  const iterate = isMapStyle(dataset) ? undefined : dataset[Symbol.iterator]
  if (!iterate) throw new ValueError(needsAwait)
  let items: T[] = []
  let batches = 0
  for (const item of { [Symbol.iterator]: () => iterate.call(dataset) }) {
    items.push(now(item))
    if (items.length < batchSize) continue
    if (batches++ >= skip) yield now(collated(items, collate))
    items = []
  }
  if (items.length > 0 && !dropLast && batches >= skip) yield now(collated(items, collate))
}

/** Batches of an iterable dataset. */
export async function* batchesLater<T>(
  dataset: AnyDataset<T>,
  { batchSize, dropLast, collate }: Cut<T>,
  skip: number,
): AsyncGenerator<unknown, void> {
  let items: T[] = []
  let batches = 0
  for await (const item of iteratedLater(dataset)) {
    items.push(item)
    if (items.length < batchSize) continue
    if (batches++ >= skip) yield await collated(items, collate)
    items = []
  }
  if (items.length > 0 && !dropLast && batches >= skip) yield await collated(items, collate)
}

function iteratedLater<T>(dataset: AnyDataset<T>): AsyncIterable<T> | Iterable<T | Promise<T>> {
  if (isMapStyle(dataset)) throw new ValueError('the dataset has positions and no order')
  const later = dataset[Symbol.asyncIterator]
  if (later) return { [Symbol.asyncIterator]: () => later.call(dataset) }
  const atOnce = dataset[Symbol.iterator]
  if (atOnce) return { [Symbol.iterator]: () => atOnce.call(dataset) }
  throw new ValueError('an IterableDataset needs a [Symbol.iterator] or a [Symbol.asyncIterator]')
}

import { describeValue } from '@gradus/core/internal'
import { IndexError, ValueError } from '@gradus/core'
import type { ItemContext } from './context.ts'

/**
 * Items by position: `get`, which may answer with a promise, and `length`. A class to extend, or a type to implement.
 *
 * {@link DataLoader} takes arrays too, and one tensor, of which each row is an item.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset
 * @example
 * class Squares extends g.utils.data.Dataset {
 *   length = 5
 *   get(index) {
 *     return index * index
 *   }
 * }
 * new Squares().get(3) // => 9
 */
export abstract class Dataset<T> {
  /** How many items there are. */
  abstract readonly length: number
  /**
   * The item at a position from 0 to `length - 1`.
   *
   * @param context - randomness that does not depend on workers, prefetching or resuming; only a loader gives one
   */
  abstract get(index: number, context?: ItemContext): T | Promise<T>
}

/** A dataset that makes a whole batch faster than item by item. */
export interface BatchedDataset<T, B> extends Dataset<T> {
  /** The collated items at these positions. A loader calls it unless it has a `collateFn`. */
  batch(indices: readonly number[]): B
}

/**
 * Items one after the other, where positions are unknown or dear: a stream, a large file. A class to extend, or a type
 * to implement, with a `[Symbol.iterator]` or a `[Symbol.asyncIterator]`.
 *
 * In workers each has a copy: {@link getWorkerInfo} says how to share the items out.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset
 * @example
 * class Count extends g.utils.data.IterableDataset {
 *   *[Symbol.iterator]() {
 *     yield* [1, 2, 3]
 *   }
 * }
 * Array.from(new Count()) // => [1, 2, 3]
 */
export abstract class IterableDataset<T> {}
// merged with the class, so that a subclass may make `length` a getter
export interface IterableDataset<T> {
  /** How many items an iteration gives, where that is known. */
  readonly length?: number | undefined
  [Symbol.iterator]?(): Iterator<T>
  [Symbol.asyncIterator]?(): AsyncIterator<T>
}

/** A dataset of either kind. */
export type AnyDataset<T> = Dataset<T> | IterableDataset<T>

/** Whether a dataset has its items by position. */
export const isMapStyle = <T>(dataset: AnyDataset<T>): dataset is Dataset<T> =>
  'get' in dataset && typeof dataset.get === 'function'

/** Whether something can be iterated over, at once or asynchronously. */
export const isIterable = (x: unknown): x is IterableDataset<unknown> =>
  typeof x === 'object' &&
  x !== null &&
  (typeof Reflect.get(x, Symbol.iterator) === 'function' ||
    typeof Reflect.get(x, Symbol.asyncIterator) === 'function')

/** Whether a dataset makes batches itself. A class that overrides `get` alone no longer does: its batches would be those before. */
export const isBatched = <T>(dataset: Dataset<T>): dataset is BatchedDataset<T, unknown> =>
  'batch' in dataset &&
  typeof dataset.batch === 'function' &&
  depthOf(dataset, 'batch') <= depthOf(dataset, 'get')

/** How many prototypes above an object a property is defined. */
function depthOf(object: object, key: string): number {
  let depth = 0
  for (let at: object | null = object; at !== null && !Object.hasOwn(at, key); depth++) {
    at = Reflect.getPrototypeOf(at)
  }
  return depth
}

/**
 * A position in a dataset, counted from the end if negative, as a position from 0.
 *
 * @throws IndexError for a position beyond the items
 */
export function positionIn(index: number, length: number): number {
  if (Number.isInteger(index) && index >= -length && index < length) return index < 0 ? index + length : index
  throw new IndexError(`index ${describeValue(index)} is out of range for a dataset of ${length} items`)
}

/**
 * The dataset, if it is one whose items have positions.
 *
 * @throws ValueError if it is not
 */
export function mapStyle<T>(dataset: Dataset<T>, taker: string): Dataset<T> {
  if (typeof dataset === 'object' && dataset !== null && isMapStyle(dataset) && 'length' in dataset) {
    return dataset
  }
  const found = isIterable(dataset) ? `${taker} does not support IterableDataset` : `${taker} takes datasets`
  throw new ValueError(found, { hint: 'a dataset here has get(index) and length' })
}

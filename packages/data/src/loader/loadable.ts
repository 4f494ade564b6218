import { ArgumentError, Tensor } from '@gradus/core'
import { describeValue } from '@gradus/core/internal'
import { isIterable, isMapStyle, positionIn } from '../datasets/dataset.ts'
import type { AnyDataset, Dataset } from '../datasets/dataset.ts'
import { RowsDataset } from '../datasets/tensor-dataset.ts'

/** Items for a loader: a dataset, an array, or anything that can be iterated over. The rows of a tensor are items too. */
export type Loadable<T> = AnyDataset<T> | readonly T[] | Iterable<T> | AsyncIterable<T>

/**
 * The dataset that a loader reads.
 *
 * @throws ArgumentError for a value without items
 */
export function datasetOf<T>(items: Loadable<T>): AnyDataset<T> {
  // the rows are what T stands for
  if (items instanceof Tensor) return new RowsDataset(items)
  if (Array.isArray(items)) return arrayDataset(items)
  if (ArrayBuffer.isView(items) && !(items instanceof DataView)) {
    // its elements are what T stands for
    return arrayDataset(items as unknown as readonly T[])
  }
  if (typeof items === 'object' && items !== null) {
    if ('get' in items && isMapStyle(items) && !(items instanceof Map)) {
      if ('length' in items) return items
      throw new ArgumentError('the dataset has get(index) and no length')
    }
    if (isIterable(items)) return items
  }
  throw new ArgumentError(
    `DataLoader: dataset must be a dataset, an array or an iterable, got ${describeValue(items)}`,
    {
      hint: 'a dataset has get(index) and length, or a [Symbol.iterator] or [Symbol.asyncIterator]',
    },
  )
}

const arrayDataset = <T>(array: readonly T[]): Dataset<T> => ({
  get length() {
    return array.length
  },
  get: (index) => array[positionIn(index, array.length)],
})

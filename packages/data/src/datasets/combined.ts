import { ValueError } from '@gradus/core'
import { takeArgument } from '@gradus/core/internal'
import { iterableKind } from '../samplers/kinds.ts'
import type { ItemContext } from './context.ts'
import { isBatched, isIterable, isMapStyle, mapStyle, positionIn } from './dataset.ts'
import { IterableDataset, type Dataset } from './dataset.ts'
import { isPromise, needsAwait } from './later.ts'

/**
 * Datasets one after the other.
 *
 * @throws ValueError for no dataset, or one without positions
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
 * @example
 * const data = new g.utils.data.ConcatDataset([
 *   new g.utils.data.TensorDataset(g.tensor([1, 2])),
 *   new g.utils.data.TensorDataset(g.tensor([3])),
 * ])
 * data.length // => 3
 */
export class ConcatDataset<T> implements Dataset<T> {
  readonly datasets: readonly Dataset<T>[]
  /** Where each dataset ends. */
  readonly cumulativeSizes: readonly number[]

  constructor(datasets: Iterable<Dataset<T>>) {
    takeArgument('ConcatDataset', 'datasets', iterableKind, datasets)
    this.datasets = Array.from(datasets, (dataset) => mapStyle(dataset, 'ConcatDataset'))
    if (this.datasets.length === 0) throw new ValueError('datasets should not be an empty iterable')
    let end = 0
    this.cumulativeSizes = this.datasets.map((dataset) => (end += dataset.length))
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!
  }

  get(index: number, context?: ItemContext): T | Promise<T> {
    const position = positionIn(index, this.length)
    const which = this.#datasetAt(position)
    const start = which === 0 ? 0 : this.cumulativeSizes[which - 1]
    return this.datasets[which].get(position - start, context)
  }

  #datasetAt(position: number): number {
    let [low, high] = [0, this.datasets.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.cumulativeSizes[middle] <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Iterable datasets one after the other.
 *
 * @throws ValueError for a dataset that cannot be iterated over
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset
 */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[]

  constructor(datasets: Iterable<IterableDataset<T>>) {
    super()
    takeArgument('ChainDataset', 'datasets', iterableKind, datasets)
    this.datasets = [...datasets]
    if (!this.datasets.every((d) => isIterable(d) && !isMapStyle(d))) {
      throw new ValueError('ChainDataset only supports IterableDataset', {
        hint: 'ConcatDataset joins datasets that have get(index)',
      })
    }
  }

  /** Their lengths added up; undefined if one does not know its own. */
  override get length(): number | undefined {
    let sum = 0
    for (const { length } of this.datasets) {
      if (length === undefined) return undefined
      sum += length
    }
    return sum
  }

  override *[Symbol.iterator](): Generator<T, void> {
    for (const dataset of this.datasets) {
      if (!dataset[Symbol.iterator]) throw new ValueError(needsAwait)
      yield* { [Symbol.iterator]: () => dataset[Symbol.iterator]!() }
    }
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (const dataset of this.datasets) {
      if (dataset[Symbol.asyncIterator])
        yield* { [Symbol.asyncIterator]: () => dataset[Symbol.asyncIterator]!() }
      else yield* { [Symbol.iterator]: () => dataset[Symbol.iterator]!() }
    }
  }
}

/** Datasets of the parts of an item. */
type DatasetsOf<T> = { [K in keyof T]: Dataset<T[K]> }

/**
 * Datasets side by side: an item has one item of each, as an array, or by name.
 *
 * @param datasets - one object of datasets by name, or datasets one by one
 * @throws ValueError for no dataset, or lengths that differ
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset
 * @example
 * const x = new g.utils.data.Subset(new g.utils.data.TensorDataset(g.tensor([1, 2])), [1])
 * const y = new g.utils.data.TensorDataset(g.tensor([3]))
 * new g.utils.data.StackDataset({ x, y }).get(0).x[0].item() // => 2
 */
export class StackDataset<T> implements Dataset<T> {
  readonly datasets: DatasetsOf<T>
  readonly length: number
  readonly #parts: readonly (readonly [name: string, dataset: Dataset<unknown>])[]

  constructor(datasets: DatasetsOf<T>)
  constructor(...datasets: DatasetsOf<T> & readonly Dataset<unknown>[])
  constructor(...datasets: readonly unknown[]) {
    const [first] = datasets
    const isNamed = datasets.length === 1 && typeof first === 'object' && first !== null && !('get' in first)
    // one of the two, as the types of the overloads say; mapStyle checks the parts
    this.datasets = (isNamed ? first : datasets) as DatasetsOf<T>
    this.#parts = Object.entries<Dataset<unknown>>(this.datasets).map(([name, dataset]) => [
      name,
      mapStyle(dataset, 'StackDataset'),
    ])
    if (this.#parts.length === 0) throw new ValueError('At least one dataset should be passed')
    const lengths = this.#parts.map(([, dataset]) => dataset.length)
    this.length = lengths[0]
    if (lengths.some((length) => length !== this.length)) {
      throw new ValueError('Size mismatch between datasets', {
        hint: `their lengths are ${lengths.join(', ')}`,
      })
    }
  }

  get(index: number, context?: ItemContext): T | Promise<T> {
    const position = positionIn(index, this.length)
    // one item per dataset, by its name
    return this.#each((dataset) => dataset.get(position, context)) as T | Promise<T>
  }

  /** The batches of the datasets, if all make batches; else undefined. */
  get batch(): ((indices: readonly number[]) => unknown) | undefined {
    if (!this.#parts.every(([, dataset]) => isBatched(dataset))) return undefined
    return (indices) => this.#each((dataset) => (isBatched(dataset) ? dataset.batch(indices) : undefined))
  }

  /** One value per dataset, in the form of the datasets; a promise if one of them is. */
  #each(make: (dataset: Dataset<unknown>) => unknown): unknown {
    const values = this.#parts.map(([, dataset]) => make(dataset))
    const together = (parts: readonly unknown[]): unknown =>
      Array.isArray(this.datasets)
        ? parts
        : Object.fromEntries(this.#parts.map(([name], i) => [name, parts[i]]))
    return values.some(isPromise) ? Promise.all(values).then(together) : together(values)
  }
}

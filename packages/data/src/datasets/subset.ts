import { isBatched, mapStyle, positionIn, type Dataset } from './dataset.ts'
import { takeArgument } from '@gradus/core/internal'
import { iterableKind } from '../samplers/kinds.ts'
import type { ItemContext } from './context.ts'

/**
 * Some items of another dataset, by their positions in it.
 *
 * @throws IndexError for a position beyond the dataset
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Subset
 * @example
 * const data = new g.utils.data.TensorDataset(g.tensor([10, 20, 30]))
 * new g.utils.data.Subset(data, [2, 0]).get(0)[0].item() // => 30
 */
export class Subset<T, D extends Dataset<T> = Dataset<T>> implements Dataset<T> {
  readonly dataset: D
  readonly indices: readonly number[]
  readonly length: number

  constructor(dataset: D & Dataset<T>, indices: Iterable<number>) {
    this.dataset = mapStyle(dataset, 'Subset') as D // the same object
    takeArgument('Subset', 'indices', iterableKind, indices)
    this.indices = Array.from(indices, (i) => positionIn(i, dataset.length))
    this.length = this.indices.length
  }

  get(index: number, context?: ItemContext): ReturnType<D['get']> {
    // what the dataset answers, at once or later
    return this.dataset.get(this.#position(index), context) as ReturnType<D['get']>
  }

  /** The batch that the dataset makes of some items; undefined if it makes none. */
  get batch(): ((indices: readonly number[]) => unknown) | undefined {
    const { dataset } = this
    return isBatched(dataset) ? (indices) => dataset.batch(indices.map((i) => this.#position(i))) : undefined
  }

  #position(index: number): number {
    return this.indices[positionIn(index, this.length)]
  }
}

import { ValueError, type Tensor } from '@gradus/core'
import { rowsOf } from './rows.ts'

/** Items by position. An array is one too: see {@link DataLoader}. */
export interface Dataset<T> {
  readonly length: number
  get(index: number): T
}

/** A dataset that can make a whole batch faster than item by item. */
export interface BatchedDataset<T, B> extends Dataset<T> {
  /** What collating the items at these positions gives. */
  batch(indices: readonly number[]): B
}

type Items<T extends readonly Tensor[]> = { [K in keyof T]: Tensor }

/**
 * Tensors of one length, sliced along their first axis: an item has one slice of each.
 *
 * @throws ValueError unless all have the same length
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 * @example
 * const data = new g.utils.data.TensorDataset(g.ones(4, 2), g.zeros(4))
 * data.get(0).map((x) => x.shape) // => [[2], []]
 */
export class TensorDataset<T extends readonly Tensor[]> implements BatchedDataset<Items<T>, Items<T>> {
  readonly tensors: T
  readonly length: number

  constructor(...tensors: T) {
    const lengths = new Set(tensors.map((x) => x.shape[0]))
    if (tensors.length === 0) throw new ValueError('a TensorDataset needs at least one tensor')
    if (lengths.size > 1 || tensors.some((x) => x.ndim === 0))
      throw new ValueError('Size mismatch between tensors')
    this.tensors = tensors
    this.length = tensors[0].shape[0]
  }

  get(index: number): Items<T> {
    // one slice per tensor, in their order
    return this.tensors.map((x) => x.select(0, index)) as unknown as Items<T>
  }

  batch(indices: readonly number[]): Items<T> {
    // one tensor per tensor, in their order
    return this.tensors.map((x) => rowsOf(x, indices)) as unknown as Items<T>
  }
}

/** Some items of another dataset, by their positions in it. */
export class Subset<T> implements Dataset<T> {
  readonly dataset: Dataset<T>
  readonly indices: readonly number[]
  readonly length: number
  /** There if the dataset has it. */
  readonly batch?: (indices: readonly number[]) => unknown

  constructor(dataset: Dataset<T>, indices: Iterable<number>) {
    this.dataset = dataset
    this.indices = [...indices]
    this.length = this.indices.length
    if (isBatched(dataset)) this.batch = (wanted) => dataset.batch(wanted.map((i) => this.indices[i]))
  }

  get(index: number): T {
    return this.dataset.get(this.indices[index])
  }
}

/** Whether a dataset makes batches itself. */
export const isBatched = <T>(dataset: Dataset<T>): dataset is BatchedDataset<T, unknown> =>
  'batch' in dataset && typeof dataset.batch === 'function'

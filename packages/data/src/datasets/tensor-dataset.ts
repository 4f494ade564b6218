import { kind, takeArgument } from '@gradus/core/internal'
import { indexSelect, tensor, Tensor, ValueError } from '@gradus/core'
import { positionIn, type BatchedDataset } from './dataset.ts'

type Items<T extends readonly Tensor[]> = { [K in keyof T]: Tensor }

const list = /* @__PURE__ */ kind<readonly number[]>(
  'an array of positions',
  (x) => Array.isArray(x) || ArrayBuffer.isView(x),
)

/** Positions of rows as a tensor, each checked. */
function positionsOf(indices: readonly number[], length: number): Tensor {
  takeArgument('batch', 'indices', list, indices)
  const positions = new Int32Array(indices.length)
  // a loop: Int32Array.from with a function takes several times as long, for every batch
  for (let i = 0; i < positions.length; i++) positions[i] = positionIn(indices[i], length)
  return tensor(positions)
}

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
    if (tensors.length === 0) throw new ValueError('a TensorDataset needs at least one tensor')
    for (const x of tensors) {
      if (x instanceof Tensor) continue
      throw new ValueError(`a TensorDataset takes tensors, not ${Array.isArray(x) ? 'an array' : typeof x}`, {
        hint: 'write new TensorDataset(x, y), with g.tensor() around arrays',
      })
    }
    const lengths = new Set(tensors.map((x) => x.shape[0]))
    if (lengths.size > 1 || tensors.some((x) => x.ndim === 0)) {
      const shapes = tensors.map((x) => `[${x.shape.join(', ')}]`).join(' and ')
      throw new ValueError('Size mismatch between tensors', { hint: `their shapes are ${shapes}` })
    }
    this.tensors = tensors
    this.length = tensors[0].shape[0]
  }

  get(index: number): Items<T> {
    const position = positionIn(index, this.length)
    // one slice per tensor, in their order
    return this.tensors.map((x) => x.select(0, position)) as unknown as Items<T>
  }

  batch(indices: readonly number[]): Items<T> {
    const positions = positionsOf(indices, this.length)
    // one tensor per tensor, in their order
    return this.tensors.map((x) => indexSelect(x, 0, positions)) as unknown as Items<T>
  }
}

/** The rows of one tensor as a dataset. */
export class RowsDataset implements BatchedDataset<Tensor, Tensor> {
  readonly tensor: Tensor

  constructor(x: Tensor) {
    if (x.ndim === 0) throw new ValueError('a tensor without axes has no rows to make batches of')
    this.tensor = x
  }

  get length(): number {
    return this.tensor.shape[0]
  }

  get(index: number): Tensor {
    return this.tensor.select(0, positionIn(index, this.length))
  }

  batch(indices: readonly number[]): Tensor {
    return indexSelect(this.tensor, 0, positionsOf(indices, this.length))
  }
}

import { ValueError } from '@gradus/core'
import { takeArgument } from '@gradus/core/internal'
import { countKind, iterableKind, type Sized } from './kinds.ts'
import { Sampler } from './sampler.ts'

/**
 * Positions of another sampler in batches.
 *
 * @param dropLast - leaves out the last batch if it is not full
 * @throws ValueError for a batch size that is not a positive integer
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 * @example
 * const sampler = new g.utils.data.SequentialSampler([1, 2, 3])
 * const batches = new g.utils.data.BatchSampler(sampler, 2, false)
 * Array.from(batches) // => [[0, 1], [2]]
 */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number> & Partial<Sized>
  readonly batchSize: number
  readonly dropLast: boolean

  constructor(sampler: Iterable<number> & Partial<Sized>, batchSize: number, dropLast: boolean) {
    super()
    takeArgument('BatchSampler', 'sampler', iterableKind, sampler)
    takeArgument('BatchSampler', 'batchSize', countKind('batch_size'), batchSize)
    if (typeof dropLast !== 'boolean') {
      throw new ValueError(`drop_last should be a boolean value, but got drop_last=${String(dropLast)}`)
    }
    this.sampler = sampler
    this.batchSize = batchSize
    this.dropLast = dropLast
  }

  /**
   * Batches in one iteration.
   *
   * @throws ValueError if the sampler has no length
   */
  get length(): number {
    const { length } = this.sampler
    if (length === undefined) throw new ValueError('the sampler has no length, so its batches have none')
    const count = length / this.batchSize
    return this.dropLast ? Math.floor(count) : Math.ceil(count)
  }

  *[Symbol.iterator](): Generator<number[], void> {
    let batch: number[] = []
    for (const index of this.sampler) {
      batch.push(index)
      if (batch.length < this.batchSize) continue
      yield batch
      batch = []
    }
    if (batch.length > 0 && !this.dropLast) yield batch
  }
}

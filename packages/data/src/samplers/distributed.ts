import { Generator, ValueError } from '@gradus/core'
import { permutation } from './draws.ts'
import { Sampler, type Sized } from './sampler.ts'

/** Options of {@link DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** How many programs share the dataset. */
  numReplicas: number
  /** Which of them this one is, from 0. */
  rank: number
  /** A random order for each epoch, the same in all programs; true by default. */
  shuffle?: boolean
  /** The order's seed, to which the epoch is added; 0 by default. */
  seed?: number
  /** Leaves out the items that cannot be shared evenly; by default some come twice instead. */
  dropLast?: boolean
}

/**
 * Every `numReplicas`-th position of one order, so that several programs share a dataset: call `setEpoch` before each
 * epoch.
 *
 * @throws ValueError for a rank that is not one of the replicas
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
 * @example
 * const data = [10, 11, 12, 13, 14]
 * const sampler = new g.utils.data.DistributedSampler(data, { numReplicas: 2, rank: 1, shuffle: false })
 * Array.from(sampler) // => [1, 3, 0]
 */
export class DistributedSampler extends Sampler {
  readonly numReplicas: number
  readonly rank: number
  readonly shuffle: boolean
  readonly seed: number
  readonly dropLast: boolean
  epoch = 0
  readonly #source: Sized

  constructor(source: Sized, options: DistributedSamplerOptions) {
    super()
    const { numReplicas, rank, shuffle = true, seed = 0, dropLast = false } = options
    if (!(Number.isInteger(numReplicas) && numReplicas > 0)) {
      throw new ValueError(`num_replicas should be a positive integer value, but got ${String(numReplicas)}`)
    }
    if (!(Number.isInteger(rank) && rank >= 0 && rank < numReplicas)) {
      throw new ValueError(
        `Invalid rank ${String(rank)}, rank should be in the interval [0, ${numReplicas - 1}]`,
      )
    }
    this.numReplicas = numReplicas
    this.rank = rank
    this.shuffle = shuffle
    this.seed = seed
    this.dropLast = dropLast
    this.#source = source
  }

  get length(): number {
    const share = this.#source.length / this.numReplicas
    return this.dropLast ? Math.floor(share) : Math.ceil(share)
  }

  /** Chooses the order of the epoch to come. */
  setEpoch(epoch: number): void {
    if (!Number.isSafeInteger(epoch))
      throw new ValueError(`epoch should be an integer, but got ${String(epoch)}`)
    this.epoch = epoch
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    const n = this.#source.length
    const order = this.shuffle ? permutation(new Generator(this.seed + this.epoch), n) : null
    const total = this.length * this.numReplicas
    for (let i = this.rank; i < total; i += this.numReplicas) yield order ? order[i % n] : i % n
  }
}

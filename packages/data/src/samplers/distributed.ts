import { Generator, ValueError } from '@gradus/core'
import { defineOptions, flag, integer, kind, takeArgument, withDefaults } from '@gradus/core/internal'
import { permutation } from './draws.ts'
import { checkedSource, type Sized } from './kinds.ts'
import { Sampler } from './sampler.ts'

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

const table = /* @__PURE__ */ defineOptions<DistributedSamplerOptions>({
  numReplicas: integer(1),
  rank: integer(),
  shuffle: flag,
  seed: integer(),
  dropLast: flag,
})

const stateKind = /* @__PURE__ */ kind<{ epoch: number }>(
  'what stateDict() gives',
  (x) => typeof x === 'object' && x !== null && 'epoch' in x,
)

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
    const taken = withDefaults('DistributedSampler', table, options, {
      shuffle: true,
      seed: 0,
      dropLast: false,
    })
    // without a process group to ask, as PyTorch has one, the two must be given
    const numReplicas = takeArgument(
      'DistributedSampler',
      'numReplicas',
      table.numReplicas,
      taken.numReplicas,
    )
    const rank = takeArgument('DistributedSampler', 'rank', table.rank, taken.rank)
    if (rank < 0 || rank >= numReplicas) {
      throw new ValueError(`Invalid rank ${rank}, rank should be in the interval [0, ${numReplicas - 1}]`)
    }
    this.numReplicas = numReplicas
    this.rank = rank
    this.shuffle = taken.shuffle
    this.seed = taken.seed
    this.dropLast = taken.dropLast
    this.#source = checkedSource('DistributedSampler', source)
  }

  get length(): number {
    const share = this.#source.length / this.numReplicas
    return this.dropLast ? Math.floor(share) : Math.ceil(share)
  }

  /** The epoch, for a loader's state. */
  stateDict(): { epoch: number } {
    return { epoch: this.epoch }
  }

  loadStateDict(state: { epoch: number }): void {
    this.setEpoch(takeArgument('loadStateDict', 'state', stateKind, state).epoch)
  }

  /** Chooses the order of the epoch to come. */
  setEpoch(epoch: number): void {
    this.epoch = takeArgument('setEpoch', 'epoch', integer(), epoch)
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    const n = this.#source.length
    const order = this.shuffle ? permutation(new Generator(this.seed + this.epoch), n) : null
    const total = this.length * this.numReplicas
    for (let i = this.rank; i < total; i += this.numReplicas) yield order ? order[i % n] : i % n
  }
}

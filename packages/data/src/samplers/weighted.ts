import type { Generator } from '@gradus/core'
import { multinomial, tensor, Tensor, ValueError } from '@gradus/core'
import { defineOptions, flag, takeArgument, withDefaults } from '@gradus/core/internal'
import { countKind, generatorKind } from './kinds.ts'
import { Sampler } from './sampler.ts'

/** Options of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Whether a position may come again; true by default. */
  replacement?: boolean
  /** Where draws come from; the default generator by default. */
  generator?: Generator
}

const table = /* @__PURE__ */ defineOptions<WeightedRandomSamplerOptions>({
  replacement: flag,
  generator: generatorKind,
})

/**
 * Positions drawn with probabilities in proportion to weights, as PyTorch draws them from the same seed.
 *
 * @param weights - one per position, not negative; they need not add up to 1
 * @param numSamples - how many positions an iteration gives
 * @throws ValueError for weights in more than one axis, or a count that is not positive
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 * @example
 * Array.from(new g.utils.data.WeightedRandomSampler([0, 1, 0], 2)) // => [1, 1]
 */
export class WeightedRandomSampler extends Sampler {
  /** [n], float64 */
  readonly weights: Tensor
  readonly length: number
  readonly replacement: boolean
  readonly generator: Generator | null

  constructor(
    weights: Tensor | readonly number[] | Float32Array | Float64Array,
    numSamples: number,
    options?: WeightedRandomSamplerOptions,
  ) {
    super()
    takeArgument('WeightedRandomSampler', 'numSamples', countKind('num_samples'), numSamples)
    const { replacement, generator } = withDefaults('WeightedRandomSampler', table, options, {
      replacement: true,
    })
    this.weights =
      weights instanceof Tensor ? weights.detach().to('float64') : tensor(weights, { dtype: 'float64' })
    if (this.weights.ndim !== 1) {
      const shape = this.weights.shape.join(', ')
      throw new ValueError(`weights should be a 1d sequence but given weights have shape [${shape}]`)
    }
    this.length = numSamples
    this.replacement = replacement
    this.generator = generator ?? null
  }

  *[Symbol.iterator](): globalThis.Generator<number, void> {
    const { weights, length, replacement, generator } = this
    const drawn = multinomial(weights, length, { replacement, ...(generator ? { generator } : {}) })
    for (const index of drawn.readSync()) yield Number(index)
  }
}

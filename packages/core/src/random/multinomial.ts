import { ValueError } from '../base/errors.ts'
import type { FloatArray, FloatDType } from './fill.ts'
import { castTo } from './fill.ts'
import type { Generator } from './generator.ts'
import { exponential } from './uniform.ts'

/**
 * Draws `numSamples` indices of one row of weights: `torch.multinomial`. For a matrix, call it row after row.
 *
 * With replacement each sample takes two draws and a search in the cumulative weights. Without, or for one
 * sample, each category takes two draws, and the largest ratios of weight to an exponential value win, in
 * falling order; of equal ratios (common in half precision) the earlier index comes first, where PyTorch
 * leaves the order open.
 *
 * @param weights - [n], not negative; they need not sum to 1. Float32Array of rounded values for half
 *   precision
 * @throws ValueError if numSamples is not positive, or exceeds n without replacement, n exceeds 2^24,
 *   or a weight is negative, infinite or NaN, or all are zero
 * @see https://pytorch.org/docs/stable/generated/torch.multinomial.html
 * @example
 * multinomial(new Generator(0), new Float32Array([0, 1, 0]), { dtype: 'float32', numSamples: 2, replacement: true })
 * // => Int32Array [1, 1]
 */
export function multinomial(
  generator: Generator,
  weights: FloatArray,
  {
    dtype,
    numSamples,
    replacement = false,
  }: { dtype: FloatDType; numSamples: number; replacement?: boolean },
): Int32Array {
  if (!(numSamples > 0)) throw new ValueError('cannot sample n_sample <= 0 samples')
  if (!replacement && numSamples > weights.length) {
    throw new ValueError('cannot sample n_sample > prob_dist.size(-1) samples without replacement')
  }
  if (weights.length > 2 ** 24) throw new ValueError('number of categories cannot exceed 2^24')
  const withCumulative = replacement && numSamples > 1
  checkWeights(weights, withCumulative)
  return withCumulative
    ? drawCumulative(generator, weights, numSamples)
    : drawLargest(generator, weights, { dtype, numSamples })
}

function checkWeights(weights: FloatArray, withCumulative: boolean): void {
  let sum = 0
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) {
      const found = weight < 0 ? 'entry < 0' : 'entry = infinity or NaN'
      throw new ValueError(
        withCumulative
          ? `invalid multinomial distribution (encountering probability ${found})`
          : 'probability tensor contains either `inf`, `nan` or element < 0',
      )
    }
    sum += weight
  }
  if (!(sum > 0)) throw new ValueError('invalid multinomial distribution (sum of probabilities <= 0)')
}

function drawCumulative(generator: Generator, weights: FloatArray, numSamples: number): Int32Array {
  const n = weights.length
  const cumulative = weights.slice()
  for (let i = 1; i < n; i++) cumulative[i] += cumulative[i - 1]
  const sum = cumulative[n - 1]
  for (let i = 0; i < n; i++) cumulative[i] /= sum
  cumulative[n - 1] = 1
  return new Int32Array(numSamples).map(() => {
    const u = generator.u53()
    let left = 0
    let right = n
    while (left < right) {
      const middle = (left + right) >>> 1
      if (cumulative[middle] < u) left = middle + 1
      else right = middle
    }
    return left
  })
}

function drawLargest(
  generator: Generator,
  weights: FloatArray,
  { dtype, numSamples }: { dtype: FloatDType; numSamples: number },
): Int32Array {
  const cast = castTo(dtype)
  const ratios = weights.slice()
  exponential(generator, ratios, { dtype })
  for (let i = 0; i < weights.length; i++) ratios[i] = cast(weights[i] / ratios[i])
  const order = Int32Array.from(weights, (_, i) => i)
  return order.sort((i, j) => ratios[j] - ratios[i]).slice(0, numSamples)
}

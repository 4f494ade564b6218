import { defaultGenerator, ValueError, type Generator } from '@gradus/core'
import { defineOptions, kind, listOf, takeArgument, warn, withDefaults } from '@gradus/core/internal'
import { generatorKind } from '../samplers/kinds.ts'
import { permutation } from '../samplers/draws.ts'
import { mapStyle, type Dataset } from './dataset.ts'
import { Subset } from './subset.ts'

/** Options of {@link randomSplit}. */
export interface RandomSplitOptions {
  /** Where the order comes from; the default generator by default. */
  generator?: Generator
}

const table = /* @__PURE__ */ defineOptions<RandomSplitOptions>({ generator: generatorKind })

/**
 * Parts of a dataset at random, without overlap.
 *
 * @param lengths - of the parts, or fractions that add up to 1: rounded down, what is left goes to the parts in turn
 * @throws ValueError unless the lengths add up to the dataset's
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 * @example
 * const data = new g.utils.data.TensorDataset(g.arange(10))
 * g.utils.data.randomSplit(data, [0.75, 0.25]).map((part) => part.length) // => [8, 2]
 */
export function randomSplit<T, D extends Dataset<T>>(
  dataset: D & Dataset<T>,
  lengths: readonly number[],
  options?: RandomSplitOptions,
): Subset<T, D>[] {
  const { generator } = withDefaults('randomSplit', table, options, {})
  mapStyle(dataset, 'randomSplit')
  takeArgument('randomSplit', 'lengths', listOf(anyNumber), lengths)
  const sizes = sizesOf(dataset.length, lengths)
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== dataset.length) {
    throw new ValueError('Sum of input lengths does not equal the length of the input dataset!', {
      hint: `the lengths add up to ${total}, the dataset has ${dataset.length} items`,
    })
  }
  const order = permutation(generator ?? defaultGenerator(), total)
  let end = 0
  return sizes.map((size) => new Subset<T, D>(dataset, order.subarray(end, (end += size))))
}

const anyNumber = /* @__PURE__ */ kind<number>('a number', (x) => typeof x === 'number')

function sizesOf(count: number, lengths: readonly number[]): readonly number[] {
  const sum = lengths.reduce((a, b) => a + b, 0)
  const areFractions = lengths.length > 0 && Math.abs(sum - 1) <= 1e-9 && sum <= 1
  if (!areFractions) {
    const wrong = lengths.find((length) => !(Number.isSafeInteger(length) && length >= 0))
    if (wrong === undefined) return lengths
    throw new ValueError(`a length of ${String(wrong)} is neither a number of items nor a fraction`, {
      hint: `the lengths add up to ${sum}: fractions must add up to 1`,
    })
  }
  lengths.forEach((fraction, i) => {
    if (!(fraction >= 0 && fraction <= 1))
      throw new ValueError(`Fraction at index ${i} is not between 0 and 1`)
  })
  const sizes = lengths.map((fraction) => Math.floor(count * fraction))
  const left = count - sizes.reduce((a, b) => a + b, 0)
  for (let i = 0; i < left; i++) sizes[i % sizes.length]++
  sizes.forEach((size, i) => {
    if (size === 0) warn(`Length of split at index ${i} is 0. This might result in an empty dataset.`)
  })
  return sizes
}

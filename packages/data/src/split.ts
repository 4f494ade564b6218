import { defaultGenerator, ValueError, type Generator } from '@gradus/core'
import { Subset, type Dataset } from './dataset.ts'
import { permutation } from './draws.ts'

/**
 * Parts of a dataset at random, without overlap.
 *
 * @param lengths - of the parts, or fractions that add up to 1: rounded down, what is left goes to the parts in turn
 * @throws ValueError unless the lengths add up to the dataset's
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  { generator }: { generator?: Generator } = {},
): Subset<T>[] {
  const sizes = sizesOf(dataset.length, lengths)
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== dataset.length) {
    throw new ValueError('Sum of input lengths does not equal the length of the input dataset!')
  }
  const order = permutation(generator ?? defaultGenerator(), total)
  let end = 0
  return sizes.map((size) => new Subset(dataset, order.slice(end, (end += size))))
}

function sizesOf(count: number, lengths: readonly number[]): readonly number[] {
  const sum = lengths.reduce((a, b) => a + b, 0)
  if (Math.abs(sum - 1) > 1e-9 || lengths.length === 0) return lengths
  lengths.forEach((fraction, i) => {
    if (fraction < 0 || fraction > 1) throw new ValueError(`Fraction at index ${i} is not between 0 and 1`)
  })
  const sizes = lengths.map((fraction) => Math.floor(count * fraction))
  const left = count - sizes.reduce((a, b) => a + b, 0)
  for (let i = 0; i < left; i++) sizes[i % sizes.length]++
  return sizes
}

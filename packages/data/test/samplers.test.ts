import { Generator, manualSeed, rand, setBackend, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  BatchSampler,
  DistributedSampler,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type DistributedSamplerOptions,
} from '../src/index.ts'

setBackend(referenceBackend())

// all numbers from PyTorch 2.13 after torch.manual_seed(3), unless a generator is given
const ten = Array.from({ length: 10 }, (_, i) => i)

test('random samplers give the positions of PyTorch', () => {
  manualSeed(3)
  expect([...new RandomSampler(ten, { replacement: true, numSamples: 40 })]).toEqual([
    7, 8, 5, 1, 8, 6, 2, 2, 3, 9, 8, 6, 2, 5, 5, 4, 2, 5, 8, 4, 1, 8, 5, 1, 3, 1, 7, 4, 2, 1, 1, 5, 3, 3, 7,
    4, 3, 6, 0, 9,
  ])
  manualSeed(3)
  expect([...new RandomSampler(ten, { numSamples: 25 })]).toEqual([
    7, 0, 9, 1, 6, 4, 5, 3, 2, 8, 9, 5, 6, 8, 7, 1, 3, 2, 0, 4, 8, 2, 5, 4, 9,
  ])
  manualSeed(3)
  expect([...new SubsetRandomSampler([5, 6, 7, 8])]).toEqual([7, 8, 6, 5])
})

test('weighted draws, with and without replacement, are those of PyTorch', () => {
  manualSeed(3)
  expect([...new WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3, 0.6], 10)]).toEqual([
    1, 3, 4, 1, 4, 4, 2, 4, 4, 4,
  ])
  const unlike = new WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, { replacement: false })
  expect([...unlike]).toEqual([0, 5, 3, 1, 4])
  const generator = new Generator(11)
  expect([...new WeightedRandomSampler([1, 2, 3, 4], 6, { generator })]).toEqual([1, 3, 3, 3, 2, 1])
  expect([...new WeightedRandomSampler(tensor([1, 2, 3, 4]), 1, { generator })]).toEqual([1])
})

test('weights in two axes, and counts that are not positive, are refused as PyTorch refuses them', () => {
  expect(() => new WeightedRandomSampler(tensor([[1, 2]]), 1)).toThrow(
    'weights should be a 1d sequence but given weights have shape [1, 2]',
  )
  for (const count of [0, -1, 2.5, NaN, Infinity, '3' as unknown as number]) {
    expect(() => new WeightedRandomSampler([1], count)).toThrow(
      `num_samples should be a positive integer value, but got num_samples=${count}`,
    )
    expect(() => new RandomSampler(ten, { numSamples: count })).toThrow('num_samples should be')
    expect(() => new BatchSampler(ten, count, false)).toThrow('batch_size should be')
  }
  expect(() => new RandomSampler([])).toThrow('but got num_samples=0')
})

const distributed = (options: DistributedSamplerOptions): number[][] => {
  const sampler = new DistributedSampler(ten, options)
  const first = [...sampler]
  sampler.setEpoch(2)
  expect(sampler.length).toBe(first.length)
  return [first, [...sampler]]
}

test('each of several programs gets the share that PyTorch gives it, in each epoch', () => {
  expect(distributed({ numReplicas: 3, rank: 1 })).toEqual([
    [1, 3, 8, 4],
    [7, 6, 4, 8],
  ])
  expect(distributed({ numReplicas: 3, rank: 2, dropLast: true })).toEqual([
    [7, 9, 6],
    [1, 9, 2],
  ])
  expect(distributed({ numReplicas: 4, rank: 3, shuffle: false })).toEqual([
    [3, 7, 1],
    [3, 7, 1],
  ])
  expect(distributed({ numReplicas: 3, rank: 0, seed: 5 })).toEqual([
    [1, 6, 0, 7],
    [5, 4, 9, 2],
  ])
  // more programs than items
  expect([...new DistributedSampler([1, 2, 3], { numReplicas: 8, rank: 7 })]).toEqual([0])
})

test('a rank must be one of the replicas', () => {
  expect(() => new DistributedSampler(ten, { numReplicas: 2, rank: 2 })).toThrow(
    'Invalid rank 2, rank should be in the interval [0, 1]',
  )
})

test('a batch sampler keeps or drops the rest, and of nothing makes nothing', () => {
  expect([...new BatchSampler(new SequentialSampler([1, 2, 3]), 2, false)]).toEqual([[0, 1], [2]])
  expect([...new BatchSampler(new SequentialSampler([1, 2, 3]), 2, true)]).toEqual([[0, 1]])
  expect([...new BatchSampler(new SequentialSampler([]), 2, false)]).toEqual([])
})

test('a batch sampler takes any iterable, and has a length if that has one', () => {
  expect([...new BatchSampler(new Set([5, 6, 7]), 2, false)]).toEqual([[5, 6], [7]])
  expect(() => new BatchSampler(new Set([5]), 2, false).length).toThrow('the sampler has no length')
})

test('a sampler of the user is a class that extends Sampler, or anything alike', () => {
  class Odd extends Sampler {
    length = 2;
    override *[Symbol.iterator]() {
      yield* [1, 3]
    }
  }
  const alike: Sampler = { length: 1, [Symbol.iterator]: () => [1].values() }
  expect([...new BatchSampler(new Odd(), 2, false), ...new BatchSampler(alike, 2, false)]).toEqual([
    [1, 3],
    [1],
  ])
})

test('a sampler that is left early does not draw what PyTorch has not drawn', () => {
  manualSeed(3)
  for (const i of new RandomSampler(ten)) {
    expect(i).toBe(7)
    break
  }
  // torch.manual_seed(3); next(iter(RandomSampler(range(10)))); torch.rand(1)
  expect(rand(1).item()).toBe(0.2858424782752991)
})

test('options and arguments of another kind are refused by name', () => {
  const random = RandomSampler as unknown as new (...args: unknown[]) => unknown
  expect(() => new random(ten, { num_samples: 3 })).toThrow("RandomSampler has no option 'num_samples'")
  expect(() => new random(ten, true)).toThrow(
    'RandomSampler takes options as one object: { replacement: true }',
  )
  expect(() => new random(ten, { generator: 4 })).toThrow('generator must be a Generator')
  expect(() => new random(10)).toThrow('source must be a dataset or an array')
  const subset = SubsetRandomSampler as unknown as new (...args: unknown[]) => unknown
  expect(() => new subset(4)).toThrow('SubsetRandomSampler: indices must be an array')
  const weighted = WeightedRandomSampler as unknown as new (...args: unknown[]) => unknown
  expect(() => new weighted([1], 1, false)).toThrow('{ replacement: false }')
  const shared = DistributedSampler as unknown as new (...args: unknown[]) => unknown
  expect(() => new shared(ten)).toThrow(
    'DistributedSampler: numReplicas must be an integer of at least 1, got undefined',
  )
  expect(() => new shared(ten, { numReplicas: 2.5, rank: 0 })).toThrow('numReplicas must be an integer')
  expect(() => new shared(ten, { num_replicas: 2 })).toThrow('did you mean numReplicas?')
})

import { Generator, manualSeed, rand, setBackend, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { DataLoader, SequentialSampler, TensorDataset } from '../src/index.ts'

setBackend(referenceBackend())

// all numbers from PyTorch 2.13 after torch.manual_seed(3), unless a generator is given
const ten = Array.from({ length: 10 }, (_, i) => i)

test('a shuffled loader gives the batches of PyTorch, another order each time, and draws as many numbers', () => {
  manualSeed(3)
  const loader = new DataLoader(ten, { batchSize: 4, shuffle: true })
  const epochs = [0, 1].map(() => Array.from(loader, (x) => x.tolist()))
  expect(epochs).toEqual([
    [
      [6, 2, 0, 1],
      [8, 3, 5, 4],
      [7, 9],
    ],
    [
      [3, 4, 0, 9],
      [6, 7, 1, 2],
      [5, 8],
    ],
  ])
  expect(rand(1).item()).toBe(0.5944212079048157)
})

test('a loader with a generator draws from it alone and drops the last batch if asked', () => {
  const generator = new Generator(9)
  const loader = new DataLoader(ten, { batchSize: 4, shuffle: true, generator, dropLast: true })
  const epochs = [0, 1].map(() => Array.from(loader, (x) => x.tolist()))
  expect(epochs).toEqual([
    [
      [4, 6, 8, 1],
      [5, 2, 7, 9],
    ],
    [
      [8, 7, 0, 2],
      [3, 1, 6, 9],
    ],
  ])
  expect(loader.length).toBe(2)
})

test('a loader that does not shuffle draws one seed per iteration, as PyTorch does', () => {
  manualSeed(3)
  for (const x of new DataLoader(ten, { batchSize: 4 })) expect(x.ndim).toBe(1)
  expect(rand(1).item()).toBe(0.2858424782752991)
})

test('a collateFn replaces the default, whatever the dataset', () => {
  const data = new TensorDataset(tensor([1, 2, 3]))
  const loader = new DataLoader(data, { batchSize: 2, collateFn: (items) => items.length })
  expect([...loader]).toEqual([2, 1])
})

test('options that exclude each other are errors', () => {
  const sampler = new SequentialSampler(ten)
  expect(() => new DataLoader(ten, { sampler, shuffle: true })).toThrow(
    'sampler option is mutually exclusive with shuffle',
  )
  expect(() => new DataLoader(ten, { batchSampler: [[0]], batchSize: 2 })).toThrow('mutually exclusive')
  expect(() => new DataLoader(ten, { batchSize: 0 })).toThrow(
    'batch_size should be a positive integer value, but got batch_size=0',
  )
})

import { arange, Generator, manualSeed, ones, rand, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  BatchSampler,
  DataLoader,
  defaultCollate,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
} from '../src/index.ts'

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

test('a random split takes lengths or fractions and gives the parts of PyTorch', () => {
  const data = new TensorDataset(arange(10))
  manualSeed(3)
  expect(randomSplit(data, [3, 7]).map((part) => part.indices)).toEqual([
    [6, 0, 3],
    [7, 8, 5, 1, 9, 2, 4],
  ])
  manualSeed(3)
  expect(randomSplit(data, [0.25, 0.25, 0.5]).map((part) => part.indices)).toEqual([
    [6, 0, 3],
    [7, 8],
    [5, 1, 9, 2, 4],
  ])
  expect(() => randomSplit(data, [3, 3])).toThrow(
    'Sum of input lengths does not equal the length of the input dataset!',
  )
})

test('a tensor dataset gives slices, and batches in one piece', () => {
  const data = new TensorDataset(arange(6).reshape(3, 2), tensor([7, 8, 9]))
  expect(data.get(1).map((x) => x.tolist())).toEqual([[2, 3], 8])
  const [first] = new DataLoader(data, { batchSize: 2 })
  expect(first.map((x) => x.tolist())).toEqual([
    [
      [0, 1],
      [2, 3],
    ],
    [7, 8],
  ])
  expect(() => new TensorDataset(ones(2), ones(3))).toThrow('Size mismatch between tensors')
})

test('a subset batches through its dataset', () => {
  const data = new Subset(new TensorDataset(arange(5)), [4, 2, 0])
  const batches = Array.from(new DataLoader(data, { batchSize: 2 }), ([x]) => x.tolist())
  expect(batches).toEqual([[4, 2], [0]])
  expect(data.get(1)[0].item()).toBe(2)
})

test('a batch sampler keeps or drops the rest, and of nothing makes nothing', () => {
  expect([...new BatchSampler(new SequentialSampler([1, 2, 3]), 2, false)]).toEqual([[0, 1], [2]])
  expect([...new BatchSampler(new SequentialSampler([1, 2, 3]), 2, true)]).toEqual([[0, 1]])
  expect([...new BatchSampler(new SequentialSampler([]), 2, false)]).toEqual([])
})

test('items of arrays and objects are collated part by part', () => {
  const batch = defaultCollate([
    { x: ones(2), label: [1, true] as [number, boolean], name: 'a' },
    { x: ones(2), label: [2, false] as [number, boolean], name: 'b' },
  ])
  expect(batch.x.shape).toEqual([2, 2])
  expect(batch.label.map((t) => (t as Tensor).dtype)).toEqual(['float32', 'bool'])
  expect(batch.name).toEqual(['a', 'b'])
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
  expect(() => new RandomSampler([])).toThrow(
    'num_samples should be a positive integer value, but got num_samples=0',
  )
})

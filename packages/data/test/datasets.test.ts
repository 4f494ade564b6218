import { arange, manualSeed, ones, setBackend, setWarningHandler, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  ChainDataset,
  ConcatDataset,
  Dataset,
  DataLoader,
  IterableDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} from '../src/index.ts'

setBackend(referenceBackend())

class Squares extends Dataset<number> {
  readonly length: number
  constructor(length: number) {
    super()
    this.length = length
  }
  get(index: number): number {
    return index * index
  }
}

class Later implements Dataset<number> {
  readonly length = 3
  async get(index: number): Promise<number> {
    return index
  }
}

class Count extends IterableDataset<number> {
  readonly to: number
  constructor(to: number) {
    super()
    this.to = to
  }
  override get length() {
    return this.to
  }
  override *[Symbol.iterator]() {
    for (let i = 0; i < this.to; i++) yield i
  }
}

class CountLater extends IterableDataset<number> {
  override async *[Symbol.asyncIterator]() {
    yield* [7, 8]
  }
}

test('a tensor dataset gives slices, and batches in one piece', () => {
  const data = new TensorDataset(arange(6).reshape(3, 2), tensor([7, 8, 9]))
  expect(data.get(1).map((x) => x.tolist())).toEqual([[2, 3], 8])
  expect(data.get(-1).map((x) => x.tolist())).toEqual([[4, 5], 9])
  expect(data.batch([2, 0])[1].tolist()).toEqual([9, 7])
})

test('a tensor dataset says what is wrong with what it gets', () => {
  expect(() => new TensorDataset(ones(2), ones(3))).toThrow('Size mismatch between tensors')
  expect(() => new TensorDataset(ones(2), ones(3, 1))).toThrow('their shapes are [2] and [3, 1]')
  expect(() => new TensorDataset(tensor(1))).toThrow('Size mismatch between tensors')
  expect(() => new TensorDataset()).toThrow('at least one tensor')
  const untyped = TensorDataset as unknown as new (x: unknown) => unknown
  expect(() => new untyped([1, 2])).toThrow('a TensorDataset takes tensors, not an array')
})

test('a position that is not one of the dataset is refused, wherever positions are taken', () => {
  const data = new TensorDataset(arange(3))
  for (const index of [3, -4, 1.5, NaN, '1' as unknown as number]) {
    const named = typeof index === 'string' ? `'${String(index)}'` : index
    const message = `index ${named} is out of range for a dataset of 3 items`
    expect(() => data.get(index)).toThrow(message)
    expect(() => data.batch([index])).toThrow(message)
    expect(() => new Subset(data, [index])).toThrow(message)
    expect(() => new Subset(data, [0, 1, 2]).get(index)).toThrow(message)
    expect(() => new Subset(data, [0, 1, 2]).batch!([index])).toThrow(message)
    expect(() => new ConcatDataset([data]).get(index)).toThrow(message)
    expect(() => new StackDataset(data).get(index)).toThrow(message)
  }
})

test('a subset batches through its dataset', () => {
  const data = new Subset(new TensorDataset(arange(5)), [4, 2, 0])
  const batches = Array.from(new DataLoader(data, { batchSize: 2 }), ([x]) => x.tolist())
  expect(batches).toEqual([[4, 2], [0]])
  expect(data.get(1)[0].item()).toBe(2)
  expect(new Subset(data, [2]).get(0)[0].item()).toBe(0)
})

test('a class that overrides get has its items in batches too', () => {
  class Negative extends TensorDataset<[Tensor]> {
    override get(index: number): [Tensor] {
      return [super.get(index)[0].neg()]
    }
  }
  class Doubled extends Subset<[Tensor], TensorDataset<[Tensor]>> {
    override get(index: number): [Tensor] {
      return [super.get(index)[0].mul(2)]
    }
  }
  const batch = (data: Dataset<[Tensor]>) =>
    Array.from(new DataLoader(data, { batchSize: 2 }), ([x]) => x.tolist())
  expect(batch(new Negative(tensor([1, 2])))).toEqual([[-1, -2]])
  expect(batch(new Doubled(new TensorDataset(tensor([1, 2])), [1, 0]))).toEqual([[4, 2]])
})

test('datasets one after the other are one', () => {
  const data = new ConcatDataset([new Squares(3), new Squares(0), new Squares(2)])
  expect(data.length).toBe(5)
  expect(data.cumulativeSizes).toEqual([3, 3, 5])
  expect([0, 1, 2, 3, 4, -1, -5].map((i) => data.get(i))).toEqual([0, 1, 4, 0, 1, 1, 0])
  expect(() => new ConcatDataset([])).toThrow('datasets should not be an empty iterable')
  expect(() => new ConcatDataset([new Count(3) as unknown as Squares])).toThrow(
    'ConcatDataset does not support IterableDataset',
  )
})

test('datasets side by side are stacked by place or by name', async () => {
  const placed = new StackDataset(new Squares(4), new Squares(4))
  expect(placed.get(3)).toEqual([9, 9])
  const named = new StackDataset({ x: new Squares(4), y: new Squares(4) })
  expect(named.get(2)).toEqual({ x: 4, y: 4 })
  expect(await new StackDataset({ x: new Squares(3), y: new Later() }).get(2)).toEqual({ x: 4, y: 2 })
  expect(() => new StackDataset(new Squares(3), new Squares(4))).toThrow('Size mismatch between datasets')
  expect(() => new StackDataset({})).toThrow('At least one dataset should be passed')
})

test('stacked datasets that make batches are batched so', () => {
  let items = 0
  class Counted extends TensorDataset<[Tensor]> {
    override get(index: number): [Tensor] {
      items++
      return super.get(index)
    }
    override batch(indices: readonly number[]): [Tensor] {
      return super.batch(indices)
    }
  }
  const data = new StackDataset({ x: new Counted(tensor([1, 2])), y: new Counted(tensor([3, 4])) })
  const [batch] = new DataLoader(data, { batchSize: 2 })
  expect([batch.x[0].tolist(), batch.y[0].tolist()]).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(items).toBe(0)
})

test('iterable datasets are chained, at once or asynchronously', async () => {
  const chain = new ChainDataset([new Count(2), new Count(1)])
  expect([...chain]).toEqual([0, 1, 0])
  expect(chain.length).toBe(3)
  const mixed = new ChainDataset([new Count(1), new CountLater()])
  expect(mixed.length).toBe(undefined)
  const found: number[] = []
  for await (const x of mixed) found.push(x)
  expect(found).toEqual([0, 7, 8])
  expect(() => [...mixed]).toThrow('for await')
  expect(() => new ChainDataset([new Squares(2) as unknown as Count])).toThrow(
    'ChainDataset only supports IterableDataset',
  )
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
  // 0.7 + 0.2 + 0.1 is not 1 in floating point
  expect(randomSplit(data, [0.7, 0.2, 0.1]).map((part) => part.length)).toEqual([7, 2, 1])
})

test('lengths that do not fit the dataset are refused, parts without items warned of', () => {
  const data = new TensorDataset(arange(10))
  expect(() => randomSplit(data, [3, 3])).toThrow(
    'Sum of input lengths does not equal the length of the input dataset!',
  )
  expect(() => randomSplit(data, [1.5, -0.5])).toThrow('Fraction at index 0 is not between 0 and 1')
  expect(() => randomSplit(data, [0.5, 0.4])).toThrow('neither a number of items nor a fraction')
  expect(() => randomSplit(data, [NaN, 10])).toThrow('a length of NaN')
  expect(() => randomSplit(data, [11, -1])).toThrow('a length of -1')
  const warnings: string[] = []
  const before = setWarningHandler((message) => warnings.push(message))
  randomSplit(new TensorDataset(arange(1)), [0.5, 0.5])
  setWarningHandler(before)
  expect(warnings).toEqual(['Length of split at index 1 is 0. This might result in an empty dataset.'])
})

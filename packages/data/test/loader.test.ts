import {
  Generator,
  getRngState,
  manualSeed,
  rand,
  setBackend,
  setRngState,
  tensor,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  BatchSampler,
  DataLoader,
  IterableDataset,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
  type DataLoaderState,
  type Dataset,
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

class Later implements Dataset<[number, string]> {
  readonly length = 5
  asked: number[] = []
  async get(index: number): Promise<[number, string]> {
    this.asked.push(index)
    await new Promise((resolve) => setTimeout(resolve, 5 - index))
    return [index, `item ${index}`]
  }
}

async function all<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const batch of batches) found.push(batch)
  return found
}

test('a dataset whose get is async gives its items, in order, to for await', async () => {
  const batches = await all(new DataLoader(new Later(), { batchSize: 2 }))
  expect(batches.map(([x, names]) => [x.tolist(), names])).toEqual([
    [
      [0, 1],
      ['item 0', 'item 1'],
    ],
    [
      [2, 3],
      ['item 2', 'item 3'],
    ],
    [[4], ['item 4']],
  ])
})

test('a loop that does not wait for an async dataset is told to', () => {
  expect(() => [...new DataLoader(new Later())]).toThrow(
    'write `for await (const batch of loader)` in place of `for (const batch of loader)`',
  )
  const promises = new DataLoader([Promise.resolve(1)])
  expect(() => [...promises]).toThrow('for await')
  const collateFn = async (items: number[]): Promise<number[]> => items
  expect(() => [...new DataLoader(ten, { collateFn })]).toThrow('for await')
})

test('for await takes datasets that do not need it, and draws the same', async () => {
  manualSeed(3)
  const now = Array.from(new DataLoader(ten, { batchSize: 4, shuffle: true }), (x) => x.tolist())
  const after = rand(1).item()
  manualSeed(3)
  const later = (await all(new DataLoader(ten, { batchSize: 4, shuffle: true }))).map((x) => x.tolist())
  expect(later).toEqual(now)
  expect(rand(1).item()).toBe(after)
})

test('prefetching asks for as many batches ahead as it is told', async () => {
  const data = new Later()
  const asked: number[] = []
  for await (const _ of new DataLoader(data, { prefetchFactor: 2 })) asked.push(data.asked.length)
  expect(asked).toEqual([3, 4, 5, 5, 5])
  const lazy = new Later()
  const lazily: number[] = []
  for await (const _ of new DataLoader(lazy)) lazily.push(lazy.asked.length)
  expect(lazily).toEqual([1, 2, 3, 4, 5])
})

test('an error of get reaches the loop, after the batches before it', async () => {
  const failing: Dataset<number> = {
    length: 6,
    get: async (i) => {
      if (i >= 3) throw new RangeError(`item ${i} is broken`)
      return i
    },
  }
  const found: unknown[] = []
  const run = async (): Promise<void> => {
    for await (const x of new DataLoader(failing, { batchSize: 2, prefetchFactor: 2 })) found.push(x.tolist())
  }
  await expect(run()).rejects.toThrow('item 3 is broken')
  expect(found).toEqual([[0, 1]])
})

test('iterable datasets and anything that can be iterated over are batched', async () => {
  class Stream extends IterableDataset<number> {
    closed = 0;
    override *[Symbol.iterator]() {
      try {
        yield* [1, 2, 3]
      } finally {
        this.closed++
      }
    }
  }
  const stream = new Stream()
  expect(Array.from(new DataLoader(stream, { batchSize: 2 }), (x) => x.tolist())).toEqual([[1, 2], [3]])
  expect(Array.from(new DataLoader(stream, { batchSize: 2, dropLast: true }), (x) => x.tolist())).toEqual([
    [1, 2],
  ])
  for (const _ of new DataLoader(stream)) break
  for await (const _ of new DataLoader(stream, { prefetchFactor: 1 })) break
  expect(stream.closed).toBe(4)
  async function* later(): AsyncGenerator<number> {
    yield* [4, 5, 6]
  }
  expect(
    (await all(new DataLoader(later(), { batchSize: 2, prefetchFactor: 3 }))).map((x) => x.tolist()),
  ).toEqual([[4, 5], [6]])
  expect(() => [...new DataLoader(later())]).toThrow('for await')
  expect(Array.from(new DataLoader(new Set([7, 8])), (x) => x.tolist())).toEqual([[7], [8]])
  expect(() => new DataLoader(stream).length).toThrow('the iterable dataset has no length')
  for (const name of ['shuffle', 'sampler', 'batch_sampler'] as const) {
    const options = {
      shuffle: { shuffle: true },
      sampler: { sampler: [1] },
      batch_sampler: { batchSampler: [[1]] },
    }
    expect(() => new DataLoader(stream, options[name])).toThrow(
      `DataLoader with IterableDataset: expected unspecified ${name} option`,
    )
  }
})

test('rows of a tensor, and elements of a typed array, are items', () => {
  const rows = new DataLoader(tensor([[1, 2], [3, 4], [5, 6]]), { batchSize: 2 }) // prettier-ignore
  expect(Array.from(rows, (x) => x.tolist())).toEqual([
    [
      [1, 2],
      [3, 4],
    ],
    [[5, 6]],
  ])
  expect(Array.from(new DataLoader(Float32Array.of(1, 2) as unknown as number[]), (x) => x.tolist())).toEqual(
    [[1], [2]],
  )
})

test('a sampler that gives other positions than the dataset has is an error', () => {
  for (const position of [10, 0.5, NaN]) {
    expect(() => [...new DataLoader(ten, { sampler: [position] })]).toThrow(
      `index ${position} is out of range`,
    )
  }
  expect(() => [...new DataLoader(ten, { batchSampler: [3] as never })]).toThrow(
    'a batchSampler gives arrays',
  )
})

const untyped = DataLoader as unknown as new (items: unknown, options?: unknown) => DataLoader<number>

test('unknown options, options of another kind and things without items are refused by name', () => {
  const refused = (options: unknown, ...words: string[]) => {
    for (const word of words) expect(() => new untyped(ten, options)).toThrow(word)
  }
  refused({ batch_size: 2 }, "DataLoader has no option 'batch_size'", 'did you mean batchSize?')
  refused({ num_workers: 2 }, 'did you mean numWorkers?')
  refused(2, 'DataLoader takes options as one object: { batchSize: 2 }')
  refused({ batchSize: 2.5 }, 'batch_size should be a positive integer value, but got batch_size=2.5')
  refused({ batchSize: null }, 'batch_size should be a positive integer value')
  refused({ shuffle: 'yes' }, "shuffle must be a boolean, got 'yes'")
  refused({ generator: 3 }, 'generator must be a Generator')
  refused({ collateFn: {} }, 'collateFn must be a function')
  refused({ numWorkers: -1 }, 'numWorkers must be an integer from 0')
  refused({ prefetchFactor: Infinity }, 'prefetchFactor must be an integer')
  refused({ sampler: 3 }, 'sampler must be a sampler to iterate over')
  expect(new untyped(ten, { batchSize: undefined, shuffle: undefined }).length).toBe(10)
  for (const items of [undefined, null, 5, 'abc', {}, () => 1, { get: () => 1 }]) {
    expect(() => new untyped(items)).toThrow(/dataset/)
  }
})

/** Batches of one epoch, and the state after some of them, through JSON. */
function cut<T>(loader: DataLoader<T, Tensor>, at: number): { batches: unknown[]; state: DataLoaderState } {
  const batches: unknown[] = []
  let state = loader.stateDict()
  for (const x of loader) {
    batches.push(x.tolist())
    rand(1) // the loop draws too
    if (batches.length === at) state = JSON.parse(JSON.stringify(loader.stateDict())) as DataLoaderState
  }
  return { batches, state }
}

const loaders: Record<string, () => DataLoader<number, Tensor>> = {
  'in order': () => new DataLoader(ten, { batchSize: 3 }),
  shuffled: () => new DataLoader(ten, { batchSize: 3, shuffle: true }),
  'with a generator of its own': () =>
    new DataLoader(ten, { batchSize: 3, shuffle: true, generator: new Generator(4) }),
  'with a sampler that draws in pieces': () =>
    new DataLoader(ten, {
      batchSize: 7,
      sampler: new RandomSampler(ten, { replacement: true, numSamples: 90, generator: new Generator(6) }),
    }),
  'with weights': () => new DataLoader(ten, { batchSize: 2, sampler: new WeightedRandomSampler(ten, 12) }),
  'with a batch sampler': () =>
    new DataLoader(ten, {
      batchSampler: new BatchSampler(new SubsetRandomSampler([1, 2, 3, 4, 5]), 2, false),
    }),
}

for (const [name, make] of Object.entries(loaders)) {
  test(`a loader ${name} goes on after any batch, and with the epochs after it, to the bit`, () => {
    for (let at = 1; at <= make().length; at++) {
      manualSeed(3)
      const loader = make()
      for (const _ of loader) rand(1)
      const { batches, state } = cut(loader, at)
      const next = cut(loader, 1).batches
      // another program: another seed, and a generator that is set when the loop goes on
      manualSeed(3)
      const same = make()
      for (const _ of same) rand(1)
      let after: Uint8Array | undefined
      let seen = 0
      for (const _ of same) {
        rand(1)
        if (++seen === at) after = getRngState()
      }
      manualSeed(77)
      const resumed = make()
      resumed.loadStateDict(state)
      expect(resumed.stateDict()).toEqual(state)
      setRngState(after!)
      const rest = Array.from(resumed, (x) => {
        rand(1)
        return x.tolist()
      })
      expect(rest).toEqual(batches.slice(at))
      expect(cut(resumed, 1).batches).toEqual(next)
    }
  })
}

test('a state between epochs goes on with the next one', () => {
  const make = () => new DataLoader(ten, { batchSize: 3, shuffle: true, generator: new Generator(4) })
  const loader = make()
  for (const _ of loader) void _
  const state = loader.stateDict()
  expect(state).toMatchObject({ batches: 0, start: null })
  const next = cut(loader, 1).batches
  const resumed = make()
  resumed.loadStateDict(state)
  expect(cut(resumed, 1).batches).toEqual(next)
})

test('an iterable dataset resumes where it was', async () => {
  const make = () => new DataLoader(new Set(ten), { batchSize: 3 })
  const { batches, state } = cut(make(), 2)
  const resumed = make()
  resumed.loadStateDict(state)
  expect(Array.from(resumed, (x) => x.tolist())).toEqual(batches.slice(2))
  const later = make()
  later.loadStateDict(state)
  expect((await all(later)).map((x) => x.tolist())).toEqual(batches.slice(2))
})

test('an async loader that prefetches counts the batches that the loop has had', async () => {
  const make = () => new DataLoader(new Later(), { shuffle: true, prefetchFactor: 3 })
  manualSeed(1)
  const loader = make()
  const names: string[][] = []
  let state: DataLoaderState | undefined
  for await (const [, name] of loader) {
    names.push(name)
    if (names.length === 2) state = loader.stateDict()
  }
  const resumed = make()
  resumed.loadStateDict(state!)
  expect((await all(resumed)).map(([, name]) => name)).toEqual(names.slice(2))
})

test('what an item draws from its context is the same however it is loaded', async () => {
  const drawing: Dataset<number> = { length: 6, get: (_, context) => context!.generator.u24() }
  const draws = async (options: object, later: boolean) => {
    manualSeed(2)
    const loader = new DataLoader(drawing, { batchSize: 4, shuffle: true, ...options })
    return (later ? await all(loader) : [...loader]).flatMap((x) => x.tolist())
  }
  const now = await draws({}, false)
  expect(new Set(now).size).toBe(6)
  expect(await draws({ prefetchFactor: 2 }, true)).toEqual(now)
})

test('a state that does not fit is refused, and nothing changes', () => {
  const loader = new DataLoader(ten, { batchSize: 3, shuffle: true, generator: new Generator(4) })
  const { state } = cut(loader, 2)
  const refused = (other: unknown, message: string) => {
    const before = loader.stateDict()
    expect(() => loader.loadStateDict(other as DataLoaderState)).toThrow(message)
    expect(loader.stateDict()).toEqual(before)
  }
  for (const other of [undefined, null, 3, {}, [], { ...state, version: 2 }, { ...state, batches: -1 }]) {
    refused(other, 'not the state of a DataLoader')
  }
  refused(
    { ...state, items: 9 },
    'the state is of 9 items in batches of 3, the loader has 10 in batches of 3',
  )
  refused({ ...state, batchSize: 4 }, 'in batches of 4')
  refused({ ...state, generators: [] }, 'a loader with 0 generators')
  refused({ ...state, generators: ['!'] }, 'is not base64')
  refused({ ...state, start: 'AAAA' }, 'RNG state size')
})

test('a sampler of the user that has a state keeps it', () => {
  class Counting extends Sampler {
    readonly length = 4
    epoch = 0;
    override *[Symbol.iterator]() {
      const start = this.epoch++
      for (let i = 0; i < 4; i++) yield (start + i) % 10
    }
    stateDict(): number {
      return this.epoch
    }
    loadStateDict(state: number): void {
      this.epoch = state
    }
  }
  const loader = new DataLoader(ten, { sampler: new Counting() })
  for (const _ of loader) void _
  const { batches, state } = cut(loader, 2)
  const resumed = new DataLoader(ten, { sampler: new Counting() })
  resumed.loadStateDict(state)
  expect(Array.from(resumed, (x) => x.tolist())).toEqual(batches.slice(2))
})

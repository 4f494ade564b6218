import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { defaultGenerator, manualSeed, setBackend, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  DataLoader,
  IterableDataset,
  WorkerError,
  type DataLoaderOptions,
  type DataLoaderState,
} from '../src/index.ts'
import type { Wish } from './fixtures/numbers-worker.ts'

vi.setConfig({ testTimeout: 60_000 })
setBackend(referenceBackend())

const folder = mkdtempSync(join(tmpdir(), 'gradus-workers-'))
const worker = pathToFileURL(join(folder, 'numbers-worker.mjs'))
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const bundle = (entry: string, outfile: string) =>
  build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' })
beforeAll(async () => {
  await bundle(here('fixtures/numbers-worker.ts'), fileURLToPath(worker))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Batch {
  x: Tensor
  index: Tensor
  half: Tensor
  even: Tensor
  name: string[]
  seeded: Tensor
  drawn: Tensor
  worker: Tensor
}

type Options = DataLoaderOptions<unknown, Batch>

function loaderOf(wish: Wish, options: Options): DataLoader<unknown, Batch> {
  const items =
    wish.kind === 'iterable'
      ? new (class extends IterableDataset<unknown> {})()
      : { length: wish.length, get: () => 0 }
  if (wish.kind === 'iterable') Object.defineProperty(items, Symbol.iterator, { value: () => [].values() })
  return new DataLoader<unknown, Batch>(items, { numWorkers: 2, worker, workerArgs: [wish], ...options })
}

/** What each batch holds, without the number of the worker. */
const content = ({ x, index, half, even, name, seeded, drawn }: Batch): unknown[] => [
  x.tolist(),
  index.tolist(),
  [half.dtype, half.tolist()],
  even.tolist(),
  name,
  seeded.tolist(),
  drawn.tolist(),
]

async function all<T, B>(loader: DataLoader<T, B>): Promise<B[]> {
  const batches: B[] = []
  for await (const batch of loader) batches.push(batch)
  return batches
}

test('batches of workers come in order, hold all dtypes, and do not depend on how many workers there are', async () => {
  const epochs = [1, 3].map(async (numWorkers) => {
    const loader = loaderOf({ length: 11 }, { batchSize: 3, shuffle: true, numWorkers })
    return all(loader)
  })
  // one after the other: both draw from the default generator
  manualSeed(5)
  const one = await epochs[0]
  expect(one).toHaveLength(4)
  const three = await epochs[1]
  expect(three.map(({ index }) => index.dtype)).toEqual(['int64', 'int64', 'int64', 'int64'])
  expect(new Set(three.flatMap((batch) => batch.worker.tolist() as number[]))).toEqual(new Set([0, 1, 2]))
  manualSeed(5)
  const [a, b] = [
    await all(loaderOf({ length: 11 }, { batchSize: 3, shuffle: true, numWorkers: 1 })),
    defaultGenerator().random(),
  ]
  manualSeed(5)
  const [c, d] = [
    await all(loaderOf({ length: 11 }, { batchSize: 3, shuffle: true, numWorkers: 3 })),
    defaultGenerator().random(),
  ]
  expect(c.map(content)).toEqual(a.map(content))
  expect(d).toBe(b)
})

test('the order is that of a loader without workers', async () => {
  manualSeed(5)
  const orders = Array.from(new DataLoader([0, 1, 2, 3, 4, 5, 6], { batchSize: 2, shuffle: true }), (x) =>
    x.tolist(),
  )
  manualSeed(5)
  const batches = await all(loaderOf({ length: 7 }, { batchSize: 2, shuffle: true }))
  expect(batches.map(({ index }) => index.tolist())).toEqual(orders)
})

test('a loader that is resumed in another program gives the same batches, with another number of workers', async () => {
  manualSeed(8)
  const options: Options = { batchSize: 2, shuffle: true }
  const wish = { length: 13 }
  const whole: unknown[] = []
  let state: unknown = null
  const loader = loaderOf(wish, options)
  for await (const batch of loader) {
    whole.push(content(batch))
    if (whole.length === 3) state = JSON.parse(JSON.stringify(loader.stateDict()))
  }
  manualSeed(99)
  for (const numWorkers of [1, 3]) {
    const again = loaderOf(wish, { ...options, numWorkers })
    again.loadStateDict(state as never)
    const before = defaultGenerator().getState()
    expect((await all(again)).map(content)).toEqual(whole.slice(3))
    expect(defaultGenerator().getState()).toEqual(before)
  }
})

test('workers share out an iterable dataset, and one that has ended leaves the others their turns', async () => {
  const orders = async (length: number, options: Options) =>
    (await all(loaderOf({ kind: 'iterable', length }, options))).map((x) => (x as unknown as Tensor).tolist())
  // PyTorch 2.13 gives the same for a dataset that shares out by get_worker_info
  expect(await orders(10, { batchSize: 2 })).toEqual([[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]])
  expect(await orders(7, { batchSize: 2, numWorkers: 3 })).toEqual([[0, 3], [1, 4], [2, 5], [6]])
  expect(await orders(7, { batchSize: 2, dropLast: true })).toEqual([
    [0, 2],
    [1, 3],
    [4, 6],
  ])
  expect(await orders(0, {})).toEqual([])
})

test('an iterable dataset in workers resumes where it was', async () => {
  const loader = loaderOf({ kind: 'iterable', length: 9 }, { batchSize: 2 })
  let state: DataLoaderState | undefined
  for await (const _ of loader) {
    state = loader.stateDict()
    if (state.batches === 2) break
  }
  const again = loaderOf({ kind: 'iterable', length: 9 }, { batchSize: 2 })
  again.loadStateDict(state!)
  expect((await all(again)).map((x) => (x as unknown as Tensor).tolist())).toEqual([[4, 6], [5, 7], [8]])
})

test('a collateFn gets the items of the workers', async () => {
  const loader = new DataLoader<{ index: number }, number[]>(
    { length: 3, get: () => ({ index: -1 }) },
    {
      numWorkers: 2,
      worker,
      workerArgs: [{ length: 3 }],
      batchSize: 2,
      collateFn: (items) => items.map(({ index }) => index),
    },
  )
  expect(await all(loader)).toEqual([[0, 1], [2]])
})

const failure = async (loader: DataLoader<unknown, Batch>): Promise<Error> => {
  try {
    await all(loader)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('the loader did not fail')
}

test('an error in a worker arrives with its name, its message, the worker and its stack', async () => {
  const error = await failure(loaderOf({ length: 8, at: 5, wrong: 'throws' }, { batchSize: 2 }))
  expect(error).toBeInstanceOf(WorkerError)
  expect(error.message).toContain('Caught RangeError in DataLoader worker 0: no such picture')
  expect((error.cause as Error).stack).toContain('numbers-worker.mjs')
})

test('batches before the one that fails are given', async () => {
  const batches: unknown[] = []
  const run = async () => {
    for await (const batch of loaderOf({ length: 8, at: 5, wrong: 'throws' }, { batchSize: 2 })) {
      batches.push(batch.index.tolist())
    }
  }
  await expect(run()).rejects.toThrow('no such picture')
  expect(batches).toEqual([
    [0, 1],
    [2, 3],
  ])
})

test('a worker that dies is an error that names it, and the next iteration has new workers', async () => {
  const exits = await failure(loaderOf({ length: 4, at: 1, wrong: 'exits' }, {}))
  expect(exits.message).toContain('DataLoader worker 1 exited unexpectedly with exit code 3')
  const uncaught = await failure(loaderOf({ length: 4, at: 2, wrong: 'uncaught' }, {}))
  expect(uncaught.message).toContain('DataLoader worker 0 failed: thrown by a timer')
  const loader = loaderOf({ length: 2, at: 1, wrong: 'exits' }, { persistentWorkers: true })
  await failure(loader)
  const again = await failure(loader)
  expect(again.message).toContain('exit code 3')
})

test('a dataset that cannot be made, a module that serves none, and one that is not there are errors', async () => {
  expect((await failure(loaderOf({ kind: 'fails', length: 1 }, {}))).message).toMatch(
    /^DataLoader worker [01] could not make its dataset: the folder is empty/,
  )
  const silent = join(folder, 'silent.mjs')
  writeFileSync(silent, 'export {}')
  const none = await failure(loaderOf({ length: 1 }, { worker: pathToFileURL(silent) }))
  expect(none.message).toContain('silent.mjs must call serveDataset()')
  const missing = await failure(
    loaderOf({ length: 1 }, { worker: pathToFileURL(join(folder, 'missing.mjs')) }),
  )
  expect(missing.message).toContain('missing.mjs')
})

test('persistent workers serve several iterations, one within another, until they are closed', async () => {
  await using loader = loaderOf({ length: 4 }, { batchSize: 2, persistentWorkers: true })
  const found: unknown[] = []
  for await (const outer of loader) {
    for await (const inner of loader) found.push([outer.index.tolist(), inner.index.tolist()])
  }
  expect(found).toHaveLength(4)
  for await (const batch of loader) {
    expect(batch.index.tolist()).toEqual([0, 1])
    break
  }
  expect((await all(loader)).map(({ index }) => index.tolist())).toEqual([
    [0, 1],
    [2, 3],
  ])
})

test('what workers cannot do is said when the loader is made or iterated over', () => {
  const data = { length: 2, get: (i: number) => i }
  expect(() => new DataLoader(data, { numWorkers: 2 })).toThrow('numWorkers needs worker')
  expect(() => new DataLoader(data, { worker })).toThrow('need numWorkers above 0')
  expect(() => new DataLoader(data, { persistentWorkers: true })).toThrow(
    'persistent_workers option needs num_workers > 0',
  )
  expect(() => [...loaderOf({ length: 2 }, {})]).toThrow('for await')
})

test('arguments that cannot be sent are an error', async () => {
  const loader = new DataLoader<unknown, Batch>(
    { length: 1, get: () => 0 },
    { numWorkers: 1, worker, workerArgs: [() => 1] },
  )
  expect((await failure(loader)).message).toContain('DataLoader worker 0 cannot be started')
})

test('a program ends by itself after leaving a loop, and after an iterator that it forgot', async () => {
  const program = join(folder, 'program.ts')
  writeFileSync(
    program,
    `import { DataLoader } from ${JSON.stringify(here('../src/index.ts'))}
    import { setBackend } from '@gradus/core'
    import { referenceBackend } from '@gradus/core/reference'
    setBackend(referenceBackend())
    const make = (options) => new DataLoader({ length: 40, get: () => 0 }, {
      numWorkers: 2, worker: new URL('numbers-worker.mjs', import.meta.url), workerArgs: [{ length: 40 }], ...options })
    for await (const batch of make({})) break
    const forgotten = make({ persistentWorkers: true })[Symbol.asyncIterator]()
    console.log((await forgotten.next()).value.index.tolist())`,
  )
  const outfile = join(folder, 'program.mjs')
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    nodePaths: [here('../node_modules')],
  })
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [outfile], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect({ stdout: stdout.trim(), stderr, status, signal }).toEqual({
    stdout: '[ 0 ]',
    stderr: '',
    status: 0,
    signal: null,
  })
})

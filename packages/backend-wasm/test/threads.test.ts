import { setBackend, setWarningHandler, tensor, type Tensor } from '@gradus/core'
import { internals } from '@gradus/core/internal'
import { afterEach, describe, expect, test } from 'vitest'
import { WasmBackend } from '../src/backend.ts'
import { everyPart } from '../src/parts/every-part.ts'
import { LinearMemory } from '../src/heap/index.ts'
import { ModuleBuilder, i32 } from '../src/assembler/index.ts'
import { sameBits } from './bits.ts'
import { control, Pool, workerSource } from '../src/threads/index.ts'

const script = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`
// scripts given by address are ECMAScript modules here, which have no require
const asModule = (source: string): string =>
  script(`import { createRequire } from 'node:module'; const require = createRequire('file:///')\n${source}`)

const backends: WasmBackend[] = []
const backendOf = (threads: number, workerUrl?: string): WasmBackend => {
  const backend = new WasmBackend(everyPart(), {
    threads,
    memoryBudget: 2 ** 28,
    ...(workerUrl !== undefined && { workerUrl }),
  })
  backends.push(backend)
  setBackend(backend)
  return backend
}
afterEach(() => {
  for (const backend of backends.splice(0)) backend.stop()
})

const numbers = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i * 12.9898) * 3))

const work = (): Tensor[] => {
  const x = tensor(numbers(400_000)).reshape(400, 1000)
  return [x.add(1).mul(x), x.sum(), x.sum(0), x.mean(1), x.t().add(x.reshape(1000, 400)), x.matmul(x.t())]
}

describe('threads', () => {
  test('two compute the same bits as one', async () => {
    backendOf(1)
    const alone = work().map((x) => internals(x).rawSync())
    await backendOf(2).init()
    for (let round = 0; round < 20; round++) {
      work().forEach((x, i) => expect(sameBits(internals(x).rawSync(), alone[i])).toBe(true))
    }
  })

  test('one computes the same bits chunk by chunk and all at once', () => {
    backendOf(1)
    const x = tensor(numbers(200_000)).reshape(200, 1000)
    const run = (): Tensor[] => [x.add(1), x.sum(), x.sum(0), x.mean(1)]
    const first = run().map((y) => internals(y).rawSync())
    // beyond the calls after which the engine's fastest code is taken to be there
    for (let round = 0; round < 300; round++)
      run().forEach((y, i) => expect(sameBits(internals(y).rawSync(), first[i])).toBe(true))
  })

  test('a worker takes chunks', async () => {
    const memory = new LinearMemory(2 ** 22, true)
    const pool = new Pool(memory, 2, undefined)
    await pool.started()
    expect(pool.ready).toBe(1)
    pool.stop()
  })

  test('many small jobs after each other all finish', async () => {
    const { pool, run, code, memory } = await counting()
    for (let job = 0; job < 2000; job++) {
      memory.words.fill(0, 512, 512 + 64)
      pool.run(code, run, 0, 2048, 1 + (job % 64), 1)
      for (let i = 0; i <= job % 64; i++) expect(memory.words[512 + i]).toBe(1)
    }
    pool.stop()
  })

  test('come up by themselves at the first large program', async () => {
    backendOf(2)
    const x = tensor(numbers(400_000))
    x.add(1)
    for (let turn = 0; turn < 100; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(x.add(1).readSync()[7]).toBe(Math.fround(numbers(8)[7] + 1))
    }
  })
})

/** A pool, and a module whose chunks each add 1 to a word of their own. */
async function counting(source?: string, patience?: number) {
  const memory = new LinearMemory(2 ** 22, true)
  memory.grow(4)
  const module = new ModuleBuilder({ shared: true })
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const at = f.let(block)
    f.while(i32.ltU(from, to), () => {
      f.set(at, i32.add(block, i32.mul(from, 4)))
      f.do(i32.store(at, i32.add(i32.load(at), 1)))
      f.add(from, 1)
    })
  })
  const bytes = module.bytes()
  memory.u8.set(bytes, 65536)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: memory.memory },
  })
  const pool = new Pool(memory, 2, source, patience)
  await pool.started()
  const run = exports['run'] as (block: number, from: number, to: number) => void // what the module above exports
  return { memory, pool, run, code: { id: 1, address: 65536, bytes: bytes.length } }
}

const slow =
  (run: (block: number, from: number, to: number) => void) => (block: number, from: number, to: number) => {
    const end = performance.now() + 2
    while (performance.now() < end);
    run(block, from, to)
  }

describe('a pool that fails', () => {
  test('a worker that throws is an error once, then everything runs on one thread', async () => {
    const failing = workerSource.replace('run(argument, from, to)', "throw new Error('no')")
    const { memory, pool, run, code } = await counting(asModule(failing))
    expect(() => {
      for (let job = 0; job < 20; job++) pool.run(code, slow(run), 0, 2048, 16, 1)
    }).toThrow(/a worker thread failed; from now on everything runs on one thread/)
    expect(pool.isOn).toBe(false)
    memory.words.fill(0, 512, 528)
    pool.run(code, run, 0, 2048, 16, 1)
    expect([...memory.words.subarray(512, 528)]).toEqual(new Array(16).fill(1))
  })

  test('a worker that claims and does nothing is an error after a while', async () => {
    const stuck = workerSource.replace('run(argument, from, to)', 'for (;;);')
    const { pool, run, code } = await counting(asModule(stuck), 300)
    expect(() => {
      for (let job = 0; job < 20; job++) pool.run(code, slow(run), 0, 2048, 16, 1)
    }).toThrow(/a worker thread did nothing for 0.3 s/)
    expect(pool.isOn).toBe(false)
  })

  test('a worker that dies after it came up leaves one thread', async () => {
    const dying = workerSource.replace(
      'for (;;) {\n    let since',
      'process.exit(1); for (;;) {\n    let since',
    )
    expect(dying).not.toBe(workerSource)
    const { memory, pool, run, code } = await counting(asModule(dying))
    await new Promise((resolve) => setTimeout(resolve, 100))
    pool.run(code, run, 0, 2048, 16, 1)
    expect([...memory.words.subarray(512, 528)]).toEqual(new Array(16).fill(1))
    expect(pool.isOn).toBe(false)
  })

  test('a script that throws at once is a warning and a reason in status(), and work goes on', async () => {
    const backend = backendOf(2, script("throw new Error('broken script')"))
    const lines = await warnings(() => backend.init())
    expect(lines).toEqual([
      expect.stringMatching(/a worker failed: .*broken script.*everything runs on one thread/),
    ])
    expect(backend.status()).toMatchObject({
      threads: 1,
      why: expect.stringMatching(/a worker failed: .*broken script/),
    })
    expect(sameBits(internals(tensor(numbers(200_000)).add(0)).rawSync(), numbers(200_000))).toBe(true)
  })

  test('workers that never start are a warning, and nothing hangs', async () => {
    const memory = new LinearMemory(2 ** 22, true)
    const pool = new Pool(memory, 2, script('setInterval(() => {}, 1000)'), 200)
    expect(await warnings(() => pool.started())).toEqual([
      expect.stringContaining('workers did not start within 0.2 s'),
    ])
    expect(pool.lost).toBe('workers did not start within 0.2 s')
    expect(pool.isOn).toBe(false)
    expect(Atomics.load(memory.words, control.ready)).toBe(0)
  })
})

async function warnings(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = []
  const before = setWarningHandler((line) => lines.push(line))
  try {
    await work()
  } finally {
    setWarningHandler(before)
  }
  return lines
}

test('status() says how many threads compute, before and after init()', async () => {
  const backend = backendOf(2)
  expect(backend.status()).toMatchObject({
    backend: 'wasm',
    threads: 1,
    why: 'threads start at the first large program, or with init()',
  })
  await backend.init()
  expect(backend.status()).toMatchObject({ backend: 'wasm', threads: 2, why: '' })
  backend.stop()
  expect(backend.status().threads).toBe(1)
})

test('init() after the first tensor is an error if it chooses anything', async () => {
  const backend = backendOf(1)
  tensor([1])
  await expect(backend.init({ threads: 2 })).rejects.toThrow(/init\(\) comes too late for threads/)
  await backend.init()
})

test('init() may say again what it said before, as a server does at each request', async () => {
  const backend = backendOf(1)
  await backend.init({ threads: 1, deterministic: true })
  tensor([1])
  await backend.init({ threads: 1, deterministic: true, memoryBudget: undefined })
  await expect(backend.init({ threads: 1, deterministic: false })).rejects.toThrow(
    /too late for deterministic/,
  )
  expect(backend.status().deterministic).toBe(true)
})

/* One measurement of files.mjs in a process of its own: `program MODE PATH`, printing `{ seconds, bytes, resident, … }`. */
import { readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { isMainThread } from 'node:worker_threads'
import { ImageFolder } from '@gradus/data/image'
import * as g from 'gradus'

const megabyte = 2 ** 20
const tensors = 128
const bytesEach = 16 * megabyte

/** Seconds of a run, and the most memory that the process held, in MB. */
async function timed(bytes: number, run: () => Promise<void>): Promise<object> {
  const began = performance.now()
  await run()
  const seconds = (performance.now() - began) / 1000
  return { seconds, bytes, resident: process.resourceUsage().maxRSS / 1024 }
}

async function fsWrite(path: string): Promise<object> {
  const chunk = Buffer.alloc(4 * megabyte, 7)
  return timed(tensors * bytesEach, async () => {
    const file = await open(path, 'w')
    for (let i = 0; i < (tensors * bytesEach) / chunk.length; i++) await file.write(chunk)
    await file.sync()
    await file.close()
  })
}

async function write(path: string): Promise<object> {
  const x = g.rand(bytesEach / 4)
  const lazy = { dtype: x.dtype, shape: x.shape, read: async () => x }
  const all = Object.fromEntries(Array.from({ length: tensors }, (_, i) => [`t${i}`, lazy]))
  return timed(tensors * bytesEach, () => g.io.saveSafetensors(all, path))
}

async function fsRead(path: string): Promise<object> {
  const { size } = await stat(path)
  const chunk = Buffer.allocUnsafeSlow(bytesEach)
  return timed(size, async () => {
    const file = await open(path, 'r')
    while ((await file.read(chunk, 0, chunk.length, null)).bytesRead > 0);
    await file.close()
  })
}

async function read(path: string): Promise<object> {
  await g.init({ memoryBudget: 96 * megabyte })
  const { size } = await stat(path)
  let seen = 0
  const result = await timed(size, async () => {
    const file = await g.io.openSafetensors(path)
    for await (const [, x] of file) seen += x.numel()
    await file.close()
  })
  if (seen !== (tensors * bytesEach) / 4) throw new Error(`read ${seen} elements`)
  return result
}

/** The share of the time in which a training step waits for its batch, over a million rows. */
async function loader(): Promise<object> {
  const rows = 1_000_000
  const data = new g.utils.data.TensorDataset(g.rand(rows, 32), g.randint(0, 10, [rows]))
  const model = new g.nn.Sequential(new g.nn.Linear(32, 256), new g.nn.ReLU(), new g.nn.Linear(256, 10))
  const lossFn = new g.nn.CrossEntropyLoss()
  const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.01 })
  let waited = 0
  const began = performance.now()
  let asked = began
  for (const [x, y] of new g.utils.data.DataLoader(data, { batchSize: 256, shuffle: true })) {
    waited += performance.now() - asked
    optimizer.zeroGrad()
    lossFn(model(x), y).backward()
    optimizer.step()
    asked = performance.now()
  }
  const seconds = (performance.now() - began) / 1000
  return {
    seconds,
    bytes: 0,
    resident: process.resourceUsage().maxRSS / 1024,
    waiting: waited / 1000 / seconds,
  }
}

async function images(folder: string, numWorkers: number): Promise<object> {
  const data = new ImageFolder(folder)
  const loaded = new g.utils.data.DataLoader(data, {
    batchSize: 16,
    numWorkers,
    ...(numWorkers > 0 && { worker: new URL(import.meta.url), workerArgs: [folder] }),
  })
  let count = 0
  // workers start before the clock does
  const epoch = async (): Promise<void> => {
    for await (const [x] of loaded) count += x.shape[0]
  }
  await epoch()
  const bytes = data.samples.reduce((sum, [path]) => sum + readFileSync(path).length, 0)
  const result = await timed(bytes, epoch)
  return { ...result, images: count / 2 }
}

g.utils.data.serveDataset((folder: string) => new ImageFolder(folder))
if (isMainThread) {
  const [mode = '', path = '', count = '0'] = process.argv.slice(2)
  const modes: Record<string, () => Promise<object>> = {
    'fs-write': () => fsWrite(path),
    write: () => write(path),
    'fs-read': () => fsRead(path),
    read: () => read(path),
    loader,
    images: () => images(path, Number(count)),
  }
  console.log(JSON.stringify(await modes[mode]()))
  process.exit(0)
}

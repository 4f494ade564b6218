// What the browser test runs in the page: places for files, checkpoints in them, images, downloads, and a loader with workers.
import { DataLoader, downloadable, TensorDataset } from '@gradus/data'
import { decodeImage } from '@gradus/data/image'
import { Checkpoints, indexedDbFolder, load, opfsFolder, save, type Folder } from '@gradus/io'
import * as g from 'gradus'

/** What the page answers; each member is what happened, for the test to judge. */
export interface FilesResult {
  readonly folders: Record<string, FolderResult>
  readonly image: unknown
  readonly downloaded: { readonly first: string; readonly again: string; readonly refused: string }
  readonly workers: { readonly batches: unknown[]; readonly workers: number[]; readonly failure: string }
}

interface FolderResult {
  readonly before: string[]
  readonly read: unknown
  readonly replaced: unknown
  readonly afterAbort: unknown
  readonly onlyAborted: string[]
  readonly whileWriting: string[]
  readonly missing: string
  readonly large: boolean
  readonly beyond: string
  readonly after: string[]
  readonly resumed: { readonly step: number; readonly equal: boolean; readonly kept: number }
}

const messageOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
    return 'no error'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const sorted = async (folder: Folder): Promise<string[]> => (await folder.list()).sort()

async function inFolder(folder: Folder): Promise<FolderResult> {
  for (const name of await folder.list()) await folder.remove(name)
  const before = await sorted(folder)
  const value = async (name: string): Promise<unknown> =>
    (await load<g.Tensor>(await folder.open(name))).tolist()

  await save(g.tensor([1, 2, 3]), await folder.create('x.pt'))
  const read = await value('x.pt')
  await save(g.tensor([4, 5]), await folder.create('x.pt'))
  const replaced = await value('x.pt')

  const again = await folder.create('x.pt')
  await again.write(new Uint8Array([1, 2, 3]))
  await again.abort()
  const afterAbort = await value('x.pt')

  const never = await folder.create('never.pt')
  await never.write(new Uint8Array(10))
  const whileWriting = await sorted(folder)
  await never.abort()
  const onlyAborted = await sorted(folder)

  // three parts and a bit, written in pieces that fit no part
  const bytes = Uint8Array.from({ length: 3 * (1 << 20) + 17 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  const sink = await folder.create('large.bin')
  for (let at = 0; at < bytes.length; at += 700_001) await sink.write(bytes.subarray(at, at + 700_001))
  await sink.close()
  const source = await folder.open('large.bin')
  const middle = await source.read((1 << 20) - 5, (1 << 20) + 10)
  const large =
    source.size === bytes.length &&
    middle.every((byte, i) => byte === bytes[(1 << 20) - 5 + i]) &&
    middle.length > 0
  const beyond = await messageOf(() => source.read(bytes.length - 1, 2))
  await source.close()
  const missing = await messageOf(() => folder.open('nothing.pt'))
  await folder.remove('nothing.pt')
  for (const name of ['x.pt', 'large.bin']) await folder.remove(name)
  const after = await sorted(folder)

  return {
    before,
    read,
    replaced,
    afterAbort,
    onlyAborted,
    whileWriting,
    missing,
    large,
    beyond,
    after,
    resumed: await resumed(folder),
  }
}

/** Trains three steps with a checkpoint each, two kept, then resumes in a new model. */
async function resumed(folder: Folder): Promise<FolderResult['resumed']> {
  const make = () => {
    const model = new g.nn.Linear(3, 1)
    const optimizer = new g.optim.AdamW(model.parameters(), { lr: 0.1 })
    return { model, optimizer, checkpoints: new Checkpoints(folder, { model, optimizer }, { keep: 2 }) }
  }
  const first = make()
  const step = ({ model, optimizer }: ReturnType<typeof make>): void => {
    optimizer.zeroGrad()
    model(g.ones(2, 3)).square().sum().backward()
    optimizer.step()
  }
  for (let i = 1; i <= 3; i++) {
    step(first)
    await first.checkpoints.save({ step: i })
  }
  const second = make()
  const entry = await second.checkpoints.resume()
  step(first)
  step(second)
  return {
    step: entry?.step ?? -1,
    equal: g.equal(first.model.weight, second.model.weight),
    kept: (await second.checkpoints.list()).length,
  }
}

async function images(): Promise<unknown> {
  const canvas = new OffscreenCanvas(2, 1)
  const context = canvas.getContext('2d')
  if (context === null) return 'no canvas'
  context.fillStyle = 'rgb(255, 0, 10)'
  context.fillRect(0, 0, 1, 1)
  context.fillStyle = 'rgb(0, 128, 255)'
  context.fillRect(1, 0, 1, 1)
  return (await decodeImage(await canvas.convertToBlob({ type: 'image/png' }))).tolist()
}

async function downloads(): Promise<FilesResult['downloaded']> {
  const bytes = new TextEncoder().encode('one line of data\n')
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const url = new URL('/data.txt', location.href)
  const text = async (address: URL): Promise<string> => {
    const file = await downloadable(address, { sha256 })
    return typeof file === 'string' ? file : file.text()
  }
  return {
    first: await text(url),
    // nothing is at this address: it comes from the cache
    again: await text(new URL('/gone.txt', location.href)),
    refused: await messageOf(() => downloadable(url, { sha256: '0'.repeat(64) })),
  }
}

interface Batch {
  readonly x: g.Tensor
  readonly name: string[]
  readonly worker: g.Tensor
}

async function workers(): Promise<FilesResult['workers']> {
  const loaderOf = (wish: object): DataLoader<unknown, Batch> =>
    new DataLoader<unknown, Batch>(
      { length: 10, get: () => 0 },
      { batchSize: 4, numWorkers: 2, worker: new URL('/worker.js', location.href), workerArgs: [wish] },
    )
  const batches: unknown[] = []
  const ids = new Set<number>()
  for await (const { x, name, worker } of loaderOf({ length: 10 })) {
    batches.push([x.tolist(), name])
    for (const id of worker.tolist() as number[]) ids.add(id) // one axis
  }
  const failure = await messageOf(async () => {
    for await (const _ of loaderOf({ length: 10, at: 6, wrong: 'throws' }));
  })
  return { batches, workers: [...ids].sort(), failure }
}

Reflect.set(globalThis, 'result', async (): Promise<FilesResult> => {
  await new TensorDataset(g.arange(2)).get(0) // the package loads in a page
  return {
    folders: {
      opfs: await inFolder(opfsFolder('runs/first')),
      indexedDb: await inFolder(indexedDbFolder('test')),
    },
    image: await images(),
    downloaded: await downloads(),
    workers: await workers(),
  }
})

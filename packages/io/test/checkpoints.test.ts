import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  full,
  Generator,
  getRngState,
  ones,
  rand,
  setBackend,
  setWarningHandler,
  tensor,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { Checkpoints, load, memoryFolder, save, type Folder } from '../src/index.ts'

setBackend(referenceBackend())

/** Something with a state. */
class Part {
  w: Tensor
  readonly name: string
  constructor(value: number, name = 'part') {
    this.w = full([4], value)
    this.name = name
  }
  stateDict(): { w: Tensor } {
    return { w: this.w }
  }
  loadStateDict({ w }: { w: Tensor }): void {
    this.w.copy_(w)
  }
}

/** A folder whose files may be damaged. */
async function damage(folder: Folder, name: string): Promise<void> {
  const source = await folder.open(name)
  const bytes = (await source.read(0, source.size)).slice()
  bytes[Math.floor(bytes.length / 2)] ^= 1
  const sink = await folder.create(name)
  await sink.write(bytes)
  await sink.close()
}

test('resuming gives back the newest state, its step and what was saved with it', async () => {
  const folder = memoryFolder()
  const part = new Part(1)
  const saved = new Checkpoints(folder, { part })
  await saved.save({ step: 9 })
  part.w.fill_(2)
  await saved.save({ step: 10, metrics: { loss: 0.5 }, metadata: { epoch: 3, history: [1, 2] } })
  const other = new Part(0)
  const entry = await new Checkpoints(folder, { part: other }).resume()
  expect(entry).toEqual({
    name: 'step-0000000010.pt',
    step: 10,
    metrics: { loss: 0.5 },
    metadata: { epoch: 3, history: [1, 2] },
  })
  expect(other.w.tolist()).toEqual([2, 2, 2, 2])
})

test('a part that refuses its state leaves all parts as they were', async () => {
  const folder = memoryFolder()
  await new Checkpoints(folder, { first: new Part(1), second: new Part(2) }).save({ step: 1 })
  const first = new Part(7)
  const second = new Part(8)
  second.loadStateDict = ({ w }) => {
    second.w.copy_(w)
    if (w.max().item() === 2) throw new RangeError('no room')
  }
  const drawn = getRngState()
  await expect(new Checkpoints(folder, { first, second }).resume()).rejects.toThrow(
    /no room\n.*in the part "second" of the checkpoint/,
  )
  expect(first.w.tolist()).toEqual([7, 7, 7, 7])
  expect(second.w.tolist()).toEqual([8, 8, 8, 8])
  expect(getRngState()).toEqual(drawn)
})

test('where there is no checkpoint, nothing is resumed', async () => {
  const part = new Part(1)
  expect(await new Checkpoints(memoryFolder(), { part }).resume()).toBe(null)
  expect(await new Checkpoints(join(tmpdir(), 'gradus-none-at-all'), { part }).resume()).toBe(null)
})

test('random numbers go on, those of the default generator and of others', async () => {
  const folder = memoryFolder()
  const noise = new Generator(5)
  await new Checkpoints(folder, { noise }).save({ step: 0 })
  const next = [rand(2).tolist(), noise.random()]
  const other = new Generator(0)
  await new Checkpoints(folder, { noise: other }).resume()
  expect([rand(2).tolist(), other.random()]).toEqual(next)
})

test('what a checkpoint holds is what was there at the call, whatever the program does then', async () => {
  const folder = memoryFolder()
  const part = new Part(1)
  const checkpoints = new Checkpoints(folder, { part })
  const saving = checkpoints.save({ step: 1 })
  part.w.fill_(7)
  await saving
  await checkpoints.saveInBackground({ step: 2 })
  part.w.fill_(8)
  await checkpoints.finished()
  await checkpoints.load('step-0000000001.pt')
  expect(part.w.tolist()).toEqual([1, 1, 1, 1])
  await checkpoints.resume()
  expect(part.w.tolist()).toEqual([7, 7, 7, 7])
})

test('an accumulator is saved and loaded before the optimizer it belongs to', async () => {
  const order: string[] = []
  const noting = (name: string, more: object = {}): Part =>
    Object.assign(new Part(1, name), more, {
      stateDict: () => (order.push(`save ${name}`), {}),
      loadStateDict: () => order.push(`load ${name}`),
    })
  const optimizer = noting('optimizer')
  const accumulator = noting('accumulator', { optimizer })
  const checkpoints = new Checkpoints(memoryFolder(), { optimizer, accumulator })
  await checkpoints.save({ step: 1 })
  await checkpoints.resume()
  // the second time to go back to, should one refuse its state
  expect(order).toEqual([
    'save accumulator',
    'save optimizer',
    'save accumulator',
    'save optimizer',
    'load accumulator',
    'load optimizer',
  ])
})

test('the newest are kept, and the best besides', async () => {
  const folder = memoryFolder()
  const options = { keep: 2, best: { metric: 'accuracy', mode: 'max' } } as const
  const checkpoints = new Checkpoints(folder, { part: new Part(1) }, options)
  for (const [step, accuracy] of [
    [1, 0.5],
    [2, 0.9],
    [3, NaN],
    [4, 0.7],
    [5, 0.6],
  ] as const)
    await checkpoints.save({ step, metrics: { accuracy } })
  expect((await checkpoints.list()).map(({ step }) => step)).toEqual([2, 4, 5])
  // a new process knows what the old one knew
  const later = new Checkpoints(folder, { part: new Part(1) }, options)
  await later.save({ step: 6, metrics: { accuracy: 0.8 } })
  expect((await later.list()).map(({ step }) => step)).toEqual([2, 5, 6])
})

test('a damaged checkpoint is passed over, with a warning, and never removed', async () => {
  const folder = memoryFolder()
  const part = new Part(1)
  const checkpoints = new Checkpoints(folder, { part })
  await checkpoints.save({ step: 1 })
  part.w.fill_(2)
  await checkpoints.save({ step: 2 })
  await damage(folder, 'step-0000000002.pt')
  const said: string[] = []
  const before = setWarningHandler((message) => said.push(message))
  expect((await checkpoints.resume())?.step).toBe(1)
  expect(said[0]).toMatch(/step-0000000002.pt of memory is damaged and passed over/)
  expect(part.w.tolist()).toEqual([1, 1, 1, 1])
  await damage(folder, 'step-0000000001.pt')
  setWarningHandler(() => {})
  await expect(checkpoints.resume()).rejects.toThrow('is damaged: its check sum is another')
  setWarningHandler(before)
})

test('a checkpoint of other parts changes nothing', async () => {
  const folder = memoryFolder()
  await new Checkpoints(folder, { model: new Part(1), ema: new Part(1) }).save({ step: 1 })
  const part = new Part(5)
  const checkpoints = new Checkpoints(folder, { model: part, scaler: new Part(1) })
  await expect(checkpoints.resume()).rejects.toThrow('missing are "scaler"; unexpected are "ema"')
  expect(part.w.tolist()).toEqual([5, 5, 5, 5])
})

test('what cannot be saved is refused by name, before anything is written', async () => {
  const folder = memoryFolder()
  // @ts-expect-error a tensor has no state
  expect(() => new Checkpoints(folder, { w: ones(1) })).toThrow('"w" has not')
  expect(() => new Checkpoints(folder, {}, { keep: 0 })).toThrow(
    'keep must be a positive integer or Infinity, got 0',
  )
  // @ts-expect-error an option that is none
  expect(() => new Checkpoints(folder, {}, { keepLast: 2 })).toThrow("Checkpoints has no option 'keepLast'")
  const checkpoints = new Checkpoints(folder, { part: new Part(1) }, { best: { metric: 'loss' } })
  await expect(checkpoints.save({ step: -1 })).rejects.toThrow('step must be an integer from 0 on, got -1')
  await expect(checkpoints.save({ step: 1 })).rejects.toThrow(
    'the metric "loss" tells which checkpoints are best, and is missing',
  )
  // @ts-expect-error a metric is a number
  await expect(checkpoints.save({ step: 1, metrics: { loss: ones(1) } })).rejects.toThrow(
    'the metric "loss" must be a number',
  )
  await expect(checkpoints.save({ step: 1, metrics: { loss: 1 }, metadata: { f: () => 1 } })).rejects.toThrow(
    'a function cannot be saved: it is at .metadata.f',
  )
  expect(await folder.list()).toEqual([])
})

test('other files of the folder are left alone', async () => {
  const folder = memoryFolder()
  await save([1], await folder.create('mine.pt'))
  const checkpoints = new Checkpoints(folder, { part: new Part(1) }, { keep: 1 })
  await checkpoints.save({ step: 1 })
  await checkpoints.save({ step: 2 })
  expect((await folder.list()).sort()).toEqual(['mine.pt', 'step-0000000002.pt'])
})

test('an error of writing in the background is thrown by the next call', async () => {
  const folder: Folder = {
    ...memoryFolder(),
    create: async () => {
      throw new Error('the disk is gone')
    },
  }
  const before = setWarningHandler(() => {})
  const checkpoints = new Checkpoints(folder, { part: new Part(1) })
  await checkpoints.saveInBackground({ step: 1 })
  await expect(checkpoints.saveInBackground({ step: 2 })).rejects.toThrow('the disk is gone')
  await checkpoints.finished()
  setWarningHandler(before)
})

// a small file system of its own, where the machine lets one be made
const disk = mkdtempSync(join(tmpdir(), 'gradus-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'gradus', disk]).status === 0

test.skipIf(!mounted)('on a full disk the error says so, and the files of before are untouched', async () => {
  try {
    const run = join(disk, 'run')
    mkdirSync(run)
    const part = new Part(1)
    const checkpoints = new Checkpoints(run, { part })
    await checkpoints.save({ step: 1 })
    const file = join(run, 'step-0000000001.pt')
    const before = readFileSync(file)
    part.w = ones(200_000)
    await expect(checkpoints.save({ step: 2 })).rejects.toThrow('failed: no space is left on the device')
    await expect(save({ w: part.w }, file)).rejects.toThrow(
      'what was there under this name before is untouched',
    )
    expect(readdirSync(run)).toEqual(['step-0000000001.pt'])
    expect(readFileSync(file).equals(before)).toBe(true)
    part.w = tensor([1, 2, 3, 4])
    await checkpoints.save({ step: 3 })
    expect(await load(join(run, 'step-0000000003.pt'))).toMatchObject({ step: 3 })
    writeFileSync(join(disk, 'end'), '')
  } finally {
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  }
})

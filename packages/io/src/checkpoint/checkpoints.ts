import { ValueError } from '@gradus/core'
import {
  defineOptions,
  describeValue,
  kind,
  type Kind,
  nullable,
  takeOptions,
  warn,
} from '@gradus/core/internal'
import { FileError, inFile } from '../file-error.ts'
import { folderOf } from '../source/node-files.ts'
import type { ByteSource, Folder } from '../source/types.ts'
import {
  copyContent,
  readCheckpoint,
  readInfo,
  writeCheckpoint,
  type CheckpointInfo,
  type Copied,
} from './file.ts'
import { bytesOf, checkParts, giveStates, takeStates, type Parts } from './parts.ts'

/** Which checkpoints are kept for how good they are. */
export interface BestOptions {
  /** Name of the metric. */
  metric: string
  /** Whether the least or the greatest is best; `min` by default. */
  mode?: 'min' | 'max'
  /** How many are kept; 1 by default. */
  count?: number
}

/** Options of {@link Checkpoints}. */
export interface CheckpointOptions {
  /** How many of the newest are kept; 3 by default. `Infinity` keeps all. */
  keep?: number
  /** Which are kept besides; none by default. */
  best?: BestOptions | null
}

/** What is saved with the states: see {@link Checkpoints.save}. */
export interface SaveInfo {
  /** How far training is: an integer from 0 on. Checkpoints are named by it. */
  step: number
  /** Numbers by name, by which `best` tells checkpoints apart. */
  metrics?: Readonly<Record<string, number>>
  /** Anything that {@link save} takes: where in an epoch, settings, a history of losses. */
  metadata?: unknown
}

/** A checkpoint that is there. */
export interface CheckpointEntry extends CheckpointInfo {
  /** Name of its file. */
  readonly name: string
}

const namePattern = /^step-(\d{10,16})\.pt$/
const nameOf = (step: number): string => `step-${String(step).padStart(10, '0')}.pt`

const isBest = (value: unknown): value is BestOptions =>
  typeof value === 'object' &&
  value !== null &&
  'metric' in value &&
  typeof value.metric === 'string' &&
  (!('mode' in value) || value.mode === undefined || value.mode === 'min' || value.mode === 'max') &&
  (!('count' in value) ||
    value.count === undefined ||
    (Number.isInteger(value.count) && Number(value.count) > 0)) &&
  Object.keys(value).every((key) => ['metric', 'mode', 'count'].includes(key))

const bestKind: Kind<BestOptions> = /* @__PURE__ */ kind("{ metric, mode: 'min' or 'max', count }", isBest)
const keepKind: Kind<number> = /* @__PURE__ */ kind(
  'a positive integer or Infinity',
  (value): value is number => value === Infinity || (Number.isInteger(value) && Number(value) > 0),
)
const options = /* @__PURE__ */ defineOptions<CheckpointOptions>({ keep: keepKind, best: nullable(bestKind) })

/**
 * Checkpoints of a training run in a folder: one file each, with the state of every part (model, optimizer, schedulers, scaler, an
 * accumulator in the middle of a window, averaged weights, generators, a loader's position), of the default generator, and what the
 * program adds. Resuming continues to the bit.
 *
 * A file is written under another name, flushed, and renamed, so that whatever happens, the newest checkpoint is whole. Files are PyTorch's: `torch.load`
 * takes them.
 *
 * @example
 * const model = new g.nn.Linear(2, 1)
 * const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
 * const checkpoints = new g.io.Checkpoints(g.io.memoryFolder(), { model, optimizer })
 * const resumed = await checkpoints.resume()
 * for (let step = resumed?.step ?? 0; step < 20; step++) {
 *   // train
 *   if ((step + 1) % 10 === 0) await checkpoints.save({ step: step + 1 })
 * }
 * const steps = (await checkpoints.list()).map((entry) => entry.step) // => [10, 20]
 */
export class Checkpoints {
  readonly folder: Folder
  private readonly parts: Parts
  private readonly keep: number
  private readonly best: Required<BestOptions> | null
  /** What the files say of themselves, once they were looked into. */
  private known: Map<string, CheckpointInfo> | null = null
  /** The end of what is being written. */
  private writing: Promise<void> = Promise.resolve()
  private failure: { error: unknown } | null = null

  /**
   * @param folder - a folder, or the path of one, which is made at the first save
   * @param parts - what is kept, by name: whatever has `stateDict()` and `loadStateDict()`, and generators
   * @throws ValueError for a part that has no state
   */
  constructor(folder: Folder | string, parts: Parts, given: CheckpointOptions = {}) {
    const { keep = 3, best = null } = takeOptions('Checkpoints', options, given)
    checkParts(parts)
    this.folder = folderOf('Checkpoints', 'folder', folder)
    this.parts = parts
    this.keep = keep
    this.best =
      best === null ? null : { metric: best.metric, mode: best.mode ?? 'min', count: best.count ?? 1 }
  }

  /**
   * Saves a checkpoint, and then removes those that are no longer kept. All is copied before the first `await`: the program may train on.
   *
   * @returns the name of its file, once it is whole and lasting
   * @throws FileError if it cannot be written; those of before are untouched
   */
  async save(info: SaveInfo): Promise<string> {
    const name = nameOf(checkInfo(info, this.best).step)
    const copied = this.copy(info)
    await this.enqueue(name, info, copied)
    return name
  }

  /**
   * Copies all that there is to save, and writes it while the program trains on. If the one before is still being written, it waits for it first.
   *
   * @returns when the copy is made. An error of writing is thrown by the next call, or by {@link Checkpoints.finished}
   */
  async saveInBackground(info: SaveInfo): Promise<void> {
    const name = nameOf(checkInfo(info, this.best).step)
    await this.finished()
    const copied = this.copy(info)
    const written = this.enqueue(name, info, copied)
    written.catch((error: unknown) => {
      this.failure = { error }
      warn(`a checkpoint was not written: ${error instanceof Error ? error.message : String(error)}`)
    })
    await copied
  }

  /** Waits until everything is written. Throws what went wrong since the last call. */
  async finished(): Promise<void> {
    await this.writing
    const { failure } = this
    this.failure = null
    if (failure) throw failure.error
  }

  /** The checkpoints that are there, oldest first. No tensor is read. */
  async list(): Promise<CheckpointEntry[]> {
    await this.writing
    const known = await this.infos()
    return [...known].map(([name, info]) => ({ name, ...info })).sort((a, b) => a.step - b.step)
  }

  /**
   * Gives all parts the state of the newest checkpoint that is whole; one that is damaged is passed over with a warning.
   *
   * @returns what was saved with it, or null if there is none
   * @throws FileError if all are damaged, or if the newest has other parts
   */
  async resume(): Promise<CheckpointEntry | null> {
    await this.writing
    const names = (await this.folder.list())
      .filter((name) => namePattern.test(name))
      .sort()
      .reverse()
    let damage: unknown = null
    for (const name of names) {
      let content
      try {
        content = await this.reading(name, readCheckpoint)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        damage ??= error
        warn(`the checkpoint ${name} of ${this.folder.name} is damaged and passed over: ${error.message}`)
        continue
      }
      const { info, states, rng } = content
      giveStates(this.parts, states, bytesOf(rng))
      return { name, ...info }
    }
    if (damage !== null) throw damage
    return null
  }

  /**
   * Gives all parts the state of one checkpoint, by its name.
   *
   * @returns what was saved with it
   * @throws FileError if it is not there, damaged, or has other parts
   */
  async load(name: string): Promise<CheckpointEntry> {
    await this.writing
    const { info, states, rng } = await this.reading(name, readCheckpoint)
    giveStates(this.parts, states, bytesOf(rng))
    return { name, ...info }
  }

  // ---- inside

  private copy({ step, metrics = {}, metadata = null }: SaveInfo): Promise<Copied> {
    return copyContent({ info: { step, metrics, metadata }, ...takeStates(this.parts) })
  }

  /** Writes after what is being written. */
  private enqueue(name: string, info: SaveInfo, copied: Promise<Copied>): Promise<void> {
    const before = this.writing
    const written = (async () => {
      const all = await copied
      await before
      await inFile(`save of ${name} in ${this.folder.name}`, () => writeCheckpoint(this.folder, name, all))
      const known = await this.infos()
      known.set(name, { step: info.step, metrics: info.metrics ?? {}, metadata: info.metadata ?? null })
      await this.removeOld(known)
    })()
    // the next one is written whatever became of this
    this.writing = written.catch(() => {})
    return written
  }

  private async removeOld(known: Map<string, CheckpointInfo>): Promise<void> {
    const names = [...known.keys()].sort()
    const kept = new Set(this.keep === Infinity ? names : names.slice(-this.keep))
    for (const name of this.bestOf(known)) kept.add(name)
    for (const name of names) {
      if (kept.has(name)) continue
      await this.folder.remove(name)
      known.delete(name)
    }
  }

  private bestOf(known: ReadonlyMap<string, CheckpointInfo>): string[] {
    const { best } = this
    if (best === null) return []
    const sign = best.mode === 'min' ? 1 : -1
    const scored = [...known].flatMap(([name, { metrics }]) => {
      const score = metrics[best.metric]
      return score === undefined || Number.isNaN(score) ? [] : [{ name, score: sign * score }]
    })
    return scored
      .sort((a, b) => a.score - b.score)
      .slice(0, best.count)
      .map(({ name }) => name)
  }

  /** What the files say of themselves. One that cannot be read is not known, and so never removed. */
  private async infos(): Promise<Map<string, CheckpointInfo>> {
    if (this.known) return this.known
    const known = new Map<string, CheckpointInfo>()
    for (const name of await this.folder.list()) {
      if (!namePattern.test(name)) continue
      try {
        known.set(name, await this.reading(name, readInfo))
      } catch (error) {
        if (!(error instanceof FileError)) throw error
      }
    }
    return (this.known = known)
  }

  private async reading<T>(name: string, read: (source: ByteSource) => Promise<T>): Promise<T> {
    const source = await this.folder.open(name)
    try {
      return await inFile(`${name} of ${this.folder.name}`, () => read(source))
    } finally {
      await source.close()
    }
  }
}

function checkInfo(info: SaveInfo, best: Required<BestOptions> | null): SaveInfo {
  const { step, metrics = {} } = info
  if (!Number.isSafeInteger(step) || step < 0)
    throw new ValueError(`step must be an integer from 0 on, got ${describeValue(step)}`)
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== 'number')
      throw new ValueError(`the metric ${JSON.stringify(name)} must be a number, got a ${typeof value}`, {
        hint: 'loss.item()',
      })
  }
  if (best !== null && metrics[best.metric] === undefined) {
    throw new ValueError(
      `the metric ${JSON.stringify(best.metric)} tells which checkpoints are best, and is missing`,
      {
        hint: `save({ step, metrics: { ${best.metric}: … } })`,
      },
    )
  }
  const other = Object.keys(info).find((key) => !['step', 'metrics', 'metadata'].includes(key))
  if (other !== undefined)
    throw new ValueError(`save() takes step, metrics and metadata, got ${Object.keys(other).join(', ')}`)
  return info
}

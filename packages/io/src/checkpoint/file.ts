import type { Storage } from '@gradus/core'
import { FileError } from '../file-error.ts'
import { toPlain } from '../pickle/plain.ts'
import type { ByteSource, Folder } from '../source/types.ts'
import { copyOfStorage } from '../tensor-bytes.ts'
import { readTorchPickle, readTorchZip } from '../torch/zip-file.ts'
import { planTorch, writeTorch, type TorchPlan } from '../torch/write.ts'
import { readDirectory } from '../zip/directory.ts'

/** What a checkpoint says of itself besides the states. */
export interface CheckpointInfo {
  /** How far training was. */
  readonly step: number
  /** Numbers by name, by which the best checkpoints are told. */
  readonly metrics: Readonly<Record<string, number>>
  /** What the program left in it. */
  readonly metadata: unknown
}

/** All that is in a checkpoint. */
export interface CheckpointContent {
  readonly info: CheckpointInfo
  readonly states: Readonly<Record<string, unknown>>
  readonly rng: unknown
}

/** A checkpoint that was copied, so that training may go on while it is written. */
export interface Copied {
  readonly plan: TorchPlan
  readonly copies: ReadonlyMap<Storage, Uint8Array>
}

/** Copies all that there is to write. */
export async function copyContent({ info, states, rng }: CheckpointContent): Promise<Copied> {
  const plan = planTorch({ format: 'gradus.checkpoint', version: 1, ...info, rng, states })
  // all at once: between two of them the program must not run on
  const all = plan.storages.map(copyOfStorage)
  const copies = await Promise.all(all)
  return { plan, copies: new Map(plan.storages.map((storage, i) => [storage, copies[i]])) }
}

/** Writes a checkpoint under its name, all at once. */
export async function writeCheckpoint(folder: Folder, name: string, { plan, copies }: Copied): Promise<void> {
  const sink = await folder.create(name)
  try {
    await writeTorch(plan, sink, (storage) => [copies.get(storage) ?? new Uint8Array(0)])
  } catch (error) {
    await sink.abort()
    throw error
  }
  await sink.close()
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a checkpoint, and checks that every byte is as it was written. */
export async function readCheckpoint(source: ByteSource): Promise<CheckpointContent> {
  const content = await readTorchZip(source, await readDirectory(source))
  const info = infoOf(content)
  if (!isRecord(content) || !isRecord(content['states'])) throw notOne()
  return { info, states: content['states'], rng: content['rng'] }
}

/** What a checkpoint says of itself; no tensor is read. */
export async function readInfo(source: ByteSource): Promise<CheckpointInfo> {
  const { value, length } = await readTorchPickle(source, await readDirectory(source))
  return infoOf(toPlain(value, () => null, length))
}

const notOne = (): FileError => new FileError('the file is no checkpoint of gradus')

function infoOf(content: unknown): CheckpointInfo {
  if (!isRecord(content) || content['format'] !== 'gradus.checkpoint') throw notOne()
  if (content['version'] !== 1)
    throw new FileError(`the checkpoint has version ${String(content['version'])}; 1 is read`)
  const { step, metrics, metadata } = content
  if (typeof step !== 'number' || !isRecord(metrics)) throw notOne()
  const numbers: Record<string, number> = Object.create(null)
  for (const [key, value] of Object.entries(metrics)) if (typeof value === 'number') numbers[key] = value
  return { step, metrics: numbers, metadata }
}

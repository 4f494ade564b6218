// Training that goes on where it was ended: checkpoints in a folder that the user names.
import * as g from 'gradus'
import { resolve } from 'node:path'
import { locate } from './files.ts'
import type { Interruption } from './interruption.ts'
import { path, UsageError } from './options.ts'
import { grouped, print } from './run.ts'

/** The option that names the folder. */
export const resumeOption = path('DIR', 'folder to save training in and to go on from', 'not saved')

/** Steps between two checkpoints. */
const stepsPerSave = 100

/** What a checkpoint keeps. */
type Parts = ConstructorParameters<typeof g.io.Checkpoints>[1]

/** A training run that may have begun before. */
export interface Run {
  /** Steps that were made before. */
  readonly done: number
  /** Saves every hundredth step, and the one after which training is ended. Within an iteration of the loader. */
  after(step: number): Promise<void>
}

/**
 * Gives all parts the state in which training ended, if the folder has it.
 *
 * @throws UsageError for a folder with checkpoints of another program, or damaged ones
 */
export async function resume(
  folder: string | undefined,
  parts: Parts,
  { signal }: Interruption,
): Promise<Run> {
  if (folder === undefined) return { done: 0, after: async () => {} }
  const checkpoints = new g.io.Checkpoints(resolve(locate(folder)), parts)
  try {
    const found = await checkpoints.resume()
    const done = found?.step ?? 0
    if (done > 0) print(`Goes on after step ${grouped(done)}, from ${folder}\n`)
    return {
      done,
      async after(step) {
        if (signal.aborted || step % stepsPerSave === 0) await checkpoints.save({ step })
      },
    }
  } catch (error) {
    if (!(error instanceof g.TensorError)) throw error
    throw new UsageError(
      `${JSON.stringify(folder)} cannot be gone on from: ${error.message.split('\n')[0]}`,
      1,
    )
  }
}

/** The epoch, from 1, that step `done` is in. */
export const epochOf = (done: number, stepsPerEpoch: number): number =>
  Math.max(1, Math.ceil(done / stepsPerEpoch))

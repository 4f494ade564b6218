import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where the answers of PyTorch lie: `GRADUS_GOLDEN`, or `../shared/golden` beside the repository. */
export const goldenFolder = resolve(
  process.env.GRADUS_GOLDEN ?? join(import.meta.dirname, '../../../../../shared/golden'),
)

/** Why golden tests are skipped, or null where the data is there. */
export const goldenMissing: string | null = existsSync(goldenFolder)
  ? null
  : `no golden data at ${goldenFolder} (set GRADUS_GOLDEN)`

/** One JSON file. Python writes NaN and infinities bare: they are read as the strings `NaN`, `Infinity`, `-Infinity`. */
export function readGolden(name: string): unknown {
  const text = readFileSync(join(goldenFolder, name), 'utf8')
  return JSON.parse(text.replace(/([[:,] ?)(NaN|-?Infinity)(?=[,\]}])/g, '$1"$2"'))
}

/** A sample: what PyTorch was given, and what it answered. */
export interface Sample {
  readonly dtype: string
  readonly args: readonly unknown[]
  readonly kwargs: unknown
  readonly out: unknown
  readonly grads?: readonly unknown[]
}

/** The samples of one operator. */
export interface OpFile {
  /** Operator and variant, as the file is named. */
  readonly name: string
  readonly op: string
  readonly variant: string
  readonly samples: readonly Sample[]
  readonly bytes: Uint8Array
}

/** Names of all operators there are samples of, in order. */
export const opNames = (): string[] =>
  readdirSync(join(goldenFolder, 'opinfo'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()

/** The samples of one operator, with their bytes. */
export function readOp(name: string): OpFile {
  const file = readGolden(join('opinfo', `${name}.json`)) as Omit<OpFile, 'name' | 'bytes'> // README.md, opinfo format
  // a Buffer's slice would share its memory
  return { ...file, name, bytes: new Uint8Array(readFileSync(join(goldenFolder, 'opinfo', `${name}.bin`))) }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const besideRepository = join(import.meta.dirname, '../../../../../shared')

/** Where the answers of PyTorch lie: `GRADUS_GOLDEN`, or `../shared/golden` beside the repository. */
const goldenFolder = resolve(process.env.GRADUS_GOLDEN ?? join(besideRepository, 'golden'))

/** Why golden tests are skipped, or null where the data is there. */
export const goldenMissing: string | null = existsSync(goldenFolder)
  ? null
  : `no golden data at ${goldenFolder} (set GRADUS_GOLDEN)`

const dataPath = resolve(process.env.GRADUS_DATA ?? join(besideRepository, 'data'))

/** Real data: `GRADUS_DATA`, or `../shared/data` beside the repository; null where there is neither. */
export const dataFolder: string | null = existsSync(dataPath) ? dataPath : null

const named: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity }

/** One JSON file of the golden data, in the form that the caller names. Python writes NaN and infinities bare. */
export function readGolden<T>(name: string): T {
  const text = readFileSync(join(goldenFolder, name), 'utf8')
  // the README of the golden data describes the files
  if (!/NaN|Infinity/.test(text)) return JSON.parse(text) as T
  // outside of strings they become strings that no text holds, and then numbers
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (part) =>
    part.startsWith('"') ? part : `"\\u0000${part}"`,
  )
  return JSON.parse(quoted, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith('\0') ? named[value.slice(1)] : value,
  ) as T // likewise
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
  const file = readGolden<Omit<OpFile, 'name' | 'bytes'>>(join('opinfo', `${name}.json`))
  // a Buffer's slice would share its memory
  return { ...file, name, bytes: new Uint8Array(readFileSync(join(goldenFolder, 'opinfo', `${name}.bin`))) }
}

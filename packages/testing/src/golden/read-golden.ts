import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { goldenFolder } from './files.ts'

// Python writes these into JSON as they are
const named: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity }

/** A file of the golden vectors that is all JSON. */
export function readGolden(name: string): unknown {
  const text = readFileSync(join(goldenFolder, name), 'utf8')
  const quoted = text.replace(/(?<=[[,:]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '"$1"')
  return JSON.parse(quoted, (_, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : value,
  )
}

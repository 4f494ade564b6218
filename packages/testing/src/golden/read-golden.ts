import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const defaultFolder = fileURLToPath(new URL('../../../../../shared/golden', import.meta.url))

// Python writes these into JSON as they are
const named: Record<string, number> = { NaN, Infinity, '-Infinity': -Infinity }

/** A file of the golden vectors: in the folder that GRADUS_GOLDEN names, or in `shared/golden` beside the repository. */
export function readGolden(name: string): unknown {
  const text = readFileSync(join(process.env['GRADUS_GOLDEN'] ?? defaultFolder, name), 'utf8')
  const quoted = text.replace(/(?<=[[,:]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '"$1"')
  return JSON.parse(quoted, (_, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : value,
  )
}

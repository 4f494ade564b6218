import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const defaultFolder = fileURLToPath(new URL('../../../../../shared/golden', import.meta.url))

/** A file of the golden vectors: in the folder that GRADUS_GOLDEN names, or in `shared/golden` beside the repository. */
export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(join(process.env['GRADUS_GOLDEN'] ?? defaultFolder, name), 'utf8'))
}

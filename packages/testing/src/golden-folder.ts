import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './program.ts'

const folder = (variable: string, fallback: string): string | null => {
  const path = process.env[variable] ?? join(root, '..', fallback)
  return existsSync(path) ? path : null
}

/** PyTorch's answers: `GRADUS_GOLDEN`, or `shared/golden` beside the repository; null where there is neither. */
export const golden = folder('GRADUS_GOLDEN', 'shared/golden')
/** Real data: `GRADUS_DATA`, or `shared/data` beside the repository; null where there is neither. */
export const data = folder('GRADUS_DATA', 'shared/data')

/** One file of the golden data. */
export function readGolden<T>(name: string): T {
  if (golden === null) throw new Error('there is no golden data; the test should have been skipped')
  // the files are PyTorch's answers in the form that the caller names
  return JSON.parse(readFileSync(join(golden, name), 'utf8')) as T
}

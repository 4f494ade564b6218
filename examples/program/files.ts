// Files that the user names.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './options.ts'

const largest = 256 * 2 ** 20

const wrong = (file: string, what: string): UsageError => new UsageError(`${JSON.stringify(file)} ${what}`, 1)

/**
 * The text of a file.
 *
 * @param expected - what the option takes, for the message
 * @throws UsageError if it is missing, unreadable, a directory, too large, or not text in UTF-8
 */
export function readText(file: string, expected = '--data takes a text file'): string {
  return decode(file, readBytes(file, expected))
}

function readBytes(file: string, expected: string): Uint8Array {
  const path = locate(file)
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) throw wrong(file, `is a directory; ${expected}`)
    if (!stat.isFile() && !stat.isFIFO()) throw wrong(file, `is not a file; ${expected}`)
    if (stat.size > largest) throw wrong(file, `is larger than ${largest / 2 ** 20} MB`)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw wrong(file, reason(error, expected))
  }
}

function reason(error: unknown, expected: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return `does not exist; ${expected}`
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read'
  return `cannot be read (${code})`
}

/** The path that the user means. `npm start` changes to the repository's root and leaves in INIT_CWD where it was called. */
export function locate(file: string): string {
  const called = process.env['INIT_CWD']
  const here = resolve(file)
  return called === undefined || existsSync(here) ? here : resolve(called, file)
}

function decode(file: string, bytes: Uint8Array): string {
  if (bytes.includes(0)) throw wrong(file, 'is not text: it holds NUL bytes')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw wrong(file, 'is not text in UTF-8')
  }
}

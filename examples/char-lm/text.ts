// Where the text comes from: a file of the user's, or the Markdown of the repository this program stands in.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from './options.ts'

/** Texts that belong together, and what to call them. */
export interface Corpus {
  name: string
  documents: readonly string[]
}

const largest = 256 * 2 ** 20

const wrong = (file: string, what: string): UsageError => new UsageError(`${JSON.stringify(file)} ${what}`, 1)

/**
 * The text of one file.
 *
 * @throws UsageError if it is missing, unreadable, a directory, too large, or not text in UTF-8
 */
export function readCorpus(file: string): Corpus {
  return { name: file, documents: [decode(file, readBytes(file))] }
}

function readBytes(file: string): Uint8Array {
  const path = locate(file)
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) throw wrong(file, 'is a directory; --data takes a text file')
    if (!stat.isFile() && !stat.isFIFO()) throw wrong(file, 'is not a file; --data takes a text file')
    if (stat.size > largest) throw wrong(file, `is larger than ${largest / 2 ** 20} MB`)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw wrong(file, reason(error))
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read'
  return `cannot be read (${code})`
}

// `npm start` changes to the repository's root and leaves the folder it was called from in INIT_CWD
function locate(file: string): string {
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

/** The folder of the workspace that holds `start`, or null. */
export function repositoryRoot(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder
    if (folder === dirname(folder)) return null
  }
}

/**
 * The Markdown that people wrote in a repository, in the order of its paths: without hidden folders, dependencies, build
 * outputs, change logs, and pages that are mostly tables.
 *
 * @throws UsageError if there is none
 */
export function readMarkdown(root: string): Corpus {
  const files = markdownFiles(root).filter((file) => !file.endsWith('CHANGELOG.md'))
  const documents = files.map((file) => decode(file, readBytes(file))).filter((text) => !isMostlyTable(text))
  if (documents.join('').trim() === '')
    throw new UsageError(`there is no Markdown in ${root}; name a text with --data FILE`, 1)
  return { name: "the repository's own Markdown", documents }
}

const skipped = new Set(['node_modules', 'dist', 'coverage'])

function markdownFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  // by code unit: the same order on every machine, whatever its language
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('.') || skipped.has(entry.name)) return []
      if (entry.isDirectory()) return markdownFiles(path)
      return entry.isFile() && entry.name.endsWith('.md') ? [path] : []
    })
}

/** Tables of results are written by programs: a model that learns them learns nothing but their rows. */
function isMostlyTable(text: string): boolean {
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  return rows.join('\n').length > text.length / 2
}

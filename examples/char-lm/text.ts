// Where the text comes from: a file of the user's, or the Markdown of the repository this program stands in.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readText } from '../program/files.ts'
import { UsageError } from '../program/options.ts'

/** Texts that belong together, and what to call them. */
export interface Corpus {
  name: string
  documents: readonly string[]
}

/**
 * The text of one file.
 *
 * @throws UsageError if it is missing, unreadable, a directory, too large, or not text in UTF-8
 */
export function readCorpus(file: string): Corpus {
  return { name: file, documents: [readText(file)] }
}

/**
 * The Markdown of the repository that this program stands in.
 *
 * @throws UsageError if it stands in none
 */
export function ownMarkdown(): Corpus {
  const root = repositoryRoot(dirname(fileURLToPath(import.meta.url)))
  if (root === null)
    throw new UsageError('this program stands outside its repository; name a text with --data FILE', 1)
  return readMarkdown(root)
}

/** The folder of the workspace that holds `start`, or null. */
function repositoryRoot(start: string): string | null {
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
  const documents = files.map((file) => readText(file)).filter((text) => !isMostlyTable(text))
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

import { build, type Plugin } from 'esbuild'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Contender } from '../contender.ts'
import type { Row } from '../report.ts'
import { startPrograms, torchStart } from './programs.ts'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('..', import.meta.url))
const output = fileURLToPath(new URL('./start', import.meta.url))

const workspaceOnly: Plugin = {
  name: 'workspace-only',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./#]/ }, ({ path, kind }) =>
      kind === 'entry-point' || /^(gradus$|@gradus\/)/.test(path) ? undefined : { path, external: true },
    )
  },
}

const timer = (module: string) => `
const start = performance.now()
const { first } = await import('./${module}')
const value = await first()
console.log(value === 15 ? performance.now() - start : 'wrong')
process.exit(0)
`

interface Entry {
  readonly contender: string
  readonly command: string
  readonly args: readonly string[]
  readonly samples: number[]
  error: string | null
}

async function entryOf(contender: Contender): Promise<Entry | null> {
  const { id, peer, runtime, executable } = contender
  if (executable === null) return null
  const base = { contender: id, command: executable, samples: [], error: null }
  if (runtime === 'python') return peer === 'torch' ? { ...base, args: ['-c', torchStart] } : null
  const program = startPrograms.find((one) => one.peer === peer)
  if (program === undefined) return null
  const module = `${peer}.mjs`
  await build({
    stdin: { contents: program.code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    outfile: `${output}/${module}`,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    plugins: [workspaceOnly],
    logLevel: 'silent',
  })
  writeFileSync(`${output}/time-${module}`, timer(module))
  return { ...base, args: [`${output}/time-${module}`] }
}

/** Milliseconds from the import of a library to its first result, the start of the process excluded. */
export async function measureStarts(contenders: readonly Contender[], times: number): Promise<Row[]> {
  mkdirSync(output, { recursive: true })
  const rows: Row[] = []
  const base = { suite: 'start-up', case: 'from import to the first result', unit: 'ms' as const }
  const entries: Entry[] = []
  for (const contender of contenders) {
    try {
      const entry = await entryOf(contender)
      if (entry !== null) entries.push(entry)
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
      rows.push({ ...base, contender: contender.id, status: 'error', reason, samples: [], weak: false })
    }
  }
  for (let i = 0; i < times; i++) {
    for (const entry of entries) {
      if (entry.error !== null) continue
      try {
        const { stdout } = await run(entry.command, [...entry.args], { timeout: 60_000 })
        const ms = Number(stdout.trim().split('\n').at(-1))
        if (Number.isFinite(ms)) entry.samples.push(ms)
        else entry.error = `printed ${stdout.trim().slice(0, 100)}`
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        entry.error = text.split('\n').find((line) => /Error/.test(line)) ?? text.split('\n')[0]
      }
    }
  }
  for (const { contender, samples, error } of entries) {
    if (error !== null)
      rows.push({ ...base, contender, status: 'error', reason: error, samples: [], weak: false })
    else rows.push({ ...base, contender, status: 'ok', samples, weak: samples.length < 5 })
  }
  return rows
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Case, Suite } from './case.ts'
import {
  compareReports,
  confirm,
  describeComparison,
  hasRegression,
  replaceRows,
  suspects,
  type Comparison,
} from './compare.ts'
import { assemble, type Field } from './contender.ts'
import { fullEffort, quickEffort, runSuite } from './measure.ts'
import { readOptions, usage, type Options } from './options.ts'
import { drawCharts } from './output/charts.ts'
import { writeMarkdown } from './output/markdown.ts'
import { makeProgress, type Progress } from './progress.ts'
import { currentCommit, describeMachine, type ContenderInfo, type Report, type Row } from './report.ts'
import { measureSizes } from './still/size.ts'
import { measureStarts } from './still/start-up.ts'
import { suites } from './suites/index.ts'
import { measureTwoThreads } from './two-threads.ts'

const started = performance.now()

interface Part {
  readonly suite: Suite
  readonly cases: readonly Case[]
}

const wants = (options: Options, suite: string) => options.suites === null || options.suites.includes(suite)

function partsOf(options: Options): Part[] {
  return suites
    .filter((suite) => wants(options, suite.name))
    .map((suite) => ({
      suite,
      cases: suite.cases.filter(
        (one) =>
          one.name.includes(options.filter) &&
          (!options.quick || options.filter !== '' || one.quick === true),
      ),
    }))
    .filter((part) => part.cases.length > 0)
}

const effortOf = (options: Options) => (options.quick ? quickEffort : fullEffort)

async function measure(
  options: Options,
  field: Field,
  progress: Progress,
): Promise<Pick<Report, 'rows' | 'contenders'>> {
  const rows: Row[] = []
  const infos = new Map<string, ContenderInfo>()
  for (const { suite, cases } of partsOf(options)) {
    const run = await runSuite(suite, cases, field.contenders, effortOf(options), options.handicap, progress)
    rows.push(...run.rows)
    for (const info of run.infos) infos.set(info.id, withBestPeaks(infos.get(info.id), info))
  }
  if (wants(options, 'start-up')) rows.push(...(await startUpRows(options, field, progress)))
  if (wants(options, 'size')) {
    progress.begin('size')
    rows.push(...(await measureSizes(options.peers)))
    progress.done('done')
  }
  const order = field.contenders.map((one) => one.id)
  return { rows, contenders: [...infos.values()].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)) }
}

async function startUpRows(options: Options, field: Field, progress: Progress): Promise<Row[]> {
  progress.begin('start-up')
  const rows = await measureStarts(field.contenders, options.quick ? 3 : 9)
  progress.done('done')
  return rows
}

/**
 * What changed since `before`. What seems to have is measured once more in new processes, beside its peers: an engine makes
 * one thing of the same code in one process and another in the next.
 */
async function compare(
  before: Pick<Report, 'rows'>,
  rows: readonly Row[],
  options: Options,
  field: Field,
  progress: Progress,
): Promise<Comparison> {
  const first = compareReports(before, { rows })
  const doubted = suspects(first)
  const again: Row[] = []
  const parts = partsOf(options).map(({ suite, cases }) => ({
    suite,
    chosen: cases.filter(({ name }) => doubted.get(suite.name)?.has(name)),
  }))
  const count = parts.reduce((sum, { chosen }) => sum + chosen.length, doubted.has('start-up') ? 1 : 0)
  if (count > 0) progress.note(`${count} to measure again, which seem to have changed`)
  progress.more(count)
  for (const { suite, chosen } of parts) {
    if (chosen.length === 0) continue
    const run = await runSuite(suite, chosen, field.contenders, effortOf(options), options.handicap, progress)
    again.push(...run.rows)
  }
  if (doubted.has('start-up')) again.push(...(await startUpRows(options, field, progress)))
  return confirm(first, compareReports(before, { rows: replaceRows(rows, again) }))
}

/** Every process measures the limits; the best is closest to what the machine can do. */
function withBestPeaks(known: ContenderInfo | undefined, info: ContenderInfo): ContenderInfo {
  if (known?.peaks == null || info.peaks === null) return info
  const [a, b] = [known.peaks, info.peaks]
  const relaxedMadd =
    a.relaxedMadd === null || b.relaxedMadd === null ? null : Math.max(a.relaxedMadd, b.relaxedMadd)
  return { ...info, peaks: { relaxedMadd, mulAdd: Math.max(a.mulAdd, b.mulAdd) } }
}

/** What an earlier run wrote. @throws Error if it is something else */
function readReport(file: string): Report {
  const found: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof found !== 'object' || found === null || !('format' in found) || found.format !== 1) {
    throw new Error(`${file} is not the results.json of a bench run`)
  }
  // written by this program: see `format`
  return found as Report
}

async function main(): Promise<void> {
  const args = process.argv.slice(2).filter((arg) => arg !== '--')
  const options = readOptions(args)
  if (options === 'help') {
    process.stdout.write(usage)
    return
  }
  // read before the run: a wrong file should not cost half an hour
  const before = options.compare === null ? null : readReport(options.compare)
  const field = await assemble(options)
  const still = ['start-up', 'size'].filter((suite) => wants(options, suite)).length
  const progress = makeProgress(partsOf(options).reduce((sum, part) => sum + part.cases.length, still))
  for (const { what, reason } of field.missing) progress.note(`without ${what}: ${reason}`)

  let report: Report
  let comparison: Comparison | null = null
  try {
    const machine = describeMachine(await measureTwoThreads())
    const measured = await measure(options, field, progress)
    report = {
      format: 1,
      date: new Date().toISOString().slice(0, 10),
      command: ['pnpm bench', ...args].join(' '),
      commit: currentCommit(),
      seconds: (performance.now() - started) / 1000,
      machine,
      contenders: measured.contenders,
      missing: field.missing,
      rows: measured.rows,
    }
    if (before !== null) comparison = await compare(before, report.rows, options, field, progress)
  } finally {
    progress.stop()
    await field.close()
  }

  const out = resolve(
    options.out ?? fileURLToPath(new URL(options.quick ? '../results/quick' : '../results', import.meta.url)),
  )
  mkdirSync(out, { recursive: true })
  const charts = drawCharts(report)
  for (const { file, svg } of [...charts.values()].flat()) writeFileSync(join(out, file), svg)
  const files = new Map([...charts].map(([suite, drawn]) => [suite, drawn.map(({ file }) => file)]))
  let text = writeMarkdown(report, files)
  if (before !== null && options.compare !== null && comparison !== null) {
    const section = describeComparison(comparison, before, options.compare)
    text += `\n${section}`
    process.stdout.write(section)
    if (hasRegression(comparison)) process.exitCode = 1
  }
  writeFileSync(join(out, 'results.md'), text)
  writeFileSync(join(out, 'results.json'), `${JSON.stringify(report)}\n`)
  process.stdout.write(`${join(out, 'results.md')}\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}

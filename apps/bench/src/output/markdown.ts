import type { Suite } from '../case.ts'
import { judgeBars } from '../bars.ts'
import { digits, Figures, shown, spreadOf } from '../figures.ts'
import type { ContenderInfo, Report, Row } from '../report.ts'
import { suites } from '../suites/index.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| --- ${'| ---: '.repeat(head.length - 1)}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
]

/** The whole run as Markdown. `charts` are files beside it, by suite. */
export function writeMarkdown(report: Report, charts: ReadonlyMap<string, readonly string[]>): string {
  const figures = new Figures(report)
  const parts = [header(report), ...limits(report), ...bars(figures)]
  for (const suite of suites) {
    const cases = suite.cases.filter((one) =>
      report.rows.some((row) => row.suite === suite.name && row.case === one.name),
    )
    if (cases.length > 0) parts.push(...suiteSection(suite, figures, charts.get(suite.name) ?? []))
  }
  parts.push(...stillSections(report))
  return `${parts.join('\n').trimEnd()}\n`
}

function header(report: Report): string {
  const { machine } = report
  const lines = [
    '# gradus beside its peers',
    '',
    `\`${report.command}\`, ${report.date}, commit ${report.commit}, ${Math.round(report.seconds)} s.`,
    '',
    `${machine.cpu}, ${machine.cores} processors, ${machine.memoryGB} GB, ${machine.system}. Two busy threads together reach ` +
      `${machine.twoThreads.toFixed(2)} × one.`,
    '',
    'Each contender runs in a process of its own; on each case they take turns. Figures are medians of samples during which ' +
      'the machine was quiet: arithmetic on registers just before and after ran within 12 % of its quiet time, and the process kept its core. ± is half the ' +
      'width of the middle half of the samples. `~` marks fewer than five such samples. × is the time of the contender over ' +
      'the time of gradus in the same runtime (PyTorch: over the runtime of the table).',
    '',
    ...table(
      ['contender', 'version', 'runs in'],
      report.contenders.map((one) => [one.id, one.version, one.engine]),
    ),
  ]
  if (report.missing.length > 0) {
    lines.push('Not here: ', '', ...report.missing.map(({ what, reason }) => `- ${what}: ${reason}`), '')
  }
  return lines.join('\n')
}

function limits(report: Report): string[] {
  const engines = new Map<string, ContenderInfo>()
  for (const one of report.contenders)
    if (one.peaks !== null && one.peer === 'gradus') engines.set(one.engine, one)
  if (engines.size === 0) return []
  return [
    '## Arithmetic limits',
    '',
    'GFLOP/s of independent chains of four lanes on registers, the best of ten.',
    '',
    ...table(
      ['engine', 'relaxed multiply-add', 'multiply and add'],
      [...engines].map(([engine, { peaks }]) => [
        engine,
        peaks?.relaxedMadd == null ? 'not available' : digits(peaks.relaxedMadd),
        peaks === null ? '' : digits(peaks.mulAdd),
      ]),
    ),
  ]
}

function bars(figures: Figures): string[] {
  const all = judgeBars(figures)
  const count = (met: string) => all.filter((bar) => bar.met === met).length
  return [
    '## Bars',
    '',
    `${count('met')} met, ${count('not met')} not met, ${count('not measured')} not measured.`,
    '',
    ...table(
      ['bar', 'target', 'figure', ''],
      all.map((bar) => [
        bar.what,
        bar.target,
        bar.figure,
        bar.met === 'not met' ? '**not met**' : bar.met === 'elsewhere' ? '' : bar.met,
      ]),
    ),
  ]
}

function suiteSection(suite: Suite, figures: Figures, charts: readonly string[]): string[] {
  const lines = [
    `## ${suite.title}`,
    '',
    suite.text,
    '',
    charts.map((file) => `![${suite.title}](${file})`).join('\n'),
    '',
  ]
  const notes: string[] = []
  for (const runtime of figures.runtimes()) {
    const columns = figures.report.contenders.filter(
      (one) =>
        (one.runtime === runtime || one.runtime === 'python') &&
        figures.report.rows.some((row) => row.suite === suite.name && row.contender === one.id),
    )
    if (!columns.some((one) => one.runtime === runtime)) continue
    // PyTorch stands last, whatever the runtime of the table
    columns.sort((a, b) => Number(a.runtime === 'python') - Number(b.runtime === 'python'))
    const own = columns.find((one) => one.peer === 'gradus')?.id ?? ''
    const cases = suite.cases.filter((one) =>
      columns.some((column) => figures.row(suite.name, one.name, column.id) !== null),
    )
    const unit = unitOf(suite)
    const rows = cases.map((one) => [
      one.name,
      ...columns.map((column) => {
        const row = figures.row(suite.name, one.name, column.id)
        if (row === null) return ''
        if (row.samples.length === 0) return `${row.status === 'absent' ? '–' : 'fails'} ${note(notes, row)}`
        const { value } = shown(suite, one, row)
        const base = figures.row(suite.name, one.name, own)
        const ratio = column.id === own || base === null || row.unit !== 'ms' ? '' : ratioText(row, base)
        const doubt = row.status === 'differs' ? ` ${note(notes, row)}` : ''
        const detail = row.samples.length > 1 ? ` ± ${Math.round(spreadOf(row) * 100)} %` : ''
        const ulp = row.ulp === undefined ? '' : `, ${row.ulp.toPrecision(2)} ulp`
        const peak = row.peakBytes === undefined ? '' : `, ${(row.peakBytes / 1e6).toFixed(1)} MB`
        const rate =
          suite.chart === 'ms' && one.bytes !== undefined && column.id === own
            ? `, ${digits(one.bytes / value / 1e6)} GB/s`
            : ''
        return `${row.weak ? '~' : ''}${digits(value)}${detail}${rate}${ratio}${ulp}${peak}${doubt}`
      }),
    ])
    lines.push(
      `### ${suite.title}, ${runtime} (${unit})`,
      '',
      ...table(['case', ...columns.map((one) => one.id)], rows),
    )
  }
  if (notes.length > 0) lines.push(...notes.map((text, i) => `${i + 1}. ${text}`), '')
  return lines
}

const ratioText = (row: Row, base: Row): string => {
  if (base.samples.length === 0) return ''
  const middle = (samples: readonly number[]) => [...samples].sort((a, b) => a - b)[samples.length >> 1]
  return `, ${digits(middle(row.samples) / middle(base.samples))} ×`
}

function note(notes: string[], row: Row): string {
  const text = `${row.contender.split('@')[0]}: ${(row.reason ?? 'no reason given').replaceAll('|', '\\|')}`
  if (!notes.includes(text)) notes.push(text)
  return `(${notes.indexOf(text) + 1})`
}

function unitOf(suite: Suite): string {
  if (suite.chart === 'gflops') return 'GFLOP/s'
  if (suite.chart === 'us') return 'µs'
  return suite.cases[0]?.unit ?? 'ms'
}

function stillSections(report: Report): string[] {
  const section = (suite: string, title: string, text: string) => {
    const rows = report.rows.filter((row) => row.suite === suite)
    if (rows.length === 0) return []
    const figure = (row: Row) =>
      row.samples.length === 0
        ? `fails: ${row.reason ?? ''}`
        : `${digits([...row.samples].sort((a, b) => a - b)[row.samples.length >> 1])} ${row.unit}`
    return [
      `## ${title}`,
      '',
      text,
      '',
      ...table(
        ['', 'contender', 'figure'],
        rows.map((row) => [row.case, row.contender, figure(row)]),
      ),
    ]
  }
  return [
    ...section(
      'start-up',
      'Start-up',
      'A fresh process each time; its own start is not counted. Bundled where the library can be.',
    ),
    ...section(
      'size',
      'Size',
      'Minified by esbuild, gzip -9, all chunks and the WebAssembly file that is fetched.',
    ),
  ]
}

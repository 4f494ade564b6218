import type { Report, Row } from './report.ts'
import { compareSamples, median, type Change } from './statistics.ts'

export interface RowChange extends Change {
  readonly suite: string
  readonly case: string
  readonly contender: string
}

export interface Comparison {
  readonly changes: readonly RowChange[]
  /** How much slower the other libraries ran than before, which did not change: the machine. 1 if none took part. */
  readonly drift: number
  readonly compared: number
}

/** What a figure without quiet samples may be off by: the whole of it may have been taken beside another program. */
const busyMachine = 1.4

/** What a figure of two threads may be off by: a second core that another program has is no second core. */
const secondCore = 2

const onTwoThreads = (row: Row) => row.contender.includes('-2t')
const isOwn = (row: { contender: string }) => row.contender.startsWith('gradus')
const key = (row: Row) => `${row.suite}\n${row.case}\n${row.contender}`

/** What differs between two runs by more than noise; `after` is the newer one. */
export function compareReports(before: Pick<Report, 'rows'>, after: Pick<Report, 'rows'>): Comparison {
  const earlier = new Map(before.rows.map((row) => [key(row), row]))
  const pairs = after.rows.flatMap((row) => {
    const old = earlier.get(key(row))
    return old !== undefined && old.samples.length > 0 && row.samples.length > 0 ? [{ old, row }] : []
  })
  const driftOf = (suite: string | null) => {
    const moved = pairs
      .filter(({ row }) => !isOwn(row) && row.unit === 'ms' && (suite === null || row.suite === suite))
      .map(({ old, row }) => median(row.samples) / median(old.samples))
    // a handful of rows is no measure of a machine
    return moved.length < 3 ? 1 : median(moved)
  }
  const drift = driftOf(null)
  // the machine changes within a run too: a suite takes minutes, in which its peers say what it did
  const drifts = new Map(pairs.map(({ row }) => row.suite).map((suite) => [suite, driftOf(suite)]))
  const changes = pairs.map(({ old, row }) => {
    const { suite, case: name, contender } = row
    return { suite, case: name, contender, ...changeOf(old, row, drifts.get(suite) ?? drift) }
  })
  return { changes: changes.filter((change) => change.verdict !== 'same'), drift, compared: pairs.length }
}

function changeOf(old: Row, row: Row, drift: number): Change {
  if (row.unit === 'ms') {
    const { ratio, threshold } = compareSamples(old.samples, row.samples)
    const doubt = (old.weak || row.weak ? busyMachine : 1) * (onTwoThreads(row) ? secondCore : 1)
    // what the machine did in between could have gone either way in any one row
    return judge(ratio, threshold * Math.exp(Math.abs(Math.log(drift))) * doubt)
  }
  const [a, b] = [median(old.samples), median(row.samples)]
  // sizes are exact; memory is measured once, by pages, and near nothing a ratio says nothing
  if (row.unit === 'kB') return judge(b / a, 1.002)
  if (row.unit === '×') return judge(b / a, 1.1)
  return judge((Math.max(b, 0) + 20) / (Math.max(a, 0) + 20), 1.5)
}

const judge = (ratio: number, threshold: number): Change => ({
  ratio,
  threshold,
  verdict: ratio > threshold ? 'slower' : ratio < 1 / threshold ? 'faster' : 'same',
})

const percent = (ratio: number) => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`

/** The comparison as Markdown. */
export function describeComparison(
  { changes, drift, compared }: Comparison,
  before: Report,
  file: string,
): string {
  const own = changes.filter(isOwn)
  const head = [
    `## Against ${file}`,
    '',
    `Commit ${before.commit}, ${before.date}. ${compared} figures compared; ${own.length} of gradus differ by more than noise, ` +
      `${changes.length - own.length} of other libraries. The others' times moved by ${percent(drift)} at the median: that is the machine.`,
    '',
  ]
  if (changes.length === 0) return [...head].join('\n')
  const rows = changes.map(
    (change) =>
      `| ${change.suite} | ${change.case} | ${change.contender} | ${percent(change.ratio)} | ±${((change.threshold - 1) * 100).toFixed(1)} % | ${change.verdict} |`,
  )
  return [
    ...head,
    '| suite | case | contender | change | noise | |',
    '| --- | --- | --- | ---: | ---: | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** Whether gradus became slower anywhere. */
export const hasRegression = ({ changes }: Comparison): boolean =>
  changes.some((change) => isOwn(change) && change.verdict === 'slower')

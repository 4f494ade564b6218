import type { Report, Row } from './report.ts'
import { compareSamples, median, quantile, type Change } from './statistics.ts'

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

/** What V8's young generation may have grown by or not when memory is measured: three spaces of 16 MB. */
const youngMB = 48

const onTwoThreads = (row: Row) => row.contender.includes('-2t')
const isOwn = (row: { contender: string }) => row.contender.startsWith('gradus')
const key = (row: { suite: string; case: string; contender: string }) =>
  `${row.suite}\n${row.case}\n${row.contender}`

/** What differs between two runs by more than noise; `after` is the newer one. */
export function compareReports(before: Pick<Report, 'rows'>, after: Pick<Report, 'rows'>): Comparison {
  const earlier = new Map(before.rows.map((row) => [key(row), row]))
  const pairs = after.rows.flatMap((row) => {
    const old = earlier.get(key(row))
    return old !== undefined && old.samples.length > 0 && row.samples.length > 0 ? [{ old, row }] : []
  })
  const machineOf = (suite: string | null) =>
    movement(pairs.filter(({ row }) => suite === null || row.suite === suite))
  const whole = machineOf(null) ?? { drift: 1, spread: 1 }
  // the machine changes within a run too: a suite takes minutes, in which its peers say what it did
  const machines = new Map(
    pairs.map(({ row }) => row.suite).map((suite) => [suite, machineOf(suite) ?? whole]),
  )
  const changes = pairs.map(({ old, row }) => {
    const { suite, case: name, contender } = row
    return { suite, case: name, contender, ...changeOf(old, row, machines.get(suite) ?? whole) }
  })
  return {
    changes: changes.filter((change) => change.verdict !== 'same'),
    drift: whole.drift,
    compared: pairs.length,
  }
}

interface Pair {
  readonly old: Row
  readonly row: Row
}

/** What figures did that cannot have changed; both are ratios. */
interface Machine {
  /** The movement of the median peer. */
  readonly drift: number
  /** What two of three peers stayed within, above and below the drift: one standard deviation, if it were a normal one. */
  readonly spread: number
}

/** How the other libraries moved, which are the same in both runs; null where they are too few to say. */
function movement(pairs: readonly Pair[]): Machine | null {
  const moved = pairs
    .filter(({ row }) => !isOwn(row) && !onTwoThreads(row) && row.unit === 'ms')
    .map(({ old, row }) => Math.log(median(row.samples) / median(old.samples)))
  if (moved.length < 3) return null
  const drift = median(moved)
  const away = moved.map((one) => Math.abs(one - drift)).sort((a, b) => a - b)
  return { drift: Math.exp(drift), spread: Math.exp(quantile(away, 2 / 3)) }
}

/** The changes of gradus that a second measurement found too, in the same direction; those of others as they are. */
export function confirm(first: Comparison, second: Comparison): Comparison {
  const found = new Map(second.changes.map((change) => [key(change), change.verdict]))
  return {
    ...first,
    changes: first.changes.filter((change) => !isOwn(change) || found.get(key(change)) === change.verdict),
  }
}

/** `rows`, with those that were measured again in place of the first ones. */
export function replaceRows(rows: readonly Row[], again: readonly Row[]): Row[] {
  const newer = new Map(again.map((row) => [key(row), row]))
  return rows.map((row) => newer.get(key(row)) ?? row)
}

/** The cases in which gradus seems to have changed, by suite. */
export function suspects({ changes }: Comparison): Map<string, Set<string>> {
  const cases = new Map<string, Set<string>>()
  for (const change of changes.filter(isOwn)) {
    const known = cases.get(change.suite) ?? new Set()
    cases.set(change.suite, known.add(change.case))
  }
  return cases
}

function changeOf(old: Row, row: Row, { drift, spread }: Machine): Change {
  if (row.unit === 'ms') {
    const { ratio, threshold } = compareSamples(old.samples, row.samples)
    const doubt = (old.weak || row.weak ? busyMachine : 1) * (onTwoThreads(row) ? secondCore : 1)
    // what the machine did in between could have gone either way in any one row
    return judge(ratio, threshold * Math.max(drift, 1 / drift) * spread * doubt)
  }
  const [a, b] = [median(old.samples), median(row.samples)]
  // sizes are exact
  if (row.unit === 'kB') return judge(b / a, 1.002)
  if (row.unit === '×') return judge(b / a, 1.1)
  return judge((Math.max(b, 0) + youngMB) / (Math.max(a, 0) + youngMB), 1.5)
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
    `Commit ${before.commit}, ${before.date}. ${compared} figures compared; ${own.length} of gradus differ by more than noise, each measured twice; ` +
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

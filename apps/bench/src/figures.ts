import type { Case, Suite } from './case.ts'
import type { ContenderInfo, Report, Row } from './report.ts'
import { median, summarize } from './statistics.ts'

/** Looks figures of a report up. */
export class Figures {
  readonly report: Report
  private readonly rows: Map<string, Row>

  constructor(report: Report) {
    this.report = report
    this.rows = new Map(report.rows.map((row) => [`${row.suite}\n${row.case}\n${row.contender}`, row]))
  }

  row(suite: string, name: string, contender: string): Row | null {
    return this.rows.get(`${suite}\n${name}\n${contender}`) ?? null
  }

  /** The median in the unit of the case, or null where there is none. */
  value(suite: string, name: string, contender: string): number | null {
    const row = this.row(suite, name, contender)
    return row === null || row.samples.length === 0 ? null : median(row.samples)
  }

  /** Runtimes of JavaScript that took part, the newest Node first. */
  runtimes(): string[] {
    const found = [...new Set(this.report.contenders.map((one) => one.runtime))].filter(
      (one) => one !== 'python',
    )
    const rank = (runtime: string) => (runtime.startsWith('node') ? 1000 - Number(runtime.slice(4)) : 2000)
    return found.sort((a, b) => rank(a) - rank(b))
  }

  contender(id: string): ContenderInfo | null {
    return this.report.contenders.find((one) => one.id === id) ?? null
  }
}

/** How a suite's figures are shown: the number and its unit. */
export function shown(suite: Suite, one: Case, row: Row): { value: number; unit: string } {
  const middle = median(row.samples)
  if (row.unit !== 'ms') return { value: middle, unit: row.unit }
  if (suite.chart === 'gflops' && one.flops !== undefined)
    return { value: one.flops / middle / 1e6, unit: 'GFLOP/s' }
  if (suite.chart === 'us') return { value: middle * 1000, unit: 'µs' }
  return { value: middle, unit: 'ms' }
}

export function spreadOf(row: Row): number {
  return summarize(row.samples).spread
}

export const digits = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  if (size >= 1) return value.toFixed(2)
  return value.toPrecision(2)
}

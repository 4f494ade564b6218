import type { Case, Suite } from './case.ts'
import type { Contender } from './contender.ts'
import { disagreements } from './agreement.ts'
import type { Remote } from './process/remote.ts'
import type { Progress } from './progress.ts'
import type { ContenderInfo, Row } from './report.ts'
import { acceptSamples, median, type Sample } from './statistics.ts'

/** How long each contender is measured on each case. */
export interface Effort {
  readonly rounds: number
  /** Samples a contender takes when it is its turn in a round. */
  readonly burst: number
  readonly sampleMs: number
  readonly warmMs: number
  /** The warm-up of suites of {@link Suite.steps}, for libraries in JavaScript. */
  readonly warmStepsMs: number
  /** The same before each further turn, of steps shorter than a sample: others had the caches, and V8 may have dropped code. */
  readonly warmAgainMs: number
  readonly warmCalls: number
  /** Sampling of one cell stops being repeated beyond this. */
  readonly cellMs: number
  /** A contender that does not answer for so long is ended. */
  readonly timeout: number
}

export const fullEffort: Effort = {
  rounds: 7,
  burst: 10,
  sampleMs: 2,
  warmMs: 300,
  warmStepsMs: 2000,
  warmAgainMs: 150,
  warmCalls: 8,
  cellMs: 800,
  timeout: 25_000,
}
export const quickEffort: Effort = {
  rounds: 3,
  burst: 6,
  sampleMs: 2,
  warmMs: 60,
  warmStepsMs: 600,
  warmAgainMs: 50,
  warmCalls: 3,
  cellMs: 250,
  timeout: 10_000,
}

/** A contender within one suite: its process, started again after a crash. */
class Entrant {
  readonly contender: Contender
  info: ContenderInfo | null = null
  failure: string | null = null
  private remote: Remote | null = null

  constructor(contender: Contender) {
    this.contender = contender
  }

  async ready(timeout: number): Promise<Remote | null> {
    if (this.failure !== null) return null
    if (this.remote?.alive) return this.remote
    const { id, peer, runtime: where } = this.contender
    const fail = (failure: string) => {
      this.failure = failure
      this.info ??= { id, peer, runtime: where, version: '–', engine: failure, peaks: null }
      return null
    }
    try {
      this.remote = await this.contender.start()
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error))
    }
    const reply = await this.remote.request({ op: 'load', contender: this.contender.load }, timeout)
    if (!('ok' in reply)) {
      await this.remote.close()
      return fail(`does not load: ${'error' in reply ? reply.error : reply.absent}`)
    }
    const { version, runtime, peaks } = reply.ok
    this.info = { id, peer, runtime: where, version, engine: runtime, peaks }
    return this.remote
  }

  async close(): Promise<void> {
    await this.remote?.close()
    this.remote = null
  }
}

/** A contender that has a case prepared and warm, and the samples it gave so far. */
interface Running {
  readonly entrant: Entrant
  readonly remote: Remote
  readonly iterations: number
  readonly burst: number
  readonly rounds: number
  readonly samples: Sample[]
  quietCanary: number
  error: string | null
}

const takesPart = (suite: Suite, one: Case, contender: Contender) =>
  (one.only === undefined || one.only.includes(contender.load.library)) &&
  (suite.runtimes !== 'node' || contender.runtime !== 'chromium') &&
  (suite.runtimes !== 'newest' || contender.main)

export interface SuiteRun {
  readonly rows: Row[]
  readonly infos: ContenderInfo[]
}

/** Runs one suite: a fresh process for each contender, and case by case all of them in turn. */
export async function runSuite(
  suite: Suite,
  cases: readonly Case[],
  contenders: readonly Contender[],
  effort: Effort,
  handicap: number,
  progress: Progress,
): Promise<SuiteRun> {
  const entrants = contenders.map((contender) => new Entrant(contender))
  const rows: Row[] = []
  try {
    for (const one of cases) {
      progress.begin(`${suite.name} ${one.name}`)
      const found = await runCase(suite, one, entrants, effort, handicap)
      rows.push(...found)
      progress.done(summaryOf(found))
      if (suite.fresh) await Promise.all(entrants.map((entrant) => entrant.close()))
    }
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.close()))
  }
  return { rows, infos: entrants.flatMap((entrant) => entrant.info ?? []) }
}

async function runCase(
  suite: Suite,
  one: Case,
  entrants: readonly Entrant[],
  effort: Effort,
  handicap: number,
): Promise<Row[]> {
  const rows: Row[] = []
  const running: Running[] = []
  const results = new Map<string, number[]>()
  const base = { suite: suite.name, case: one.name, unit: one.unit ?? ('ms' as const) }
  const fail = (entrant: Entrant, reply: { absent: string } | { error: string }) => {
    const contender = entrant.contender.id
    if ('absent' in reply)
      rows.push({ ...base, contender, status: 'absent', reason: reply.absent, samples: [], weak: false })
    else
      rows.push({
        ...base,
        contender,
        status: 'error',
        reason: firstLine(reply.error),
        samples: [],
        weak: false,
      })
  }

  for (const entrant of entrants) {
    const { contender } = entrant
    if (!takesPart(suite, one, contender)) continue
    const implementation = one[contender.load.library]
    if (implementation === undefined || (typeof implementation === 'object' && 'absent' in implementation)) {
      fail(entrant, { absent: implementation?.absent ?? 'not written for this library' })
      continue
    }
    const remote = await entrant.ready(effort.timeout)
    if (remote === null) {
      fail(entrant, { error: entrant.failure ?? 'does not start' })
      continue
    }
    const program = typeof implementation === 'string' ? implementation : null
    const prepared = await remote.request(
      { op: 'prepare', suite: suite.name, case: one.name, program, sizes: one.sizes },
      effort.timeout,
    )
    if (!('ok' in prepared)) {
      fail(entrant, prepared)
      continue
    }
    if (prepared.ok.result !== null) results.set(contender.id, prepared.ok.result)
    if (!prepared.ok.timed) {
      const measured = await remote.request({ op: 'measure' }, effort.timeout)
      if ('ok' in measured)
        rows.push({
          ...base,
          contender: contender.id,
          status: 'ok',
          samples: [measured.ok.value],
          weak: false,
        })
      else fail(entrant, measured)
      await remote.request({ op: 'release' }, effort.timeout)
      continue
    }
    const warmMs = suite.steps && contender.runtime !== 'python' ? effort.warmStepsMs : effort.warmMs
    const warm = await remote.request(
      { op: 'warm', calls: effort.warmCalls, ms: warmMs, limit: Math.max(effort.cellMs * 2, warmMs) },
      effort.timeout,
    )
    if (!('ok' in warm)) {
      fail(entrant, warm)
      continue
    }
    running.push({
      entrant,
      remote,
      ...planSampling(warm.ok.ms, effort),
      samples: [],
      quietCanary: Infinity,
      error: null,
    })
  }

  // in turn, so that what the machine does in between falls on all of them
  for (let round = 0; round < effort.rounds; round++) {
    for (const one of running) {
      if (round >= one.rounds || one.error !== null) continue
      const { warmAgainMs: ms } = effort
      if (suite.steps && one.iterations > 1)
        await one.remote.request({ op: 'warm', calls: 1, ms, limit: 2 * ms }, effort.timeout)
      const slowed = one.entrant.contender.load.library === 'gradus' ? handicap : 1
      const reply = await one.remote.request(
        { op: 'sample', count: one.burst, iterations: one.iterations, handicap: slowed },
        effort.timeout,
      )
      if ('ok' in reply) {
        one.samples.push(...reply.ok.samples)
        one.quietCanary = reply.ok.quietCanary
      } else one.error = 'error' in reply ? reply.error : reply.absent
    }
  }

  const differing = disagreements(results, one.tolerance ?? 1e-3)
  for (const { entrant, remote, samples, quietCanary, error } of running) {
    const { id } = entrant.contender
    const released = await remote.request({ op: 'release' }, effort.timeout)
    const { peakBytes, ulp } = 'ok' in released ? released.ok : { peakBytes: null, ulp: null }
    if (samples.length === 0) {
      fail(entrant, { error: error ?? 'no samples' })
      continue
    }
    const accepted = acceptSamples(samples, quietCanary)
    const difference = differing.get(id)
    rows.push({
      ...base,
      contender: id,
      status: difference === undefined ? 'ok' : 'differs',
      ...(difference === undefined ? {} : { reason: difference }),
      samples: accepted.ms,
      weak: accepted.weak,
      ...(peakBytes === null ? {} : { peakBytes }),
      ...(ulp === null ? {} : { ulp }),
    })
  }
  return rows
}

/** How many iterations make a sample, and how many samples fit into the time of a cell. */
function planSampling(ms: number, effort: Effort): { iterations: number; burst: number; rounds: number } {
  const iterations = Math.max(1, Math.round(effort.sampleMs / Math.max(ms, 1e-6)))
  const affordable = Math.max(1, Math.floor(effort.cellMs / Math.max(ms * iterations, 1e-3)))
  const burst = Math.min(effort.burst, Math.max(1, Math.floor(affordable / effort.rounds)))
  return { iterations, burst, rounds: Math.min(effort.rounds, Math.ceil(affordable / burst)) }
}

const firstLine = (text: string) => text.split('\n')[0].slice(0, 200)

function summaryOf(rows: readonly Row[]): string {
  const figures = rows.map((row) => {
    if (row.samples.length === 0) return `${row.contender} ${row.status}`
    return `${row.contender} ${row.status === 'differs' ? '! ' : ''}${median(row.samples).toPrecision(3)}`
  })
  return figures.join(', ')
}

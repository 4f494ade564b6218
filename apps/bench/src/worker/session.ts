import { makeCanary, measurePeaks } from '../canary.ts'
import type { Case, Library, Prepared, Setup } from '../case.ts'
import type { Load, Replies, Request } from '../protocol.ts'
import { quietOf, type Sample } from '../statistics.ts'
import { suites } from '../suites/index.ts'

/** A library loaded in this process, as its implementations receive it. */
export interface Loaded {
  readonly library: unknown
  readonly version: string
}

const isAbsent = (value: object): value is { absent: string } => 'absent' in value

class Refused extends Error {}

/** The contender's side of the protocol, the same in Node and in a page. */
export class Session {
  private loaded: { load: Load; library: unknown } | null = null
  private prepared: Prepared | null = null
  private readonly canary = makeCanary()
  private readonly canaries: number[] = []
  private readonly runtime: string
  private readonly load: (load: Load) => Promise<Loaded>
  private readonly processorMs: (() => number) | null

  /** @param processorMs - milliseconds of processor time this process has used, where the runtime tells */
  constructor(runtime: string, load: (load: Load) => Promise<Loaded>, processorMs: (() => number) | null) {
    this.runtime = runtime
    this.load = load
    this.processorMs = processorMs
  }

  /** Never rejects: what goes wrong is the answer. */
  async answer(request: Request): Promise<object> {
    try {
      return { ok: await this.handle(request) }
    } catch (error) {
      if (error instanceof Refused) return { absent: error.message }
      return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
    }
  }

  private async handle(request: Request): Promise<Replies[keyof Replies]> {
    switch (request.op) {
      case 'load': {
        const { library, version } = await this.load(request.contender)
        this.loaded = { load: request.contender, library }
        return { version, runtime: this.runtime, peaks: measurePeaks(), parallel: null }
      }
      case 'prepare':
        return this.prepare(request.suite, request.case)
      case 'warm':
        return this.warm(request.calls, request.ms, request.limit)
      case 'sample':
        return this.sample(request.count, request.iterations, request.handicap)
      case 'measure': {
        const measure = this.current().measure
        if (measure === undefined) throw new Error('this case is timed')
        return { value: await measure() }
      }
      case 'release': {
        const { prepared } = this
        this.prepared = null
        const peakBytes = prepared?.peakBytes?.() ?? null
        const ulp = (await prepared?.ulp?.()) ?? null
        prepared?.release?.()
        return { peakBytes, ulp }
      }
    }
  }

  private async prepare(suite: string, name: string): Promise<Replies['prepare']> {
    if (this.loaded === null) throw new Error('no library is loaded')
    const found = suites.find((one) => one.name === suite)?.cases.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no case ${suite}/${name}`)
    const { library, load } = this.loaded
    const start = performance.now()
    this.prepared = await setupOf(found, load.library)(library, found.sizes)
    const result = await this.prepared.result?.()
    return {
      result: result === undefined ? null : [...result],
      timed: this.prepared.run !== undefined,
      ms: performance.now() - start,
    }
  }

  private current(): Prepared {
    if (this.prepared === null) throw new Error('no case is prepared')
    return this.prepared
  }

  private async repeat(iterations: number): Promise<number> {
    const { run } = this.current()
    if (run === undefined) throw new Error('this case is not timed')
    const start = performance.now()
    const first = run()
    if (first instanceof Promise) {
      await first
      for (let i = 1; i < iterations; i++) await run()
    } else for (let i = 1; i < iterations; i++) run()
    return performance.now() - start
  }

  private async warm(calls: number, ms: number, limit: number): Promise<Replies['warm']> {
    const start = performance.now()
    let done = 0
    let batch = 1
    for (;;) {
      const last = (await this.repeat(batch)) / batch
      done += batch
      const elapsed = performance.now() - start
      if ((done >= calls && elapsed >= ms) || elapsed + last * batch > limit) return { ms: last, calls: done }
      batch = Math.max(1, Math.min(batch * 2, Math.floor(ms / 4 / Math.max(last, 1e-6))))
    }
  }

  private async sample(count: number, iterations: number, handicap: number): Promise<Replies['sample']> {
    const samples: Sample[] = []
    let before = this.watch()
    for (let i = 0; i < count; i++) {
      // a handicapped kernel really runs that much longer, so that `--compare` can be tried on it
      const usedBefore = this.processorMs?.() ?? 0
      const elapsed = await this.repeat(Math.round(iterations * handicap))
      const busy = this.processorMs === null ? null : (this.processorMs() - usedBefore) / elapsed
      const after = this.watch()
      samples.push({ ms: elapsed / iterations, canary: Math.max(before, after), busy })
      before = after
    }
    return { samples, quietCanary: quietOf(this.canaries) }
  }

  private watch(): number {
    const ms = this.canary()
    this.canaries.push(ms)
    return ms
  }
}

function setupOf(found: Case, library: Library): Setup<unknown> {
  const setup = library === 'torch' ? undefined : found[library]
  if (setup === undefined) throw new Refused('not written for this library')
  if (isAbsent(setup)) throw new Refused(setup.absent)
  // `library` was loaded for exactly this key of the case
  return setup as Setup<unknown>
}

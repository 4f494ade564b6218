import type { Sample } from './statistics.ts'

/** What the director asks of a contender's process, one line of JSON each. worker.py speaks the same. */
export type Request =
  | { readonly op: 'load'; readonly contender: Load }
  | {
      readonly op: 'prepare'
      readonly suite: string
      readonly case: string
      readonly program: string | null
      readonly sizes: Readonly<Record<string, number>>
    }
  | { readonly op: 'warm'; readonly calls: number; readonly ms: number; readonly limit: number }
  | { readonly op: 'sample'; readonly count: number; readonly iterations: number; readonly handicap: number }
  | { readonly op: 'measure' }
  | { readonly op: 'release' }

/** Which library a process loads, and how. */
export interface Load {
  readonly library: 'gradus' | 'jax' | 'tfjs' | 'js' | 'torch'
  readonly backend: 'wasm' | 'cpu'
  readonly threads: number
}

export interface Replies {
  load: {
    version: string
    runtime: string
    peaks: { relaxedMadd: number | null; mulAdd: number } | null
    parallel: number | null
  }
  prepare: { result: number[] | null; timed: boolean; ms: number }
  /** Milliseconds of one iteration once warm. */
  warm: { ms: number; calls: number }
  sample: { samples: Sample[]; quietCanary: number }
  measure: { value: number }
  release: { peakBytes: number | null; ulp: number | null }
}

/** A contender's answer that is an answer: the case is not for it. */
export interface Refusal {
  readonly absent: string
}
export type Reply<Op extends Request['op']> = { ok: Replies[Op] } | Refusal | { error: string }

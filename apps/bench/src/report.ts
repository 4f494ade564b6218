import { cpus, release, totalmem, platform, arch } from 'node:os'
import { execFileSync } from 'node:child_process'
import type { Missing } from './contender.ts'

/** One contender on one case. */
export interface Row {
  readonly suite: string
  readonly case: string
  readonly contender: string
  readonly status: 'ok' | 'absent' | 'error' | 'differs'
  /** Why there is no figure, or how the result differs. */
  readonly reason?: string
  readonly unit: 'ms' | 'MB' | 'kB' | '×'
  /** Accepted samples of one iteration, in `unit`. */
  readonly samples: readonly number[]
  /** Fewer than five samples, or none of them taken while the machine was quiet. */
  readonly weak: boolean
  readonly peakBytes?: number
  /** The largest error, in units in the last place. */
  readonly ulp?: number
}

export interface ContenderInfo {
  readonly id: string
  readonly peer: string
  readonly runtime: string
  readonly version: string
  readonly engine: string
  /** Arithmetic limits of this engine in GFLOP/s, measured in the same run. */
  readonly peaks: { readonly relaxedMadd: number | null; readonly mulAdd: number } | null
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
  readonly system: string
  readonly node: string
  /** Rate of two busy threads together over the rate of one: 2 on two real cores, 1 on two halves of one. */
  readonly twoThreads: number
}

/** All that a run found out; what `--compare` reads. */
export interface Report {
  readonly format: 1
  readonly date: string
  readonly command: string
  readonly commit: string
  readonly seconds: number
  readonly machine: Machine
  readonly contenders: readonly ContenderInfo[]
  readonly missing: readonly Missing[]
  readonly rows: readonly Row[]
}

export function describeMachine(twoThreads: number): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGB: Math.round(totalmem() / 1e9),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    twoThreads,
  }
}

/** The commit that was measured, with a mark if files differ from it. */
export function currentCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const hash = git('rev-parse', '--short', 'HEAD')
    return git('status', '--porcelain', '--untracked-files=no') === '' ? hash : `${hash} with changes`
  } catch {
    return 'unknown'
  }
}

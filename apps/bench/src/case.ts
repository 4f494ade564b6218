import type * as jax from '@jax-js/jax'
import type * as tf from '@tensorflow/tfjs-core'
import type * as g from 'gradus'

/** The libraries as an implementation receives them: loaded and configured, one per process. */
export type Gradus = typeof g
export type Tf = typeof tf
export type Jax = typeof jax

export type Sizes = Readonly<Record<string, number>>

/** A case made ready in one process. Either `run` is timed, or `measure` answers the figure itself. */
export interface Prepared {
  /** One iteration. A promise is awaited before the next. */
  run?(): unknown
  /** The figure of a case with a unit of its own; called once. */
  measure?(): number | Promise<number>
  /** Numbers that every contender must agree on; called once, before anything is timed. */
  result?: undefined | (() => readonly number[] | Promise<readonly number[]>)
  /** The largest error against float64, in units in the last place; called once, after the samples. */
  ulp?(): number | Promise<number>
  /** The most bytes the library has held, where it counts them. */
  peakBytes?(): number
  release?(): void
}

export type Setup<Lib> = (lib: Lib, sizes: Sizes) => Prepared | Promise<Prepared>

/** Why a contender has nothing to run. */
export interface Absent {
  readonly absent: string
}
export const absent = (reason: string): Absent => ({ absent: reason })

/**
 * One thing to measure, with one implementation per library. A missing one is shown as absent, and so is one that
 * throws, with its error.
 */
export interface Case {
  readonly name: string
  readonly sizes: Sizes
  /** Floating point operations of one iteration; shown as GFLOP/s. */
  readonly flops?: number
  /** Bytes one iteration must read and write; shown as GB/s. */
  readonly bytes?: number
  /** What `measure` answers; milliseconds when it is not given. */
  readonly unit?: 'MB' | '×'
  /** Part of `--quick`. */
  readonly quick?: boolean
  /** Libraries this case is for; all that implement it by default. */
  readonly only?: readonly Library[]
  /** How far results of two contenders may be apart, relative to the larger; 1e-3 by default. */
  readonly tolerance?: number
  readonly gradus?: Setup<Gradus> | Absent
  readonly jax?: Setup<Jax> | Absent
  readonly tfjs?: Setup<Tf> | Absent
  readonly js?: Setup<null> | Absent
  /**
   * Python that defines `run`, or `measure`, and perhaps `result` and `peak_bytes`; torch, nn, F and what worker.py
   * offers are in scope, the sizes as variables.
   */
  readonly torch?: string | Absent
}

export interface Suite {
  readonly name: string
  readonly title: string
  /** What is done and how to read it; one paragraph of the output. */
  readonly text: string
  readonly cases: readonly Case[]
  /** How the chart shows it. */
  readonly chart: 'gflops' | 'gbytes' | 'ms' | 'us' | 'value' | 'scaling'
  /** Where it is measured: in every runtime by default, or not in browsers, or in the newest Node alone. */
  readonly runtimes?: 'node' | 'newest'
  /** Calls of many functions, which engines go on making faster: a longer warm-up, and a short one before each turn. */
  readonly steps?: boolean
  /** A new process for each case: memory is counted from its start. */
  readonly fresh?: boolean
}

/** Where an implementation is found in a case. */
export type Library = 'gradus' | 'jax' | 'tfjs' | 'js' | 'torch'

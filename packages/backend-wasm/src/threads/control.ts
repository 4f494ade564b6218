/**
 * Words that threads share, as indices into the memory's 32-bit words. Those that several threads write lie 64 bytes apart.
 */
export const control = {
  /** Counts jobs; idle workers wait for it to change. */
  epoch: 16,
  /** 1 while chunks may be claimed. */
  open: 17,
  /** Workers that look at the job. */
  active: 32,
  /** The next chunk to claim. */
  next: 48,
  /** Chunks that are done. */
  finished: 64,
  /** Chunks that failed on a worker. */
  failed: 80,
  /** Workers that have come up, and those that sleep. */
  ready: 96,
  sleeping: 112,
  /** The job: chunks, and how many a turn takes; number, address and length of the module; its function and argument. */
  chunks: 128,
  grain: 129,
  code: 130,
  codeAddress: 131,
  codeBytes: 132,
  entry: 133,
  argument: 134,
  /** Byte after the last of these words. */
  end: 640,
} as const

/** Exports of modules that a job may call, by number. */
export const entryNames = [
  'run',
  'runMany',
  'gemm',
  'packWeight',
  'correlate',
  'weightPartials',
  'sumPartials',
] as const

/**
 * Milliseconds that a thread polls before it sleeps: longer than the work of JavaScript between two jobs of a training step. To
 * wake a thread takes some 40 µs, more than many a job. Turns of a loop are no measure: engines make them eight times faster
 * after a while.
 */
export const spinMs = 1

/** Turns of such a loop between two looks at the clock. */
export const spinTurns = 64

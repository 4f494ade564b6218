/** What a list of samples says: times of one iteration, or ratios of times. */
export interface Summary {
  readonly median: number
  /** Half the width of the middle half of the samples, relative to the median. */
  readonly spread: number
  /** Standard error of the logarithm of the median, from the spread and the number of samples. */
  readonly error: number
  readonly count: number
}

export function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q
  const below = Math.floor(position)
  const above = Math.ceil(position)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below)
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

/**
 * Summary of positive samples. Noise on a machine is one-sided and heavy-tailed, so everything comes from ranks: the
 * median absolute deviation of the logarithms stands for the standard deviation (factor 1.4826), and the median of n
 * samples has 1.2533 times the standard error of their mean.
 */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = quantile(sorted, 0.5)
  const deviations = sorted.map((sample) => Math.abs(Math.log(sample / middle)))
  const deviation = 1.4826 * median(deviations)
  // fewer than five samples say little about their own spread: count them as if they were 10 % apart
  const sigma = samples.length < 5 ? Math.max(deviation, 0.1) : deviation
  return {
    median: middle,
    spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / (2 * middle),
    error: (1.2533 * sigma) / Math.sqrt(samples.length),
    count: samples.length,
  }
}

/** What a process adds to the time when it starts anew: where code and data came to lie, what the engine made of them. */
const betweenRuns = 0.06
/** Two-sided one in a thousand: a run has hundreds of rows, and each is compared. */
const z = 3.29

export interface Change {
  /** Time after over time before. */
  readonly ratio: number
  /** The smallest ratio above 1 that would count, and its inverse below. */
  readonly threshold: number
  readonly verdict: 'slower' | 'faster' | 'same'
}

/**
 * Whether two sets of samples of one case differ by more than noise: by more than {@link z} standard errors of both
 * medians together and what one run differs from the next anyway.
 */
export function compareSamples(before: readonly number[], after: readonly number[]): Change {
  const a = summarize(before)
  const b = summarize(after)
  const ratio = b.median / a.median
  const limit = betweenRuns + z * Math.hypot(a.error, b.error)
  const change = Math.log(ratio)
  return {
    ratio,
    threshold: Math.exp(limit),
    verdict: change > limit ? 'slower' : change < -limit ? 'faster' : 'same',
  }
}

export interface Sample {
  /** Milliseconds of one iteration. */
  readonly ms: number
  /** Time of the canary before and after it, the slower of the two, in milliseconds. */
  readonly canary: number
  /** Processor time over elapsed time, where the runtime tells; below 1 another process had the core. */
  readonly busy: number | null
}

/**
 * What the canary takes on a quiet machine: the tenth part of all its times in a process. The very fastest would be a
 * moment of higher clock, beside which all others look disturbed.
 */
export const quietOf = (canaries: readonly number[]): number =>
  quantile(
    [...canaries].sort((a, b) => a - b),
    0.1,
  )

/** How much slower than when it is quiet the canary may be beside a sample that is believed. */
export const canaryTolerance = 1.12
const busyEnough = 0.95

/**
 * The samples taken while the machine was quiet: those whose canary ran within 12 % of `quietCanary` and during which the
 * process kept its core. With fewer than five of them the faster half of all samples is used, and the result is marked as weak.
 */
export function acceptSamples(
  samples: readonly Sample[],
  quietCanary: number,
): { ms: number[]; weak: boolean } {
  const clean = samples.filter(
    ({ canary, busy }) => canary <= quietCanary * canaryTolerance && (busy === null || busy >= busyEnough),
  )
  if (clean.length >= Math.min(5, samples.length))
    return { ms: clean.map((sample) => sample.ms), weak: samples.length < 5 }
  const sorted = samples.map((sample) => sample.ms).sort((a, b) => a - b)
  return { ms: sorted.slice(0, Math.ceil(sorted.length / 2)), weak: true }
}

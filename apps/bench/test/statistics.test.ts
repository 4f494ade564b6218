import { describe, expect, test } from 'vitest'
import { acceptSamples, compareSamples, median, quantile, quietOf, summarize } from '../src/statistics.ts'

/** Uniform numbers in [0, 1) from a seed: the same samples in every run of the tests. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Times as a busy machine gives them: close to `ms`, some of them much longer. */
function times(ms: number, count: number, seed: number): number[] {
  const next = numbers(seed)
  return Array.from({ length: count }, () => {
    const noise = 0.03 * (next() + next() + next())
    return ms * (1 + noise + (next() < 0.1 ? next() : 0))
  })
}

describe('median and quantiles', () => {
  test('the median of one number is the number', () => {
    expect(median([3])).toBe(3)
  })

  test('the median of an even count lies between the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('quantiles interpolate', () => {
    expect(quantile([0, 10, 20], 0.25)).toBe(5)
  })
})

describe('summarize', () => {
  test('no samples are an error', () => {
    expect(() => summarize([])).toThrow('no samples')
  })

  test('equal samples have neither spread nor error', () => {
    expect(summarize([2, 2, 2, 2, 2])).toEqual({ median: 2, spread: 0, error: 0, count: 5 })
  })

  test('one long sample does not move the summary of many', () => {
    const calm = summarize([1, 1.01, 1.02, 1.01, 1, 1.02, 1.01])
    const disturbed = summarize([1, 1.01, 1.02, 1.01, 1, 1.02, 50])
    expect(disturbed.median).toBe(calm.median)
    expect(disturbed.error).toBe(calm.error)
  })

  test('two samples are not trusted to know their own spread', () => {
    expect(summarize([1, 1]).error).toBeGreaterThan(0.08)
  })
})

describe('compareSamples', () => {
  test('two runs of the same kernel are the same, whatever the seed', () => {
    const verdicts = Array.from(
      { length: 500 },
      (_, i) => compareSamples(times(1, 21, 2 * i), times(1, 21, 2 * i + 1)).verdict,
    )
    expect(new Set(verdicts)).toEqual(new Set(['same']))
  })

  test('two runs that differ by 3 %, as processes do, are the same', () => {
    const verdicts = Array.from(
      { length: 200 },
      (_, i) => compareSamples(times(1, 21, 2 * i), times(1.03, 21, 2 * i + 1)).verdict,
    )
    expect(verdicts.filter((verdict) => verdict !== 'same')).toEqual([])
  })

  test('a kernel slowed by 20 % is flagged, whatever the seed', () => {
    const verdicts = Array.from(
      { length: 500 },
      (_, i) => compareSamples(times(1, 21, 2 * i), times(1.2, 21, 2 * i + 1)).verdict,
    )
    expect(new Set(verdicts)).toEqual(new Set(['slower']))
  })

  test('a kernel that gained 20 % is faster', () => {
    expect(compareSamples(times(1.25, 21, 1), times(1, 21, 2)).verdict).toBe('faster')
  })

  test('wide samples ask for a larger change', () => {
    const narrow = compareSamples([1, 1, 1, 1, 1], [1, 1, 1, 1, 1])
    const wide = compareSamples([0.8, 0.9, 1, 1.1, 1.2], [0.8, 0.9, 1, 1.1, 1.2])
    expect(wide.threshold).toBeGreaterThan(narrow.threshold)
  })
})

describe('acceptSamples', () => {
  test('samples beside a slow canary are dropped', () => {
    const quiet = [1, 1, 1, 1, 1].map((ms) => ({ ms, canary: 0.5, busy: 1 }))
    const busy = [2, 2, 2].map((ms) => ({ ms, canary: 0.9, busy: 1 }))
    expect(acceptSamples([...quiet, ...busy], 0.5)).toEqual({ ms: [1, 1, 1, 1, 1], weak: false })
  })

  test('samples during which another process had the core are dropped', () => {
    const kept = [1, 1, 1, 1, 1].map((ms) => ({ ms, canary: 0.5, busy: 1.01 }))
    const lost = [4, 4].map((ms) => ({ ms, canary: 0.5, busy: 0.3 }))
    expect(acceptSamples([...lost, ...kept], 0.5)).toEqual({ ms: [1, 1, 1, 1, 1], weak: false })
  })

  test('one canary faster than all others does not make them look disturbed', () => {
    expect(quietOf([1, ...new Array<number>(20).fill(2)])).toBe(2)
  })

  test('a canary 12 % above its quiet time is still quiet', () => {
    const samples = [1, 1, 1, 1, 1].map((ms) => ({ ms, canary: 0.56, busy: null }))
    expect(acceptSamples(samples, 0.5).weak).toBe(false)
  })

  test('without five quiet samples the faster half is taken and marked as weak', () => {
    const samples = [5, 1, 2, 4, 3, 6].map((ms) => ({ ms, canary: 9, busy: 1 }))
    expect(acceptSamples(samples, 0.5)).toEqual({ ms: [1, 2, 3], weak: true })
  })

  test('one sample of a slow case is weak', () => {
    expect(acceptSamples([{ ms: 3000, canary: 0.5, busy: 1 }], 0.5)).toEqual({ ms: [3000], weak: true })
  })
})

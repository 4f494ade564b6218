import type { DType } from '../../base/dtype.ts'

/** The elements of a resampled axis as weighted sums: each adds one element of the axis per tap. */
export interface Taps {
  /** Per tap the positions it reads, one for each element of the result. */
  readonly positions: readonly Int32Array[]
  /** Per tap the weights, one for each element of the result; no array where all weights are 1. */
  readonly weights: readonly Float64Array[]
}

export type Kernel = 'nearest' | 'nearest-exact' | 'linear' | 'cubic'

/**
 * The taps that resample an axis of `from` elements to `to` elements: PyTorch's upsample kernels. Positions are computed in
 * float32, or in float64 for elements of float64.
 *
 * @param factor - the ratio to take instead of that of the lengths, or null
 */
export function tapsOf(
  kernel: Kernel,
  from: number,
  to: number,
  factor: number | null,
  alignCorners: boolean,
  antialias: boolean,
  dtype: DType,
): Taps {
  const round = dtype === 'float64' ? (x: number): number => x : Math.fround
  const ratio = factor !== null && factor > 0 ? round(1 / factor) : round(from / to)
  const aligned = to > 1 ? round((from - 1) / (to - 1)) : 0
  const scale = alignCorners ? aligned : ratio
  if (kernel === 'nearest' || kernel === 'nearest-exact') {
    const shift = kernel === 'nearest' ? 0 : 0.5
    const at = (i: number): number => Math.min(Math.floor(round((i + shift) * scale)), from - 1)
    return { positions: [Int32Array.from({ length: to }, (_, i) => at(i))], weights: [] }
  }
  if (antialias) return smoothed(kernel, from, to, scale)
  const centre = (i: number): number => round(alignCorners ? scale * i : scale * (i + 0.5) - 0.5)
  return kernel === 'linear' ? linear(from, to, centre) : cubic(from, to, centre)
}

function linear(from: number, to: number, centre: (i: number) => number): Taps {
  const [low, high] = [new Int32Array(to), new Int32Array(to)]
  const [before, after] = [new Float64Array(to), new Float64Array(to)]
  for (let i = 0; i < to; i++) {
    const at = Math.max(0, centre(i))
    low[i] = Math.min(Math.floor(at), from - 1)
    high[i] = Math.min(low[i] + 1, from - 1)
    after[i] = Math.min(Math.max(at - low[i], 0), 1)
    before[i] = 1 - after[i]
  }
  return { positions: [low, high], weights: [before, after] }
}

/** Keys' cubic, whose slope at distance 1 is `a`. */
function cubicAt(distance: number, a: number): number {
  const x = Math.abs(distance)
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
}

function cubic(from: number, to: number, centre: (i: number) => number): Taps {
  const positions = Array.from({ length: 4 }, () => new Int32Array(to))
  const weights = Array.from({ length: 4 }, () => new Float64Array(to))
  for (let i = 0; i < to; i++) {
    const at = centre(i)
    const base = Math.floor(at)
    for (let k = 0; k < 4; k++) {
      positions[k][i] = Math.min(Math.max(base + k - 1, 0), from - 1)
      weights[k][i] = cubicAt(at - base - (k - 1), -0.75)
    }
  }
  return { positions, weights }
}

/** The kernel stretched over all elements that an element of the result stands for. */
function smoothed(kernel: Kernel, from: number, to: number, scale: number): Taps {
  const stretch = Math.max(scale, 1)
  const support = (kernel === 'linear' ? 1 : 2) * stretch
  const filter = (x: number): number =>
    kernel === 'linear' ? Math.max(0, 1 - Math.abs(x)) : cubicAt(x, -0.5)
  const rows = Array.from({ length: to }, (_, i) => {
    const centre = scale * (i + 0.5)
    const start = Math.max(Math.trunc(centre - support + 0.5), 0)
    const end = Math.min(Math.trunc(centre + support + 0.5), from)
    const values = Array.from({ length: end - start }, (__, j) =>
      filter((start + j - centre + 0.5) / stretch),
    )
    const total = values.reduce((a, b) => a + b, 0)
    return { start, values: values.map((v) => (total === 0 ? 0 : v / total)) }
  })
  const count = Math.max(...rows.map((row) => row.values.length))
  const tap = <A extends Int32Array | Float64Array>(
    into: A,
    at: (row: (typeof rows)[number]) => number,
  ): A => {
    rows.forEach((row, i) => (into[i] = at(row)))
    return into
  }
  const taps = Array.from({ length: count }, (_, k) => k)
  return {
    positions: taps.map((k) => tap(new Int32Array(to), ({ start }) => Math.min(start + k, from - 1))),
    weights: taps.map((k) => tap(new Float64Array(to), ({ values }) => values[k] ?? 0)),
  }
}

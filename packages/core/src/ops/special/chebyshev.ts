/** A Chebyshev series on an interval. */
export interface Segment {
  readonly from: number
  readonly to: number
  readonly c: readonly number[]
}

/** The sum of a Chebyshev series by Clenshaw's recurrence (1955). */
export function seriesAt({ from, to, c }: Segment, x: number): number {
  const t = (2 * x - from - to) / (to - from)
  let [b, last] = [0, 0]
  for (let k = c.length - 1; k > 0; k--) [b, last] = [2 * t * b - last + c[k], b]
  return t * b - last + c[0]
}

/** The segment that holds x. */
export const segmentsAt = (segments: readonly Segment[], x: number): number =>
  seriesAt(segments.find(({ to }) => x <= to) ?? segments[segments.length - 1], x)

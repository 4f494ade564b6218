import { message, double, doubles, type Field } from './protobuf.ts'

/** Bounds that grow by a tenth, from 1e-12 to 1e20, on both sides of 0: those of TensorBoard. */
function bounds(): number[] {
  const positive: number[] = []
  for (let v = 1e-12; v < 1e20; v *= 1.1) positive.push(v)
  return [...positive.map((v) => -v).reverse(), 0, ...positive]
}

/** How values are spread, as field 5 of a summary. Values must be finite, and at least one. */
export function histogram(values: ArrayLike<number>): Field {
  const limits = bounds()
  const counts = new Array<number>(limits.length - 1).fill(0)
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const x = values[i]
    if (x < min) min = x
    if (x > max) max = x
    sum += x
    squares += x * x
    const bin = binOf(limits, x)
    if (bin !== null) counts[bin]++
  }
  // an empty place is kept before the first one, where bars begin
  const first = Math.max(
    0,
    counts.findIndex((n) => n > 0),
  )
  const last = counts.findLastIndex((n) => n > 0)
  const kept = first > 0 ? counts.slice(first - 1, last + 1) : [0, ...counts.slice(0, last + 1)]
  return message(5, [
    double(1, min),
    double(2, max),
    double(3, values.length),
    double(4, sum),
    double(5, squares),
    doubles(6, limits.slice(first, last + 2)),
    doubles(7, kept),
  ])
}

/** The place of a value: the last one includes its upper bound. */
function binOf(limits: readonly number[], x: number): number | null {
  const last = limits.length - 1
  if (!(x >= limits[0] && x <= limits[last])) return null
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (limits[middle] <= x) low = middle
    else high = middle
  }
  return low
}

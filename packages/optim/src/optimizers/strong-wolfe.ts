import type { Tensor } from '@gradus/core/functions'

/** A point on the search line: step, loss, gradient, and the slope along the direction. */
export interface Probe {
  readonly t: number
  readonly loss: number
  readonly g: Tensor
  readonly slope: number
}

/** The point that a search found, and its number of evaluations. */
export interface Found extends Probe {
  readonly evaluations: number
}

// how far a step may fall behind the promised decrease, and how flat the slope has to become
const DECREASE = 1e-4
const CURVATURE = 0.9

/**
 * The least point of the cubic through two probes, between bounds (those of the probes by default).
 *
 * @see Nocedal & Wright 2006, "Numerical optimization", equation 3.59
 */
function cubicMinimum(a: Probe, b: Probe, bounds?: readonly [number, number]): number {
  const [low, high] = bounds ?? [Math.min(a.t, b.t), Math.max(a.t, b.t)]
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t)
  const square = d1 * d1 - a.slope * b.slope
  if (!(square >= 0)) return (low + high) / 2
  const d2 = Math.sqrt(square)
  const at =
    a.t <= b.t
      ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
      : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
  return Math.min(Math.max(at, low), high)
}

/** A step inside a bracket. One too near to an end twice in a row, or beyond it, is moved inwards. */
function stepWithin(a: Probe, b: Probe, stalled: boolean): { t: number; stalled: boolean } {
  const [left, right] = [Math.min(a.t, b.t), Math.max(a.t, b.t)]
  const t = cubicMinimum(a, b)
  const margin = 0.1 * (right - left)
  if (!(Math.min(right - t, t - left) < margin)) return { t, stalled: false }
  if (!stalled && t < right && t > left) return { t, stalled: true }
  return { t: Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin, stalled: false }
}

/**
 * A step along a direction that decreases the loss enough and leaves little slope: the strong Wolfe conditions.
 *
 * @param probe - evaluates a step
 * @param origin - where the search begins: `t` is 0
 * @param first - the step to try first
 * @param largest - the largest element of the direction
 * @param tolerance - below this a change of an element counts for nothing
 * @param most - evaluations after the first
 * @see Nocedal & Wright 2006, "Numerical optimization", algorithms 3.5 and 3.6, as PyTorch has them
 */
export function strongWolfe(
  probe: (t: number) => Probe,
  origin: Probe,
  first: number,
  largest: number,
  tolerance: number,
  most: number,
): Found {
  const tooHigh = ({ t, loss }: Probe): boolean => loss > origin.loss + DECREASE * t * origin.slope
  const isFlat = ({ slope }: Probe): boolean => Math.abs(slope) <= -CURVATURE * origin.slope
  let now = probe(first)
  let evaluations = 1
  let iteration = 0
  let before = origin
  let bracket: [Probe, Probe] | null = null
  while (iteration < most) {
    if (tooHigh(now) || (iteration > 1 && now.loss >= before.loss)) {
      bracket = [before, now]
      break
    }
    if (isFlat(now)) return { ...now, evaluations }
    if (now.slope >= 0) {
      bracket = [before, now]
      break
    }
    const t = cubicMinimum(before, now, [now.t + 0.01 * (now.t - before.t), now.t * 10])
    before = now
    now = probe(t)
    evaluations++
    iteration++
  }
  bracket ??= [origin, now]
  let low = bracket[0].loss <= bracket[1].loss ? 0 : 1
  let stalled = false
  while (iteration < most) {
    const [a, b] = bracket
    if (Math.abs(b.t - a.t) * largest < tolerance) break
    const step = stepWithin(a, b, stalled)
    stalled = step.stalled
    now = probe(step.t)
    evaluations++
    iteration++
    if (tooHigh(now) || now.loss >= bracket[low].loss) {
      bracket[1 - low] = now
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1
      continue
    }
    const done = isFlat(now)
    if (!done && now.slope * (bracket[1 - low].t - bracket[low].t) >= 0) bracket[1 - low] = bracket[low]
    bracket[low] = now
    if (done) break
  }
  return { ...bracket[low], evaluations }
}

import type { LoopAxis } from '../codegen/axes.ts'

/** All positions of some loops, with where each operand is there. */
export function eachPosition(
  axes: readonly LoopAxis[],
  start: readonly number[],
  visit: (at: readonly number[]) => void,
): void {
  if (axes.length === 0) return visit(start)
  const [first, ...rest] = axes
  for (let i = 0; i < first.size; i++) {
    eachPosition(rest, start.map((at, k) => at + i * first.strides[k]), visit) // prettier-ignore
  }
}

import type { Shape } from '@gradus/core/backend'

/** The lines along an axis of dense elements: visits the place of each first element; the others are `step` apart. */
export function eachLine(
  shape: Shape,
  axis: number,
  visit: (first: number, step: number, length: number) => void,
): void {
  const length = shape[axis] ?? 1
  let step = 1
  let outer = 1
  shape.forEach((n, i) => {
    if (i < axis) outer *= n
    if (i > axis) step *= n
  })
  if (length === 0) return
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < step; i++) visit(o * length * step + i, step, length)
  }
}

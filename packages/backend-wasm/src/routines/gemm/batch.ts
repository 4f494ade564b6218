/** One axis of a batch: its size, and the steps of A, B and C in elements. */
export interface BatchAxis {
  size: number
  a: number
  b: number
  c: number
}

/** Axes of size 1 go, and neighbours that all three step through as one become one. The last turns fastest. */
export function mergeAxes(axes: readonly BatchAxis[]): BatchAxis[] {
  const merged: BatchAxis[] = []
  for (const axis of axes) {
    if (axis.size === 1) continue
    const outer = merged.at(-1)
    if (outer !== undefined && isOneAxis(outer, axis)) {
      merged[merged.length - 1] = { ...axis, size: outer.size * axis.size }
    } else {
      merged.push(axis)
    }
  }
  return merged
}

function isOneAxis(outer: BatchAxis, inner: BatchAxis): boolean {
  const { size } = inner
  return outer.a === inner.a * size && outer.b === inner.b * size && outer.c === inner.c * size
}

/** An axis of the loops: its length, and per operand the distance between neighbours (bytes; 1 for positions). */
export interface LoopAxis {
  size: number
  strides: number[]
}

/**
 * Axes of one group made as few as possible: those of length 1 go, axes that every real operand walks backwards are turned
 * round, and neighbours that lie back to back for every operand become one.
 *
 * @param real - how many operands, from the first on, are memory; the others are positions
 * @param guide - the operand whose strides order the axes, the longest first
 * @param offsets - per operand, moved where an axis is turned
 */
export function simplify(axes: LoopAxis[], real: number, guide: number, offsets: number[]): LoopAxis[] {
  if (axes.some(({ size }) => size === 0)) return [{ size: 0, strides: offsets.map(() => 0) }]
  const kept = axes.filter(({ size }) => size !== 1)
  for (const axis of kept) turnRound(axis, real, offsets)
  if (guide >= 0) kept.sort((a, b) => Math.abs(b.strides[guide]) - Math.abs(a.strides[guide]))
  const merged: LoopAxis[] = []
  for (const axis of kept) {
    const last = merged.at(-1)
    if (last && backToBack(last, axis))
      merged[merged.length - 1] = { size: last.size * axis.size, strides: axis.strides }
    else merged.push(axis)
  }
  return merged
}

function backToBack(outer: LoopAxis, inner: LoopAxis): boolean {
  for (let o = 0; o < inner.strides.length; o++) {
    if (outer.strides[o] !== inner.strides[o] * inner.size) return false
  }
  return true
}

function turnRound(axis: LoopAxis, real: number, offsets: number[]): void {
  let backwards = false
  for (let o = 0; o < real; o++) {
    if (axis.strides[o] > 0) return
    if (axis.strides[o] < 0) backwards = true
  }
  if (!backwards) return
  for (let o = 0; o < axis.strides.length; o++) {
    offsets[o] += axis.strides[o] * (axis.size - 1)
    axis.strides[o] = -axis.strides[o] || 0
  }
}

export const sizeOfAxes = (axes: readonly LoopAxis[]): number => axes.reduce((n, { size }) => n * size, 1)

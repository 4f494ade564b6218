const bits = new DataView(new ArrayBuffer(4))

/** Distance between a float32 and the next larger one in magnitude. */
function spacing(value: number): number {
  bits.setFloat32(0, Math.abs(value))
  const below = bits.getUint32(0)
  bits.setUint32(0, below + 1)
  const above = bits.getFloat32(0)
  bits.setUint32(0, below)
  return above - bits.getFloat32(0)
}

/** The largest error of float32 results against `exact`, computed in float64, in units in the last place. */
export function ulpError(values: ArrayLike<number>, exact: (i: number) => number): number {
  let worst = 0
  for (let i = 0; i < values.length; i++) {
    const expected = exact(i)
    worst = Math.max(worst, Math.abs(values[i] - expected) / spacing(Math.fround(expected)))
  }
  return worst
}

/**
 * The same for rows of `columns` elements, in units in the last place of the largest element of each row: what is left
 * where terms of a row cancel has no digits of its own.
 */
export function rowUlpError(
  values: ArrayLike<number>,
  exact: ArrayLike<number>,
  columns = exact.length,
): number {
  let worst = 0
  for (let first = 0; first < values.length; first += columns) {
    let largest = 0
    let error = 0
    for (let i = first; i < first + columns; i++) {
      largest = Math.max(largest, Math.abs(exact[i]))
      error = Math.max(error, Math.abs(values[i] - exact[i]))
    }
    worst = Math.max(worst, error / spacing(Math.fround(largest)))
  }
  return worst
}

/** A plane rotation that takes (f, g) to (r, 0), as LAPACK's lartg leaves it: written to `c`, `s`, `r`. */
export interface Rotation {
  c: number
  s: number
  r: number
}

/** The rotation that takes (f, g) to (r, 0): LAPACK's lartg, with the signs that it had up to version 3.9. */
export function rotationTo(to: Rotation, f: number, g: number): void {
  if (g === 0) {
    to.c = 1
    to.s = 0
    to.r = f
  } else if (f === 0) {
    to.c = 0
    to.s = 1
    to.r = g
  } else {
    const square = f * f + g * g
    const length = square > 1e-280 && square < 1e300 ? Math.sqrt(square) : Math.hypot(f, g)
    to.r = f < 0 && Math.abs(f) > Math.abs(g) ? -length : length
    to.c = f / to.r
    to.s = g / to.r
  }
}

/**
 * Rotates neighbouring rows of `z`, whose rows have `n` elements: those from `first` on, by `count` rotations, downwards or
 * upwards. By strips of columns, which stay in the second cache while all rotations pass over them.
 */
export function rotateRows(
  z: Float64Array,
  n: number,
  first: number,
  count: number,
  cosines: Float64Array,
  sines: Float64Array,
  down: boolean,
): void {
  const strip = 128
  for (let from = 0; from < n; from += strip) {
    const width = Math.min(strip, n - from)
    for (let k = 0; k < count; k++) {
      const i = down ? first + k : first + count - 1 - k
      const c = cosines[i]
      const s = sines[i]
      if (c === 1 && s === 0) continue
      for (let j = 0, p = i * n + from, q = p + n; j < width; j++, p++, q++) {
        const y = z[q]
        const x = z[p]
        z[q] = c * y - s * x
        z[p] = s * y + c * x
      }
    }
  }
}

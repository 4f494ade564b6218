/**
 * Numbers between -1 and 1 that every contender can make for itself: element i of stream `seed` is a hash of both.
 * `worker.py` has the same function.
 */
export function fill(size: number, seed: number): Float32Array {
  const values = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d)
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b)
    values[i] = ((h ^ (h >>> 16)) >>> 0) / 2147483648 - 1
  }
  return values
}

/** Class labels or token ids: integers in [0, classes) from the same hash. */
export function labels(size: number, classes: number, seed: number): Int32Array {
  const values = fill(size, seed)
  return Int32Array.from(values, (value) => Math.min(classes - 1, Math.floor(((value + 1) / 2) * classes)))
}

/** A digest of a result that two contenders can compare: its mean magnitude and three of its elements. */
export function digest(values: ArrayLike<number>): number[] {
  let magnitude = 0
  for (let i = 0; i < values.length; i++) magnitude += Math.abs(values[i])
  const last = values.length - 1
  return [magnitude / values.length, values[0], values[last >> 1], values[last]]
}

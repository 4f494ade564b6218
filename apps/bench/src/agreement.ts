import { median } from './statistics.ts'

/**
 * Contenders whose result is not the one most of them have. Each number of a result is compared with the median of all
 * contenders, relative to its size, or to the largest number of the result where it is close to 0.
 */
export function disagreements(
  results: ReadonlyMap<string, readonly number[]>,
  tolerance: number,
): Map<string, string> {
  const found = new Map<string, string>()
  const all = [...results.values()]
  if (all.length < 2) return found
  const length = Math.min(...all.map((result) => result.length))
  const consensus = Array.from({ length }, (_, i) => median(all.map((result) => result[i])))
  const scale = Math.max(...consensus.map(Math.abs))
  for (const [id, result] of results) {
    const worst = consensus.findIndex((value, i) => {
      const allowed = tolerance * Math.max(Math.abs(value), 0.1 * scale)
      return !(Math.abs(result[i] - value) <= allowed)
    })
    if (worst >= 0) {
      found.set(
        id,
        `result ${result[worst].toPrecision(6)} where others have ${consensus[worst].toPrecision(6)}`,
      )
    }
  }
  return found
}

import type { Generator } from './generator.ts'
import { standardNormal } from './normal.ts'

// constants of single precision, as PyTorch's program has them
const third = Math.fround(1 / 3)
const squeeze = Math.fround(0.0331)
const identity = (x: number): number => x

/**
 * A number of the gamma distribution of rate 1: `torch._standard_gamma`, in double.
 *
 * By rejection (Marsaglia and Tsang 2000); below a concentration of 1 from that of one more, scaled by a power of a uniform
 * number. Numbers are those of PyTorch, as far as log, pow, sin and cos of the two platforms agree.
 *
 * @param round - to the dtype in which PyTorch computes with the concentration; none by default, which is float64
 * @see https://doi.org/10.1145/358407.358414
 * @example
 * gamma(new Generator(0), 0) // => 0
 */
export function gamma(generator: Generator, concentration: number, round = identity): number {
  let alpha = concentration
  let scale = 1
  if (alpha < 1) {
    if (alpha === 0) return 0
    scale = (1 - generator.u53()) ** round(1 / alpha)
    alpha = round(alpha + 1)
  }
  const d = round(alpha - third)
  const c = 1 / Math.sqrt(9 * d)
  // no number passes the tests below where the concentration is NaN
  if (!(d > 0)) return NaN
  for (;;) {
    let x: number
    let y: number
    do {
      x = standardNormal(generator)
      y = 1 + c * x
    } while (y <= 0)
    const v = y * y * y
    const u = 1 - generator.u53()
    const xx = x * x
    if (u < 1 - squeeze * xx * xx) return scale * d * v
    if (Math.log(u) < 0.5 * xx + d * (1 - v + Math.log(v))) return scale * d * v
  }
}

import { hostFunctionOfTwo } from '../../op/host-pointwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'

// B(2k) / (2k)!: Abramowitz & Stegun 23.1
const bernoulli = [
  1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
  -3617 / 10670622842880000, 43867 / 5109094217170944000,
] // prettier-ignore

/** Hurwitz' zeta function by Euler's and Maclaurin's sum: Abramowitz & Stegun 23.2, after nine terms. */
function zetaOf(s: number, q: number): number {
  if (Number.isNaN(s) || Number.isNaN(q)) return NaN
  if (s === 1) return Infinity
  if (s < 1) return NaN
  if (q <= 0) {
    if (q === Math.floor(q)) return Infinity
    if (s !== Math.floor(s)) return NaN
  }
  // the small ones first
  const terms: number[] = []
  let w = q
  while (terms.length < 9 || w <= 9) {
    const term = w ** -s
    terms.push(term)
    w++
    if (w > 0 && Math.abs(term) < 2 ** -54 * Math.abs(terms[0])) return sumBackwards(terms)
  }
  const last = w ** -s
  terms.push((last * w) / (s - 1), 0.5 * last)
  let factor = (last * s) / w
  for (let k = 0; k < bernoulli.length; k++) {
    terms.push(bernoulli[k] * factor)
    factor *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (w * w)
  }
  return sumBackwards(terms)
}

function sumBackwards(terms: readonly number[]): number {
  let sum = 0
  for (let i = terms.length - 1; i >= 0; i--) sum += terms[i]
  return sum
}

/**
 * Hurwitz' zeta function `Σ (k + q)^-x`, elementwise: infinite for x = 1, NaN below. Its gradient is
 * that by q. A relative error of `q + k` grows by the factor x: some 3 units in the last place for x of 10, 90 for 30.
 *
 * @param x - the exponent, a tensor or number
 * @param q - where the sum begins, a tensor or number; 1 for Riemann's zeta function
 * @throws ArgumentError where neither is a tensor
 * @throws GradError in backward, if x needs a gradient
 * @see https://pytorch.org/docs/stable/special.html#torch.special.zeta
 * @example
 * g.special.zeta(g.tensor([2]), 1).tolist() // => [1.6449]
 */
export const zeta: (x: Tensor | number, q: Tensor | number) => Tensor = /* @__PURE__ */ hostFunctionOfTwo(
  'zeta',
  zetaOf,
  (g, x, q) =>
    g
      .mul(x)
      .mul(-1)
      .mul(zeta(x.add(1), q)),
)

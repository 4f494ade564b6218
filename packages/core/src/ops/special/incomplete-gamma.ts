import { hostFunctionOfTwo } from '../../op/host-pointwise.ts'
import { written } from '../../op/in-place.ts'
import { erfc, lgamma, lgammaOfOneAnd } from '../../program/special.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { exp, log } from '../elementwise/exponential.ts'
import { lgamma as lgammaTensor } from '../elementwise/special.ts'

/*
 * The incomplete gamma functions: the power series and the continued fraction of DLMF 8.7.1 and 8.9.2, and Temme's uniform
 * expansion (1979; DLMF 8.12.3) where a is large and x near it.
 */

const epsilon = 2 ** -53

/** log(1 + m) - m. */
function log1pmx(m: number): number {
  if (Math.abs(m) > 0.3) return Math.log1p(m) - m
  let [sum, power] = [0, m]
  for (let k = 2; k < 60; k++) {
    power *= -m
    const term = power / k
    sum += term
    if (Math.abs(term) <= epsilon * Math.abs(sum)) break
  }
  return sum
}

/** Γ(a) over √(2π / a) (a / e)^a, for a ≥ 10: the exponential of Stirling's series. */
function stirling(a: number): number {
  const z = 1 / (a * a)
  return Math.exp(
    (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360)))))) / a,
  )
}

/** x^a e^-x / Γ(a). */
function prefactor(a: number, x: number): number {
  if (a >= 10) return (Math.sqrt(a / (2 * Math.PI)) * Math.exp(a * log1pmx((x - a) / a))) / stirling(a)
  if (a < 1) return a * Math.exp(a * Math.log(x) - x - lgammaOfOneAnd(a))
  return x > 600 ? Math.exp(a * Math.log(x) - x - lgamma(a)) : (x ** a * Math.exp(-x)) / gammaOf(a)
}

/** Γ(a) for a in [1, 10]: a product down to [1, 2]. */
function gammaOf(a: number): number {
  let product = 1
  let y = a
  while (y > 2) product *= --y
  return product * Math.exp(lgamma(y))
}

/** P by the series Σ xⁿ / ((a + 1) … (a + n)). */
function lowerSeries(a: number, x: number): number {
  const factor = prefactor(a, x)
  if (factor === 0) return 0
  let [sum, term] = [1, 1]
  for (let n = 1; n < 100_000; n++) {
    term *= x / (a + n)
    sum += term
    if (term <= epsilon * sum) break
  }
  return (factor / a) * sum
}

/** Q by the series of P, in which the 1 has been taken away: for small x. */
function upperSeries(a: number, x: number): number {
  let [sum, factor] = [0, 1]
  for (let n = 1; n < 1000; n++) {
    factor *= -x / n
    const term = factor / (a + n)
    sum += term
    if (Math.abs(term) <= epsilon * Math.abs(sum)) break
  }
  const power = a * Math.log(x)
  const first = a < 1 ? lgammaOfOneAnd(a) : lgamma(1 + a)
  return -Math.expm1(power - first) - a * Math.exp(power - first) * sum
}

/** Q by the continued fraction, evaluated by Lentz' algorithm (1976). */
function upperFraction(a: number, x: number): number {
  const factor = prefactor(a, x)
  if (factor === 0) return 0
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let h = d
  for (let i = 1; i < 100_000; i++) {
    const n = -i * (i - a)
    b += 2
    d = n * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + n / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    const step = d * c
    h *= step
    if (Math.abs(step - 1) <= 2 * epsilon) break
  }
  return factor * h
}

// C₀ to C₄ of Temme's expansion as series in η, from DLMF 8.12.9 to 8.12.11 in rational arithmetic
const temme = [
  [-0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194, -0.0001787551440329218, 3.919263178522438e-5, -2.185448510679992e-6, -1.85406221071516e-6, 8.296711340953087e-7, -1.7665952736826078e-7, 6.707853543401498e-9, 1.0261809784240309e-8, -4.382036018453353e-9, 9.14769958223679e-10],
  [-0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596, 0.00020576131687242798, -4.018775720164609e-7, -1.8098550334489977e-5, 7.64916091608111e-6, -1.6120900894563446e-6, 4.647127802807434e-9, 1.378633446915721e-7, -5.752545603517705e-8, 1.1951628599778148e-8],
  [0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-6, -0.0001073665322636516, 5.2923448829120125e-5, -1.2760635188618728e-5, 3.423578734096138e-8, 1.3721957309062934e-6, -6.298992138380055e-7, 1.4280614206064242e-7],
  [0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885, -7.561801671883977e-5, -2.396505113867297e-7, 1.1082654115347302e-5, -5.6749528269915965e-6, 1.4230900732435883e-6],
  [-0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-6, 6.641498215465122e-5, -3.968365047179435e-5, 1.1375726970678419e-5],
] // prettier-ignore

/** P (side -1) or Q (side 1) by the uniform expansion. */
function uniform(a: number, x: number, side: 1 | -1): number {
  const half = -log1pmx((x - a) / a)
  const eta = Math.sqrt(2 * half) * (x < a ? -1 : 1)
  let sum = 0
  for (let k = temme.length - 1; k >= 0; k--) {
    let series = 0
    for (let n = temme[k].length - 1; n >= 0; n--) series = series * eta + temme[k][n]
    sum = sum / a + series
  }
  return (
    0.5 * erfc(side * eta * Math.sqrt(a / 2)) +
    (side * Math.exp(-a * half) * sum) / Math.sqrt(2 * Math.PI * a)
  )
}

const isUniform = (a: number, x: number): boolean => a > 500 && Math.abs(x - a) < 0.2 * a

/** P at the ends of its domain, or null within: Q is 1 - P there. */
function lowerAtEnd(a: number, x: number): number | null {
  if (!(x >= 0 && a >= 0)) return NaN
  if (a === 0) return x > 0 ? 1 : NaN
  if (x === 0) return 0
  if (a === Infinity) return x === Infinity ? NaN : 0
  return x === Infinity ? 1 : null
}

function lowerOf(a: number, x: number): number {
  const end = lowerAtEnd(a, x)
  if (end !== null) return end
  if (isUniform(a, x)) return uniform(a, x, -1)
  return x > 1 && x > a ? 1 - upperOf(a, x) : lowerSeries(a, x)
}

function upperOf(a: number, x: number): number {
  const end = lowerAtEnd(a, x)
  if (end !== null) return 1 - end
  if (isUniform(a, x)) return uniform(a, x, 1)
  if (x > 1.1) return x < a ? 1 - lowerSeries(a, x) : upperFraction(a, x)
  const isLarge = x <= 0.5 ? -0.4 / Math.log(x) < a : x * 1.1 < a
  return isLarge ? 1 - lowerSeries(a, x) : upperSeries(a, x)
}

/** The density of the gamma distribution, which is the derivative of P by x. */
const density = (a: Tensor, x: Tensor): Tensor => exp(a.sub(1).mul(log(x)).sub(x).sub(lgammaTensor(a)))

const igammaOp = /* @__PURE__ */ hostFunctionOfTwo('igamma', lowerOf, (g, x, y) => g.mul(density(x, y)))
const igammaInto = /* @__PURE__ */ written('igamma_', igammaOp)

/**
 * The regularised lower incomplete gamma function `P(x, y) = 1 / Γ(x) ∫₀^y tˣ⁻¹ e⁻ᵗ dt`, elementwise. Its gradient is that by y.
 *
 * @param x - the exponent, a tensor or number, not negative
 * @param y - the end of the integral, a tensor or number, not negative
 * @throws ArgumentError where neither is a tensor
 * @throws GradError in backward, if x needs a gradient
 * @see https://pytorch.org/docs/stable/special.html#torch.special.gammainc
 * @example
 * g.igamma(g.tensor([4]), g.tensor([3, 4, 5])).tolist() // => [0.3528, 0.5665, 0.735]
 */
export const igamma = (x: Tensor | number, y: Tensor | number): Tensor => igammaOp(x, y)
/** {@link igamma} written into `x`. */
export const igamma_ = (x: Tensor, y: Tensor | number): Tensor => igammaInto(x, y)

const igammacOp = /* @__PURE__ */ hostFunctionOfTwo('igammac', upperOf, (g, x, y) =>
  g.mul(density(x, y)).mul(-1),
)
const igammacInto = /* @__PURE__ */ written('igammac_', igammacOp)

/**
 * The regularised upper incomplete gamma function, {@link igamma} taken from 1, elementwise: exact where that cancels. Its
 * gradient is that by y.
 *
 * @param x - the exponent, a tensor or number, not negative
 * @param y - the beginning of the integral, a tensor or number, not negative
 * @throws ArgumentError where neither is a tensor
 * @throws GradError in backward, if x needs a gradient
 * @see https://pytorch.org/docs/stable/special.html#torch.special.gammaincc
 * @example
 * g.igammac(g.tensor([4]), g.tensor([3, 4, 5])).tolist() // => [0.6472, 0.4335, 0.265]
 */
export const igammac = (x: Tensor | number, y: Tensor | number): Tensor => igammacOp(x, y)
/** {@link igammac} written into `x`. */
export const igammac_ = (x: Tensor, y: Tensor | number): Tensor => igammacInto(x, y)

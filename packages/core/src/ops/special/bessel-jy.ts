import { hostFunction } from '../../op/host-pointwise.ts'
import { cos } from '../elementwise/trigonometry.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { overArgument, overOr } from './ratio.ts'
import { seriesAt, type Segment } from './chebyshev.ts'

// Coefficients of these series were computed with mpmath 1.3 in 40 digits, by interpolation at Chebyshev nodes.
// J0(x), J1(x) / x, Y0(x) - 2/π log(x) J0(x) and (Y1(x) - 2/π (log(x) J1(x) - 1/x)) / x over x² up to 5
const j0Near: Segment = { from: 0, to: 25, c: [0.0023409898253245504, -0.49420509340952434, 0.39793736723207573, -0.09383145879659378, 0.010887531648681012, -0.0007606267657733754, 3.569483646356939e-5, -1.2060697061368316e-6, 3.079038572034392e-8, -6.154405541206829e-10, 9.89883306235983e-12, -1.3093862877228934e-13, 1.449925455546083e-15, -1.3640331632027614e-17] } // prettier-ignore
const j1Near: Segment = { from: 0, to: 25, c: [0.12472176826504336, -0.2686845684799195, 0.09129790663903893, -0.014004653451391028, 0.001219706194308904, -6.861294107933131e-5, 2.7033690715030914e-6, -7.885506927808829e-8, 1.7729297565883533e-9, -3.168183400785992e-11, 4.609607207864301e-13, -5.568208308467139e-15, 5.674750797163287e-17] } // prettier-ignore
const y0Near: Segment = { from: 0, to: 25, c: [0.20605257634092228, -0.13017522381095709, -0.291894720865317, 0.10268287966073635, -0.014279159901781987, 0.0011164629864165486, -5.677525113380376e-5, 2.0406703657627165e-6, -5.476431029755533e-8, 1.141220652090372e-9, -1.9021689490013906e-11, 2.5954970583106197e-13, -2.9540707750193604e-15, 2.848154182311252e-17] } // prettier-ignore
const y1Near: Segment = { from: 0, to: 25, c: [0.0531074450560213, 0.14189450894667655, -0.08834328868289824, 0.017111109934210778, -0.0017057852565133666, 0.000105257530278434, -4.44507526565354e-6, 1.3699277670028168e-7, -3.222883768023259e-9, 5.984534092223177e-11, -9.000965667133812e-13, 1.1194186560306676e-14, -1.1707921590181557e-16, 1.0444110354608508e-18] } // prettier-ignore

// beyond, P and x Q over 1 / x² of J = √(2/πx) (P cos χ - Q sin χ), Y = √(2/πx) (P sin χ + Q cos χ): Abramowitz & Stegun 9.2.5
const p0: Segment = { from: 0, to: 0.04, c: [0.9986523398776954, -0.00132937162125028, 1.761305551290559e-5, -6.319367118733069e-7, 3.948825587093808e-8, -3.5409678948019087e-9, 4.103246366872386e-10, -5.765747662655223e-11, 9.423105578391987e-12, -1.7401405706283885e-12, 3.5557750052411783e-13, -7.914641501338115e-14, 1.8959456362961828e-14, -4.841483019175697e-15, 1.3078555195901338e-15, -3.7140508214131535e-16, 1.103023177871277e-16, -3.410936210498113e-17, 1.0942187869810214e-17] } // prettier-ignore
const q0: Segment = { from: 0, to: 0.04, c: [-0.12364702582167493, 0.0013190194049922607, -3.218799121266175e-5, 1.6237093205642789e-6, -1.2743289742032805e-7, 1.3513032763134409e-8, -1.785075905119705e-9, 2.79085713479036e-10, -4.988908027652833e-11, 9.950713667806645e-12, -2.1751206043008833e-12, 5.140127162427605e-13, -1.2993242656059178e-13, 3.4837635776889786e-14, -9.84005757254373e-15, 2.9115274918592e-15, -8.982151171303344e-16, 2.8777689065579223e-16, -9.542905011731304e-17, 3.2658161943647676e-17, -1.1505181785324925e-17, 4.1632042653763675e-18, -1.5443691438963453e-18] } // prettier-ignore
const p1: Segment = { from: 0, to: 0.04, c: [1.00226762068534, 0.0022437352958079985, -2.3071018862548286e-5, 7.639181732533905e-7, -4.589685232343401e-8, 4.020515478419001e-9, -4.586773977170972e-10, 6.373158962859246e-11, -1.0327344567640412e-11, 1.8943274995111034e-12, -3.849703387824105e-13, 8.529914525779044e-14, -2.03544697865723e-14, 5.180421738900549e-15, -1.3953502148258493e-15, 3.9523601713314257e-16, -1.171117080126803e-16, 3.6140785647381075e-17, -1.1572356053251495e-17] } // prettier-ignore
const q1: Segment = { from: 0, to: 0.04, c: [0.37308734621468637, -0.0018705189681051477, 4.0056994520460306e-5, -1.914402839085632e-6, 1.458816510742199e-7, -1.5183398644673165e-8, 1.979922260589517e-9, -3.065981449437696e-10, 5.440233592059753e-11, -1.0786652192538468e-11, 2.346352831758894e-12, -5.522046856541826e-13, 1.390972848139383e-13, -3.7181516752164614e-14, 1.0474063117829167e-14, -3.091784202917912e-15, 9.518051831081497e-16, -3.0436450667050497e-16, 1.0075487579997453e-16, -3.442630661981254e-17, 1.2110503970220416e-17, -4.376388902426039e-18] } // prettier-ignore

/** J or Y for x > 5. χ = x - (2ν + 1) π/4 is not rounded: its cosine and sine are sums of those of x. */
function far(order: 0 | 1, second: boolean, x: number): number {
  if (x === Infinity) return 0
  const [sine, cosine] = [Math.sin(x), Math.cos(x)]
  const [c, s] = order === 0 ? [cosine + sine, sine - cosine] : [sine - cosine, -sine - cosine]
  const y = 1 / (x * x)
  const p = seriesAt(order === 0 ? p0 : p1, y)
  const q = seriesAt(order === 0 ? q0 : q1, y) / x
  return (second ? p * s + q * c : p * c - q * s) / Math.sqrt(Math.PI * x)
}

function j0(x: number): number {
  const y = Math.abs(x)
  return y <= 5 ? seriesAt(j0Near, y * y) : far(0, false, y)
}
function j1(x: number): number {
  const y = Math.abs(x)
  const value = y <= 5 ? y * seriesAt(j1Near, y * y) : far(1, false, y)
  return x < 0 ? -value : value
}
function y0(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  return x <= 5 ? seriesAt(y0Near, x * x) + (2 / Math.PI) * Math.log(x) * j0(x) : far(0, true, x)
}
function y1(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  return x <= 5
    ? x * seriesAt(y1Near, x * x) + (2 / Math.PI) * (Math.log(x) * j1(x) - 1 / x)
    : far(1, true, x)
}

/**
 * The Bessel function of the first kind of order 0, elementwise. Beside its zeros the error is that of its amplitude.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.bessel_j0
 * @example
 * g.special.besselJ0(g.tensor([0, 1])).tolist() // => [1, 0.7652]
 */
export const besselJ0: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('besselJ0', j0, (g, x) =>
  g.mul(besselJ1(x)).mul(-1),
)

/**
 * The Bessel function of the first kind of order 1, elementwise.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.bessel_j1
 * @example
 * g.special.besselJ1(g.tensor([0, 1])).tolist() // => [0, 0.4401]
 */
export const besselJ1: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('besselJ1', j1, {
  withResult: (g, x, out) => g.mul(besselJ0(x).sub(overArgument(out, x))),
})

/**
 * The Bessel function of the second kind of order 0, elementwise: minus infinity at 0, NaN below.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.besselY0(g.tensor([1])).tolist() // => [0.0883]
 */
export const besselY0: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('besselY0', y0, (g, x) =>
  g.mul(besselY1(x)).mul(-1),
)

/**
 * The Bessel function of the second kind of order 1, elementwise: minus infinity at 0, NaN below.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.besselY1(g.tensor([1])).tolist() // => [-0.7812]
 */
export const besselY1: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('besselY1', y1, {
  withResult: (g, x, out) => g.mul(besselY0(x).sub(out.div(x))),
})

function sphericalJ0(x: number): number {
  if (Math.abs(x) === Infinity) return 0
  return x === 0 ? 1 : Math.sin(x) / x
}

/**
 * The spherical Bessel function of order 0, `sin(x) / x`, elementwise; its gradient at 0 is 0.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.sphericalBesselJ0(g.tensor([0, 1])).tolist() // => [1, 0.8415]
 */
export const sphericalBesselJ0 = /* @__PURE__ */ hostFunction('sphericalBesselJ0', sphericalJ0, {
  withResult: (g, x, out) => g.mul(overOr(0, cos(x).sub(out), x)),
})

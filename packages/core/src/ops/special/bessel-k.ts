import { hostFunction } from '../../op/host-pointwise.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { i0Of, i1Of } from './bessel-i.ts'
import { segmentsAt, seriesAt, type Segment } from './chebyshev.ts'

// Coefficients of these series were computed with mpmath 1.3 in 40 digits, by interpolation at Chebyshev nodes.
// K0(x) + log(x / 2) I0(x) and x (K1(x) - log(x / 2) I1(x)) over x² up to 1; √x e^x K(x) up to 8, and over 1 / x beyond
const k0Near: Segment = { from: 0, to: 1, c: [-0.5187874901197932, 0.06031736872970144, 0.0019067979200040291, 1.7685826734608484e-5, 8.208545937766009e-8, 2.312054621357364e-10, 4.3900929016729766e-13, 6.010978195837249e-16] } // prettier-ignore
const k1Near: Segment = { from: 0, to: 1, c: [1.0026281767424945, -0.003083723236156991, -0.005804734892139602, -9.343972776301848e-5, -6.069965988117248e-7, -2.1873666020987345e-9, -5.0508650435693515e-12, -8.137368933407484e-15, -9.682587180882787e-18] } // prettier-ignore
const k0e: readonly Segment[] = [
  { from: 1, to: 2, c: [1.170501891900209, 0.022389751673488986, -0.003124894650513905, 0.00044735976729161933, -6.536752993722751e-5, 9.711987484436033e-6, -1.4629562617446877e-6, 2.2292021451351332e-7, -3.429966764430026e-8, 5.321546076744968e-9, -8.315683764241863e-10, 1.3075759917138504e-10, -2.0673435291914785e-11, 3.2844221023814395e-12, -5.240517337565646e-13, 8.393867509293146e-14, -1.3491352807041505e-14, 2.1752569364590865e-15, -3.5172474656866017e-16, 5.701962082282437e-17, -9.265737135000055e-18] },
  { from: 2, to: 4, c: [1.2065162753317844, 0.01389335541575088, -0.0020899577863589098, 0.00031796530515811836, -4.884586170262507e-5, 7.566655825294091e-6, -1.1806815800505705e-6, 1.854043976234985e-7, -2.927768324899709e-8, 4.6462895720903045e-9, -7.406186860869045e-10, 1.1852295092191691e-10, -1.9035252122634022e-11, 3.0670133075636787e-12, -4.956162228311165e-13, 8.030387391638778e-14, -1.3043395250352384e-14, 2.1233504019471643e-15, -3.463802517903795e-16, 5.661311900548008e-17, -9.269427249405597e-18] },
  { from: 4, to: 8, c: [1.2280745319020263, 0.007973471261320508, -0.0012655279425424373, 0.00020173109764184114, -3.228245405786557e-5, 5.184328920739739e-6, -8.352392618938968e-7, 1.3495807298186202e-7, -2.1864945921397427e-8, 3.551109315232333e-9, -5.780442476126843e-10, 9.428967653356501e-11, -1.5410115162112272e-11, 2.5230504782150997e-12, -4.1378051726941337e-13, 6.796561164616863e-14, -1.117993383358547e-14, 1.8415345892272166e-15, -3.037208697079835e-16, 5.015222178601533e-17] },
] // prettier-ignore
const k0eFar: Segment = { from: 0, to: 0.125, c: [1.243990650868462, -0.009174852691025696, 0.00014445509317750059, -4.01361417543571e-6, 1.5678318108523108e-7, -7.770110438521738e-9, 4.6111825761797177e-10, -3.158592997860566e-11, 2.435018039365041e-12, -2.0743313873983479e-13, 1.925787280589917e-14, -1.927554805838956e-15, 2.0621980291978182e-16, -2.3416851175792425e-17] } // prettier-ignore
const k1e: readonly Segment[] = [
  { from: 1, to: 2, c: [1.535381294667647, -0.08518560938903838, 0.013138653434762042, -0.002058930539874094, 0.00032661033716223326, -5.2307962940945974e-5, 8.441512172160947e-6, -1.370778752091687e-6, 2.237381431745964e-7, -3.667556080393828e-8, 6.033847744113211e-9, -9.95789377783902e-10, 1.6478379064487916e-10, -2.7332978446420398e-11, 4.543205020039945e-12, -7.565512251611702e-13, 1.2619112532852258e-13, -2.1079512563611215e-14, 3.525907563974752e-15, -5.9048089050171e-16, 9.899617877328782e-17, -1.661375163053535e-17] },
  { from: 2, to: 4, c: [1.404481255699457, -0.04793355512966327, 0.007667408254466034, -0.0012354516794877775, 0.00020027918827684473, -3.263307322410303e-5, 5.34020380872426e-6, -8.771356454901233e-7, 1.4453288687802212e-7, -2.3882443353514674e-8, 3.955988032117737e-9, -6.567070668409682e-10, 1.0922569415475349e-10, -1.8198097757896406e-11, 3.036684802435304e-12, -5.074356789931209e-13, 8.4901151706127e-14, -1.422159995046586e-14, 2.3847492477940074e-15, -4.0027512907969486e-16, 6.724542201106709e-17, -1.1306427828334335e-17] },
  { from: 4, to: 8, c: [1.3321949251747962, -0.02586293620563684, 0.004253477499656064, -0.0007015139397259863, 0.00011598867584242911, -1.922046376827656e-5, 3.191390643638814e-6, -5.308561089213425e-7, 8.844617420722638e-8, -1.4757782786650722e-8, 2.4657311269034463e-9, -4.1247968989282776e-10, 6.907920357148332e-11, -1.1580857341242651e-11, 1.943335743504081e-12, -3.263905417338367e-13, 5.4863310869173865e-14, -9.229031680178076e-15, 1.5535933969023647e-15, -2.6170095032179536e-16, 4.411044502102784e-17] },
] // prettier-ignore
const k1eFar: Segment = { from: 0, to: 0.125, c: [1.281896541718695, 0.02832887813049721, -0.00024753706739052506, 5.771972451607249e-6, -2.0689392195365484e-7, 9.739983441381804e-9, -5.585336140380625e-10, 3.7329966340461855e-11, -2.8250519610232256e-12, 2.372019002484144e-13, -2.176677387991754e-14, 2.1579141616160325e-15, -2.290196930718269e-16, 2.582885729823275e-17] } // prettier-ignore

/** The function by itself, or times e^x. */
function kOf(order: 0 | 1, scaled: boolean, x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN
  if (x === Infinity) return 0
  if (x <= 1) {
    const near =
      order === 0
        ? seriesAt(k0Near, x * x) - Math.log(x / 2) * i0Of(x)
        : seriesAt(k1Near, x * x) / x + Math.log(x / 2) * i1Of(x)
    return scaled ? near * Math.exp(x) : near
  }
  const [middle, far] = order === 0 ? [k0e, k0eFar] : [k1e, k1eFar]
  const value = (x <= 8 ? segmentsAt(middle, x) : seriesAt(far, 1 / x)) / Math.sqrt(x)
  return scaled ? value : value * Math.exp(-x)
}

const k0 = (x: number): number => kOf(0, false, x)
const k1 = (x: number): number => kOf(1, false, x)
const scaledK0 = (x: number): number => kOf(0, true, x)
const scaledK1 = (x: number): number => kOf(1, true, x)

/**
 * The modified Bessel function of the second kind of order 0, elementwise: infinite at 0, NaN below.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.modifiedBesselK0(g.tensor([1, 2])).tolist() // => [0.421, 0.1139]
 */
export const modifiedBesselK0 = /* @__PURE__ */ hostFunction('modifiedBesselK0', k0, (g, x) =>
  g.mul(modifiedBesselK1(x)).mul(-1),
)

/**
 * The modified Bessel function of the second kind of order 1, elementwise: infinite at 0, NaN below.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.modifiedBesselK1(g.tensor([1, 2])).tolist() // => [0.6019, 0.1399]
 */
export const modifiedBesselK1: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('modifiedBesselK1', k1, {
  withResult: (g, x, out) => g.mul(modifiedBesselK0(x).add(out.div(x))).mul(-1),
})

/**
 * `e^x K0(x)`, elementwise, which does not underflow.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.scaledModifiedBesselK0(g.tensor([1])).tolist() // => [1.1445]
 */
export const scaledModifiedBesselK0: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction(
  'scaledModifiedBesselK0',
  scaledK0,
  { withResult: (g, x, out) => g.mul(out.sub(scaledModifiedBesselK1(x))) },
)

/**
 * `e^x K1(x)`, elementwise, which does not underflow.
 *
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.scaledModifiedBesselK1(g.tensor([1])).tolist() // => [1.6362]
 */
export const scaledModifiedBesselK1: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction(
  'scaledModifiedBesselK1',
  scaledK1,
  { withResult: (g, x, out) => g.mul(out.sub(out.div(x)).sub(scaledModifiedBesselK0(x))) },
)

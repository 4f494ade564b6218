import { hostFunction } from '../../op/host-pointwise.ts'
import { sign } from '../elementwise/unary.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { overArgument } from './ratio.ts'
import { segmentsAt, seriesAt, type Segment } from './chebyshev.ts'

// Coefficients of these series were computed with mpmath 1.3 in 40 digits, by interpolation at Chebyshev nodes.
// e^-x I0(x) and e^-x I1(x) / x up to 8, and √x e^-x I(x) over 1 / x beyond
const i0eNear: readonly Segment[] = [
  { from: 0, to: 1, c: [0.6883500555661175, -0.26131048363610676, 0.04391826048933014, -0.005756083630859268, 0.000607466347812409, -5.336589876287697e-5, 4.006147163463465e-6, -2.622443780989379e-7, 1.520899122917338e-8, -7.914593097743334e-10, 3.734139064260799e-11, -1.611081230524175e-12, 6.40250168775507e-14, -2.358111484818842e-15, 8.092249940767983e-17] },
  { from: 1, to: 3, c: [0.3306013526133593, -0.10657959576998308, 0.022917168882279813, -0.004664127064896914, 0.0008425409783707738, -0.00013356085502909962, 1.8657885536608127e-5, -2.3167961154903097e-6, 2.581081695195679e-7, -2.6026415453618427e-8, 2.3941367895687437e-9, -2.0231558927030467e-10, 1.5802053104086766e-11, -1.1469366901573394e-12, 7.772669897735933e-14, -4.938946197845673e-15, 2.953656017688364e-16, -1.6680310525355793e-17] },
  { from: 3, to: 8, c: [0.18336846199388118, -0.047603992185159705, 0.009339234193314894, -0.0020594399889087415, 0.000479801107686521, -0.00011426895327424021, 2.711224657074141e-5, -6.27753051964891e-6, 1.3970901271044229e-6, -2.9592581244921226e-7, 5.932013513699006e-8, -1.1223307931518292e-8, 2.0027849135150855e-9, -3.372647922039197e-10, 5.366300547001226e-11, -8.080999462875407e-12, 1.1538422075371152e-12, -1.5651502097710206e-13, 2.0208301628830105e-14, -2.4881888539425344e-15, 2.9268532499912824e-16, -3.294809300554868e-17, 3.555331051464735e-18] },
] // prettier-ignore
const i0eFar: Segment = { from: 0, to: 0.125, c: [0.4022452055070544, 0.0033691164782556943, 6.889758346916825e-5, 2.8913705208347567e-6, 2.0489185894690638e-7, 2.266668990498178e-8, 3.3962320257083865e-9, 4.94060238822497e-10, 1.1889147107846439e-11, -3.1499165279632416e-11, -1.3215811840447713e-11, -1.7941785315068062e-12, 7.180124451383666e-13, 3.8527783827421426e-13, 1.54008621752141e-14, -4.150569347287222e-14, -9.554846698828307e-15, 3.811680669352621e-15, 1.7725601330565245e-15, -3.425485619677142e-16, -2.827623980516646e-16, 3.461222867695658e-17, 4.465621420302078e-17, -4.8305044859640105e-18, -7.233180488043844e-18] } // prettier-ignore
const i1eNear: readonly Segment[] = [
  { from: 0, to: 1, c: [0.3331954626607262, -0.14376995804923884, 0.020555781016660054, -0.0022593338335648292, 0.00020294125252998506, -1.5440805804758966e-5, 1.0196295313046634e-6, -5.9489133093272817e-8, 3.1090332731288548e-9, -1.4715055202208305e-10, 6.364044623119196e-12, -2.533828804211184e-13, 9.346203489794796e-15, -3.211134911790211e-16, 1.0324927008931963e-17] },
  { from: 1, to: 3, c: [0.1218001455866938, -0.06851034770170226, 0.014556060048271193, -0.0025861128101820107, 0.00039693795924041826, -5.3590374634276685e-5, 6.447071883505152e-6, -6.983458406968761e-7, 6.870901472260886e-8, -6.186659594954874e-9, 5.131345446773265e-10, -3.942911488492465e-11, 2.8209482755469476e-12, -1.8875438366503388e-13, 1.1858836417943462e-14, -7.02050445799025e-16, 3.928785687259115e-17, -2.0843011910115133e-18] },
  { from: 3, to: 8, c: [0.034555862112132706, -0.02275914879554615, 0.006239506982538349, -0.001572989769002847, 0.00037404649703258225, -8.454434911869344e-5, 1.8193127878180735e-5, -3.725383138535222e-6, 7.251580919121432e-7, -1.3407048599410658e-7, 2.3534521984939607e-8, -3.922744722010111e-9, 6.211690523375044e-10, -9.352543154850998e-11, 1.3403482564206237e-11, -1.830670307045519e-12, 2.3860805658638243e-13, -2.9719481358838157e-14, 3.5422795234249005e-15, -4.0458446426357004e-16, 4.434118465905403e-17, -4.669247391991336e-18, 4.730179507014309e-19] },
] // prettier-ignore
const i1eFar: Segment = { from: 0, to: 0.125, c: [0.38928811750914005, -0.009761097491361469, -0.00011058893876262371, -3.882564808877691e-6, -2.512236237870209e-7, -2.6314688468895196e-8, -3.835380385964237e-9, -5.589743462196584e-10, -1.8974958123505413e-11, 3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12, -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14, 4.2724400167119517e-14, 1.0420276984128802e-14, -3.814403072437007e-15, -1.8803547755107805e-15, 3.30820231092085e-16, 2.9626289976460157e-16, -3.209525921991637e-17, -4.6503053684947827e-17, 4.414348323093937e-18, 7.517296311011398e-18] } // prettier-ignore

/** `e^-|x| I0(x)`. */
export function i0eOf(x: number): number {
  const y = Math.abs(x)
  if (y === Infinity) return 0
  return y <= 8 ? segmentsAt(i0eNear, y) : seriesAt(i0eFar, 1 / y) / Math.sqrt(y)
}
/** `e^-|x| I1(x)`. */
export function i1eOf(x: number): number {
  const y = Math.abs(x)
  if (y === Infinity) return 0
  const value = y <= 8 ? y * segmentsAt(i1eNear, y) : seriesAt(i1eFar, 1 / y) / Math.sqrt(y)
  return x < 0 ? -value : value
}
// by halves of the exponent, which overflows before the function does
function grown(value: number, x: number): number {
  const y = Math.abs(x)
  if (y < 700) return value * Math.exp(y)
  const half = Math.exp(y / 2)
  return y === Infinity ? (x > 0 || value >= 0 ? Infinity : -Infinity) : value * half * half
}
/** `I0(x)`. */
export const i0Of = (x: number): number =>
  Number.isNaN(x) ? x : Math.abs(x) === Infinity ? Infinity : grown(i0eOf(x), x)
/** `I1(x)`. */
export const i1Of = (x: number): number => (Math.abs(x) === Infinity ? x : grown(i1eOf(x), x))

/**
 * The modified Bessel function of the first kind of order 0, elementwise.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.i0
 * @example
 * g.special.i0(g.tensor([0, 1])).tolist() // => [1, 1.2661]
 */
export const i0 = /* @__PURE__ */ hostFunction('i0', i0Of, (g, x) => g.mul(i1(x)))

/**
 * The modified Bessel function of the first kind of order 1, elementwise.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.i1
 * @example
 * g.special.i1(g.tensor([0, 1])).tolist() // => [0, 0.5652]
 */
export const i1: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('i1', i1Of, {
  withResult: (g, x, out) => g.mul(i0(x).sub(overArgument(out, x))),
})

/**
 * `e^-|x| I0(x)`, elementwise, which does not overflow.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.i0e
 * @example
 * g.special.i0e(g.tensor([0, 1])).tolist() // => [1, 0.4658]
 */
export const i0e: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('i0e', i0eOf, {
  withResult: (g, x, out) => g.mul(i1e(x).sub(sign(x).mul(out))),
})

/**
 * `e^-|x| I1(x)`, elementwise, which does not overflow.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.i1e
 * @example
 * g.special.i1e(g.tensor([0, 1])).tolist() // => [0, 0.2079]
 */
export const i1e: (x: Tensor) => Tensor = /* @__PURE__ */ hostFunction('i1e', i1eOf, {
  withResult: (g, x, out) => g.mul(i0e(x).sub(sign(x).mul(out)).sub(overArgument(out, x))),
})

/*
 * erf, erfc and lgamma follow fdlibm (s_erf.c, e_lgamma_r.c), whose coefficients they use under this notice:
 *
 *   Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 *   Developed at SunPro, a Sun Microsystems, Inc. business.
 *   Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is
 *   preserved.
 */

/** `c[0] + c[1] x + c[2] x² + …` by Horner's rule. */
function polynomial(x: number, c: readonly number[]): number {
  let sum = 0
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i]
  return sum
}

// erf(x) = x + x · P(x²) / Q(x²) on [0, 0.84375]
const smallP = [
  1.28379167095512558561e-1, -3.25042107247001499370e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
  -2.37630166566501626084e-5,
] // prettier-ignore
const smallQ = [
  1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
  -3.96022827877536812320e-6,
] // prettier-ignore
// erf(x) = aroundOne + P(x - 1) / Q(x - 1) on [0.84375, 1.25]
const aroundOne = 8.45062911510467529297e-1
const middleP = [
  -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
  -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.16637559486879084300e-3,
] // prettier-ignore
const middleQ = [
  1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
  1.36370839120290507362e-2, 1.19844998467991074170e-2,
] // prettier-ignore
// erfc(x) = exp(-x² - 0.5625 + R(1/x²) / S(1/x²)) / x on [1.25, 1/0.35] and [1/0.35, 28]
const nearR = [
  -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
  -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
] // prettier-ignore
const nearS = [
  1, 1.96512716674392571292e1, 1.37657754143519042600e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
  4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
] // prettier-ignore
const farR = [
  -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
  -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
] // prettier-ignore
const farS = [
  1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
  2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
] // prettier-ignore

const erfSmall = (x: number): number => (x * polynomial(x * x, smallP)) / polynomial(x * x, smallQ)
const erfMiddle = (x: number): number => polynomial(x - 1, middleP) / polynomial(x - 1, middleQ)

// for x in [1.25, 28]
function erfcTail(x: number): number {
  const s = 1 / (x * x)
  const quotient =
    x < 1 / 0.35 ? polynomial(s, nearR) / polynomial(s, nearS) : polynomial(s, farR) / polynomial(s, farS)
  // x = z + (x - z) with a z whose square is exact
  const z = Math.fround(x)
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + quotient)) / x
}

/** The error function, below 1 ulp (fdlibm). */
export function erf(x: number): number {
  if (x < 0) return -erf(-x)
  if (x < 0.84375) return x + erfSmall(x)
  if (x < 1.25) return aroundOne + erfMiddle(x)
  if (x < 6) return 1 - erfcTail(x)
  return x >= 6 ? 1 : NaN
}

/** `1 - erf(x)` without cancellation, below 1 ulp (fdlibm). */
export function erfc(x: number): number {
  if (x < 0.25) return x < -0.84375 ? 2 - erfc(-x) : 1 - (x + erfSmall(x))
  if (x < 0.84375) return 0.5 - (erfSmall(x) + (x - 0.5))
  if (x < 1.25) return 1 - aroundOne - erfMiddle(x)
  if (x < 28) return erfcTail(x)
  return x >= 28 ? 0 : NaN
}

// Wichura 1988, algorithm AS 241 (PPND16): quantiles of the normal distribution to 1 part in 10^16
const centralA = [
  3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
] // prettier-ignore
const centralB = [
  1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
  39307.895800092710610, 28729.085735721942674, 5226.4952788528545610,
] // prettier-ignore
const tailC = [
  1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
  1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4,
] // prettier-ignore
const tailD = [
  1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
  0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
] // prettier-ignore
const endE = [
  6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
  0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
] // prettier-ignore
const endF = [
  1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
  1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
] // prettier-ignore

/** The inverse of erf: the normal quantile of `(1 + y) / 2`, over √2. ±1 gives ±Infinity, beyond NaN. */
export function erfinv(y: number): number {
  const q = y / 2
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (Math.SQRT1_2 * q * polynomial(r, centralA)) / polynomial(r, centralB)
  }
  const tail = (1 - Math.abs(y)) / 2
  if (!(tail > 0)) return tail === 0 ? Math.sign(y) * Infinity : NaN
  const r = Math.sqrt(-Math.log(tail))
  const quantile =
    r <= 5
      ? polynomial(r - 1.6, tailC) / polynomial(r - 1.6, tailD)
      : polynomial(r - 5, endE) / polynomial(r - 5, endF)
  return Math.SQRT1_2 * Math.sign(y) * quantile
}

// around 2 (or 1, after one step of the recurrence), from below
const belowEven = [7.72156649015328655494e-2, 6.73523010531292681824e-2, 7.38555086081402883957e-3, 1.19270763183362067845e-3, 2.20862790713908385557e-4, 2.52144565451257326939e-5] // prettier-ignore
const belowOdd = [3.22467033424113591611e-1, 2.05808084325167332806e-2, 2.89051383673415629091e-3, 5.10069792153511336608e-4, 1.08011567247583939954e-4, 4.48640949618915160150e-5] // prettier-ignore
// around the minimum
const minimumAt = 1.46163214496836224576
const minimum = -1.21486290535849611461e-1
const minimumTail = -3.63867699703950536541e-18
const minimum0 = [4.83836122723810047042e-1, -3.27885410759859649565e-2, 6.10053870246291332635e-3, -1.40346469989232843813e-3, 3.15632070903625950361e-4] // prettier-ignore
const minimum1 = [-1.47587722994593911752e-1, 1.79706750811820387126e-2, -3.68452016781138256760e-3, 8.81081882437654011382e-4, -3.12754168375120860518e-4] // prettier-ignore
const minimum2 = [6.46249402391333854778e-2, -1.03142241298341437450e-2, 2.25964780900612472250e-3, -5.38595305356740546715e-4, 3.35529192635519073543e-4] // prettier-ignore
// around 1 (or 0), from above
const aboveU = [
  -7.72156649015328655494e-2, 6.32827064025093366517e-1, 1.45492250137234768737, 9.77717527963372745603e-1,
  2.28963728064692451092e-1, 1.33810918536787660377e-2,
] // prettier-ignore
const aboveV = [
  1, 2.45597793713041134822, 2.12848976379893395361, 7.69285150456672783825e-1, 1.04222645593369134254e-1,
  3.21709242282423911810e-3,
] // prettier-ignore
// on [2, 3), reached by the recurrence from up to 8
const recurrenceS = [
  -7.72156649015328655494e-2, 2.14982415960608852501e-1, 3.25778796408930981787e-1, 1.46350472652464452805e-1,
  2.66422703033638609560e-2, 1.84028451407337715652e-3, 3.19475326584100867617e-5,
] // prettier-ignore
const recurrenceR = [
  1, 1.39200533467621045958, 7.21935547567138069525e-1, 1.71933865632803078993e-1, 1.86459191715652901344e-2,
  7.77942496381893596434e-4, 7.32668430744625636189e-6,
] // prettier-ignore
// Stirling's series
const stirling = [
  8.33333333333329678849e-2, -2.77777777728775536470e-3, 7.93650558643019558500e-4, -5.95187557450339963135e-4,
  8.36339918996282139126e-4, -1.63092934096575273989e-3,
] // prettier-ignore

// lgamma(2 - y), lgamma(1.46… + y) and lgamma(1 + y)
function lgammaBelow(y: number): number {
  const z = y * y
  return y * polynomial(z, belowEven) + z * polynomial(z, belowOdd) - 0.5 * y
}
function lgammaMinimum(y: number): number {
  const z = y * y
  const w = z * y
  const rest = minimumTail - w * (polynomial(w, minimum1) + y * polynomial(w, minimum2))
  return minimum + (z * polynomial(w, minimum0) - rest)
}
const lgammaAbove = (y: number): number => -0.5 * y + (y * polynomial(y, aboveU)) / polynomial(y, aboveV)

/**
 * The logarithm of |Γ(x)| (fdlibm). Infinity at 0 and negative integers. The error is below 2 ulp: a relative error, but an
 * absolute one near the zeros left of 0.
 */
export function lgamma(x: number): number {
  if (!Number.isFinite(x)) return x * x
  if (x <= 0) {
    const sine = Math.abs(sinPi(x))
    // tiny: |Γ(x)| is 1/|x|, and the product below would underflow
    if (x > -(2 ** -70)) return -Math.log(-x)
    return sine === 0 ? Infinity : Math.log(Math.PI / (sine * -x)) - lgamma(-x)
  }
  if (x === 1 || x === 2) return 0
  if (x < 0.2316) return -Math.log(x) + lgammaAbove(x)
  if (x < 0.7316) return -Math.log(x) + lgammaMinimum(x - (minimumAt - 1))
  if (x < 0.9) return -Math.log(x) + lgammaBelow(1 - x)
  if (x < 1.2316) return lgammaAbove(x - 1)
  if (x < 1.7316) return lgammaMinimum(x - minimumAt)
  if (x < 2) return lgammaBelow(2 - x)
  if (x < 8) {
    const whole = Math.floor(x)
    const y = x - whole
    let product = 1
    for (let i = whole - 1; i >= 2; i--) product *= y + i
    return 0.5 * y + (y * polynomial(y, recurrenceS)) / polynomial(y, recurrenceR) + Math.log(product)
  }
  if (x >= 2 ** 58) return x * (Math.log(x) - 1)
  const z = 1 / x
  return (x - 0.5) * (Math.log(x) - 1) + (4.18938533204672725052e-1 + z * polynomial(z * z, stirling))
}

/** `lgamma(1 + y)` for y in [0, 1], which keeps the digits of a small y. */
export const lgammaOfOneAnd = (y: number): number => (y < 0.2316 ? lgammaAbove(y) : lgamma(1 + y))

// the argument is reduced before it is multiplied by π
function sinPi(x: number): number {
  const r = x % 2
  const quarter = Math.round(r * 2)
  const y = (r - quarter / 2) * Math.PI
  switch (((quarter % 4) + 4) % 4) {
    case 0:
      return Math.sin(y)
    case 1:
      return Math.cos(y)
    case 2:
      return -Math.sin(y)
    default:
      return -Math.cos(y)
  }
}

// digamma(x) = (x - root) · (1's rational) on [1, 2]: coefficients of Boost.Math, (C) John Maddock 2006, used under the
// Boost Software License 1.0 (https://www.boost.org/LICENSE_1_0.txt)
const rootHigh = 1569415565 / 2 ** 30
const rootMiddle = 381566830 / 2 ** 60
const rootLow = 0.9016312093258695918615325266959189453125e-19
const digammaP = [
  0.25479851061131551, -0.32555031186804491, -0.65031853770896507, -0.28919126444774784, -0.045251321448739056,
  -0.0020713321167745952,
] // prettier-ignore
const digammaQ = [
  1, 2.0767117023730469, 1.4606242909763515, 0.43593529692665969, 0.054151797245674225, 0.0021284987017821144,
  -0.55789841321675513e-6,
] // prettier-ignore
// B(2k) / 2k: Abramowitz & Stegun 6.3.18
const asymptotic = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]

/** The derivative of lgamma. -Infinity at 0, Infinity at -0, NaN at negative integers, as PyTorch. */
export function digamma(x: number): number {
  if (x === 0) return -1 / x
  if (x < 0) {
    const r = x % 1
    return r === 0 || x === -Infinity ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * r)
  }
  if (x >= 10) {
    if (x === Infinity) return x
    const z = 1 / (x * x)
    return Math.log(x) - 0.5 / x - z * polynomial(z, asymptotic)
  }
  let shift = 0
  let y = x
  if (y < 1) shift = -1 / y++
  while (y > 2) shift += 1 / --y
  const g = y - rootHigh - rootMiddle - rootLow
  const q = polynomial(y - 1, digammaP) / polynomial(y - 1, digammaQ)
  // the constant is a float32
  return shift + g * Math.fround(0.99558162689208984) + g * q
}

export { logit } from '../ops/elementwise/activation.ts'
export { xlog1py, xlogy } from '../ops/elementwise/binary.ts'
export { exp2, expm1, log1p, sigmoid as expit } from '../ops/elementwise/exponential.ts'
export {
  digamma,
  digamma as psi,
  entr,
  erf,
  erfc,
  erfinv,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  ndtr,
  ndtri,
  polygamma,
} from '../ops/elementwise/special.ts'
export { sinc } from '../ops/elementwise/trigonometry.ts'
export { round } from '../ops/elementwise/unary.ts'
export { logSoftmax, softmax } from '../ops/layers/softmax.ts'
export { logsumexp } from '../ops/reduce/logsumexp.ts'
export { i0, i0e, i1, i1e, i0 as modifiedBesselI0, i1 as modifiedBesselI1 } from '../ops/special/bessel-i.ts'
export { besselJ0, besselJ1, besselY0, besselY1, sphericalBesselJ0 } from '../ops/special/bessel-jy.ts'
export {
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
} from '../ops/special/bessel-k.ts'
export { erfcx, logNdtr } from '../ops/special/error-function.ts'
export {
  chebyshevPolynomialT,
  chebyshevPolynomialU,
  chebyshevPolynomialV,
  chebyshevPolynomialW,
  hermitePolynomialH,
  hermitePolynomialHe,
  laguerrePolynomialL,
  legendrePolynomialP,
  shiftedChebyshevPolynomialT,
  shiftedChebyshevPolynomialU,
  shiftedChebyshevPolynomialV,
  shiftedChebyshevPolynomialW,
} from '../ops/special/polynomials.ts'
export { zeta } from '../ops/special/zeta.ts'
export { airyAi } from '../ops/special/airy.ts'
export { igamma as gammainc, igammac as gammaincc } from '../ops/special/incomplete-gamma.ts'

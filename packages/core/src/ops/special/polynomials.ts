import { ValueError } from '../../base/errors.ts'
import { hostFunctionOfTwo } from '../../op/host-pointwise.ts'

const mostTerms = 1e7

/** The degree cut towards 0. Each takes a step of the recurrence: one of minutes is refused. */
function wholeDegree(degree: number): number {
  const n = Math.trunc(degree)
  if (n > mostTerms)
    throw new ValueError(`the degree of a polynomial is at most ${mostTerms} here, got ${degree}`)
  return n
}

/** Chebyshev polynomials of the four kinds by their recurrence, from the second term on: DLMF 18.9.1. */
function chebyshev(x: number, degree: number, first: number): number {
  const n = wholeDegree(degree)
  if (n < 0) return 0
  let [p, q] = [1, first]
  if (n === 0) return p
  for (let k = 1; k < n; k++) [p, q] = [q, 2 * x * q - p]
  return q
}
const t = (x: number, n: number): number => chebyshev(x, n, x)
const u = (x: number, n: number): number => chebyshev(x, n, 2 * x)
const v = (x: number, n: number): number => chebyshev(x, n, 2 * x - 1)
const w = (x: number, n: number): number => chebyshev(x, n, 2 * x + 1)
const shiftedT = (x: number, n: number): number => t(2 * x - 1, n)
const shiftedU = (x: number, n: number): number => u(2 * x - 1, n)
const shiftedV = (x: number, n: number): number => v(2 * x - 1, n)
const shiftedW = (x: number, n: number): number => w(2 * x - 1, n)

/** Polynomials of a recurrence from two terms on. */
function recurrent(degree: number, first: number, next: (k: number, q: number, p: number) => number): number {
  const n = wholeDegree(degree)
  if (n < 0) return 0
  let [p, q] = [1, first]
  if (n === 0) return p
  for (let k = 1; k < n; k++) [p, q] = [q, next(k, q, p)]
  return q
}
// DLMF 18.9.1 with table 18.9.1
const hermite = (x: number, n: number): number => recurrent(n, 2 * x, (k, q, p) => 2 * (x * q - k * p))
const hermiteE = (x: number, n: number): number => recurrent(n, x, (k, q, p) => x * q - k * p)
const laguerre = (x: number, n: number): number =>
  recurrent(n, 1 - x, (k, q, p) => ((2 * k + 1 - x) * q - k * p) / (k + 1))
const legendre = (x: number, n: number): number =>
  recurrent(n, x, (k, q, p) => ((2 * k + 1) * x * q - k * p) / (k + 1))

/**
 * The Chebyshev polynomial of the first kind, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.chebyshevPolynomialT(g.tensor([2]), 2).tolist() // => [7]
 */
export const chebyshevPolynomialT = /* @__PURE__ */ hostFunctionOfTwo('chebyshevPolynomialT', t)

/**
 * The Chebyshev polynomial of the second kind, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.chebyshevPolynomialU(g.tensor([2]), 2).tolist() // => [15]
 */
export const chebyshevPolynomialU = /* @__PURE__ */ hostFunctionOfTwo('chebyshevPolynomialU', u)

/**
 * The Chebyshev polynomial of the third kind, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.chebyshevPolynomialV(g.tensor([2]), 2).tolist() // => [11]
 */
export const chebyshevPolynomialV = /* @__PURE__ */ hostFunctionOfTwo('chebyshevPolynomialV', v)

/**
 * The Chebyshev polynomial of the fourth kind, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.chebyshevPolynomialW(g.tensor([2]), 2).tolist() // => [19]
 */
export const chebyshevPolynomialW = /* @__PURE__ */ hostFunctionOfTwo('chebyshevPolynomialW', w)

/**
 * The Chebyshev polynomial of the first kind at 2x - 1, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.shiftedChebyshevPolynomialT(g.tensor([2]), 2).tolist() // => [17]
 */
export const shiftedChebyshevPolynomialT = /* @__PURE__ */ hostFunctionOfTwo(
  'shiftedChebyshevPolynomialT',
  shiftedT,
)

/**
 * The Chebyshev polynomial of the second kind at 2x - 1, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.shiftedChebyshevPolynomialU(g.tensor([2]), 2).tolist() // => [35]
 */
export const shiftedChebyshevPolynomialU = /* @__PURE__ */ hostFunctionOfTwo(
  'shiftedChebyshevPolynomialU',
  shiftedU,
)

/**
 * The Chebyshev polynomial of the third kind at 2x - 1, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.shiftedChebyshevPolynomialV(g.tensor([2]), 2).tolist() // => [29]
 */
export const shiftedChebyshevPolynomialV = /* @__PURE__ */ hostFunctionOfTwo(
  'shiftedChebyshevPolynomialV',
  shiftedV,
)

/**
 * The Chebyshev polynomial of the fourth kind at 2x - 1, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.shiftedChebyshevPolynomialW(g.tensor([2]), 2).tolist() // => [41]
 */
export const shiftedChebyshevPolynomialW = /* @__PURE__ */ hostFunctionOfTwo(
  'shiftedChebyshevPolynomialW',
  shiftedW,
)

/**
 * The physicist's Hermite polynomial, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.hermitePolynomialH(g.tensor([2]), 2).tolist() // => [14]
 */
export const hermitePolynomialH = /* @__PURE__ */ hostFunctionOfTwo('hermitePolynomialH', hermite)

/**
 * The probabilist's Hermite polynomial, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.hermitePolynomialHe(g.tensor([2]), 2).tolist() // => [3]
 */
export const hermitePolynomialHe = /* @__PURE__ */ hostFunctionOfTwo('hermitePolynomialHe', hermiteE)

/**
 * The Laguerre polynomial, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.laguerrePolynomialL(g.tensor([2]), 2).tolist() // => [-1]
 */
export const laguerrePolynomialL = /* @__PURE__ */ hostFunctionOfTwo('laguerrePolynomialL', laguerre)

/**
 * The Legendre polynomial, elementwise: 0 for a degree below 0. A degree that is no integer is cut towards 0.
 *
 * @param x - tensor or number
 * @param n - the degree, a tensor or number
 * @throws ArgumentError where neither is a tensor
 * @throws GradError for an operand that needs a gradient: there is none, as in PyTorch
 * @see https://pytorch.org/docs/stable/special.html
 * @example
 * g.special.legendrePolynomialP(g.tensor([2]), 2).tolist() // => [5.5]
 */
export const legendrePolynomialP = /* @__PURE__ */ hostFunctionOfTwo('legendrePolynomialP', legendre)

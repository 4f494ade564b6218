import { digamma } from '../program/special.ts'

/*
 * Derivatives of samples by the parameters of their distribution, with the place of the sample in it held fast:
 * -(dF/dα) / (dF/dx). PyTorch's approximations, to about 5 digits (Distributions.h).
 */

/** The derivative of a sample `x` of the gamma distribution by its concentration: `torch._standard_gamma_grad`. */
export function gammaGradient(alpha: number, x: number): number {
  if (x < 0.8) return gammaOfSmall(alpha, x)
  if (alpha > 8) return gammaOfLarge(alpha, x)
  const u = Math.log(x / alpha)
  const v = Math.log(alpha)
  const c = rational[0].map((c0, i) => c0 + u * (rational[1][i] + u * rational[2][i]))
  const p = c[0] + v * (c[1] + v * (c[2] + v * c[3]))
  const q = c[4] + v * (c[5] + v * (c[6] + v * c[7]))
  return Math.exp(p / q)
}

const rational = [
  [0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115, 0.10406089, 0.0014179084],
  [0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623],
  [0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-7],
] // prettier-ignore

/** Taylor's series of the distribution function at 0. */
function gammaOfSmall(alpha: number, x: number): number {
  let numerator = 1
  let denominator = alpha
  let series = 1 / alpha
  let slope = 1 / (alpha * alpha)
  for (let i = 1; i <= 5; i++) {
    numerator *= -x / i
    denominator += 1
    series += numerator / denominator
    slope += numerator / (denominator * denominator)
  }
  const power = x ** alpha
  const density = x ** (alpha - 1) * Math.exp(-x)
  const below = power * series
  const byAlpha = (Math.log(x) - digamma(alpha)) * below - power * slope
  return numberOr0(-byAlpha / density)
}

/** Rice's saddle point expansion. */
function gammaOfLarge(alpha: number, x: number): number {
  if (0.9 * alpha <= x && x <= 1.1 * alpha) {
    // near the singularity at x = α
    const first = 1 + 24 * alpha * (1 + 12 * alpha)
    const second =
      1440 * (alpha * alpha) + 6 * x * (53 - 120 * x) - (65 * x * x) / alpha + alpha * (107 + 3600 * x)
    return (first * second) / (1244160 * (alpha * alpha) * (alpha * alpha))
  }
  const root = Math.sqrt(8 * alpha)
  const pole = root / (alpha - x)
  const power = (x - alpha - alpha * Math.log(x / alpha)) ** -1.5
  const terms =
    Math.log(x / alpha) * (x < alpha ? pole - power : pole + power) -
    (Math.sqrt(2 / alpha) * (alpha + x)) / ((alpha - x) * (alpha - x))
  const stirling = 1 + (1 / (12 * alpha)) * (1 + 1 / (24 * alpha))
  return (-stirling * x * terms) / root
}

/**
 * The derivative of an element `x` of a Dirichlet sample by its own concentration, over 1 - x: `torch._dirichlet_grad`.
 *
 * @param total - the sum of all concentrations
 */
export function dirichletGradient(x: number, alpha: number, total: number): number {
  const beta = total - alpha
  const boundary = total * x * (1 - x)
  if (x <= 0.5 && boundary < 2.5) return betaByAlphaOfSmall(x, alpha, beta)
  if (x >= 0.5 && boundary < 0.75) return -betaByBetaOfSmall(1 - x, beta, alpha)
  if (alpha > 6 && beta > 6) return betaByAlphaOfLarge(x, alpha, beta)
  const u = Math.log(x)
  const a = Math.log(alpha) - u
  const b = Math.log(total) - a
  let p = 0
  let q = 0
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const power = u ** i * a ** j
      p += power * cubic(over, 4 * (3 * i + j), b)
      q += power * cubic(under, 4 * (3 * i + j), b)
    }
  }
  return ((p / q) * x * (digamma(total) - digamma(alpha))) / beta
}

const cubic = (c: readonly number[], at: number, b: number): number =>
  c[at] + b * (c[at + 1] + b * (c[at + 2] + b * c[at + 3]))

const over = [
  1.003668233, -0.01061107488, -0.0657888334, 0.01201642863,
  0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033,
  -0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013,
  0.221950385, -0.3187676331, 0.01799915743, 0.01074823814,
  -0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057,
  0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05,
  -0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565,
  0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181,
  0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05,
] // prettier-ignore
const under = [
  1, -0.02924021934, -0.04438342661, 0.007285809825,
  0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521,
  -0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149,
  0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273,
  0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956,
  -0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05,
  0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05,
  0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05,
  -0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06,
] // prettier-ignore

/** Taylor's series at 0 of the derivative by α. */
function betaByAlphaOfSmall(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha) - digamma(alpha + beta) - Math.log(x)
  let numerator = 1
  let series = (1 / alpha) * (factor + 1 / alpha)
  for (let i = 1; i <= 10; i++) {
    numerator *= ((i - beta) * x) / i
    const denominator = alpha + i
    series += (numerator / denominator) * (factor + 1 / denominator)
  }
  return numberOr0(x * (1 - x) ** -beta * series)
}

/** Taylor's series at 0 of the derivative by β. */
function betaByBetaOfSmall(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha + beta) - digamma(beta)
  let numerator = 1
  let betas = 1
  let slopes = 0
  let series = factor / alpha
  for (let i = 1; i <= 8; i++) {
    numerator *= -x / i
    slopes = slopes * (beta - i) + betas
    betas *= beta - i
    series += (numerator / (alpha + i)) * (slopes + factor * betas)
  }
  return numberOr0(-((1 - x) ** (1 - beta)) * series)
}

/** Rice's saddle point expansion of the derivative by α, where both are large. */
function betaByAlphaOfLarge(x: number, alpha: number, beta: number): number {
  const total = alpha + beta
  const mean = alpha / total
  const deviation = Math.sqrt((alpha * beta) / (total + 1)) / total
  if (mean - 0.1 * deviation <= x && x <= mean + 0.1 * deviation) {
    // near the singularity at the mean
    const polynomial =
      47 * x * (beta * beta) * (beta * beta) +
      alpha *
        ((43 + 20 * (16 + 27 * beta) * x) * (beta * beta) * beta +
          alpha *
            (3 * (59 + 180 * beta - 90 * x) * (beta * beta) +
              alpha *
                ((453 + 1620 * beta * (1 - x) - 455 * x) * beta + alpha * (8 * (1 - x) * (135 * beta - 11)))))
    const over = ((1 + 12 * alpha) * (1 + 12 * beta)) / (total * total)
    const under = 12960 * alpha * alpha * alpha * beta * beta * (1 + 12 * total)
    return ((over / (1 - x)) * polynomial) / under
  }
  const prefactor = -x / Math.sqrt((2 * alpha * beta) / total)
  const stirling = (stirlingOf(alpha) * stirlingOf(beta)) / stirlingOf(total)
  const axis = alpha * (x - 1) + beta * x
  const first =
    (2 * (alpha * alpha) * (x - 1) + alpha * beta * (x - 1) - x * (beta * beta)) /
    (Math.sqrt((2 * alpha) / beta) * total ** 1.5 * axis * axis)
  const second = 0.5 * Math.log(alpha / (total * x))
  const third = Math.sqrt((8 * alpha * beta) / total) / axis
  const base = beta * Math.log(beta / (total * (1 - x))) + alpha * Math.log(alpha / (total * x))
  const fourth = base ** -1.5
  return stirling * prefactor * (first + second * (third + (x < mean ? fourth : -fourth)))
}

const stirlingOf = (x: number): number => 1 + 1 / (12 * x) + 1 / (288 * x * x)
const numberOr0 = (x: number): number => (Number.isNaN(x) ? 0 : x)

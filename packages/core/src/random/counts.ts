import { ValueError } from '../base/errors.ts'
import { lgamma } from '../program/special.ts'
import type { Generator } from './generator.ts'

/**
 * A number of the Poisson distribution: `torch.poisson`.
 *
 * Below a rate of 10 uniform numbers are multiplied until they fall below e^-rate; from there on by transformed rejection
 * (Hörmann 1993, PTRS). Two draws of 32 bits a uniform number. Numbers are those of PyTorch, as far as log, exp and lgamma of
 * the two platforms agree in the bits that a comparison hangs on.
 *
 * @throws ValueError unless rate >= 0
 * @see https://pytorch.org/docs/stable/generated/torch.poisson.html
 * @example
 * poisson(new Generator(0), 0) // => 0
 */
export function poisson(generator: Generator, rate: number): number {
  checkRate(rate)
  if (rate === 0) return 0
  return rate < 10 ? poissonByProducts(generator, rate) : poissonByRejection(generator, rate)
}

/** @throws ValueError unless rate >= 0 */
export function checkRate(rate: number): void {
  if (!(rate >= 0))
    throw new ValueError(`invalid Poisson rate, expected rate to be non-negative, but got ${rate}`)
}

function poissonByProducts(generator: Generator, rate: number): number {
  const least = Math.exp(-rate)
  let product = 1
  for (let count = 0; ; count++) {
    product *= generator.u53()
    if (!(product > least)) return count
  }
}

function poissonByRejection(generator: Generator, rate: number): number {
  const logRate = Math.log(rate)
  const b = 0.931 + 2.53 * Math.sqrt(rate)
  const a = -0.059 + 0.02483 * b
  const logInverseAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4))
  const tight = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = generator.u53() - 0.5
    const v = generator.u53()
    const us = 0.5 - Math.abs(u)
    const count = Math.floor(((2 * a) / us + b) * u + rate + 0.43)
    if (us >= 0.07 && v <= tight) return count
    if (count < 0 || (us < 0.013 && v > us)) continue
    const ratio = Math.log(v) + logInverseAlpha - Math.log(a / (us * us) + b)
    if (ratio <= -rate + count * logRate - lgamma(count + 1)) return count
  }
}

/**
 * A number of the binomial distribution: `torch.binomial`.
 *
 * Where fewer than 10 successes (or failures, for p above a half) are expected, by distances between successes, which are
 * geometric; else by transformed rejection (Hörmann 1993, BTRS). Two draws of 32 bits a uniform number.
 *
 * @param count - how many trials; 0 successes below 0
 * @param p - probability of a success; NaN gives NaN
 * @see https://pytorch.org/docs/stable/generated/torch.binomial.html
 * @example
 * binomial(new Generator(0), 5, 1) // => 5
 */
export function binomial(generator: Generator, count: number, p: number): number {
  if (count <= 0 || p <= 0) return 0
  if (p >= 1) return count
  if (p <= 0.5) return successes(generator, count, p)
  return p > 0.5 ? count - successes(generator, count, 1 - p) : NaN
}

const successes = (generator: Generator, count: number, p: number): number =>
  count * p >= 10 ? binomialByRejection(generator, count, p) : binomialByDistances(generator, count, p)

function binomialByDistances(generator: Generator, count: number, p: number): number {
  const logFailure = Math.log1p(-p)
  let reached = 0
  for (let found = 0; ; found++) {
    reached += Math.ceil(Math.log(generator.u53()) / logFailure)
    // a NaN among the trials would never end
    if (!(reached <= count)) return found
  }
}

function binomialByRejection(generator: Generator, count: number, p: number): number {
  const deviation = Math.sqrt(count * p * (1 - p))
  const b = 1.15 + 2.53 * deviation
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const c = count * p + 0.5
  const tight = 0.92 - 4.2 / b
  const odds = p / (1 - p)
  const alpha = (2.83 + 5.1 / b) * deviation
  const mode = Math.floor((count + 1) * p)
  for (;;) {
    const u = generator.u53() - 0.5
    const v = generator.u53()
    const us = 0.5 - Math.abs(u)
    const k = Math.floor(((2 * a) / us + b) * u + c)
    if (k < 0 || k > count) continue
    if (us >= 0.07 && v <= tight) return k
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (count - mode + 1))) +
      (count + 1) * Math.log((count - mode + 1) / (count - k + 1)) +
      (k + 0.5) * Math.log((odds * (count - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(count - mode) -
      stirlingTail(k) -
      stirlingTail(count - k)
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k
  }
}

// log k! without Stirling's formula for it, to as many digits as PyTorch has
const tails = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.0207906721037650, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
] // prettier-ignore

function stirlingTail(k: number): number {
  if (k <= 9) return tails[Math.floor(k)]
  const square = (k + 1) * (k + 1)
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
}

import { describe, expect, test } from 'vitest'
import { fma, fmaf } from '../src/random/fma.ts'
import * as random from '../src/random/index.ts'
import { Generator } from '../src/random/index.ts'

describe('samplers check their arguments before they draw', () => {
  const out = () => new Float32Array(2)
  const dtype = 'float32'
  const cases: [string, (g: Generator) => unknown][] = [
    [
      'uniform_ expects to return a [from, to) range, but found from=2 > to=1',
      (g) => random.uniform(g, out(), { dtype, from: 2, to: 1 }),
    ],
    ['to is out of bounds for float16', (g) => random.uniform(g, out(), { dtype: 'float16', to: 1e5 })],
    ['from is out of bounds for float32', (g) => random.uniform(g, out(), { dtype, from: NaN })],
    ['uniform_ expects to-from <= ', (g) => random.uniform(g, out(), { dtype, from: -3e38, to: 3e38 })],
    ['normal expects std >= 0.0, but found std -1', (g) => random.normal(g, out(), { dtype, std: -1 })],
    ['normal expects std >= 0.0, but found std NaN', (g) => random.normal(g, out(), { dtype, std: NaN })],
    ['log_normal_ expects std > 0.0, but found std=0', (g) => random.logNormal(g, out(), { dtype, std: 0 })],
    ['bernoulli_ expects p to be in [0, 1], but got p=2', (g) => random.bernoulli(g, out(), 2)],
    [
      'bernoulli expects p to be in [0, 1], but got p=NaN',
      (g) => random.bernoulliFrom(g, out(), Float32Array.of(0.5, NaN)),
    ],
    [
      'exponential_ expects lambda > 0.0, but found lambda=0',
      (g) => random.exponential(g, out(), { dtype, lambda: 0 }),
    ],
    ['cauchy_ expects sigma > 0.0, but found sigma=0', (g) => random.cauchy(g, out(), { dtype, sigma: 0 })],
    ['geometric_ expects p to be in (0, 1), but got p=1', (g) => random.geometric(g, out(), { dtype, p: 1 })],
    [
      "random_ expects 'from' to be less than 'to', but got from=5 >= to=5",
      (g) => random.randint(g, out(), { dtype, low: 5, high: 5 }),
    ],
    [
      'from is out of bounds for uint8',
      (g) => random.randint(g, new Uint8Array(1), { dtype: 'uint8', low: -1, high: 3 }),
    ],
    [
      'to - 1 is out of bounds for bool',
      (g) => random.randint(g, new Uint8Array(1), { dtype: 'bool', low: 0, high: 3 }),
    ],
    [
      'to - 1 is out of bounds for float16',
      (g) => random.randint(g, out(), { dtype: 'float16', low: 0, high: 100000 }),
    ],
    ["argument 'high' must be int", (g) => random.randint(g, out(), { dtype, low: 0, high: 1.5 })],
    ['negative dimension -1', (g) => random.randperm(g, -1)],
    [
      'cannot sample n_sample <= 0 samples',
      (g) => random.multinomial(g, Float32Array.of(1), { dtype, numSamples: 0 }),
    ],
    ['without replacement', (g) => random.multinomial(g, Float32Array.of(1), { dtype, numSamples: 2 })],
    ['sum of probabilities <= 0', (g) => random.multinomial(g, out(), { dtype, numSamples: 1 })],
    [
      '`inf`, `nan` or element < 0',
      (g) => random.multinomial(g, Float32Array.of(1, -1), { dtype, numSamples: 1 }),
    ],
    [
      'encountering probability entry < 0',
      (g) => random.multinomial(g, Float32Array.of(1, -1), { dtype, numSamples: 2, replacement: true }),
    ],
    [
      'probability entry = infinity or NaN',
      (g) => random.multinomial(g, Float32Array.of(1, NaN), { dtype, numSamples: 2, replacement: true }),
    ],
  ]
  test.each(cases)('%s', (message, call) => {
    const generator = new Generator(0)
    expect(() => call(generator)).toThrow(message)
    expect(generator.random()).toBe(new Generator(0).random())
  })
})

describe('samplers at the edges', () => {
  test('an empty output draws nothing', () => {
    const generator = new Generator(0)
    random.uniform(generator, new Float32Array(0), { dtype: 'float32' })
    random.normal(generator, new Float32Array(0), { dtype: 'float32' })
    expect(random.randperm(generator, 0)).toHaveLength(0)
    expect(generator.random()).toBe(new Generator(0).random())
  })

  test('a standard deviation of 0 gives the mean', () => {
    const out = new Float32Array(40)
    random.normal(new Generator(0), out, { dtype: 'float32', mean: 0.5, std: 0 })
    expect(new Set(out)).toEqual(new Set([0.5]))
  })

  test('probabilities 0 and 1 are certain', () => {
    const out = new Uint8Array(50).fill(7)
    random.bernoulli(new Generator(0), out, 0)
    expect(new Set(out)).toEqual(new Set([0]))
    random.bernoulli(new Generator(0), out, 1)
    expect(new Set(out)).toEqual(new Set([1]))
  })

  test('a category of weight 0 is never drawn while others are left', () => {
    const weights = Float32Array.of(0, 2, 0, 1)
    const options = { dtype: 'float32', numSamples: 2 } as const
    expect([...random.multinomial(new Generator(0), weights, options)].sort()).toEqual([1, 3])
  })
})

describe('fused multiply-add', () => {
  test('fma keeps what the product lost', () => {
    expect(fma(0.1, 10, -1)).toBe(2 ** -54)
  })

  test('fmaf rounds once where the double sum lies halfway', () => {
    // exact: 1 + 2^-23 + 2^-24 - 2^-56, just below halfway; in double it is halfway, and ties go up to 1 + 2^-22
    const [a, b, c] = [2 ** -12 + 2 ** -28, 2 ** -12 - 2 ** -28, 1 + 2 ** -23]
    expect(Math.fround(a * b + c)).toBe(1 + 2 ** -22)
    expect(fmaf(a, b, c)).toBe(1 + 2 ** -23)
  })

  test('fmaf rounds once to a subnormal', () => {
    // in units of 2^-149, exact: 2^21 + 1.5 - 2^-33; in double halfway, and ties go up to 2^21 + 2
    const [a, b, c] = [2 ** -75 + 2 ** -91, 2 ** -75 - 2 ** -91, 2 ** -128 + 2 ** -149]
    expect(Math.fround(a * b + c)).toBe(2 ** -128 + 2 ** -148)
    expect(fmaf(a, b, c)).toBe(2 ** -128 + 2 ** -149)
  })

  test('infinities and NaN pass', () => {
    expect(fma(Infinity, 1, 1)).toBe(Infinity)
    expect(fmaf(2 ** 127, 2, 1)).toBe(Infinity)
    expect(fmaf(Infinity, 0, 1)).toBeNaN()
    expect(fma(1e300, 1e5, -Infinity)).toBe(-Infinity)
  })
})

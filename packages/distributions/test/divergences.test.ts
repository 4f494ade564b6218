import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import {
  AffineTransform,
  Beta,
  Binomial,
  Distribution,
  ExpTransform,
  Independent,
  klDivergence,
  LogNormal,
  MultivariateNormal,
  Normal,
  registerKl,
  TransformedDistribution,
  Uniform,
} from '../src/index.ts'
import { build, golden, tensorOf } from './golden.ts'

g.setBackend(referenceBackend())

describe.each(golden.divergences.map((c) => [`${c.p} and ${c.q}`, c] as const))('%s', (_, c) => {
  test('diverge as in PyTorch', () => {
    const { p } = build({ name: c.p, args: c.ofP, options: {} }, 'float64')
    const { p: q } = build({ name: c.q, args: c.ofQ, options: {} }, 'float64')
    const [found, wanted] = [klDivergence(p, q), tensorOf(c.kl)]
    expect(found.shape).toEqual(wanted.shape)
    if (!g.allclose(found, wanted, { rtol: 1e-7, atol: 1e-8, equalNan: true }))
      expect(found.tolist()).toEqual(wanted.tolist())
  })
})

test('transformed and independent distributions diverge as their bases', () => {
  const [a, b] = [new Normal(g.tensor([0, 1]), 1), new Normal(1, g.tensor([2, 3]))]
  const each = klDivergence(a, b)
  expect(klDivergence(new Independent(a, 1), new Independent(b, 1)).item()).toBeCloseTo(each.sum().item())
  expect(() => klDivergence(new Independent(a, 1), new Independent(b, 0))).toThrow('reinterpretedBatchNdims')
  expect(klDivergence(new LogNormal(0, 1), new LogNormal(1, 2)).item()).toBeCloseTo(0.4431, 4)
  const of = (p: Distribution, scale: number): Distribution =>
    new TransformedDistribution(p, [new ExpTransform(), new AffineTransform(0, scale)])
  expect(klDivergence(of(a, 2), of(b, 2)).tolist()).toEqual(each.tolist())
  expect(() => klDivergence(of(a, 2), of(b, 3))).toThrow('different transforms')
})

test('what has no formula is refused', () => {
  expect(() => klDivergence(new Beta(1, 1), new Distribution())).toThrow(
    'No KL(p || q) is implemented for p type Beta and q type Distribution',
  )
  // as a program without types may have it
  expect(() => klDivergence(1 as unknown as Distribution, new Beta(1, 1))).toThrow('p must be a distribution')
  expect(() => klDivergence(new Binomial(3, 0.5), new Binomial(4, 0.5))).toThrow('is not implemented')
  const [two, three] = [2, 3].map((n) => new MultivariateNormal(g.zeros(n), g.eye(n)))
  expect(() => klDivergence(two, three)).toThrow('different event shapes')
})

test('a registered divergence is found for the nearest classes', () => {
  class Mine extends Normal {}
  class Yours extends Uniform {}
  const [p, q] = [new Mine(0, 1), new Yours(0, 1)]
  registerKl(Mine, Uniform, () => g.tensor(1))
  expect(klDivergence(p, q).item()).toBe(1)
  expect(klDivergence(p, new Normal(0, 1)).item()).toBe(0)
  const warnings: string[] = []
  const restore = g.setWarningHandler((message) => void warnings.push(String(message)))
  registerKl(Normal, Yours, () => g.tensor(2))
  expect(klDivergence(p, q).item()).toBe(1)
  g.setWarningHandler(restore)
  expect(warnings.join()).toContain('Ambiguous klDivergence(Mine, Yours)')
  registerKl(Mine, Yours, () => g.tensor(3))
  expect(klDivergence(p, q).item()).toBe(3)
  // as a program without types may have it
  expect(() => registerKl(Number as never, Normal, () => g.tensor(1))).toThrow(
    'Expected typeP to be a class of distributions',
  )
})

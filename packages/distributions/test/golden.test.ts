import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { build, golden, tensorOf, type Numbers } from './golden.ts'

g.setBackend(referenceBackend())

/** Equal in shape and dtype, and in value to the digits of the golden data or to what float32 holds. */
function expectSame(actual: g.Tensor, expected: Numbers, rtol = 2e-8): void {
  const wanted = tensorOf(expected)
  expect(actual.shape).toEqual(wanted.shape)
  expect(actual.dtype).toBe(wanted.dtype)
  const [a, b] = [actual, wanted].map((x) => x.to('float64'))
  const isClose = g.allclose(a, b, { rtol, atol: 1e-9, equalNan: true })
  if (!isClose) expect(a.tolist()).toEqual(b.tolist())
  expect(isClose).toBe(true)
}

const expectAlike = (compute: () => g.Tensor, expected: Numbers | null | undefined, rtol?: number): void => {
  if (expected === undefined) return
  if (expected === null) expect(compute).toThrow(/does not implement/)
  else expectSame(compute(), expected, rtol)
}

/** PyTorch's normalizer of this distribution is a polynomial of 7 digits. */
const tolerances: Record<string, number> = { VonMises: 3e-7 }

/** PyTorch takes every first sample of these for singular, and draws it again. */
const drawsTwice = ['Wishart']

describe.each(golden.cases.map((c, i) => [`${c.name} ${i}`, c] as const))('%s', (_, c) => {
  const { p } = build(c, 'float64')

  test('has the shapes, moments and entropy of PyTorch', () => {
    expect(p.batchShape).toEqual(c.batchShape)
    expect(p.eventShape).toEqual(c.eventShape)
    expect(p.hasRsample).toBe(c.hasRsample)
    expect(p.hasEnumerateSupport).toBe(c.hasEnumerateSupport)
    expectAlike(() => p.mean, c.mean)
    expectAlike(() => p.mode, c.mode)
    expectAlike(() => p.variance, c.variance, tolerances[c.name])
    if (c.variance !== null) expectAlike(() => p.stddev, c.stddev, tolerances[c.name])
    expectAlike(() => p.entropy(), c.entropy)
  })

  test('has the densities and quantiles of PyTorch', () => {
    if (c.value !== undefined) {
      const value = tensorOf(c.value)
      expectAlike(() => p.logProb(value), c.logProb, tolerances[c.name])
      expectAlike(() => p.cdf(value), c.cdf)
    }
    if (c.quantile !== undefined) {
      const quantile = tensorOf(c.quantile)
      expectAlike(() => p.icdf(quantile), c.icdf)
    }
    if (c.enumerated !== null) expectSame(p.enumerateSupport(), c.enumerated)
  })

  test('draws the samples of PyTorch', () => {
    const single = build(c, 'float32').p
    g.manualSeed(7)
    if (drawsTwice.includes(c.name)) single.sample(c.sampleShape)
    const drawn = single.sample(c.sampleShape)
    expectSame(drawn, c.sample, 5e-7)
    expect(drawn.requiresGrad).toBe(false)
    if (c.rsample === undefined) return
    g.manualSeed(7)
    if (drawsTwice.includes(c.name)) p.sample(c.sampleShape)
    expectSame(p.rsample(c.sampleShape), c.rsample)
  })

  test('has the same moments when expanded', () => {
    const expanded = p.expand([2, ...p.batchShape])
    expect(expanded).toBeInstanceOf(p.constructor)
    expect(expanded.batchShape).toEqual([2, ...p.batchShape])
    g.manualSeed(1)
    expect(expanded.sample([3]).shape).toEqual([3, 2, ...p.batchShape, ...p.eventShape])
    if (c.value === undefined) return
    const value = tensorOf(c.value)
    const lead = Math.max(0, value.ndim - p.batchShape.length - p.eventShape.length)
    const alone = p.logProb(value)
    const both = expanded.logProb(value.unsqueeze(lead))
    // a temperature of one axis gives the density that axis, as in PyTorch
    for (const i of [0, 1]) expect(both.select(lead, i).reshape(alone.shape).tolist()).toEqual(alone.tolist())
  })
})

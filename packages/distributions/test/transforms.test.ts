import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import {
  AffineTransform,
  bijectTo,
  CatTransform,
  ComposeTransform,
  constraintRegistry,
  constraints,
  Distribution,
  ExpTransform,
  identityTransform,
  IndependentTransform,
  Normal,
  PowerTransform,
  ReshapeTransform,
  SigmoidTransform,
  StickBreakingTransform,
  Transform,
  TransformedDistribution,
  TanhTransform,
  transformTo,
  Uniform,
} from '../src/index.ts'
import { buildTransform, golden, tensorOf, type Numbers } from './golden.ts'

g.setBackend(referenceBackend())

function expectSame(actual: g.Tensor, expected: Numbers): void {
  const wanted = tensorOf(expected)
  expect(actual.shape).toEqual(wanted.shape)
  if (!g.allclose(actual, wanted, { rtol: 1e-7, atol: 1e-9, equalNan: true }))
    expect(actual.tolist()).toEqual(wanted.tolist())
}

describe.each(golden.transforms.map((c, i) => [`${c.name} ${i}`, c] as const))('%s', (_, c) => {
  const t = buildTransform(c)
  const [x, y] = [tensorOf(c.x), tensorOf(c.y)]

  test('takes values there and back as PyTorch does', () => {
    expectSame(t.call(x), c.y)
    // of its own result: the golden one has 9 digits
    expectSame(t.inv.call(t.call(x)), c.inverse)
    expect(t.inv.inv).toBe(t)
    expect(t.bijective).toBe(c.bijective)
  })

  test('has the Jacobian and the shapes of PyTorch', () => {
    if (c.logAbsDetJacobian === null)
      expect(() => t.logAbsDetJacobian(x, y)).toThrow('does not implement logAbsDetJacobian')
    else {
      expectSame(t.logAbsDetJacobian(x, y), c.logAbsDetJacobian)
      expect(g.allclose(t.inv.logAbsDetJacobian(y, x), t.logAbsDetJacobian(x, y).neg())).toBe(true)
    }
    expect(t.domain.eventDim).toBe(c.domain)
    expect(t.codomain.eventDim).toBe(c.codomain)
    expect(t.forwardShape(x.shape)).toEqual(c.forwardShape)
    expect(t.inverseShape(y.shape)).toEqual(c.inverseShape)
    expect(t.inv.forwardShape(y.shape)).toEqual(c.inverseShape)
  })

  test('gives back what it was given, with a cache', () => {
    const cached = t.withCache()
    expect(cached).toBeInstanceOf(t.constructor)
    expect(cached.cacheSize).toBe(1)
    expect(Object.is(cached.inv.call(cached.call(x)), x)).toBe(true)
    expect(cached.withCache(0).cacheSize).toBe(0)
  })
})

test('a composition keeps the values of its parts', () => {
  const t = new ComposeTransform([new TanhTransform(), new ExpTransform()], { cacheSize: 1 })
  const x = g.tensor([20])
  expect(t.inv.call(t.call(x))).toBe(x)
  expect(new TanhTransform().inv.call(new TanhTransform().call(x)).item()).toBe(Infinity)
})

test('transforms are equal if they are the same function', () => {
  const { equals } = Transform.prototype
  expect(equals).toBeTypeOf('function')
  expect(new ExpTransform().equals(new ExpTransform())).toBe(true)
  expect(new ExpTransform().equals(new SigmoidTransform())).toBe(false)
  expect(new AffineTransform(0, g.tensor([1, 2])).equals(new AffineTransform(0, g.tensor([1, 2])))).toBe(true)
  expect(new AffineTransform(0, 1).equals(new AffineTransform(0, 2))).toBe(false)
  expect(new PowerTransform(2).equals(new PowerTransform(2))).toBe(true)
  const both = (): Transform => new ComposeTransform([new ExpTransform(), new ExpTransform().inv])
  expect(both().equals(both())).toBe(true)
})

test('transforms are printed with what they are made of', () => {
  expect(new ExpTransform().inv.toString()).toBe('InverseTransform(ExpTransform())')
  expect(new IndependentTransform(new ExpTransform(), 2).toString()).toBe(
    'IndependentTransform(ExpTransform(), 2)',
  )
  expect(new ComposeTransform([new ExpTransform()]).toString()).toBe(
    'ComposeTransform(\n    ExpTransform()\n)',
  )
})

test('wrong arguments are refused', () => {
  expect(() => new ExpTransform({ cacheSize: 2 })).toThrow('cacheSize must be 0 or 1')
  expect(() => new ExpTransform({ cache: 1 } as object)).toThrow("ExpTransform has no option 'cache'")
  expect(() => new ReshapeTransform([2], [3])).toThrow('different numbers of elements')
  expect(() => new ReshapeTransform([2, 2], [4]).call(g.zeros(4))).toThrow('Too few dimensions on input')
  expect(() => new ReshapeTransform([2, 2], [4]).call(g.zeros(3, 4))).toThrow(
    'Shape mismatch: expected [2, 2]',
  )
  expect(() => new CatTransform([new ExpTransform()], 0, [1, 2])).toThrow(
    '2 lengths are given for 1 transforms',
  )
  expect(() => new CatTransform([new ExpTransform()], 0, [2]).call(g.zeros(3))).toThrow('axis 0 has size 3')
  // as a program without types may have it
  expect(() => new TransformedDistribution(new Normal(0, 1), [1] as unknown as Transform[])).toThrow(
    'transforms must be a transform or an array of transforms',
  )
  expect(() => new TransformedDistribution(new Normal(0, 1), new StickBreakingTransform())).toThrow(
    'needs to have shape with size at least 1, but got []',
  )
})

test('a distribution is transformed, and its density follows', () => {
  const p = new TransformedDistribution(new Uniform(0, 1), [
    new SigmoidTransform().inv,
    new AffineTransform(1, -2),
  ])
  // the logistic distribution around 1, of scale 2 and mirrored
  const x = g.tensor([-1, 0.5, 3])
  const z = x.sub(1).div(2)
  expect(g.allclose(p.cdf(x), g.sigmoid(z))).toBe(true)
  expect(g.allclose(p.icdf(p.cdf(x)), x)).toBe(true)
  const density = g.sigmoid(z).mul(g.sigmoid(z.neg())).div(2)
  expect(g.allclose(p.logProb(x).exp(), density)).toBe(true)
  const t = new TransformedDistribution(new Normal(g.zeros(3), 1), new StickBreakingTransform())
  expect(t.batchShape).toEqual([])
  expect(t.eventShape).toEqual([4])
  expect(t.baseDist.toString()).toBe('Independent(Normal(loc: [3], scale: [3]), 1)')
  expect(t.expand([2]).sample().shape).toEqual([2, 4])
})

describe('the registries', () => {
  const { boolean, cat, corrCholesky, greaterThan, halfOpenInterval, independent, interval, lessThan } =
    constraints
  const { lowerCholesky, nonnegative, positive, positiveDefinite, real, simplex, stack, unitInterval } =
    constraints
  const bijections = [
    real, positive, nonnegative, greaterThan(2), lessThan(-1), unitInterval, interval(-2, 3), halfOpenInterval(1, 2),
    interval(g.tensor([0, 1, 2]), 4), interval(-1, g.tensor([0, 1, 2])), simplex, corrCholesky, independent(positive, 1),
    cat([positive, real], 0, [1, 2]), stack([positive, real, lessThan(0)], 0),
  ] // prettier-ignore
  const x = g.tensor([0.5, -1, 2])

  test.each(bijections.map((c) => [c.toString(), c] as const))('give a bijection to %s', (_, c) => {
    const t = bijectTo(c)
    expect(t.bijective).toBe(true)
    const y = t.call(x)
    expect(g.all(c.check(y)).item()).toBe(true)
    expect(g.allclose(t.inv.call(y), x, { rtol: 1e-4, atol: 1e-5 })).toBe(true)
    expect(g.all(c.check(transformTo(c).call(x))).item()).toBe(true)
  })

  test('give transforms that are none', () => {
    expect(lowerCholesky.check(transformTo(lowerCholesky).call(g.ones(2, 2))).item()).toBe(true)
    expect(positiveDefinite.check(transformTo(positiveDefinite).call(g.ones(2, 2))).item()).toBe(true)
    expect(transformTo(real)).toBe(identityTransform)
    expect(() => bijectTo(lowerCholesky)).toThrow('Cannot transform LowerCholesky() constraints')
  })

  test('take what is registered, by its class', () => {
    class Even extends constraints.Constraint {
      check(value: g.Tensor): g.Tensor {
        return g.eq(value.remainder(2), 0)
      }
    }
    const registry = constraintRegistry()
    expect(() => registry(boolean)).toThrow('Cannot transform Boolean() constraints')
    registry.register(Even, () => new AffineTransform(0, 2))
    registry.register(boolean, () => identityTransform)
    expect(registry(new Even()).call(g.tensor(3)).item()).toBe(6)
    expect(registry(boolean)).toBe(identityTransform)
    // as a program without types may have it
    expect(() => registry.register(3 as unknown as Even, () => identityTransform)).toThrow(
      'Expected constraint to be either a class of constraints or a constraint, but got 3',
    )
    expect(Distribution).toBeTypeOf('function')
  })
})

import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { Bernoulli, Categorical, constraints, Distribution, Normal, Uniform, VonMises } from '../src/index.ts'

g.setBackend(referenceBackend())

test('a parameter outside of its constraint is refused with its name, its constraint and its value', () => {
  expect(() => new Normal(0, -1)).toThrow(
    'Expected parameter scale (a tensor float32[]) of distribution Normal(loc: 0, scale: -1) to satisfy the constraint ' +
      'GreaterThan(lowerBound: 0), but found invalid values:\ntensor(-1.)',
  )
  expect(() => new Uniform(g.tensor([0, 2]), 1)).toThrow('Expected parameter low (a tensor float32[2])')
  expect(() => new Categorical(g.tensor([-1, 2]))).toThrow('to satisfy the constraint Simplex()')
})

test('a value outside of the support or of another shape is refused', () => {
  expect(() => new Bernoulli(0.5).logProb(g.tensor(2))).toThrow('to be within the support (Boolean())')
  expect(() => new Normal(g.zeros(3), 1).logProb(g.zeros(2))).toThrow(
    'Value is not broadcastable with batchShape + eventShape: [2] vs [3].',
  )
  // not a tensor, as a program without types may have it
  expect(() => new Normal(0, 1).logProb(2 as unknown as g.Tensor)).toThrow(
    'Normal: value must be a tensor, got 2',
  )
})

test('without checks everything is taken', () => {
  expect(new Normal(0, -1, { validateArgs: false }).scale.item()).toBe(-1)
  Distribution.setDefaultValidateArgs(false)
  try {
    expect(new Bernoulli(0.5).logProb(g.tensor(2)).item()).toBeCloseTo(-0.6931, 3)
  } finally {
    Distribution.setDefaultValidateArgs(true)
  }
})

test('exactly one of probs and logits is given', () => {
  const message = 'Either `probs` or `logits` must be specified, but not both.'
  expect(() => new Bernoulli({})).toThrow(message)
  expect(() => new Bernoulli(0.5, { logits: 0 })).toThrow(message)
  expect(() => new Bernoulli({ logit: 0 } as object)).toThrow('did you mean logits?')
  expect(new Bernoulli(null, { logits: 0 }).probs.item()).toBe(0.5)
  expect(() => new Categorical(g.tensor(1))).toThrow('must be at least one-dimensional')
})

test('arguments of another kind are refused', () => {
  // as programs without types may have them
  expect(() => new Normal('0' as unknown as number, 1)).toThrow(
    "Normal: loc must be a tensor or a number, got '0'",
  )
  expect(() => new Normal(0, 1).sample(3 as unknown as number[])).toThrow(
    'Normal: sampleShape must be an array',
  )
})

test('constraints tell where a value lies', () => {
  const x = g.tensor([-1, 0, 0.5, 1, 2, NaN])
  const inside = (c: constraints.Constraint): unknown => c.check(x).tolist()
  expect(inside(constraints.boolean)).toEqual([false, true, false, true, false, false])
  expect(inside(constraints.real)).toEqual([true, true, true, true, true, false])
  expect(inside(constraints.positive)).toEqual([false, false, true, true, true, false])
  expect(inside(constraints.nonnegative)).toEqual([false, true, true, true, true, false])
  expect(inside(constraints.lessThan(1))).toEqual([true, true, true, false, false, false])
  expect(inside(constraints.unitInterval)).toEqual([false, true, true, true, false, false])
  expect(inside(constraints.halfOpenInterval(0, 1))).toEqual([false, true, true, false, false, false])
  expect(inside(constraints.integerInterval(0, 1))).toEqual([false, true, false, true, false, false])
  expect(inside(constraints.nonnegativeInteger)).toEqual([false, true, false, true, true, false])
  expect(inside(constraints.positiveInteger)).toEqual([false, false, false, true, true, false])
})

test('constraints of vectors and matrices look at an event at a time', () => {
  const rows = g.tensor([
    [0.5, 0.5],
    [1, 0],
    [0.5, 0.6],
    [1.5, -0.5],
  ])
  expect(constraints.simplex.check(rows).tolist()).toEqual([true, true, false, false])
  expect(constraints.oneHot.check(rows).tolist()).toEqual([false, true, false, false])
  expect(constraints.multinomial(1).check(rows).tolist()).toEqual([true, true, false, false])
  const matrices = g.tensor([
    [
      [1, 0],
      [0.6, 0.8],
    ],
    [
      [2, 1],
      [1, 2],
    ],
    [
      [1, 2],
      [2, 1],
    ],
  ])
  expect(constraints.lowerTriangular.check(matrices).tolist()).toEqual([true, false, false])
  expect(constraints.lowerCholesky.check(matrices).tolist()).toEqual([true, false, false])
  expect(constraints.corrCholesky.check(matrices).tolist()).toEqual([true, false, false])
  expect(constraints.square.check(g.zeros(2, 3)).item()).toBe(false)
  const symmetric = matrices.slice(1, 3)
  expect(constraints.symmetric.check(symmetric).tolist()).toEqual([true, true])
  expect(constraints.positiveDefinite.check(symmetric).tolist()).toEqual([true, false])
  expect(constraints.positiveSemidefinite.check(symmetric).tolist()).toEqual([true, false])
})

test('constraints join others', () => {
  const { cat, independent, positive, real, stack } = constraints
  const x = g.tensor([
    [1, 2],
    [-1, 2],
  ])
  expect(independent(positive, 1).check(x).tolist()).toEqual([true, false])
  expect(independent(positive, 1).eventDim).toBe(1)
  expect(stack([positive, real], 1).check(x).tolist()).toEqual([
    [true, true],
    [false, true],
  ])
  expect(cat([positive, real], 1, [1, 1]).check(x).tolist()).toEqual([
    [true, true],
    [false, true],
  ])
  expect(() => cat([positive], 0, [1, 2])).toThrow('2 lengths are given for 1 constraints')
  expect(constraints.isDependent(constraints.dependent)).toBe(true)
  expect(() => constraints.dependent.check()).toThrow('Cannot determine validity of dependent constraint')
  expect(() => constraints.dependent.eventDim).toThrow('not known without its values')
  expect(constraints.dependentOn({ eventDim: 2 }).eventDim).toBe(2)
})

test('the density of angles has the integral 1', () => {
  const n = 256
  const angles = g
    .arange(n)
    .to('float64')
    .mul((2 * Math.PI) / n)
  for (const kappa of [0.5, 6, 40]) {
    const p = new VonMises(g.tensor(1, { dtype: 'float64' }), kappa)
    expect(p.logProb(angles).exp().sum().item() * ((2 * Math.PI) / n)).toBeCloseTo(1, 12)
  }
})

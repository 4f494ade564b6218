// Distributions with a tape: gradients of densities and samples, and entropies by the gradient of a normalizer.
import * as g from 'gradus'
import { referenceBackend } from '@gradus/core/reference'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

g.setBackend(referenceBackend())

const { distributions: D } = g

interface Numbers {
  shape: number[]
  dtype: string
  data: (number | string)[]
}
type Nested = number | Nested[]
interface Case {
  name: string
  args: Nested[]
  options: Record<string, Nested>
  value?: Numbers
  logProbGrads?: Record<string, Numbers> | null
  sampleShape: number[]
  rsampleGrads?: Record<string, Numbers> | null
}

const path = new URL('../../distributions/test/fixtures/golden.json', import.meta.url)
// as the script beside it writes it
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }

const tensorOf = ({ shape, dtype, data }: Numbers): g.Tensor =>
  // the script writes names of dtypes that are known here
  g.tensor(data.map(Number), { dtype: dtype as g.DType }).reshape(shape)

/** The distribution of a case, made of parameters in the order of its arguments and options. */
function make({ name, args, options }: Case, leaves: readonly g.Tensor[]): g.distributions.Distribution {
  let next = 0
  const given = (key: string, value: Nested): unknown =>
    Array.isArray(value) && key !== 'lims' ? leaves[next++] : value
  // names of PyTorch's classes
  const Class = Reflect.get(D, name) as new (...args: unknown[]) => g.distributions.Distribution
  const positional = args.map((value) => given('', value))
  const named = Object.entries(options).map(([key, value]) => [key, given(key, value)])
  return new Class(...positional, ...(named.length > 0 ? [Object.fromEntries(named)] : []))
}

const leavesOf = ({ args, options }: Case): g.Tensor[] =>
  [...args, ...Object.entries(options).map(([key, value]) => (key === 'lims' ? 0 : value))]
    .filter((value) => Array.isArray(value))
    .map((value) => g.tensor(value, { dtype: 'float64', requiresGrad: true }))

function expectGrads(
  y: g.Tensor,
  leaves: readonly g.Tensor[],
  expected: Record<string, Numbers>,
  rtol = 1e-7,
): void {
  const weights = g.arange(1, y.numel() + 1, 1, { dtype: y.dtype }).reshape(y.shape)
  y.mul(weights).sum().backward()
  Object.values(expected).forEach((numbers, i) => {
    const found = leaves[i].grad ?? g.zerosLike(leaves[i])
    const wanted = tensorOf(numbers)
    if (!g.allclose(found, wanted, { rtol, atol: 1e-8, equalNan: true }))
      expect(found.tolist()).toEqual(wanted.tolist())
  })
}

/** PyTorch's normalizer of this distribution is a polynomial of 7 digits. */
const tolerances: Record<string, number> = { VonMises: 5e-7 }

describe.each(cases.map((c, i) => [`${c.name} ${i}`, c] as const))('%s', (_, c) => {
  test.runIf(c.logProbGrads)('has the gradients of the density that PyTorch has', () => {
    const leaves = leavesOf(c)
    // as the condition above says, both are there
    expectGrads(make(c, leaves).logProb(tensorOf(c.value!)), leaves, c.logProbGrads!, tolerances[c.name])
  })

  test.runIf(c.rsampleGrads)('has the gradients of samples that PyTorch has', () => {
    const leaves = leavesOf(c)
    const p = make(c, leaves)
    g.manualSeed(7)
    // as the condition above says, they are there
    expectGrads(p.rsample(c.sampleShape), leaves, c.rsampleGrads!)
  })
})

/** Distributions whose densities are checked against differences, by constructor and value. */
const densities: Record<string, [(...p: g.Tensor[]) => g.distributions.Distribution, number[][], number[]]> =
  {
    Normal: [
      (loc, scale) => new D.Normal(loc, scale),
      [
        [0.5, -1],
        [1, 2],
      ],
      [0.25, 3],
    ],
    Bernoulli: [(probs) => new D.Bernoulli(probs), [[0.3, 0.6]], [1, 0]],
    Categorical: [(probs) => new D.Categorical(probs, { validateArgs: false }), [[0.3, 0.6, 0.1]], [2]],
  }

test.each(Object.entries(densities))('the density of %s has the gradients of its differences', (_, spec) => {
  const [of, parameters, at] = spec
  const value = g.tensor(at, { dtype: 'float64' })
  const leaves = parameters.map((p) => g.tensor(p, { dtype: 'float64', requiresGrad: true }))
  expect(g.autograd.gradcheck((...p: g.Tensor[]) => of(...p).logProb(value), leaves)).toBe(true)
  expect(g.autograd.gradgradcheck((...p: g.Tensor[]) => of(...p).logProb(value), leaves)).toBe(true)
})

test('samples carry no gradient, and rsample does', () => {
  const loc = g.tensor(1, { requiresGrad: true })
  const p = new D.Normal(loc, 2)
  expect(p.sample().requiresGrad).toBe(false)
  p.rsample([3]).sum().backward()
  expect(loc.grad?.item()).toBe(3)
})

test('the entropy of a family is found by the gradient of its normalizer', () => {
  const family = g.distributions.ExponentialFamily.prototype
  const p = new D.Normal(g.tensor([0, 1]), g.tensor([1, 2]))
  const found = Reflect.apply(family.entropy, p, []) as g.Tensor // a method of the class above
  expect(g.allclose(found, p.entropy())).toBe(true)
})

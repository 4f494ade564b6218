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
type Nested = number | string | Nested[]
interface Case {
  name: string
  args: Nested[]
  options?: Record<string, Nested>
  value?: Numbers
  logProbGrads?: Record<string, Numbers> | null
  sampleShape?: number[]
  rsampleGrads?: Record<string, Numbers> | null
}

interface DivergenceCase {
  p: string
  q: string
  ofP: Nested[]
  ofQ: Nested[]
  grads: Record<string, Numbers> | null
}

const path = new URL('../../distributions/test/fixtures/golden.json', import.meta.url)
// as the script beside it writes it
const { cases, divergences } = JSON.parse(readFileSync(path, 'utf8')) as {
  cases: Case[]
  divergences: DivergenceCase[]
}

const tensorOf = ({ shape, dtype, data }: Numbers): g.Tensor =>
  // the script writes names of dtypes that are known here
  g.tensor(data.map(Number), { dtype: dtype as g.DType }).reshape(shape)

const isMade = (value: readonly Nested[]): boolean => typeof value[0] === 'string'

function construct(name: Nested, args: readonly unknown[]): g.distributions.Distribution {
  // names of PyTorch's classes, as here
  const Class = Reflect.get(D, String(name)) as new (
    ...args: readonly unknown[]
  ) => g.distributions.Distribution
  return new Class(...args)
}

/** The distribution of a case, made of parameters in the order of its arguments and options. */
function make({ name, args, options = {} }: Case, leaves: readonly g.Tensor[]): g.distributions.Distribution {
  let next = 0
  const given = (value: Nested): unknown => {
    if (!Array.isArray(value)) return value
    if (isMade(value)) return construct(value[0], value.slice(1).map(given))
    return value.some((part) => Array.isArray(part) && isMade(part)) ? value.map(given) : leaves[next++]
  }
  const positional = args.map(given)
  const named = Object.entries(options).map(([key, value]) => [key, key === 'lims' ? value : given(value)])
  return construct(name, [...positional, ...(named.length > 0 ? [Object.fromEntries(named)] : [])])
}

function leavesOf({ args, options = {} }: Case): g.Tensor[] {
  const found = (value: Nested): g.Tensor[] => {
    if (!Array.isArray(value)) return []
    if (isMade(value) || value.some((part) => Array.isArray(part) && isMade(part)))
      return value.flatMap(found)
    return [g.tensor(value as number[], { dtype: 'float64', requiresGrad: true })] // numbers, as nothing in it is a text
  }
  return [...args, ...Object.entries(options).map(([key, value]) => (key === 'lims' ? 0 : value))].flatMap(
    found,
  )
}

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

describe.each(divergences.filter((c) => c.grads !== null).map((c) => [`${c.p} and ${c.q}`, c] as const))(
  '%s',
  (_, c) => {
    test('diverge with the gradients of PyTorch', () => {
      const [ofP, ofQ] = [
        { name: c.p, args: c.ofP },
        { name: c.q, args: c.ofQ },
      ]
      const [leavesP, leavesQ] = [leavesOf(ofP), leavesOf(ofQ)]
      const found = D.klDivergence(make(ofP, leavesP), make(ofQ, leavesQ))
      // as the filter above says, they are there
      expectGrads(found, [...leavesP, ...leavesQ], c.grads!)
    })
  },
)

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
  const found = family.entropy.call(p)
  expect(g.allclose(found, p.entropy())).toBe(true)
})

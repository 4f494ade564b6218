import { ones, setBackend, setTape, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { requireGrad, tape } from '@gradus/autograd'
import { beforeEach, expect, test } from 'vitest'
import { Adam, AdamW, LBFGS, Muon, SGD, type Optimizer } from '@gradus/optim'

beforeEach(() => {
  setBackend(referenceBackend())
  setTape(tape)
})

const start = [
  [0.5, -1.25],
  [2, 0.75],
]

/** Parameters after three steps with gradients 8, 16 and 24 times a constant. */
function trained(make: (w: Tensor) => Optimizer, step: (optimizer: Optimizer, w: Tensor) => void): unknown {
  const w = requireGrad(tensor(start))
  const optimizer = make(w)
  for (let i = 1; i <= 3; i++) {
    optimizer.zeroGrad()
    w.mul(tensor(start))
      .sum()
      .mul(8 * i)
      .backward()
    step(optimizer, w)
  }
  return w.tolist()
}

const makers: Record<string, (w: Tensor) => Optimizer> = {
  SGD: (w) => new SGD([w], { lr: 0.1, momentum: 0.9 }),
  Adam: (w) => new Adam([w], { lr: 0.1, weightDecay: 0.1 }),
  AdamW: (w) => new AdamW([w], { lr: 0.1, amsgrad: true }),
  Muon: (w) => new Muon([w], { lr: 0.1 }),
}

test.each(Object.entries(makers))('%s steps by the gradients times the factor', (_, make) => {
  const inPlace = trained(make, (optimizer, w) => {
    w.grad?.mul_(0.25)
    optimizer.step()
  })
  const byFactor = trained(make, (optimizer) => optimizer.withGradFactor(0.25, () => optimizer.step()))
  expect(byFactor).toEqual(inPlace)
})

test('an update that takes the factor leaves the gradients as they are, and the next step is without it', () => {
  const w = requireGrad(ones(1))
  const optimizer = new SGD([w], { lr: 1 })
  w.mul(4).sum().backward()
  optimizer.withGradFactor(0.5, () => optimizer.step())
  expect([w.item(), w.grad?.item()]).toEqual([-1, 4])
  optimizer.step()
  expect(w.item()).toBe(-5)
})

test('a hook of the step sees gradients as the step takes them', () => {
  const w = requireGrad(ones(1))
  const optimizer = new SGD([w], { lr: 1 })
  const seen: unknown[] = []
  optimizer.registerStepPreHook(() => seen.push(w.grad?.item()))
  w.mul(4).sum().backward()
  optimizer.withGradFactor(0.5, () => optimizer.step())
  expect([seen, w.item()]).toEqual([[2], -1])
})

test('a step that throws leaves no factor behind', () => {
  const w = requireGrad(ones(1))
  const optimizer = new SGD([w], { lr: 1 })
  w.mul(4).sum().backward()
  expect(() =>
    optimizer.withGradFactor(0.5, () => {
      throw new Error('stop')
    }),
  ).toThrow('stop')
  optimizer.step()
  expect(w.item()).toBe(-3)
})

test('LBFGS, whose update is a search, is given gradients in place', () => {
  const w = requireGrad(ones(1))
  const optimizer = new LBFGS([w], { lr: 1 })
  w.mul(4).sum().backward()
  optimizer.withGradFactor(0.5, () => undefined)
  expect(w.grad?.item()).toBe(2)
})

import { setBackend, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { Lion } from '../src/index.ts'

setBackend(referenceBackend())

/** Algorithm 2 of arXiv 2302.06675, line by line. */
function byThePaper(
  start: readonly number[],
  gradAt: (t: number, i: number) => number,
  { lr, beta1, beta2, lambda }: { lr: number; beta1: number; beta2: number; lambda: number },
  steps: number,
): { p: number[]; m: number[] } {
  const [p, m] = [[...start], start.map(() => 0)]
  for (let t = 0; t < steps; t++) {
    p.forEach((_, i) => {
      const g = gradAt(t, i)
      const c = beta1 * m[i] + (1 - beta1) * g
      p[i] -= lr * (Math.sign(c) + lambda * p[i])
      m[i] = beta2 * m[i] + (1 - beta2) * g
    })
  }
  return { p, m }
}

const start = [0.5, -1.25, 2, 0]
const gradAt = (t: number, i: number): number => Math.sin(1.3 * i + 0.7 * t) * (i === 3 ? 1e-8 : 1)

test.each([
  ['without weight decay', { lr: 0.01, beta1: 0.9, beta2: 0.99, lambda: 0 }],
  ['with decoupled weight decay', { lr: 0.01, beta1: 0.9, beta2: 0.99, lambda: 0.5 }],
  ['with other betas', { lr: 0.1, beta1: 0.95, beta2: 0.4, lambda: 0.1 }],
])('Lion follows the algorithm of its paper %s', (_, options) => {
  const p = tensor(start, { dtype: 'float64' })
  const { lr, beta1, beta2, lambda } = options
  const optimizer = new Lion([p], { lr, betas: [beta1, beta2], weightDecay: lambda })
  for (let t = 0; t < 20; t++) {
    p.grad = tensor(
      start.map((__, i) => gradAt(t, i)),
      { dtype: 'float64' },
    )
    optimizer.step()
  }
  const expected = byThePaper(start, gradAt, options, 20)
  p.readSync().forEach((x, i) => expect(Number(x)).toBeCloseTo(expected.p[i], 12))
  const [state] = Object.values(optimizer.stateDict().state)
  expect(Object.keys(state)).toEqual(['step', 'exp_avg'])
  expect(String(state['exp_avg'])).toBe(String(tensor(expected.m, { dtype: 'float64' })))
})

test('an element without any gradient stays where it is', () => {
  const p = tensor([1, 2])
  p.grad = tensor([0, -3])
  new Lion([p], { lr: 0.5 }).step()
  expect(p.tolist()).toEqual([1, 2.5])
})

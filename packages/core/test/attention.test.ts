import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { attentionWeights } from '../src/internal.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

for (const dtype of ['float32', 'float64'] as const) {
  test(`weights of keys that a query does not see are exactly 0, ${dtype}`, () => {
    const scores = g.tensor([[5, -3, 2], [0.5, 800, 1], [-90, -90, 1e4]]).to(dtype) // prettier-ignore
    const seen = g.tensor([[true, false, true], [false, false, false], [true, true, false]]) // prettier-ignore
    const half = g.softmax(g.tensor([5, 2]).to(dtype), 0).tolist() as number[] // a vector
    const expected = [[half[0], 0, half[1]], [0, 0, 0], [0.5, 0.5, 0]] // prettier-ignore
    expect(attentionWeights(scores, seen).tolist()).toEqual(expected)
    const added = g.where(seen, g.zeros(3, 3), -Infinity).to(dtype)
    expect(attentionWeights(scores, added).tolist()).toEqual(expected)
    const causal = attentionWeights(scores, null, { isCausal: true }).tolist() as number[][] // a matrix
    expect(causal[0]).toEqual([1, 0, 0])
    expect(causal[1]).toEqual([0, 1, 0])
  })
}

test('scores far below the highest have no weight, and NaN or Infinity take the row', () => {
  const scores = g.tensor([[0, -79, -200], [0, NaN, 0], [0, Infinity, 0]]) // prettier-ignore
  const [far, ...rest] = attentionWeights(scores).tolist() as number[][] // a matrix
  expect(far[0]).toBe(1)
  expect(far[1] / Math.exp(-79)).toBeCloseTo(1, 5)
  expect(far[2]).toBe(0)
  expect(rest).toEqual([[NaN, NaN, NaN], [NaN, NaN, NaN]]) // prettier-ignore
})

import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const { NaN: nan } = globalThis

test('sorting is stable both ways, and NaN counts as largest', () => {
  const x = g.tensor([2, 1, nan, 2, 1])
  expect(g.sort(x).indices.tolist()).toEqual([1, 4, 0, 3, 2])
  expect(g.sort(x, 0, { descending: true }).indices.tolist()).toEqual([2, 0, 3, 1, 4])
})

test('sorting along an axis of a transposed operand', () => {
  const x = g
    .tensor([
      [3, 1],
      [2, 5],
    ])
    .t()
  expect(g.sort(x, 1).values.tolist()).toEqual([
    [2, 3],
    [1, 5],
  ])
  expect(g.argsort(x, 0).tolist()).toEqual([
    [1, 0],
    [0, 1],
  ])
})

test('topk, smallest too, and its bounds', () => {
  const x = g.tensor([
    [1, 9, 3],
    [7, 5, 8],
  ])
  expect(g.topk(x, 2).values.tolist()).toEqual([
    [9, 3],
    [8, 7],
  ])
  expect(g.topk(x, 1, 0, { largest: false }).indices.tolist()).toEqual([[0, 1, 0]])
  expect(g.topk(x, 0).values.shape).toEqual([2, 0])
  expect(() => g.topk(x, 4)).toThrow('selected index k out of range')
})

test('kthvalue counts from 1', () => {
  expect(g.kthvalue(g.tensor([3, 1, 2]), 2).values.item()).toBe(2)
  expect(() => g.kthvalue(g.tensor([3]), 0)).toThrow('out of range')
})

test('integers beyond float32 keep their order', () => {
  const x = g.tensor([16777217, 16777216], { dtype: 'int32' })
  expect(g.sort(x).values.tolist()).toEqual([16777216, 16777217])
})

test('unique values with where each went and how often it occurs', () => {
  const { values, inverse, counts } = g.unique(g.tensor([3, 1, 3]), {
    returnInverse: true,
    returnCounts: true,
  })
  expect([values.tolist(), inverse?.tolist(), counts?.tolist()]).toEqual([
    [1, 3],
    [1, 0, 1],
    [1, 2],
  ])
  expect(
    g
      .unique(
        g.tensor([
          [1, 2],
          [1, 2],
        ]),
        { dim: 0 },
      )
      .values.tolist(),
  ).toEqual([[1, 2]])
  expect(g.uniqueConsecutive(g.tensor([1, 1, 2, 1])).values.tolist()).toEqual([1, 2, 1])
  expect(g.unique(g.zeros(0)).values.shape).toEqual([0])
})

test('quantiles between, below and above neighbours', () => {
  const x = g.tensor([0, 1, 2, 3])
  expect(g.quantile(x, 0.5).item()).toBe(1.5)
  expect(g.quantile(x, 0.5, 0, { interpolation: 'lower' }).item()).toBe(1)
  expect(g.quantile(g.tensor([1, nan]), 0.5).item()).toBeNaN()
  expect(g.nanquantile(g.tensor([1, nan]), 0.5).item()).toBe(1)
})

test('the mode is the smallest of the most frequent', () => {
  const { values, indices } = g.mode(
    g.tensor([
      [2, 1, 2, 1],
      [3, 3, 0, 0],
    ]),
  )
  expect(values.tolist()).toEqual([1, 0])
  expect(indices.tolist()).toEqual([3, 3])
})

test('searchsorted places values before or after their equals', () => {
  const rows = g.tensor([1, 3, 3, 5])
  expect(g.searchsorted(rows, g.tensor([3, 9])).tolist()).toEqual([1, 4])
  expect(g.searchsorted(rows, 3, { right: true }).item()).toBe(3)
})

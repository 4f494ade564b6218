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

import { expect, test } from 'vitest'
import { internals } from '../src/internal.ts'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const i32 = (values: Parameters<typeof g.tensor>[0]) => g.tensor(values, { dtype: 'int32' })

test('gather takes any integer dtype and nothing else', () => {
  const x = g.tensor([
    [1, 2],
    [3, 4],
  ])
  expect(g.gather(x, 1, g.tensor([[1], [0]], { dtype: 'uint8' })).tolist()).toEqual([[2], [3]])
  expect(() => g.gather(x, 1, g.zeros(2, 1))).toThrow('gather(): Expected dtype int32/int64 for index')
  expect(() => g.gather(x, 0, i32([[2, 0]]))).toThrow('index 2 is out of bounds for dimension 0 with size 2')
  expect(() => g.gather(x, 0, i32([0]))).toThrow(
    'Index tensor must have the same number of dimensions as input tensor',
  )
  expect(g.gather(g.tensor(5), 0, i32(0)).item()).toBe(5)
})

test('scatter keeps the last of several values, scatterAdd all of them', () => {
  const index = i32([1, 1, 0])
  const src = g.tensor([1, 2, 3])
  expect(g.scatter(g.zeros(3), 0, index, src).tolist()).toEqual([3, 2, 0])
  expect(g.scatterAdd(g.zeros(3), 0, index, src).tolist()).toEqual([3, 3, 0])
  expect(g.scatter(g.zeros(2, 2), 1, i32([[1]]), 7).tolist()).toEqual([
    [0, 7],
    [0, 0],
  ])
})

test('in-place forms write views, count a version, and refuse other dtypes before anything changed', () => {
  const x = g.zeros(2, 3)
  x.t().scatterAdd_(0, i32([[2, 0]]), g.tensor([[5, 6]]))
  expect(x.tolist()).toEqual([
    [0, 0, 5],
    [6, 0, 0],
  ])
  expect(internals(x).counter.value).toBe(1)
  expect(() => x.scatter_(0, i32([[0]]), g.zeros([1, 1], { dtype: 'float64' }))).toThrow(
    'Expected self.dtype to be equal to src.dtype',
  )
  expect(internals(x).counter.value).toBe(1)
  expect(() =>
    g
      .zeros(1)
      .expand(3)
      .scatterAdd_(0, i32([0]), g.ones(1)),
  ).toThrow('more than one element of the written-to tensor')
})

test('indexSelect, indexAdd, indexCopy and indexFill', () => {
  const x = g.tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(g.indexSelect(x, 1, i32([2, 0, 2])).tolist()).toEqual([
    [3, 1, 3],
    [6, 4, 6],
  ])
  expect(g.indexSelect(x, 0, i32([])).shape).toEqual([0, 3])
  expect(g.indexAdd(g.zeros(2), 0, i32([1, 1]), g.tensor([1, 2]), { alpha: 2 }).tolist()).toEqual([0, 6])
  expect(g.indexCopy(x, 1, i32([0]), g.tensor([[7], [8]])).tolist()).toEqual([
    [7, 2, 3],
    [8, 5, 6],
  ])
  expect(
    x
      .clone()
      .indexFill_(1, i32([0, 2]), 0)
      .tolist(),
  ).toEqual([
    [0, 2, 0],
    [0, 5, 0],
  ])
  expect(() => g.indexAdd(g.zeros(3, 2), 0, i32([0, 1]), g.zeros(2))).toThrow(
    'source tensor shape must match self tensor shape',
  )
})

test('take and takeAlongDim count negative positions from the end', () => {
  const x = g.tensor([
    [1, 2],
    [3, 4],
  ])
  expect(g.take(x, i32([[-1], [0]])).tolist()).toEqual([[4], [1]])
  expect(g.takeAlongDim(x, i32([[-1], [0]]), 1).tolist()).toEqual([[2], [3]])
  expect(g.takeAlongDim(x, g.argsort(x, 1, { descending: true }), 1).tolist()).toEqual([
    [2, 1],
    [4, 3],
  ])
})

test('embedding takes indices of any shape and names one out of range', () => {
  const weight = g.tensor([
    [1, 2],
    [3, 4],
  ])
  expect(g.embedding(i32([[0], [1]]), weight).shape).toEqual([2, 1, 2])
  expect(() => g.embedding(i32([2]), weight)).toThrow('index out of range in self')
  expect(() => g.embedding(g.tensor([0]), weight)).toThrow('Expected dtype int32/int64')
})

test('oneHot makes int64 rows and refuses what is no class', () => {
  expect(g.oneHot(i32([0, 2])).tolist()).toEqual([
    [1, 0, 0],
    [0, 0, 1],
  ])
  expect(g.oneHot(i32([0]), 2).dtype).toBe('int64')
  expect(() => g.oneHot(i32([2]), 2)).toThrow('Class values must be smaller than num_classes.')
  expect(() => g.oneHot(i32([-1]), 2)).toThrow('Class values must be non-negative.')
})

test('nonzero and masks', () => {
  const x = g.tensor([
    [0, 5],
    [7, 0],
  ])
  expect(g.nonzero(x).tolist()).toEqual([
    [0, 1],
    [1, 0],
  ])
  expect(g.nonzero(g.tensor(3)).shape).toEqual([1, 0])
  expect(g.nonzero(g.zeros(3)).shape).toEqual([0, 1])
  expect(g.maskedSelect(x, g.tensor([true, false])).tolist()).toEqual([0, 7])
  expect(g.maskedScatter(x, x.eq(0), g.tensor([1, 2, 3])).tolist()).toEqual([
    [1, 5],
    [7, 2],
  ])
})

test('scatterReduce with and without what is there', () => {
  const index = i32([0, 0, 1])
  const src = g.tensor([2, 3, 4])
  const at = (reduce: 'sum' | 'prod' | 'mean' | 'amax' | 'amin', includeSelf: boolean) =>
    g.scatterReduce(g.tensor([10, 10, 10]), 0, index, src, reduce, { includeSelf }).tolist()
  expect(at('prod', true)).toEqual([60, 40, 10])
  expect(at('prod', false)).toEqual([6, 4, 10])
  expect(at('mean', true)).toEqual([5, 7, 10])
  expect(at('mean', false)).toEqual([2.5, 4, 10])
  expect(at('amax', false)).toEqual([3, 4, 10])
  expect(at('amin', true)).toEqual([2, 4, 10])
})

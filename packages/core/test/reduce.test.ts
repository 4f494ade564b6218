import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const { Infinity: inf, NaN: nan } = globalThis

test('a sum of nothing is 0, a product 1, a mean NaN, and an extreme is refused', () => {
  const empty = g.zeros(0, 3)
  expect(g.sum(empty).item()).toBe(0)
  expect(g.prod(empty).item()).toBe(1)
  expect(g.mean(empty).item()).toBeNaN()
  expect(g.amax(empty, 1).shape).toEqual([0])
  expect(() => g.amax(empty, 0)).toThrow('amax(): Expected reduction dim 0 to have non-zero size.')
  expect(() => g.max(empty)).toThrow('max(): Expected reduction dim to be specified for input.numel() == 0.')
})

test('a scalar reduces over its axis 0', () => {
  const x = g.tensor(3)
  expect(g.sum(x, 0).item()).toBe(3)
  expect(g.max(x, 0).indices.item()).toBe(0)
  expect(g.softmax(x, 0).item()).toBe(1)
  expect(g.cumsum(x, 0).item()).toBe(3)
  expect(g.sort(x, 0).values.item()).toBe(3)
})

test('reductions follow strides: a transposed and an expanded operand', () => {
  const x = g.tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(x.t().amax(0).tolist()).toEqual([3, 6])
  expect(g.tensor([1, 2]).unsqueeze(1).expand(2, 3).prod(1).tolist()).toEqual([1, 8])
  expect(x.t().argmax(1).tolist()).toEqual([1, 1, 1])
})

test('NaN wins in extremes and their positions', () => {
  const x = g.tensor([
    [1, nan, 3],
    [nan, 2, nan],
  ])
  expect(g.amax(x).item()).toBeNaN()
  const { values, indices } = g.min(x, 1)
  expect(values.tolist()).toEqual([nan, nan])
  expect(indices.tolist()).toEqual([1, 0])
})

test('argmax names the first of equals, in the flat tensor without an axis', () => {
  const x = g.tensor([
    [1, 3, 3],
    [3, 0, 1],
  ])
  expect(g.argmax(x).item()).toBe(1)
  expect(g.argmax(x, 1).tolist()).toEqual([1, 0])
  expect(g.argmin(x, null, { keepdim: true }).tolist()).toEqual([[4]])
  expect(g.argmax(x).dtype).toBe('int32')
})

test('max of two tensors is maximum', () => {
  expect(g.max(g.tensor([1, 5]), g.tensor([3, 2])).tolist()).toEqual([3, 5])
})

test('integers and bool multiply and add up in int64', () => {
  expect(g.prod(g.tensor([100, 100, 100], { dtype: 'uint8' })).item()).toBe(1_000_000)
  expect(g.cumsum(g.tensor([true, true]), 0).dtype).toBe('int64')
})

test('all and any: of nothing true and false; uint8 answers in uint8', () => {
  expect(g.all(g.zeros(0)).item()).toBe(true)
  expect(g.any(g.zeros(0)).item()).toBe(false)
  expect(g.all(g.tensor([nan, inf])).tolist()).toBe(true)
  expect(g.any(g.tensor([0, 2], { dtype: 'uint8' })).dtype).toBe('uint8')
  expect(
    g
      .countNonzero(
        g.tensor([
          [0, 1],
          [2, 3],
        ]),
        0,
      )
      .tolist(),
  ).toEqual([1, 2])
})

test('the variance of one element is NaN, and 0 without correction', () => {
  g.setWarningHandler(() => {})
  const x = g.tensor([2])
  expect(g.std(x).item()).toBeNaN()
  expect(g.var(x, null, { unbiased: false }).item()).toBe(0)
  expect(g.var(g.tensor([1, 2, 3, 4]), 0, { correction: 2 }).item()).toBe(2.5)
  expect(() => g.var(g.arange(3))).toThrow('std and var only support floating point')
})

test('norms of all orders', () => {
  const x = g.tensor([3, -4, 0])
  const norms = [0, 1, 2, inf, -inf, 3].map((p) => g.vectorNorm(x, p).item())
  expect(norms).toEqual([2, 7, 5, 4, 0, Math.fround(91 ** (1 / 3))])
  expect(g.norm(x).item()).toBe(5)
  expect(() => g.vectorNorm(g.zeros(0), inf)).toThrow('cannot compute the infinity norm')
})

test('logsumexp neither overflows nor loses infinities', () => {
  expect(g.logsumexp(g.tensor([1000, 1000]), 0).item()).toBeCloseTo(1000 + Math.LN2, 3)
  expect(g.logsumexp(g.tensor([-inf, -inf]), 0).item()).toBe(-inf)
  expect(g.logsumexp(g.tensor([inf, 0]), 0).item()).toBe(inf)
})

test('nansum and nanmean leave NaN out', () => {
  const x = g.tensor([
    [1, nan],
    [nan, nan],
  ])
  expect(g.nansum(x, 1).tolist()).toEqual([1, 0])
  expect(g.nanmean(x, 1).tolist()).toEqual([1, nan])
})

test('the median is the lower of two, and NaN where any element is', () => {
  expect(g.median(g.tensor([4, 1, 3, 2])).item()).toBe(2)
  expect(
    g
      .median(
        g.tensor([
          [1, nan],
          [5, 3],
        ]),
        1,
      )
      .values.tolist(),
  ).toEqual([nan, 3])
  expect(
    g
      .nanmedian(
        g.tensor([
          [1, nan],
          [5, 3],
        ]),
        1,
      )
      .values.tolist(),
  ).toEqual([1, 3])
  expect(g.median(g.zeros(0)).item()).toBeNaN()
})

test('running folds follow the axis, and the last of equals is where the extreme is', () => {
  const x = g.tensor([
    [1, 3, 3],
    [2, 1, 5],
  ])
  expect(g.cumsum(x, 0).tolist()).toEqual([
    [1, 3, 3],
    [3, 4, 8],
  ])
  expect(g.cumprod(x.t(), 0).tolist()).toEqual([
    [1, 2],
    [3, 2],
    [9, 10],
  ])
  expect(g.cummax(x, 1).indices.tolist()).toEqual([
    [0, 1, 2],
    [0, 0, 2],
  ])
  expect(g.logcumsumexp(g.tensor([0, 0]), 0).tolist()).toEqual([0, Math.fround(Math.LN2)])
})

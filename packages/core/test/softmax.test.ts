import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('softmax is taken along any axis, of any strides, and does not overflow', () => {
  expect(g.softmax(g.tensor([1000, 1000]), 0).tolist()).toEqual([0.5, 0.5])
  const x = g.tensor([
    [0, 0],
    [-Infinity, 0],
  ])
  expect(g.softmax(x.t(), 0).tolist()).toEqual([
    [0.5, 0],
    [0.5, 1],
  ])
  expect(g.softmax(g.zeros(2, 0), 1).shape).toEqual([2, 0])
})

test('a row of minus infinities has no softmax', () => {
  expect(g.softmax(g.tensor([-Infinity, -Infinity]), 0).tolist()).toEqual([NaN, NaN])
  expect(g.softmax(g.tensor([-Infinity, 0]), 0).tolist()).toEqual([0, 1])
})

test('the dtype option converts first', () => {
  const x = g.tensor([70000, 0])
  expect(g.softmax(x.to('float16'), 0, { dtype: 'float32' }).dtype).toBe('float32')
  expect(g.softmax(g.tensor([1, 1], { dtype: 'int32' }), 0).tolist()).toEqual([0.5, 0.5])
})

test('logSoftmax does not underflow', () => {
  expect(g.logSoftmax(g.tensor([0, 200]), 0).tolist()).toEqual([-200, 0])
})

test('softmin prefers the smallest', () => {
  expect(
    g
      .softmin(g.tensor([0, Math.log(3)]), 0)
      .select(0, 0)
      .item(),
  ).toBeCloseTo(0.75, 6)
})

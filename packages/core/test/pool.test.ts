import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const { Infinity: inf, NaN: nan } = globalThis

test('padding never wins a maximum, NaN does', () => {
  const x = g.tensor([
    [
      [-1, -2],
      [nan, -3],
    ],
  ])
  expect(g.maxPool2d(x, 2, { stride: 1, padding: 1 }).tolist()).toEqual([
    [
      [-1, -1, -2],
      [nan, nan, -2],
      [nan, nan, -3],
    ],
  ])
})

test('indices count in the flat plane, the first of equals', () => {
  const { values, indices } = g.maxPool2d(g.ones(1, 1, 4, 4), 2, { returnIndices: true })
  expect(values.shape).toEqual([1, 1, 2, 2])
  expect(indices.tolist()).toEqual([
    [
      [
        [0, 2],
        [8, 10],
      ],
    ],
  ])
  expect(indices.dtype).toBe('int32')
})

test('ceilMode adds the window that sticks out, unless it begins in the padding', () => {
  const x = g.tensor([[1, 2, 3, 4, 5]])
  expect(g.maxPool1d(x, 2, { ceilMode: true }).tolist()).toEqual([[2, 4, 5]])
  expect(g.maxPool1d(x, 2, { stride: 3, padding: 1, ceilMode: true }).tolist()).toEqual([[1, 4]])
})

test('what an average divides by', () => {
  const x = g.ones(1, 1, 3)
  expect(g.avgPool1d(x, 2, { padding: 1 }).tolist()).toEqual([[[0.5, 1]]])
  expect(g.avgPool1d(x, 2, { padding: 1, countIncludePad: false }).tolist()).toEqual([[[1, 1]]])
  expect(g.avgPool1d(x, 2, { divisorOverride: 4 }).tolist()).toEqual([[[0.5]]])
  expect(g.avgPool1d(x, 2, { ceilMode: true }).tolist()).toEqual([[[1, 1]]])
})

test('adaptive windows overlap where the sizes do not divide', () => {
  const x = g.tensor([[1, 2, 3, 4, 5]])
  expect(g.adaptiveAvgPool1d(x, 2).tolist()).toEqual([[2, 4]])
  expect(g.adaptiveMaxPool1d(x, 2, { returnIndices: true }).indices.tolist()).toEqual([[2, 4]])
  expect(g.adaptiveAvgPool2d(g.ones(1, 4, 6), [null, 1]).shape).toEqual([1, 4, 1])
})

test('no window, or too much padding, is refused', () => {
  expect(() => g.maxPool2d(g.zeros(1, 2, 2), 3)).toThrow(
    'Given input size: (1x2x2). Calculated output size: (1x0x0). Output size is too small',
  )
  expect(() => g.maxPool2d(g.zeros(1, 4, 4), 2, { padding: 2 })).toThrow(
    'pad should be at most half of effective kernel size',
  )
})

test('pad: constant, negative, mirrored, repeated, wrapped', () => {
  const x = g.tensor([1, 2, 3])
  expect(g.pad(x, [1, -1], { value: inf }).tolist()).toEqual([inf, 1, 2])
  expect(g.pad(x, [2, 1], { mode: 'reflect' }).tolist()).toEqual([3, 2, 1, 2, 3, 2])
  expect(g.pad(x, [2, 0], { mode: 'replicate' }).tolist()).toEqual([1, 1, 1, 2, 3])
  expect(g.pad(x, [1, 1], { mode: 'circular' }).tolist()).toEqual([3, 1, 2, 3, 1])
  expect(() => g.pad(x, [3, 0], { mode: 'reflect' })).toThrow('Padding size should be less than')
})

test('an adaptive mean is touched by the elements of its window alone', () => {
  const x = g.tensor([[[1, 2, 3, inf, 5, 6, 7]]])
  // windows of elements 0 to 2, 2 to 4 and 4 to 6
  expect(g.adaptiveAvgPool1d(x, 3).tolist()).toEqual([[[2, inf, 6]]])
  expect(g.adaptiveAvgPool1d(x.mul(-1).add(nan), 7).isnan().tolist()).toEqual([[Array(7).fill(true)]])
})

test('an adaptive mean in half precision is rounded once', () => {
  const x = g.tensor([[[1, 1 / 1024, 1 / 1024, 1 / 1024, 1]]], { dtype: 'float16' })
  expect(g.adaptiveAvgPool1d(x, 2).tolist()).toEqual(
    g.adaptiveAvgPool1d(x.to('float32'), 2).to('float16').tolist(),
  )
})

test('interpolation of float64 finds positions and weights in float64', () => {
  const x = g.arange(10, { dtype: 'float64' }).div(3).reshape([1, 1, 10])
  const linear = [0.071428571428571425, 0.54761904761904756, 1.0238095238095239, 1.5, 1.9761904761904763]
  const found = g.interpolate(x, { size: 7, mode: 'linear' }).readSync()
  linear.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 14))
  // 2 / 82 in float32 times 41 is a little less than 1
  const nearest = (dtype: 'float32' | 'float64') =>
    g.interpolate(g.arange(2, { dtype }).reshape([1, 1, 2]), { size: 82, mode: 'nearest' }).readSync()[41]
  expect([nearest('float32'), nearest('float64')]).toEqual([0, 1])
})

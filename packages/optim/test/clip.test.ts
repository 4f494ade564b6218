import { ones, setBackend, tensor, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { clipGradNorm_, clipGradsWithNorm_, clipGradValue_, getTotalNorm } from '../src/index.ts'

setBackend(referenceBackend())

const parameters = () => {
  const params = [zeros(2), zeros(3)]
  params[0].grad = tensor([3, -4])
  params[1].grad = tensor([0, 1, 2])
  return params
}

// the norm before, then the gradients after clipping to 1.5, from PyTorch 2.13
test.each([
  [
    2,
    [
      5.4772257804870605, 0.8215836882591248, -1.095444917678833, 0.0, 0.27386122941970825,
      0.5477224588394165,
    ],
  ],
  [1, [10.0, 0.44999998807907104, -0.5999999642372131, 0.0, 0.14999999105930328, 0.29999998211860657]],
  [Infinity, [4.0, 1.124999761581421, -1.4999996423721313, 0.0, 0.37499991059303284, 0.7499998211860657]],
  [-Infinity, [0.0, 3.0, -4.0, 0.0, 1.0, 2.0]],
  [0, [2.0, 2.2499990463256836, -2.9999985694885254, 0.0, 0.7499996423721313, 1.4999992847442627]],
  [
    3,
    [4.641589164733887, 0.9694953560829163, -1.2926604747772217, 0.0, 0.3231651186943054, 0.6463302373886108],
  ],
] as [number, number[]][])('clipping by the norm of order %d is that of PyTorch', (normType, expected) => {
  const params = parameters()
  const total = clipGradNorm_(params, 1.5, { normType })
  const found = [total.item(), ...params.flatMap((p) => Array.from(p.grad!.readSync(), Number))]
  found.forEach((x, i) => expect(x).toBeCloseTo(expected[i], 5))
})

test('gradients within the bound keep their values', () => {
  const params = parameters()
  clipGradNorm_(params, 100)
  expect(params[0].grad!.tolist()).toEqual([3, -4])
})

test('parameters without gradients are left alone and their norm is 0', () => {
  expect(clipGradNorm_([ones(2)], 1).item()).toBe(0)
  expect(getTotalNorm([]).item()).toBe(0)
})

test('an infinite norm is an error if asked for, and nothing is scaled', () => {
  const p = zeros(2)
  p.grad = tensor([Infinity, 1])
  expect(() => clipGradNorm_(p, 1, { errorIfNonfinite: true })).toThrow(
    'The total norm of order 2.0 for gradients from `parameters` is non-finite',
  )
  expect(p.grad.tolist()).toEqual([Infinity, 1])
})

test('the norm of half-precision gradients does not overflow', () => {
  const p = zeros([2], { dtype: 'float16' })
  p.grad = tensor([40000, 40000], { dtype: 'float16' })
  const total = clipGradNorm_(p, 1)
  expect(total.dtype).toBe('float32')
  expect(total.item()).toBeCloseTo(40000 * Math.SQRT2, 1)
  expect(p.grad.dtype).toBe('float16')
})

test('gradients of different dtypes are clipped together', () => {
  const [a, b] = [zeros([1], { dtype: 'float64' }), zeros(1)]
  a.grad = tensor([3], { dtype: 'float64' })
  b.grad = tensor([4])
  expect(clipGradNorm_([a, b], 1).item()).toBe(5)
  expect(a.grad.item()).toBeCloseTo(0.6, 6)
  expect(b.grad.item()).toBeCloseTo(0.8, 6)
})

test('a gradient that does not lie row by row is clipped in place', () => {
  const p = zeros(2, 2)
  const grad = tensor([
    [3, 0],
    [4, 0],
  ]).t()
  p.grad = grad
  clipGradNorm_(p, 2.5)
  expect(grad.tolist()).toEqual([
    [expect.closeTo(1.5, 5), expect.closeTo(2, 5)],
    [0, 0],
  ])
})

test('scaling by a norm that is known is what clipping does', () => {
  const params = parameters()
  const total = getTotalNorm(params.map((p) => p.grad!))
  clipGradsWithNorm_(params, 1.5, total)
  expect(params[0].grad!.tolist()).toEqual([expect.closeTo(0.82158, 4), expect.closeTo(-1.09544, 4)])
})

test('values are limited on both sides, and NaN stays', () => {
  const p = zeros(4)
  p.grad = tensor([-3, 0.5, 3, NaN])
  clipGradValue_([p], 1)
  expect(p.grad.tolist()).toEqual([-1, 0.5, 1, NaN])
})

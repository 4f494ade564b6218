import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('layerNorm of equal elements is the bias', () => {
  const x = g.full([2, 3], 7)
  expect(g.layerNorm(x, 3, g.ones(3), g.tensor([1, 2, 3])).tolist()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
})

test('layerNorm of a transposed operand', () => {
  const x = g
    .tensor([
      [1, 5],
      [3, 5],
    ])
    .t()
  expect(g.layerNorm(x, [2], null, null, { eps: 0 }).select(0, 0).tolist()).toEqual([-1, 1])
})

test('shapes that do not fit are named', () => {
  expect(() => g.layerNorm(g.zeros(2, 3), [4])).toThrow(
    'Given normalized_shape=[4], expected input with shape [*, 4], but got input of size[2, 3]',
  )
  expect(() => g.layerNorm(g.zeros(2, 3), [3], g.ones(2))).toThrow(
    'Expected weight to be of same shape as normalized_shape',
  )
  expect(() => g.groupNorm(g.zeros(1, 4, 2), 3)).toThrow('divisible by num_groups')
})

test('half precision is normalized in float32, by float32 weights too', () => {
  const x = g.tensor([60000, -60000], { dtype: 'float16' })
  expect(g.layerNorm(x, 2, g.tensor([2, 2])).tolist()).toEqual([2, -2])
})

test('rmsNorm divides by the root mean square and subtracts nothing', () => {
  expect(g.rmsNorm(g.tensor([1, 7]), 2, null, { eps: 0 }).tolist()).toEqual([0.2, 1.4].map(Math.fround))
})

test('groupNorm with one group is layerNorm over everything but the batch', () => {
  const x = g.arange(12).to('float32').reshape(2, 3, 2)
  expect(g.groupNorm(x, 1).tolist()).toEqual(g.layerNorm(x, [3, 2]).tolist())
})

test('batchNorm updates running statistics in training, with the unbiased variance, and reads them otherwise', () => {
  const x = g.tensor([
    [1, 10],
    [3, 10],
  ])
  const [mean, variance] = [g.zeros(2), g.ones(2)]
  g.batchNorm(x, mean, variance, null, null, { training: true, momentum: 0.5 })
  expect(mean.tolist()).toEqual([1, 5])
  expect(variance.tolist()).toEqual([1.5, 0.5])
  expect(
    g.batchNorm(g.tensor([[2, 6]]), g.tensor([0, 5]), g.ones(2), g.tensor([1, 3]), null, { eps: 0 }).tolist(),
  ).toEqual([[2, 3]])
})

test('batchNorm refuses one value per channel, and statistics of another length', () => {
  expect(() => g.batchNorm(g.zeros(1, 2), null, null, null, null, { training: true })).toThrow(
    'Expected more than 1 value per channel when training',
  )
  expect(() => g.batchNorm(g.zeros(2, 3), g.zeros(4), g.ones(4))).toThrow(
    'running_mean should contain 3 elements not 4',
  )
})

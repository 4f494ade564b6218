import { manualSeed, ones, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { AdaptiveLogSoftmaxWithLoss, ParameterDict } from '../src/index.ts'

setBackend(referenceBackend())

const inputs = (): Tensor => tensor(Array.from({ length: 32 }, (_, i) => Math.cos(i))).reshape([4, 8])
const classes = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })

// numbers from PyTorch 2.13; the second cluster is so narrow that its logits are all 0
test('AdaptiveLogSoftmaxWithLoss gives the log probabilities, loss and classes that PyTorch gives', () => {
  manualSeed(4)
  const layer = new AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6], { headBias: true })
  expect(Object.keys(layer.stateDict())).toEqual([
    'head.weight',
    'head.bias',
    'tail.0.0.weight',
    'tail.0.1.weight',
    'tail.1.0.weight',
    'tail.1.1.weight',
  ])
  const { output, loss } = layer(inputs(), classes([1, 4, 11, 5]))
  const expected = [-1.5395546, -2.9958196, -3.5254009, -3.5703409]
  output.readSync().forEach((x, i) => expect(Number(x)).toBeCloseTo(expected[i], 5))
  expect(loss.item()).toBeCloseTo(2.907779, 5)
  expect(layer.predict(inputs()).tolist()).toEqual([0, 2, 2, 0])
  const sums = layer.logProb(inputs()).exp().sum(1)
  for (const sum of sums.readSync()) expect(Number(sum)).toBeCloseTo(1, 5)
})

test('AdaptiveLogSoftmaxWithLoss takes one sample, and refuses cutoffs and classes out of range', () => {
  const layer = new AdaptiveLogSoftmaxWithLoss(8, 12, [3, 6])
  const { output } = layer(inputs().select(0, 0), tensor(7, { dtype: 'int32' }))
  expect(output.shape).toEqual([])
  expect(() => layer(inputs(), classes([1, 4, 12, 5]))).toThrow('Target values should be in [0, 11]')
  expect(() => layer(inputs(), classes([1, 4]))).toThrow('the same size in the batch dimension')
  expect(() => new AdaptiveLogSoftmaxWithLoss(8, 12, [6, 3])).toThrow('sorted in an increasing order')
  expect(() => new AdaptiveLogSoftmaxWithLoss(8, 12, [12])).toThrow('between 1 and n_classes-1')
})

test('a ParameterDict makes parameters of tensors, and keeps their names', () => {
  const scales = new ParameterDict({ left: ones(2) }).set('right', ones(3))
  expect(scales.keys()).toEqual(['left', 'right'])
  expect(scales.get('right').requiresGrad).toBe(true)
  expect(scales.parameters()).toHaveLength(2)
  expect(() => scales.get('middle')).toThrow("ParameterDict has no parameter 'middle'")
})

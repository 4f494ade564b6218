import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const target = (values: number[], dtype: g.DType = 'int32') => g.tensor(values, { dtype })
const x = g.tensor([
  [0, 0],
  [Math.log(3), 0],
])

test('every integer dtype serves as target', () => {
  for (const dtype of ['uint8', 'int8', 'int16', 'int32', 'int64'] as const) {
    expect(
      g
        .crossEntropy(x, target([0, 0], dtype), { reduction: 'none' })
        .select(0, 0)
        .item(),
    ).toBeCloseTo(Math.LN2, 6)
  }
})

test('a target that is no class is named', () => {
  expect(() => g.crossEntropy(x, target([0, 5]))).toThrow('Target 5 is out of bounds.')
  expect(() => g.crossEntropy(x, target([-1, 0]))).toThrow('Target -1 is out of bounds.')
})

test('floats of the shape of class numbers are refused with what to do', () => {
  expect(() => g.crossEntropy(x, g.tensor([0, 1]))).toThrow("{ dtype: 'int32' }")
})

test('batches of different length are refused', () => {
  expect(() => g.crossEntropy(x, target([0, 0, 0]))).toThrow(
    'Expected input batch_size (2) to match target batch_size (3).',
  )
})

test('ignored targets count for nothing, and nothing but ignored ones is NaN', () => {
  expect(
    g
      .crossEntropy(x, target([0, -100]), { reduction: 'none' })
      .select(0, 1)
      .item(),
  ).toBe(0)
  expect(g.crossEntropy(x, target([0, -100])).item()).toBeCloseTo(Math.LN2, 6)
  expect(g.crossEntropy(x, target([-100, -100])).item()).toBeNaN()
  expect(g.crossEntropy(x, target([1, 1]), { ignoreIndex: 1, reduction: 'sum' }).item()).toBe(0)
})

test('the mean is over the weights of the targets', () => {
  const loss = g.crossEntropy(x, target([0, 1]), { weight: g.tensor([3, 1]) })
  expect(loss.item()).toBeCloseTo((3 * Math.LN2 + Math.log(4)) / 4, 5)
})

test('label smoothing is the cross entropy with the smoothed distribution', () => {
  const smooth = g.crossEntropy(x, target([0, 1]), { labelSmoothing: 0.2 })
  const probabilities = g.crossEntropy(
    x,
    g.tensor([
      [0.9, 0.1],
      [0.1, 0.9],
    ]),
  )
  expect(smooth.item()).toBeCloseTo(probabilities.item(), 6)
})

test('a class of probability 0 that is not asked for adds nothing', () => {
  expect(g.crossEntropy(g.tensor([[0, -Infinity]]), target([0])).item()).toBe(0)
})

test('one row and many axes', () => {
  expect(g.crossEntropy(g.zeros(4), g.tensor(2, { dtype: 'int32' })).item()).toBeCloseTo(Math.log(4), 6)
  expect(
    g.crossEntropy(g.zeros(2, 4, 3), g.zeros([2, 3], { dtype: 'int32' }), { reduction: 'none' }).shape,
  ).toEqual([2, 3])
})

test('nllLoss of log probabilities is crossEntropy', () => {
  const t = target([0, 1])
  expect(g.nllLoss(g.logSoftmax(x, 1), t).item()).toBeCloseTo(g.crossEntropy(x, t).item(), 6)
})

test('smoothL1Loss and huberLoss change from squares to lines at their bounds', () => {
  const [a, b] = [g.tensor([0.5, 3]), g.zeros(2)]
  expect(g.smoothL1Loss(a, b, { reduction: 'none', beta: 2 }).tolist()).toEqual([0.0625, 2])
  expect(g.huberLoss(a, b, { reduction: 'none', delta: 2 }).tolist()).toEqual([0.125, 4])
})

test('binary cross entropy holds logarithms at -100 and refuses what is no probability', () => {
  expect(g.binaryCrossEntropy(g.tensor([0]), g.tensor([1])).item()).toBe(100)
  expect(() => g.binaryCrossEntropy(g.tensor([1.5]), g.tensor([1]))).toThrow(
    'all elements of input should be between 0 and 1',
  )
})

test('binary cross entropy of logits does not overflow', () => {
  const logits = g.tensor([-1000, 1000])
  expect(g.binaryCrossEntropyWithLogits(logits, g.tensor([1, 1]), { reduction: 'none' }).tolist()).toEqual([
    1000, 0,
  ])
  expect(() => g.binaryCrossEntropyWithLogits(g.zeros(2), g.zeros(3))).toThrow(
    'Target size ([3]) must be the same as input size ([2])',
  )
})

test('klDiv: a target of 0 adds nothing, and batchmean divides by the batch', () => {
  expect(
    g
      .klDiv(
        g.zeros(2, 2),
        g.tensor([
          [0, 1],
          [0, 1],
        ]),
        { reduction: 'batchmean' },
      )
      .item(),
  ).toBe(0)
})

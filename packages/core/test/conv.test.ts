import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('convolution of an unbatched input', () => {
  expect(g.conv2d(g.ones(1, 3, 3), g.ones(2, 1, 3, 3), g.tensor([1, 2])).tolist()).toEqual([[[10]], [[11]]])
})

test("padding 'same' keeps the length, with the odd zero at the end", () => {
  expect(
    g.conv1d(g.tensor([[[1, 2, 3]]]), g.tensor([[[1, 10]]]), null, { padding: 'same' }).tolist(),
  ).toEqual([[[21, 32, 3]]])
  expect(() => g.conv1d(g.ones(1, 1, 4), g.ones(1, 1, 2), null, { padding: 'same', stride: 2 })).toThrow(
    "padding='same' is not supported for strided convolutions",
  )
})

test('groups, stride and dilation of a transposed operand', () => {
  const x = g.arange(8).to('float32').reshape(1, 4, 2).transpose(1, 2)
  const out = g.conv1d(x, g.ones(2, 1, 2), null, { groups: 2, dilation: 2 })
  expect(out.tolist()).toEqual([
    [
      [4, 8],
      [6, 10],
    ],
  ])
})

test('a transposed convolution spreads each element over its window', () => {
  const out = g.convTranspose1d(g.tensor([[[1, 2]]]), g.tensor([[[1, 10]]]), null, {
    stride: 2,
    outputPadding: 1,
  })
  expect(out.tolist()).toEqual([[[1, 10, 2, 20, 0]]])
})

test('errors say what does not fit', () => {
  expect(() => g.conv2d(g.zeros(1, 3, 8, 8), g.zeros(4, 2, 3, 3))).toThrow(
    'Given groups=1, weight of size [4, 2, 3, 3], expected input[1, 3, 8, 8] to have 2 channels, but got 3 channels instead',
  )
  expect(() => g.conv2d(g.zeros(1, 1, 2, 2), g.zeros(1, 1, 3, 3))).toThrow(
    "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). Kernel size can't be greater than actual input size",
  )
  expect(() => g.conv2d(g.zeros([1, 1, 2, 2], { dtype: 'float64' }), g.zeros(1, 1, 1, 1))).toThrow(
    'should be the same',
  )
  expect(() => g.conv2d(g.zeros(2, 2), g.zeros(1, 1, 1, 1))).toThrow(
    'Expected 3D (unbatched) or 4D (batched) input to conv2d',
  )
})

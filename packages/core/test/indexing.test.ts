import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const i32 = (values: Parameters<typeof g.tensor>[0]) => g.tensor(values, { dtype: 'int32' })
const x = g.arange(24).reshape(2, 3, 4)

test('numbers, slices, null and an ellipsis give views', () => {
  expect(x.at(1, -1, 0).item()).toBe(20)
  expect(x.at('...', 1).shape).toEqual([2, 3])
  expect(x.at(null, 0, '...', null).shape).toEqual([1, 3, 4, 1])
  expect(x.at(g.sl(), g.sl(-2), g.sl(0, 4, 3)).tolist()).toEqual([
    [
      [4, 7],
      [8, 11],
    ],
    [
      [16, 19],
      [20, 23],
    ],
  ])
  expect(x.at(0).storage).toBe(x.storage)
  expect(x.at().storage).toBe(x.storage)
  expect(x.at(g.sl(5)).shape).toEqual([0, 3, 4])
})

test('one-element tensors serve as bounds and positions', () => {
  expect(x.at(0, 0, g.sl(i32(1), i32(3))).tolist()).toEqual([1, 2])
  expect(x.at(i32(1), 0, 0).item()).toBe(12)
})

test('lists and tensors pick and broadcast together', () => {
  expect(x.at([1, 0]).shape).toEqual([2, 3, 4])
  expect(x.at([0, 1], [2, 0], 3).tolist()).toEqual([11, 15])
  expect(x.at(i32([[0], [1]]), i32([0, 2])).shape).toEqual([2, 2, 4])
  expect(x.at([0, -1], g.sl(), [1, 2]).tolist()).toEqual([
    [1, 5, 9],
    [14, 18, 22],
  ])
})

test('where the axes of picked positions stand', () => {
  const y = g.zeros(2, 3, 4, 5)
  expect(y.at(g.sl(), [0, 1, 2, 0, 1, 2], [0, 1, 2, 3, 0, 1]).shape).toEqual([2, 6, 5])
  expect(y.at([0, 0, 0, 0, 0, 0], g.sl(), [0, 1, 2, 3, 0, 1]).shape).toEqual([6, 3, 5])
  // a number is applied first and separates nothing, unlike in NumPy
  expect(x.at(0, g.sl(), i32([0, 1])).shape).toEqual([3, 2])
})

test('masks take as many axes as they have', () => {
  const mask = g.tensor([
    [true, false, false],
    [false, false, true],
  ])
  expect(x.at(mask).tolist()).toEqual([
    [0, 1, 2, 3],
    [20, 21, 22, 23],
  ])
  expect(x.at(g.sl(), [true, false, true]).shape).toEqual([2, 2, 4])
  expect(x.at(true).shape).toEqual([1, 2, 3, 4])
  expect(x.at(false).shape).toEqual([0, 2, 3, 4])
  expect(() => x.at(g.tensor([true, false, true]))).toThrow(
    'The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3, 4] at index 0',
  )
})

test('errors', () => {
  expect(() => g.zeros(3).at(5)).toThrow('index 5 is out of bounds for dimension 0 with size 3')
  expect(() => g.zeros(3).at([0, -4])).toThrow('index -4 is out of bounds for dimension 0 with size 3')
  expect(() => g.zeros(3).at(0, 0)).toThrow('too many indices for tensor of dimension 1')
  expect(() => g.tensor(3).at(0)).toThrow('invalid index of a 0-dim tensor.')
  expect(() => g.zeros(3).at(g.tensor([0.5]))).toThrow(
    'tensors used as indices must be long, int, byte or bool tensors',
  )
  expect(() => x.at([0, 1], [0, 1, 2])).toThrow(
    'indexing tensors could not be broadcast together with shapes [2], [3]',
  )
  expect(() => g.sl(0, 1, -1)).toThrow('step must be greater than zero')
})

test('setAt_ writes slices, positions and masks', () => {
  const y = g.zeros(2, 3)
  y.setAt_([0, g.sl(1)], 5).setAt_(
    [g.sl(), [0, 0]],
    g.tensor([
      [1, 2],
      [3, 4],
    ]),
  )
  expect(y.tolist()).toEqual([
    [2, 5, 5],
    [4, 0, 0],
  ])
  y.setAt_([y.eq(5)], -1)
  expect(y.tolist()).toEqual([
    [2, -1, -1],
    [4, 0, 0],
  ])
})

test('setAt_ accumulates as often as a position is named', () => {
  const y = g.zeros(3)
  y.setAt_([[1, 1, 2]], 1, { accumulate: true })
  expect(y.tolist()).toEqual([0, 2, 1])
})

test('setAt_ writes through transposed views and separated positions', () => {
  const y = g.zeros(2, 3, 2)
  y.transpose(0, 2).setAt_(
    [[1, 0], g.sl(), [0, 1]],
    g.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  )
  expect(y.select(2, 1).tolist()).toEqual([
    [1, 2, 3],
    [0, 0, 0],
  ])
  expect(y.select(2, 0).tolist()).toEqual([
    [0, 0, 0],
    [4, 5, 6],
  ])
})

test('a value that does not broadcast is refused', () => {
  expect(() => g.zeros(3).setAt_([[0, 1]], g.zeros(3))).toThrow(
    'shape mismatch: value tensor of shape [3] cannot be broadcast to indexing result of shape [2]',
  )
})

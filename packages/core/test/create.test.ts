import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('results like another take its memory order where that is dense', () => {
  const x = g.zeros(2, 3).t()
  expect(g.onesLike(x).stride()).toEqual([1, 3])
  expect(g.zerosLike(g.zeros(2).unsqueeze(1).expand(2, 3)).stride()).toEqual([3, 1])
  expect(g.fullLike(x, 2, { dtype: 'int32' }).dtype).toBe('int32')
  expect(g.emptyLike(g.zeros(0, 2)).shape).toEqual([0, 2])
})

test('linspace ends at its end', () => {
  expect(g.linspace(0, 1, 5).tolist()).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(g.linspace(3, 7, 1).tolist()).toEqual([3])
  expect(g.linspace(3, 7, 0).shape).toEqual([0])
  expect(g.linspace(0, 10, 4, { dtype: 'int32' }).tolist()).toEqual([0, 3, 6, 10])
  expect(() => g.linspace(0, 1, -1)).toThrow('number of steps must be non-negative')
})

test('eye may be oblong', () => {
  expect(g.eye(2, 3).tolist()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  expect(g.eye(2, { dtype: 'bool' }).tolist()).toEqual([
    [true, false],
    [false, true],
  ])
})

test('a typed array is copied into a shape', () => {
  const data = new Float64Array([1, 2, 3, 4])
  const x = g.fromTypedArray(data, [2, 2])
  data[0] = 9
  expect(x.tolist()).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(x.dtype).toBe('float64')
  expect(() => g.fromTypedArray(data, [3])).toThrow("shape '[3]' is invalid for input of size 4")
})

test('positions of triangles', () => {
  expect(g.trilIndices(2, 2).tolist()).toEqual([
    [0, 1, 1],
    [0, 0, 1],
  ])
  expect(g.triuIndices(2, 3, 1).tolist()).toEqual([
    [0, 0, 1],
    [1, 2, 2],
  ])
})

test('einsum sums, transposes, broadcasts and takes diagonals', () => {
  const x = g.arange(6).to('float32').reshape(2, 3)
  expect(g.einsum('ij->ji', x).shape).toEqual([3, 2])
  expect(g.einsum('ij->', x).item()).toBe(15)
  expect(g.einsum('ij,kj', x, x).tolist()).toEqual([
    [5, 14],
    [14, 50],
  ])
  expect(g.einsum('ii->i', g.eye(2)).tolist()).toEqual([1, 1])
  expect(g.einsum('...j,j->...', x, g.ones(3)).tolist()).toEqual([3, 12])
  expect(() => g.einsum('ij,jk', g.zeros(2, 3), g.zeros(4, 2))).toThrow(
    'einsum(): subscript j has size 4 for operand 1 which does not broadcast with previously seen size 3',
  )
})

test('inverse and determinant of batches; a singular matrix is refused', () => {
  expect(
    g
      .inv(
        g.tensor([
          [
            [2, 0],
            [0, 4],
          ],
        ]),
      )
      .tolist(),
  ).toEqual([
    [
      [0.5, 0],
      [0, 0.25],
    ],
  ])
  expect(
    g
      .det(
        g.tensor([
          [0, 1],
          [1, 0],
        ]),
      )
      .item(),
  ).toBe(-1)
  expect(g.det(g.zeros(0, 0)).item()).toBe(1)
  expect(() => g.inv(g.zeros(2, 2))).toThrow('The diagonal element 1 is zero')
  expect(() => g.inv(g.zeros(2, 3))).toThrow(
    'must be batches of square matrices, but they are 2 by 3 matrices',
  )
})

test('sums with products skip what beta 0 hides', () => {
  const bad = g.full([2, 2], NaN)
  expect(g.addmm(bad, g.eye(2), g.eye(2), { beta: 0 }).tolist()).toEqual([
    [1, 0],
    [0, 1],
  ])
  expect(() => g.bmm(g.zeros(2, 3, 4), g.zeros(2, 3, 4))).toThrow(
    'Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [2, 3].',
  )
})

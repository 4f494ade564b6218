import { expect, test } from 'vitest'
import { internals } from '../src/internal.ts'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('cat promotes, and skips empty vectors', () => {
  const out = g.cat([g.zeros(0), g.tensor([[1, 2]], { dtype: 'int32' }), g.tensor([[0.5, 0.5]])])
  expect(out.tolist()).toEqual([
    [1, 2],
    [0.5, 0.5],
  ])
  expect(out.dtype).toBe('float32')
  expect(g.cat([g.zeros(0), g.zeros(0)]).shape).toEqual([0])
})

test('cat and stack name what does not fit', () => {
  expect(() => g.cat([g.zeros(2, 3), g.zeros(2, 4)])).toThrow(
    'Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list.',
  )
  expect(() => g.cat([g.tensor(1)])).toThrow('zero-dimensional tensor (at position 0) cannot be concatenated')
  expect(() => g.cat([])).toThrow('expected a non-empty list of Tensors')
  expect(() => g.stack([g.zeros(2), g.zeros(3)])).toThrow(
    'stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1',
  )
})

test('stack puts the new axis anywhere', () => {
  expect(g.stack([g.zeros(2), g.ones(2)], -1).tolist()).toEqual([
    [0, 1],
    [0, 1],
  ])
})

test('split, chunk, tensorSplit and unbind are views of the whole', () => {
  const x = g.arange(7)
  expect(g.split(x, 3).map((p) => p.tolist())).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  expect(g.chunk(x, 5).map((p) => p.numel())).toEqual([2, 2, 2, 1])
  expect(g.tensorSplit(x, 3).map((p) => p.numel())).toEqual([3, 2, 2])
  expect(g.tensorSplit(x, [1, 9]).map((p) => p.numel())).toEqual([1, 6, 0])
  g.unbind(x)[3].fill_(9)
  expect(x.select(0, 3).item()).toBe(9)
  expect(internals(g.unbind(x)[0]).viewOf?.creation).toBe('several')
  expect(() => g.split(g.zeros(5), [2, 2])).toThrow(
    "split_with_sizes expects split_sizes to sum exactly to 5 (input tensor's size at dimension 0), but got split_sizes=[2, 2]",
  )
})

test('hstack, vstack and dstack lift scalars and vectors', () => {
  const [a, b] = [g.tensor([1, 2]), g.tensor([3, 4])]
  expect(g.hstack([g.tensor(1), g.tensor(2)]).tolist()).toEqual([1, 2])
  expect(g.vstack([a, b]).tolist()).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(g.dstack([a, b]).tolist()).toEqual([
    [
      [1, 3],
      [2, 4],
    ],
  ])
  expect(g.columnStack([a, b]).tolist()).toEqual([
    [1, 3],
    [2, 4],
  ])
})

test('repeat copies even where nothing is repeated', () => {
  const x = g.tensor([1, 2])
  const same = g.repeat(x, [1])
  same.fill_(0)
  expect(x.tolist()).toEqual([1, 2])
  expect(g.repeat(x, [2, 1]).tolist()).toEqual([
    [1, 2],
    [1, 2],
  ])
  expect(g.repeat(x, [0]).shape).toEqual([0])
  expect(() => g.repeat(g.zeros(1, 1), [2])).toThrow('can not be smaller than number of dimensions')
})

test('repeatInterleave by a number and by a vector', () => {
  const x = g.tensor([
    [1, 2],
    [3, 4],
  ])
  expect(g.repeatInterleave(x, 2).tolist()).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
  expect(g.repeatInterleave(x, g.tensor([0, 2], { dtype: 'int32' }), 0).tolist()).toEqual([
    [3, 4],
    [3, 4],
  ])
})

test('flip, roll and rot90', () => {
  const x = g.tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(g.flip(x.t(), [0]).tolist()).toEqual([
    [3, 6],
    [2, 5],
    [1, 4],
  ])
  expect(g.roll(x, -1).tolist()).toEqual([
    [2, 3, 4],
    [5, 6, 1],
  ])
  expect(g.roll(x, [1, 4], [0, 1]).tolist()).toEqual([
    [6, 4, 5],
    [3, 1, 2],
  ])
  expect(g.rot90(x).tolist()).toEqual([
    [3, 6],
    [2, 5],
    [1, 4],
  ])
  expect(g.flip(g.zeros(0, 2), [0]).shape).toEqual([0, 2])
})

test('meshgrid in both orders', () => {
  const [a, b] = g.meshgrid([g.arange(2), g.arange(3)], { indexing: 'xy' })
  expect(a.tolist()).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ])
  expect(b.shape).toEqual([3, 2])
})

test('triangles and diagonals', () => {
  const x = g.ones(2, 3)
  expect(g.tril(x, -1).tolist()).toEqual([
    [0, 0, 0],
    [1, 0, 0],
  ])
  expect(g.triu(x, 1).tolist()).toEqual([
    [0, 1, 1],
    [0, 0, 1],
  ])
  expect(g.diag(g.tensor([1, 2]), 1).tolist()).toEqual([
    [0, 1, 0],
    [0, 0, 2],
    [0, 0, 0],
  ])
  expect(g.diagEmbed(g.tensor([[1, 2]]), 0, 0, 2).shape).toEqual([2, 1, 2])
  expect(() => g.tril(g.zeros(2))).toThrow('at least 2 dimensions')
})

test('unfold makes windows of any step as views', () => {
  const x = g.arange(6)
  expect(g.unfold(x, 0, 3, 2).tolist()).toEqual([
    [0, 1, 2],
    [2, 3, 4],
  ])
  expect(g.unfold(x, 0, 3, 2).storage).toBe(x.storage)
  expect(() => g.unfold(x, 0, 7, 1)).toThrow('maximum size for tensor at dimension 0 is 6 but size is 7')
})

test('asStrided reaches all of the storage and no further', () => {
  const x = g.arange(6)
  expect(g.asStrided(x.narrow(0, 2, 2), [2, 2], [3, 1], 0).tolist()).toEqual([
    [0, 1],
    [3, 4],
  ])
  expect(() => g.asStrided(x, [3], [3])).toThrow('out of bounds for storage')
})

test('movedim, unflatten and broadcastTensors', () => {
  expect(g.movedim(g.zeros(2, 3, 4), [0, 1], [-1, 0]).shape).toEqual([3, 4, 2])
  expect(() => g.movedim(g.zeros(2, 3), [0, 0], [0, 1])).toThrow('movedim: repeated dim in `source` ([0, 0])')
  expect(g.unflatten(g.zeros(6), 0, [2, -1]).shape).toEqual([2, 3])
  expect(g.broadcastTensors([g.zeros(2, 1), g.zeros(3)]).map((x) => x.shape)).toEqual([
    [2, 3],
    [2, 3],
  ])
})

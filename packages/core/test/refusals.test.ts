import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

const ints = (data: Parameters<typeof g.tensor>[0]): g.Tensor => g.tensor(data, { dtype: 'int64' })

test.each([
  ['ij->->', 'invalid subscript given at index 4'],
  ['ij->i->j', 'invalid subscript given at index 5'],
  ['ij-', 'invalid subscript given at index 2'],
  ['ij - > i', 'invalid subscript given at index 3'],
  ['ij->ij,', 'invalid subscript given at index 6'],
  ['ij->ii', 'output subscript i appears more than once in the output'],
  ['ij->k', 'output subscript k does not appear in the equation for any input operand'],
  ['i.j', "found '.' for operand 0 that is not part of any ellipsis"],
  ['. . .', "found '.' for operand 0 that is not part of any ellipsis"],
  ['...ij...', "found '.' for operand 0 for which an ellipsis was already found"],
  ['ij->...i...', "found '.' for the output for which an ellipsis was already found"],
  ['ij->j.i', "found '.' for the output that is not part of any ellipsis"],
  ['ij,', 'fewer operands were provided than specified in the equation'],
  ['ii', "subscript i is repeated for operand 0 but the sizes don't match, 3 != 2"],
])('einsum refuses the equation %s', (equation, message) => {
  expect(() => g.einsum(equation, g.ones(2, 3))).toThrow(`einsum(): ${message}`)
})

test('einsum does not broadcast a label within one operand, and takes blanks and empty outputs', () => {
  expect(() => g.einsum('ii', g.ones(1, 3))).toThrow("the sizes don't match, 3 != 1")
  expect(g.einsum(' i j -> j i', g.ones(2, 3)).shape).toEqual([3, 2])
  expect(g.einsum('ij->', g.ones(2, 3)).item()).toBe(6)
  expect(g.einsum('i ... ->...', g.ones(2, 3)).tolist()).toEqual([2, 2, 2])
})

test('bincount adds weights of any dtype, in float32 or float64', () => {
  const x = ints([0, 1, 1])
  for (const dtype of ['float64', 'float16', 'bfloat16', 'int64', 'int32', 'uint8'] as const) {
    const counts = g.bincount(x, g.tensor([1, 2, 3]).to(dtype))
    expect([counts.dtype, ...(counts.tolist() as number[])]).toEqual(['float64', 1, 5]) // of a vector
  }
  expect(g.bincount(x, g.tensor([true, true, true])).tolist()).toEqual([1, 2])
  expect(g.bincount(x, g.tensor([1, 2, 3])).dtype).toBe('float32')
  expect(g.bincount(x.to('uint8'), null, { minlength: 4 }).tolist()).toEqual([1, 2, 0, 0])
  expect(g.bincount(g.zeros(0), g.zeros(0), { minlength: 2 }).tolist()).toEqual([0, 0])
})

test('bincount refuses what does not count', () => {
  const x = ints([0, 1, 1])
  for (const dtype of ['float32', 'float64', 'float16', 'bool'] as const)
    expect(() => g.bincount(x.to(dtype))).toThrow(`bincount counts integers, not ${dtype}`)
  for (const weights of [g.ones(2), g.ones(3, 1), g.ones([])])
    expect(() => g.bincount(x, weights)).toThrow('weights should be 1-d and have the same length as input')
  expect(() => g.bincount(x, null, { minlength: -1 })).toThrow('minlength should be >= 0')
  expect(() => g.bincount(ints([-1]))).toThrow('non-negative')
})

test('circular padding wraps what a negative side leaves', () => {
  const x = g.arange(5).to('float32').reshape(1, 1, 5)
  const padded = (amounts: readonly number[]): unknown =>
    g.pad(x, amounts, { mode: 'circular' }).flatten().tolist()
  expect(padded([-1, 2])).toEqual([1, 2, 3, 4, 1, 2])
  expect(padded([2, -1])).toEqual([2, 3, 0, 1, 2, 3])
  expect(padded([-2, -1])).toEqual([2, 3])
  expect(padded([-3, -2])).toEqual([])
  expect(() => padded([-3, 5])).toThrow('wrapping around more than once')
  expect(() => padded([-3, -3])).toThrow('leaves nothing of axis 2')
  for (const mode of ['reflect', 'replicate'] as const)
    expect(() => g.pad(x, [-3, -2], { mode })).toThrow('leaves nothing of axis 2')
})

test('interpolate keeps an axis whose length a factor keeps, where weights are linear', () => {
  const x = g.tensor([[[0, 1, 4, 9]]])
  const at = (mode: g.InterpolationMode): unknown =>
    g.interpolate(x, { scaleFactor: 1.2, mode }).flatten().tolist()
  expect(at('linear')).toEqual([0, 1, 4, 9])
  expect(at('nearest')).toEqual([0, 0, 1, 4])
  expect(at('nearest-exact')).toEqual([0, 1, 4, 4])
  const plane = g.arange(9).to('float32').reshape(1, 1, 3, 3)
  for (const [mode, antialias] of [
    ['bilinear', false],
    ['bilinear', true],
    ['bicubic', true],
  ] as const)
    // prettier-ignore
    expect(g.interpolate(plane, { scaleFactor: 1.2, mode, antialias }).tolist()).toEqual(plane.tolist())
  const wide = g.interpolate(plane, { scaleFactor: [1.2, 2], mode: 'bilinear' })
  expect((wide.tolist() as number[][][][])[0][0][1]).toEqual([3, 3.25, 3.75, 4.25, 4.75, 5]) // of four axes
})

test('rmsNorm of half precision takes the epsilon of float32, in which it computes', () => {
  const x = g.tensor([1e-4, 2e-4, 0.001])
  expect(g.rmsNorm(x.to('float16'), 3).tolist()).toEqual([0.14599609375, 0.2919921875, 1.4599609375])
  expect(g.rmsNorm(x.to('bfloat16'), 3).tolist()).toEqual([0.146484375, 0.29296875, 1.4609375])
})

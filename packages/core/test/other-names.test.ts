import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'

g.setBackend(referenceBackend())

test('another name of an op is the op', () => {
  expect(g.absolute).toBe(g.abs)
  expect(g.clip).toBe(g.clamp)
  expect(g.arctan2_).toBe(g.atan2_)
  expect(g.tensor([-2, 3]).clip(-1, 1).tolist()).toEqual([-1, 1])
  expect(g.tensor([1, 2]).greaterEqual(2).tolist()).toEqual([false, true])
  const x = g.tensor([3, 4])
  expect(x.subtract_(1)).toBe(x)
  expect(x.tolist()).toEqual([2, 3])
})

test('a tensor converts by the names of PyTorch', () => {
  const x = g.tensor([[1.5, 0, 2]])
  const converted = [
    x.double(),
    x.half(),
    x.bfloat16(),
    x.char(),
    x.short(),
    x.int(),
    x.long(),
    x.byte(),
    x.bool(),
  ]
  expect(converted.map((y) => y.dtype)).toEqual([
    'float64', 'float16', 'bfloat16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool',
  ]) // prettier-ignore
  expect(x.float() === x && x.cpu() === x).toBe(true)
  expect([x.device, x.itemsize, x.nelement()]).toEqual(['cpu', 4, 3])
  expect([x.T.shape, x.H.shape, x.mT.shape, x.mH.shape]).toEqual([[3, 1], [3, 1], [3, 1], [3, 1]]) // prettier-ignore
  expect(() => g.zeros(1, 2, 3).H).toThrow(
    'tensor.H is only supported on matrices (2-D tensors). Got 3-D tensor.',
  )
})

test('an in-place form writes its operand', () => {
  const x = g.tensor([1, 2, 3])
  expect(g.cumsum_(x, 0)).toBe(x)
  expect(x.tolist()).toEqual([1, 3, 6])
  const m = g.ones(2, 2)
  g.addmm_(m, g.eye(2), g.eye(2), { alpha: 2 })
  expect(g.tril_(m).tolist()).toEqual([[3, 0], [1, 3]]) // prettier-ignore
})

test('an in-place form refuses a result that does not fit, and changes nothing', () => {
  const x = g.tensor([1, 2], { dtype: 'int32' })
  expect(() => g.floatPower_(x, 2)).toThrow(
    "result type float64 can't be cast to the desired output type int32",
  )
  const row = g.ones(1, 2)
  expect(() => g.floorDivide_(row, g.ones(3, 2))).toThrow(
    "output with shape [1, 2] doesn't match the broadcast shape [3, 2]",
  )
  expect([x.tolist(), row.tolist()]).toEqual([[1, 2], [[1, 1]]])
})

test('resizing keeps what memory holds', () => {
  expect(() => g.resize_(g.tensor([1, 2, 3]), [5]).shape).not.toThrow()
  const x = g.tensor([[1, 2], [3, 4]]) // prettier-ignore
  expect(g.resize_(x, [3]).tolist()).toEqual([1, 2, 3])
  expect(g.resizeAs_(g.tensor([1, 2]), g.ones(1, 2)).shape).toEqual([1, 2])
})

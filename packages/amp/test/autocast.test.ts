import {
  exp,
  mseLoss,
  ones,
  setBackend,
  setWarningHandler,
  softmax,
  tensor,
  binaryCrossEntropy,
} from '@gradus/core'
import { interceptors } from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { autocast, getAutocastDtype, isAutocastEnabled } from '../src/index.ts'

setBackend(referenceBackend())

test('products run in the lower dtype, bfloat16 by default', () => {
  const x = ones(2, 2)
  expect(autocast({}, () => x.matmul(x)).dtype).toBe('bfloat16')
  expect(autocast({ dtype: 'float16' }, () => x.matmul(x)).dtype).toBe('float16')
  expect(x.matmul(x).dtype).toBe('float32')
})

test('what needs range runs in float32, whatever it is given', () => {
  const x = ones([2, 2], { dtype: 'bfloat16' })
  autocast({}, () => {
    expect(exp(x).dtype).toBe('float32')
    expect(softmax(x, 1).dtype).toBe('float32')
    expect(x.sum().dtype).toBe('float32')
    expect(mseLoss(x, x).dtype).toBe('float32')
    expect(x.mul(2).dtype).toBe('bfloat16')
  })
})

test('a dtype that is asked for is kept', () => {
  const x = ones([2], { dtype: 'bfloat16' })
  expect(autocast({}, () => x.sum(0, { dtype: 'float64' })).dtype).toBe('float64')
})

test('float64 and integers are never cast', () => {
  const x = ones([2, 2], { dtype: 'float64' })
  expect(autocast({}, () => x.matmul(x)).dtype).toBe('float64')
  expect(autocast({}, () => tensor([1, 2], { dtype: 'int32' }).sum()).dtype).toBe('int64')
})

test('in-place operations are never cast', () => {
  const x = ones(2)
  autocast({}, () => x.mul_(ones([2], { dtype: 'bfloat16' })))
  expect(x.dtype).toBe('float32')
})

test('regions nest, and one that is disabled casts nothing', () => {
  const x = ones(2, 2)
  autocast({}, () => {
    expect(getAutocastDtype()).toBe('bfloat16')
    autocast({ enabled: false }, () => {
      expect(isAutocastEnabled()).toBe(false)
      expect(x.matmul(x).dtype).toBe('float32')
      expect(autocast({ dtype: 'float16' }, () => x.matmul(x)).dtype).toBe('float16')
    })
    expect(x.matmul(x).dtype).toBe('bfloat16')
  })
  expect(getAutocastDtype()).toBeNull()
})

test('a region ends with an error in it', () => {
  expect(() =>
    autocast({}, () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(isAutocastEnabled()).toBe(false)
  expect(interceptors()).toEqual([])
})

test('a region over a promise is an error', () => {
  expect(() => autocast({}, async () => 1)).toThrow('autocast got an async function')
})

test('binary cross-entropy of probabilities is refused with the way out', () => {
  const x = tensor([0.5])
  expect(() => autocast({}, () => binaryCrossEntropy(x, x))).toThrow('are unsafe to autocast')
})

test('another dtype disables the region with a warning', () => {
  const warnings: string[] = []
  const before = setWarningHandler((message) => warnings.push(message))
  const x = ones(2, 2)
  expect(autocast({ dtype: 'float32' as never }, () => x.matmul(x)).dtype).toBe('float32')
  setWarningHandler(before)
  expect(warnings[0]).toContain('the target dtype is not supported')
})

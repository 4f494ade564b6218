import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

// what JavaScript or a type assertion lets through
const not = (value: unknown): never => value as never

test('a function says which argument is no tensor, and what it got', () => {
  expect(() => g.sum(not(undefined))).toThrow('sum: x must be a tensor, got undefined')
  expect(() => g.conv2d(g.ones(1, 1, 3, 3), not([1]))).toThrow('conv2d: weight must be a tensor, got [1]')
  expect(() => g.cat(not(g.ones(2)))).toThrow(
    'cat: tensors must be an array, each a tensor, got a tensor float32[2]',
  )
  expect(() => g.equal(g.ones(2), not('a'))).toThrow("equal: y must be a tensor, got 'a'")
})

test('a function says which argument is no number', () => {
  expect(() => g.hardshrink(g.ones(2), not('0.5'))).toThrow("hardshrink: lambd must be a number, got '0.5'")
  expect(() => g.threshold(g.ones(2), not([1]), 0)).toThrow('threshold: threshold must be a number, got [1]')
})

test('an in-place function says that its first operand is no tensor', () => {
  expect(() => g.add_(not(3), g.ones(2))).toThrow('it must be a tensor, got 3')
})

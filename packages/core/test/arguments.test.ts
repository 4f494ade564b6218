import { describe, expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())
// what JavaScript callers pass, whom no compiler stops
const wrong = <T>(value: unknown): T => value as T // the tests are about values that the type excludes
const x = g.arange(6, { dtype: 'float32' }).view([2, 3])

describe('a number that has to be whole', () => {
  const calls: [string, () => unknown][] = [
    ['roll: shifts', () => g.roll(x, 2.5)],
    ['select: index', () => x.select(0, 0.5)],
    ['narrow: start', () => x.narrow(0, 0.5, 1)],
    ['narrow: length', () => x.narrow(0, 0, NaN)],
    ['broadcastTo: shape', () => g.broadcastTo(x, [2, 2.22])],
    ['view: shape', () => x.view([1.5, 4])],
    ['oneHot: classes', () => g.oneHot(g.tensor([1], { dtype: 'int32' }), 2.5)],
    ['pad: amounts', () => g.pad(x, [1, NaN])],
    ['maxPool2d: kernelSize', () => g.maxPool2d(x.view([1, 2, 3]), Infinity)],
    ['avgPool2d: kernelSize', () => g.avgPool2d(x.view([1, 2, 3]), NaN)],
    ['conv2d: padding', () => g.conv2d(g.ones(1, 1, 3, 3), g.ones(1, 1, 1, 1), null, { padding: 1.5 })],
    ['topk: k', () => g.topk(x, 1.5)],
    ['chunk: chunks', () => g.chunk(x, 1.5)],
    ['unfold: size', () => g.unfold(x, 0, 1.5, 1)],
    ['repeat: repeats', () => g.repeat(x, [0.5])],
    ['asStrided: strides', () => g.asStrided(x, [2], [0.5])],
    ['linspace: steps', () => g.linspace(0, 1, 2.5)],
    ['randperm: n', () => g.randperm(2.5)],
    ['eye: n', () => g.eye(1.5)],
  ]
  for (const [name, call] of calls)
    test(`${name} is refused by name`, () => {
      expect(call).toThrow(g.ArgumentError)
      expect(call).toThrow(name)
    })
})

test('sizes that cannot be had fail at once', () => {
  expect(() => g.zeros(2 ** 30, 2 ** 30)).toThrow('more elements than can be counted')
  expect(() => g.tensorSplit(x, 2 ** 31)).toThrow('sections are more than')
  const loop: unknown[] = []
  loop.push(loop)
  expect(() => g.tensor(wrong(loop))).toThrow('nested deeper')
})

test('trilIndices and triuIndices count before they allocate', () => {
  expect(g.trilIndices(3, 2).tolist()).toEqual([[0, 1, 1, 2, 2], [0, 0, 1, 0, 1]]) // prettier-ignore
  expect(g.triuIndices(2, 3, 1).tolist()).toEqual([[0, 0, 1], [1, 2, 2]]) // prettier-ignore
  expect(g.triuIndices(2, 2, -5).shape).toEqual([2, 4])
  expect(g.trilIndices(0, 3).shape).toEqual([2, 0])
})

describe('a value that is no tensor', () => {
  test('is named by elementwise ops', () => {
    for (const value of [undefined, null, '3', {}, [1], () => 1])
      expect(() => x.mul(wrong(value))).toThrow('mul: y must be a tensor or a number, got')
    expect(() => g.where(x.gt(1), wrong(undefined), 0)).toThrow('where: ')
  })
  test('is named among the data of a tensor', () => {
    expect(() => g.tensor(wrong(['a']))).toThrow("a tensor is made of numbers or booleans, got 'a'")
    expect(() => g.tensor(wrong([undefined]))).toThrow('got undefined')
  })
  test('is named in a list', () => expect(() => g.cat(wrong(x))).toThrow())
})

test('axes in the form of an object are refused with the right form', () => {
  expect(() => x.sum(wrong({ dim: 0 }))).toThrow('axes are an integer or an array of integers, got an object')
  expect(() => x.sum(1.5)).toThrow('an axis is an integer, got 1.5')
})

test('options that PyTorch has under another name are named', () => {
  expect(() => g.leakyRelu(x, wrong({ negative_slope: 1 }))).toThrow('did you mean negativeSlope?')
  expect(() => x.sum(0, wrong(true))).toThrow('sum takes options as one object: { keepdim: true }, got true')
  expect(() => g.pad(x, [1, 1], wrong({ mode: 'symmetric' }))).toThrow(
    "pad: mode must be 'constant', 'reflect'",
  )
  expect(() => g.div(x, 2, wrong({ roundingMode: 'up' }))).toThrow(
    "div: roundingMode must be 'trunc' or 'floor'",
  )
  expect(() => g.dropout(x, 0.5, wrong(false))).toThrow(
    'dropout takes options as one object: { training: false }',
  )
})

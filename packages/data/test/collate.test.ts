import { ones, setBackend, tensor, zeros, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { defaultCollate } from '../src/index.ts'

setBackend(referenceBackend())

const typed = (x: Tensor): unknown[] => [x.dtype, x.tolist()]

test('whole numbers stay integers, others become float32', () => {
  expect(typed(defaultCollate([3, 0]))).toEqual(['int64', [3, 0]])
  expect(typed(defaultCollate([3, 0.5]))).toEqual(['float32', [3, 0.5]])
  expect(typed(defaultCollate([1, NaN]))).toEqual(['float32', [1, NaN]])
  expect(typed(defaultCollate([1, -0]))).toEqual(['float32', [1, -0]])
  expect(defaultCollate([1e20, 1]).dtype).toBe('float32')
  expect(typed(defaultCollate([true, false]))).toEqual(['bool', [true, false]])
  expect([...defaultCollate([2n ** 62n]).readSync()]).toEqual([2n ** 62n])
})

test('tensors and typed arrays are stacked in their dtype', () => {
  expect(defaultCollate([ones(2), zeros(2)]).tolist()).toEqual([
    [1, 1],
    [0, 0],
  ])
  expect(typed(defaultCollate([new Uint8Array([1, 2]), new Uint8Array([3, 4])]))).toEqual([
    'uint8',
    [
      [1, 2],
      [3, 4],
    ],
  ])
  expect(defaultCollate([tensor(1), tensor(2)]).shape).toEqual([2])
  expect(defaultCollate([zeros(0, 3)]).shape).toEqual([1, 0, 3])
})

test('arrays, objects and Maps are collated part by part, strings listed', () => {
  const batch = defaultCollate([
    { x: ones(2), label: [1, true] as [number, boolean], name: 'a' },
    { x: ones(2), label: [2, false] as [number, boolean], name: 'b' },
  ])
  expect(batch.x.shape).toEqual([2, 2])
  expect(batch.label.map((t) => t.dtype)).toEqual(['int64', 'bool'])
  expect(batch.name).toEqual(['a', 'b'])
  const maps = defaultCollate([new Map([['a', 1]]), new Map([['a', 2]])])
  expect(maps.get('a')!.tolist()).toEqual([1, 2])
})

test('a key named __proto__ is a key', () => {
  const item = JSON.parse('{"__proto__": 1}') as Record<string, number>
  const batch = defaultCollate([item])
  expect(Object.getPrototypeOf(batch)).toBe(Object.prototype)
  expect(Object.keys(batch)).toEqual(['__proto__'])
})

test('items that are unlike are refused, with the place in the item', () => {
  const refused = (items: readonly unknown[], message: string) =>
    expect(() => defaultCollate(items)).toThrow(message)
  refused([], 'a batch needs at least one item')
  refused([[1, 2], [3]], 'each element in list of batch should be of equal size')
  refused([{ a: 1 }, { b: 2 }], 'item 1 of the batch lacks "a", which item 0 has')
  refused([{ a: 1 }, { a: 1, b: 2 }], 'item 1 of the batch has 2 keys, item 0 has 1')
  refused([1, 'a'], 'a batch mixes numbers and others: item 1 is string')
  refused([{ y: [0, ones(2)] }, { y: [0, ones(3)] }], 'got [2] at entry 0 and [3] at entry 1 (in item.y[1])')
  refused([1, true], 'item 1 is boolean')
})

test('items that make no tensor are refused by their kind: nothing becomes {}', () => {
  const message = 'default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found'
  for (const [item, kind] of [
    [null, 'null'],
    [undefined, 'undefined'],
    [new Date(), 'Date'],
    [() => 1, 'function'],
    [Symbol('s'), 'symbol'],
    [new Set([1]), 'Set'],
    [new DataView(new ArrayBuffer(1)), 'DataView'],
  ] as const) {
    expect(() => defaultCollate([item])).toThrow(`${message} ${kind}`)
  }
  expect(() => defaultCollate([Promise.resolve(1)])).toThrow('an item is a promise')
})

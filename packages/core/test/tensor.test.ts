import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

test('sizes and strides that were read may be written to without changing a tensor', () => {
  for (const x of [g.zeros(2, 3), g.zeros(2, 3).t(), g.zeros(2, 1).expand(2, 3)]) {
    const [size, strides] = [x.size() as number[], x.stride() as number[]] // as JavaScript sees them
    const before = [[...size], [...strides]]
    size[0] = 7
    strides[0] = 99
    expect([x.size(), x.stride()]).toEqual(before)
  }
})

test('an array that was given as a shape stays the caller’s', () => {
  const shape = [2, 3]
  const all = [
    g.zeros(2, 1).expand(shape),
    g.zeros(3, 2).t().reshape(shape),
    g.zeros(6).asStrided(shape, [1, 2]),
  ]
  expect(all.map((x) => x.shape)).toEqual([shape, shape, shape])
  shape[0] = 5
  for (const x of all) expect(x.shape).toEqual([2, 3])
})

test('the only element of a bool tensor is a boolean', () => {
  expect(g.tensor([true]).item()).toBe(true)
  expect(g.tensor([1, 2]).gt(5).any().item<boolean>()).toBe(false)
})

test('operators of JavaScript read a tensor of one element outside of the graph', () => {
  const x = g.tensor([2])
  expect(+x).toBe(2)
  expect(`${g.tensor([1, 2])}`).toBe('tensor([1., 2.])')
})

test('JSON brings back every dtype to the bit, inside of objects too', () => {
  for (const dtype of g.dtypes) {
    const x = g.tensor([[0, 1, -0, 2]]).to(dtype)
    const state = { a: x, list: [x.t()], epoch: 3, none: null }
    const back = g.fromJSON(JSON.parse(JSON.stringify(state)) as typeof state)
    expect(back.epoch).toBe(3)
    expect(back.none).toBe(null)
    expect(back.a.dtype).toBe(dtype)
    expect(back.a.readSync()).toEqual(x.readSync())
    expect(back.list[0].shape).toEqual([4, 1])
  }
})

test('JSON keeps what numbers of JSON cannot say', () => {
  const x = g.tensor([NaN, Infinity, -Infinity, -0])
  expect(g.fromJSON(x.toJSON()).tolist()).toEqual([NaN, Infinity, -Infinity, -0])
  const big = g.tensor([2n ** 62n + 1n])
  expect(g.fromJSON(big.toJSON()).readSync()).toEqual(BigInt64Array.of(2n ** 62n + 1n))
})

test('the JSON of a tensor whose data do not fill its shape is refused', () => {
  expect(() => g.fromJSON({ ...g.zeros(2).toJSON(), shape: [3] })).toThrow(
    'the JSON of a tensor of shape [3] has 2 elements, not 3',
  )
})

test('structuredClone of a tensor fails and says what to send', () => {
  expect(() => structuredClone(g.zeros(2)) as unknown).toThrow(/x\.toJSON\(\).*fromJSON/)
  expect(g.fromJSON(structuredClone(g.ones(2).toJSON())).tolist()).toEqual([1, 1])
})

test('slice takes start and end as arrays do', () => {
  const x = g.arange(6)
  expect(x.slice(0, 2).tolist()).toEqual([0, 1])
  expect(x.slice(-2).tolist()).toEqual([4, 5])
  expect(x.slice(1, -1, { step: 2 }).tolist()).toEqual([1, 3])
  expect(x.slice().tolist()).toEqual(x.tolist())
  expect(x.slice(4, 99).tolist()).toEqual([4, 5])
  expect(x.slice(3, 1).shape).toEqual([0])
  expect(x.view(2, 3).slice(1, null, { axis: -1 }).tolist()).toEqual([[1, 2], [4, 5]]) // prettier-ignore
})

test('slice in its old form, or with bounds that are no integers, is refused', () => {
  const slice = g.slice as (...args: unknown[]) => unknown // as JavaScript calls it
  expect(() => slice(g.arange(6), 0, 1, 3)).toThrow('slice takes (start, end, { axis, step })')
  expect(() => slice(g.arange(6), 0, 5 / 2)).toThrow('slice: end must be')
  expect(() => slice(g.arange(6), NaN)).toThrow('slice: start must be')
  expect(() => slice(g.arange(6), 0, 2, { axes: 0 })).toThrow("slice has no option 'axes'")
  expect(() => g.arange(6).slice(0, 2, { step: 0 })).toThrow('slice step must be positive')
})

test('flip and tile without arguments are errors, not copies', () => {
  expect(() => g.arange(3).flip()).toThrow('flip() missing 1 required positional arguments: "dims"')
  expect(() => g.arange(3).tile()).toThrow(TypeError)
  expect(g.arange(3).flip([]).tolist()).toEqual([0, 1, 2])
})

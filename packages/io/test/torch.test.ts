import { internals } from '@gradus/core/internal'
import type { Tensor } from '@gradus/core'
import { full, Layout, ones, setBackend, tensor, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { load, toBytes } from '../src/index.ts'

setBackend(referenceBackend())

const again = async <T>(value: unknown): Promise<T> => load<T>(await toBytes(value))

test('values come back as they were', async () => {
  const value = {
    none: null,
    truth: [true, false],
    numbers: [0, 255, 256, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 0.1, -0, NaN, Infinity, 1e300],
    big: [2n ** 64n, -(2n ** 63n)],
    text: ['', 'é', '漢字', '\0'],
    bytes: Uint8Array.of(0, 128, 255),
    nested: { list: [[], [{}]] },
  }
  const loaded = await again<Record<string, unknown>>(value)
  expect(loaded).toEqual(
    Object.assign(Object.create(null), value, {
      nested: Object.assign(Object.create(null), { list: [[], [Object.create(null)]] }),
    }),
  )
  expect(Object.is((loaded['numbers'] as number[])[8], -0)).toBe(true)
})

test('a dictionary whose keys are not all text is a map', async () => {
  const map = new Map<unknown, unknown>([
    [1, 'one'],
    ['two', 2],
    [[1, 2], 'pair'],
  ])
  expect(await again(map)).toEqual(map)
})

test('keys such as __proto__ are keys like any other', async () => {
  const loaded = await again<object>(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'))
  expect(Object.keys(loaded)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(loaded)).toBe(null)
  expect({}).not.toHaveProperty('polluted')
})

test('tensors that share memory share it after loading', async () => {
  const whole = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const { a, b, t, row } = await again<Record<string, Tensor>>({
    a: whole,
    b: whole,
    t: whole.t(),
    row: whole.select(0, 1),
  })
  expect([t.tolist(), t.stride(), row.tolist()]).toEqual([
    [
      [1, 4],
      [2, 5],
      [3, 6],
    ],
    [1, 3],
    [4, 5, 6],
  ])
  a.fill_(9)
  expect([b, t, row].map((x) => x.readSync().every((value) => value === 9))).toEqual([true, true, true])
  expect(b).toBe(a)
})

test('every dtype, an expanded, an empty and a scalar tensor come back', async () => {
  for (const dtype of [
    'bool',
    'uint8',
    'int8',
    'int16',
    'int32',
    'int64',
    'float16',
    'bfloat16',
    'float32',
    'float64',
  ] as const) {
    const x = tensor([0, 1, 1], { dtype })
    const loaded = await again<Tensor>(x)
    expect([loaded.dtype, internals(loaded).rawSync()]).toEqual([dtype, internals(x).rawSync()])
  }
  const { expanded, empty, scalar } = await again<Record<string, Tensor>>({
    expanded: full([1], 7).expand([3, 4]),
    empty: zeros(0, 3),
    scalar: full([], 3.5),
  })
  expect([expanded.shape, expanded.stride(), expanded.sum().item()]).toEqual([[3, 4], [0, 0], 84])
  expect([empty.shape, scalar.item()]).toEqual([[0, 3], 3.5])
})

test('a tensor with steps backwards is saved with steps forwards', async () => {
  const x = internals(tensor([1, 2, 3, 4])).alias(new Layout([2], [-2], 3))
  expect((await again<Tensor>(x)).tolist()).toEqual(x.tolist())
})

test('the numbers of parameters in an optimizer state are integers in the file', async () => {
  const state = { state: { 0: { step: full([], 3) } }, param_groups: [{ lr: 0.1, params: [0] }] }
  const loaded = await again<{ state: Map<number, { step: Tensor }> }>({ optimizer: state, ...state })
  expect([...loaded.state.keys()]).toEqual([0])
  expect(loaded.state.get(0)?.step.item()).toBe(3)
  // keys of a parameter list are text, and stay it
  expect(Object.keys(await again<object>({ 0: ones(1) }))).toEqual(['0'])
})

test('what is no data is refused with its place, before anything is written', async () => {
  class Model {
    stateDict = (): object => ({})
  }
  await expect(toBytes({ a: [1, () => 1] })).rejects.toThrow('a function cannot be saved: it is at .a[1]')
  await expect(toBytes({ model: new Model() })).rejects.toThrow(
    'an object of class Model cannot be saved: it is at .model',
  )
  await expect(toBytes({ model: new Model() })).rejects.toThrow('save its stateDict()')
  await expect(toBytes(new Date(0))).rejects.toThrow('an object of class Date')
  await expect(toBytes({ x: new Float32Array(2) })).rejects.toThrow('a Float32Array cannot be saved')
  const endless: unknown[] = []
  endless.push(endless)
  await expect(toBytes(endless)).rejects.toThrow('a value that contains itself cannot be saved: it is at [0]')
})

test('a damaged file of ours is noticed', async () => {
  const bytes = await toBytes({ w: ones(64) })
  const text = new TextDecoder('latin1').decode(bytes)
  const at = text.indexOf('\0\0\x80\x3f\0\0\x80\x3f')
  bytes[at + 40] ^= 1
  await expect(load(bytes)).rejects.toThrow('the entry "archive/data/0" is damaged: its check sum is another')
})

test('storages begin at multiples of 64 bytes', async () => {
  const bytes = await toBytes({ a: full([3], 2), b: full([3], 2) })
  const text = new TextDecoder('latin1').decode(bytes)
  const first = text.indexOf('\0\0\0\x40\0\0\0\x40')
  expect([first % 64, text.indexOf('\0\0\0\x40\0\0\0\x40', first + 12) % 64]).toEqual([0, 0])
})

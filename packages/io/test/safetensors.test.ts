import { internals } from '@gradus/core/internal'
import { full, ones, setBackend, setWarningHandler, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { load, memoryFolder, openSafetensors, saveSafetensors, saveShards, toBytes } from '../src/index.ts'

setBackend(referenceBackend())
setWarningHandler(() => {})

/** A file of a header and zeros, as anybody may write it. */
function file(header: string, data: number | Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header)
  const body = typeof data === 'number' ? new Uint8Array(data) : data
  const bytes = new Uint8Array(8 + text.length + body.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(body, 8 + text.length)
  return bytes
}

const read = async (dtype: string, shape: number[], data: Uint8Array): Promise<Tensor> => {
  const header = JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } })
  return (await load<{ x: Tensor }>(file(header, data))).x
}

test('a file holds what was saved, dtype for dtype', async () => {
  const tensors = {
    empty: ones(0, 3),
    scalar: full([], 7),
    half: tensor([1.5, -0], { dtype: 'float16' }),
    brain: tensor([0.1], { dtype: 'bfloat16' }),
    wide: tensor([0.1], { dtype: 'float64' }),
    big: tensor([2n ** 62n, -1n]),
    truth: tensor([true, false, true]),
    transposed: tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).t(),
  }
  const loaded = await load<Record<string, Tensor>>(await toBytes(tensors, { format: 'safetensors' }))
  for (const [name, x] of Object.entries(tensors)) {
    expect([loaded[name].dtype, loaded[name].shape]).toEqual([x.dtype, x.shape])
    expect(internals(loaded[name]).rawSync()).toEqual(internals(x).rawSync())
  }
})

test('8-bit floats read as float16, value for value', async () => {
  // OCP 8-bit floating point 1.0, tables 1 and 2: largest, smallest normal, smallest, and what is no number
  const e4m3 = await read('F8_E4M3', [5], Uint8Array.of(0x7e, 0x08, 0x01, 0x7f, 0x80))
  expect([e4m3.dtype, ...e4m3.readSync()]).toEqual(['float16', 448, 2 ** -6, 2 ** -9, NaN, -0])
  const e5m2 = await read('F8_E5M2', [5], Uint8Array.of(0x7b, 0x04, 0x01, 0x7c, 0xff))
  expect([...e5m2.readSync()]).toEqual([57344, 2 ** -14, 2 ** -16, Infinity, NaN])
  const fnuz = await read('F8_E4M3FNUZ', [3], Uint8Array.of(0x7f, 0x01, 0x80))
  expect([...fnuz.readSync()]).toEqual([240, 2 ** -10, NaN])
  const scale = await read('F8_E8M0', [3], Uint8Array.of(127, 0, 255))
  expect([scale.dtype, ...scale.readSync()]).toEqual(['float32', 1, 2 ** -127, NaN])
})

test('4-bit floats come two from a byte, the lower half first', async () => {
  const x = await read('F4', [4], Uint8Array.of(0x21, 0xf8))
  expect([...x.readSync()]).toEqual([0.5, 1, -0, -6])
})

test('unsigned integers are read as wider ones, and one beyond int64 is an error', async () => {
  const u16 = await read('U16', [1], Uint8Array.of(0xff, 0xff))
  const u32 = await read('U32', [1], Uint8Array.of(0xff, 0xff, 0xff, 0xff))
  const u64 = await read('U64', [1], Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))
  expect([u16, u32, u64].map((x) => [x.dtype, x.readSync()[0]])).toEqual([
    ['int32', 65535],
    ['int64', 4294967295n],
    ['int64', 2n ** 63n - 1n],
  ])
  await expect(read('U64', [1], new Uint8Array(8).fill(255))).rejects.toThrow(
    'the uint64 value 18446744073709551615 is beyond what int64 holds',
  )
})

test('a byte of true is 1, whatever the file has', async () => {
  expect((await read('BOOL', [3], Uint8Array.of(0, 1, 7))).readSync()).toEqual(Uint8Array.of(0, 1, 1))
})

test('warnings say that elements are read as another dtype', async () => {
  const said: string[] = []
  setWarningHandler((message) => said.push(message))
  await read('F8_E5M2', [1], Uint8Array.of(0))
  setWarningHandler(() => {})
  expect(said).toEqual(['a file has tensors of dtype float8_e5m2, which are read as float16'])
})

test('complex and 6-bit elements are refused by name', async () => {
  await expect(read('C64', [1], new Uint8Array(8))).rejects.toThrow('complex numbers are not supported')
  await expect(read('F6_E2M3', [4], new Uint8Array(3))).rejects.toThrow('6-bit floats are not supported')
})

test('a file is read tensor by tensor, with its metadata', async () => {
  const folder = memoryFolder()
  const metadata = { step: '7', ['__proto__']: 'text' }
  await saveSafetensors({ a: ones(2), b: tensor([1, 2, 3]) }, await folder.create('x'), { metadata })
  const opened = await openSafetensors(await folder.open('x'))
  expect([opened.names, opened.metadata['step']]).toEqual([['a', 'b'], '7'])
  expect(opened.info('b')).toEqual({ dtype: 'float32', storedAs: 'float32', shape: [3], bytes: 12 })
  expect((await opened.tensor('b')).tolist()).toEqual([1, 2, 3])
  const seen: string[] = []
  for await (const [name] of opened) seen.push(name)
  expect(seen).toEqual(['a', 'b'])
  await expect(opened.tensor('c')).rejects.toThrow('there is no tensor "c" in "x"')
})

test('bytes of a tensor in memory are a view, not a copy', async () => {
  const bytes = await toBytes({ a: ones(2) }, { format: 'safetensors' })
  const opened = await openSafetensors(bytes)
  expect((await opened.bytes('a')).buffer).toBe(bytes.buffer)
})

test('wide elements come first, so that each tensor begins at a multiple of their length', async () => {
  const bytes = await toBytes(
    { a: tensor([1], { dtype: 'uint8' }), b: tensor([2], { dtype: 'float64' }), c: tensor([3]) },
    { format: 'safetensors' },
  )
  const header = new TextDecoder().decode(bytes.subarray(8, bytes.length - 13))
  expect(JSON.parse(header)).toMatchObject({
    b: { data_offsets: [0, 8] },
    c: { data_offsets: [8, 12] },
    a: { data_offsets: [12, 13] },
  })
})

test('shards are written by size, and read as one file through their index', async () => {
  const folder = memoryFolder()
  const tensors = { a: full([4], 1), b: full([4], 2), c: full([4], 3) }
  const index = await saveShards(tensors, folder, { maxShardBytes: 32 })
  expect((await folder.list()).sort()).toEqual([
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ])
  const source = { ...(await folder.open(index)), sibling: (name: string) => folder.open(name) }
  const loaded = await load<Record<string, Tensor>>(source)
  expect(Object.keys(loaded).sort()).toEqual(['a', 'b', 'c'])
  expect(loaded['c'].tolist()).toEqual([3, 3, 3, 3])
})

test('an index that leads out of its folder, or names what is not there, is refused', async () => {
  const bytes = (map: object): Uint8Array => new TextEncoder().encode(JSON.stringify({ weight_map: map }))
  await expect(load(bytes({ a: '../../etc/passwd' }))).rejects.toThrow('is not the name of a file')
  await expect(load(bytes({ a: 'x.safetensors' }))).rejects.toThrow('cannot be found from here')
  const folder = memoryFolder()
  await saveSafetensors({ b: ones(1) }, await folder.create('x.safetensors'))
  const sink = await folder.create('index.json')
  await sink.write(bytes({ a: 'x.safetensors' }))
  await sink.close()
  const source = { ...(await folder.open('index.json')), sibling: (name: string) => folder.open(name) }
  await expect(load(source)).rejects.toThrow('there is no tensor "a" in "x.safetensors"')
})

test('a lazy tensor goes from one file to another without the rest', async () => {
  const opened = await openSafetensors(await toBytes({ a: ones(2), b: ones(3) }, { format: 'safetensors' }))
  const folder = memoryFolder()
  await saveSafetensors({ c: opened.lazy('b') }, await folder.create('x'))
  const loaded = await load<Record<string, Tensor>>(await folder.open('x'))
  expect(loaded['c'].tolist()).toEqual([1, 1, 1])
})

test('what is no tensor is refused before anything is written', async () => {
  const folder = memoryFolder()
  // @ts-expect-error a number is no tensor
  await expect(saveSafetensors({ a: 3 }, await folder.create('x'))).rejects.toThrow('"a" is number')
  await expect(saveSafetensors({ __metadata__: ones(1) }, await folder.create('x'))).rejects.toThrow(
    'cannot be named __metadata__',
  )
  // @ts-expect-error metadata is text
  await expect(saveSafetensors({}, await folder.create('x'), { metadata: { a: 1 } })).rejects.toThrow(
    'metadata must be an object of text',
  )
  expect(await folder.list()).toEqual([])
})

test('keys that are escaped are compared as the text they stand for', async () => {
  const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
  await expect(load(file(`{"a":${entry},"\\u0061":${entry}}`, 4))).rejects.toThrow(
    'the name "a" is there twice',
  )
})

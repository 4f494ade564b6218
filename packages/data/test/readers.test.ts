import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { setBackend, tensor, zeros, type DType } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { DataLoader, JsonLinesDataset, readIdx, readWav, TextDataset, toIdx } from '../src/index.ts'
import { CsvDataset, type CsvDatasetOptions } from '../src/readers/csv.ts'

setBackend(referenceBackend())

const folder = mkdtempSync(join(tmpdir(), 'gradus-readers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** A source whose pieces are a byte long, so that everything is cut somewhere. */
const slowly = (content: Uint8Array): Blob => {
  const blob = new Blob([Uint8Array.from(content)])
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (const byte of content) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
  Object.defineProperty(blob, 'stream', { value: stream })
  return blob
}

describe('lines', () => {
  const text = 'one\r\ntwo ä€😀\n\nlast'
  const lines = ['one', 'two ä€😀', '', 'last']

  test('come from a path, a URL, a Blob, bytes, a source, packed or not, in pieces of any size', async () => {
    const path = file('lines.txt', text)
    const source = {
      name: 'mine',
      size: bytes(text).length,
      read: async (from: number, length: number) => bytes(text).subarray(from, from + length),
      close: async () => {},
    }
    const packed = file('lines.txt.gz', gzipSync(text))
    for (const from of [
      path,
      pathToFileURL(path),
      new Blob([text]),
      bytes(text),
      slowly(bytes(text)),
      source,
      packed,
    ]) {
      expect(await all(new TextDataset(from))).toEqual(lines)
    }
    expect(await all(new TextDataset(new Uint8Array(0)))).toEqual([])
    expect(await all(new TextDataset(bytes('\ufeffa\n')))).toEqual(['a'])
  })

  test('in another encoding are read as such, and bytes that are none are refused with their line', async () => {
    const latin = Uint8Array.of(0x61, 0x0a, 0x62, 0x0a, 0xe4)
    expect(await all(new TextDataset(latin, { encoding: 'latin1' }))).toEqual(['a', 'b', 'ä'])
    const path = file('latin.txt', latin)
    await expect(all(new TextDataset(path))).rejects.toThrow(`${path}:3: the bytes are not utf-8`)
    expect(() => new TextDataset(latin, { encoding: 'klingon' })).toThrow('klingon')
  })

  test('of what is not there, or no file, are an error that names it', async () => {
    await expect(all(new TextDataset(join(folder, 'none.txt')))).rejects.toThrow(
      'none.txt cannot be read: ENOENT',
    )
    const untyped = TextDataset as unknown as new (from: unknown) => unknown
    for (const from of [undefined, null, 3, '', {}])
      expect(() => new untyped(from)).toThrow('TextDataset reads a path')
  })

  test('a loop that leaves early lets go of the file', async () => {
    const path = file('long.txt', 'line\n'.repeat(200_000))
    for await (const line of new TextDataset(path)) {
      expect(line).toBe('line')
      break
    }
    rmSync(path)
  })
})

describe('JSON lines', () => {
  test('are values, and make batches', async () => {
    const rows = new JsonLinesDataset<{ x: number }>(bytes('{"x": 1}\n\n{"x": 2}\n'))
    const [batch] = await all(new DataLoader(rows, { batchSize: 2 }))
    expect(batch.x.tolist()).toEqual([1, 2])
  })

  test('that are none are refused with file, line and column', async () => {
    const path = file('rows.jsonl', '{"x": 1}\n{"x": 2,}\n')
    await expect(all(new JsonLinesDataset(path))).rejects.toThrow(`${path}:2:9: not JSON`)
    await expect(all(new JsonLinesDataset(bytes('[1,\n')))).rejects.toThrow('bytes:1:4: not JSON')
  })
})

describe('CSV', () => {
  const rowsOf = (text: string, options?: CsvDatasetOptions): Promise<unknown[]> =>
    all(new CsvDataset(bytes(text), options))

  test('rows are objects by the names of the header, fields text unless their kind is given', async () => {
    const text = 'a,b,"c, d"\n1,2.5,x\n-3, 1e3 ,"say ""hi""\nthere"\r\n'
    expect(await rowsOf(text)).toEqual([
      { a: '1', b: '2.5', 'c, d': 'x' },
      { a: '-3', b: ' 1e3 ', 'c, d': 'say "hi"\nthere' },
    ])
    expect(await rowsOf(text, { columns: { a: 'integer', b: 'number' } })).toEqual([
      { a: 1, b: 2.5, 'c, d': 'x' },
      { a: -3, b: 1000, 'c, d': 'say "hi"\nthere' },
    ])
  })

  test('without a header rows are arrays, of one kind or several', async () => {
    expect(await rowsOf('1;2\n3;4', { header: false, columns: 'integer', delimiter: ';' })).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await rowsOf('1,true\nnan,0', { header: false, columns: { 0: 'number', 1: 'boolean' } })).toEqual([
      [1, true],
      [NaN, false],
    ])
    const [batch] = await all(
      new DataLoader(new CsvDataset<number[]>(bytes('1,2\n3,4'), { header: false, columns: 'number' }), {
        batchSize: 2,
      }),
    )
    expect(batch.map((x) => x.tolist())).toEqual([
      [1, 3],
      [2, 4],
    ])
  })

  test('pieces may be cut anywhere', async () => {
    const text = 'a,b\r\n"x\r\ny","ä""z"\r\n1,2\r\n'
    expect(await all(new CsvDataset(slowly(bytes(text))))).toEqual([
      { a: 'x\r\ny', b: 'ä"z' },
      { a: '1', b: '2' },
    ])
  })

  test('comments and empty lines are passed over, nothing makes no rows', async () => {
    expect(await rowsOf('# made by hand\na\n\n1\n# end\n2\n', { comment: '#' })).toEqual([
      { a: '1' },
      { a: '2' },
    ])
    expect(await rowsOf('')).toEqual([])
    expect(await rowsOf('a,b\n')).toEqual([])
  })

  test('a column named __proto__ is a column', async () => {
    const [row] = await rowsOf('__proto__,b\n1,2')
    expect(Object.keys(row as object)).toEqual(['__proto__', 'b'])
  })

  test('a bad row is refused with file, line and column', async () => {
    const path = file('bad.csv', 'a,b\n"x\ny",2\n1,two\n')
    await expect(all(new CsvDataset(path, { columns: { b: 'number' } }))).rejects.toThrow(
      `${path}:4:3: "two" in column "b" is no number`,
    )
    await expect(rowsOf('a,b\n1,2\n3\n')).rejects.toThrow('bytes:3: the row has 1 fields, the header has 2')
    await expect(rowsOf('1,2\n3,4,5', { header: false })).rejects.toThrow(
      'the row has 3 fields, the first row has 2',
    )
    await expect(rowsOf('a,b\n1,"2\n3,4')).rejects.toThrow('bytes:2: quoted field unterminated')
    await expect(rowsOf('a,a\n')).rejects.toThrow('bytes:1: two columns are called "a"')
    await expect(rowsOf('a\n1', { columns: { c: 'number' } })).rejects.toThrow('there is no column "c"')
    for (const text of ['1.5', 'inf', '9007199254740993', '0x10', '1_000', '1 2']) {
      await expect(rowsOf(`a\n"${text}"`, { columns: 'integer' })).rejects.toThrow('is no integer')
    }
    await expect(rowsOf('a\nyes', { columns: 'boolean' })).rejects.toThrow('bytes:2:1')
  })

  test('a quote that nothing closes does not hold the whole file in memory', async () => {
    const text = `a\n"${'x'.repeat(1 << 25)}`
    await expect(all(new CsvDataset(new Blob([text])))).rejects.toThrow(/bytes:2|a Blob:2/)
  })

  test('options are checked', () => {
    const csv = (options: unknown) => () => new CsvDataset(new Uint8Array(0), options as CsvDatasetOptions)
    expect(csv({ sep: ';' })).toThrow("CsvDataset has no option 'sep'")
    expect(csv({ columns: { a: 'float' } })).toThrow('columns must be')
    expect(csv({ delimiter: ',,' })).toThrow('delimiter must be one character')
    expect(csv({ delimiter: '"' })).toThrow('delimiter and quote must differ')
  })
})

describe('IDX', () => {
  test('arrays of each kind come back as they were, packed too', async () => {
    for (const dtype of [
      'uint8',
      'int8',
      'int16',
      'int32',
      'float32',
      'float64',
    ] as const satisfies DType[]) {
      const x = tensor([[1, 2, 100], [0, 7, 5]], { dtype }) // prettier-ignore
      for (const from of [toIdx(x), Uint8Array.from(gzipSync(toIdx(x)))]) {
        const y = await readIdx(from)
        expect([y.dtype, y.tolist()]).toEqual([dtype, x.tolist()])
      }
    }
    expect((await readIdx(toIdx(zeros([0, 28, 28], { dtype: 'uint8' })))).shape).toEqual([0, 28, 28])
    expect((await readIdx(toIdx(tensor(5, { dtype: 'int32' })))).tolist()).toBe(5)
  })

  test('a file is read as MNIST defines it: numbers are big-endian', async () => {
    const file = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 0x01, 0x02, 0xff, 0xfe)
    expect((await readIdx(file)).tolist()).toEqual([258, -2])
  })

  test('a header that does not fit the file is refused', async () => {
    const refused = (content: number[], message: string) =>
      expect(readIdx(Uint8Array.from(content))).rejects.toThrow(message)
    await refused([], 'not an IDX file')
    await refused([1, 0, 8, 1], 'not an IDX file')
    await refused([0, 0, 7, 1, 0, 0, 0, 0], '0x7 is no kind of elements')
    await refused([0, 0, 8, 3, 0, 0], 'ends in its header')
    await refused(
      [0, 0, 8, 1, 0, 0, 0, 3, 1, 2],
      'the header claims 3 bytes for elements of shape [3], the file has 2',
    )
    await refused([0, 0, 8, 1, 0, 0, 0, 1, 1, 2], 'claims 1 bytes')
    const most = Array.from({ length: 8 }, () => 255)
    await refused([0, 0, 14, 2, ...most, 0], 'the file has 1')
    // 2^32 is 0 to those who count in 32 bits
    await refused([0, 0, 8, 4, ...Array.from({ length: 4 }, () => [0, 1, 0, 0]).flat()], 'the file has 0')
    await expect(
      readIdx(Uint8Array.from(gzipSync(new Uint8Array(1 << 20))), { maxBytes: 1000 }),
    ).rejects.toThrow('more than 1000 bytes')
    await expect(readIdx(Uint8Array.from(gzipSync('x')).subarray(0, 15))).rejects.toThrow('cannot be read')
    expect(() => toIdx(tensor([1n]))).toThrow('no elements of dtype int64')
  })
})

/** A WAV file of one block of samples. */
function wav(
  encoding: number,
  bits: number,
  channels: number,
  data: Uint8Array,
  extended = false,
): Uint8Array {
  const format = new DataView(new ArrayBuffer(extended ? 40 : 16))
  format.setUint16(0, extended ? 0xfffe : encoding, true)
  format.setUint16(2, channels, true)
  format.setUint32(4, 16_000, true)
  format.setUint16(14, bits, true)
  if (extended) format.setUint16(24, encoding, true)
  const chunk = (id: string, body: Uint8Array): Uint8Array[] => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, body.length, true)
    return [bytes(id), length, body, new Uint8Array(body.length % 2)]
  }
  const chunks = [
    ...chunk('LIST', bytes('odd')),
    ...chunk('fmt ', new Uint8Array(format.buffer)),
    ...chunk('data', data),
  ]
  return Uint8Array.from(Buffer.concat([bytes('RIFF'), new Uint8Array(4), bytes('WAVE'), ...chunks]))
}

describe('WAV', () => {
  test('samples of each encoding become numbers from -1 to 1, channel by channel', async () => {
    const int16 = new Uint8Array(Int16Array.of(0, 16384, -32768, 8192).buffer)
    const { waveform, sampleRate } = await readWav(wav(1, 16, 2, int16))
    expect([sampleRate, waveform.dtype, waveform.tolist()]).toEqual([
      16_000,
      'float32',
      [
        [0, -1],
        [0.5, 0.25],
      ],
    ])
    const mono = async (encoding: number, bits: number, data: Uint8Array, extended = false) =>
      (await readWav(wav(encoding, bits, 1, data, extended))).waveform.tolist()
    expect(await mono(1, 8, Uint8Array.of(128, 0, 192))).toEqual([[0, -1, 0.5]])
    expect(await mono(1, 24, Uint8Array.of(0, 0, 0x40, 0, 0, 0x80), true)).toEqual([[0.5, -1]])
    expect(await mono(1, 32, new Uint8Array(Int32Array.of(2 ** 30).buffer))).toEqual([[0.5]])
    expect(await mono(3, 32, new Uint8Array(Float32Array.of(0.75).buffer))).toEqual([[0.75]])
    expect(await mono(3, 64, new Uint8Array(Float64Array.of(0.75).buffer))).toEqual([[0.75]])
  })

  test('a file that is none, or of an encoding that is not read, is refused', async () => {
    const refused = (content: Uint8Array, message: string) =>
      expect(readWav(content)).rejects.toThrow(message)
    await refused(bytes('RIFF'), 'not a WAV file')
    await refused(wav(1, 16, 1, new Uint8Array(2)).subarray(0, 40), 'the format has')
    await refused(wav(1, 16, 1, new Uint8Array(2)).subarray(0, 48), 'the file has no samples')
    await refused(wav(1, 16, 0, new Uint8Array(2)), 'no channels')
    await refused(wav(17, 4, 1, new Uint8Array(2)), 'encoding 17 with 4 bits')
  })
})

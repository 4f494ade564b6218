import { readFileSync } from 'node:fs'
import { setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { DataLoader } from '../src/index.ts'
import { ParquetDataset } from '../src/readers/parquet.ts'

setBackend(referenceBackend())

const file = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: 'x', data: [0.5, 1.5, 2.5, 3.5, 4.5], type: 'DOUBLE' },
      { name: 'label', data: [1, 0, 1, 1, 0], type: 'INT32' },
      { name: 'name', data: ['a', 'b', 'c', 'd', 'e'], type: 'STRING' },
    ],
    rowGroupSize: 2,
  }),
)

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test('rows of all row groups come in order, as objects', async () => {
  expect(await all(new ParquetDataset(file))).toEqual(
    [0, 1, 2, 3, 4].map((i) => ({ x: i + 0.5, label: [1, 0, 1, 1, 0][i], name: 'abcde'[i] })),
  )
  const rows = new ParquetDataset<{ x: number; label: number }>(new Blob([file]), { columns: ['label', 'x'] })
  const [batch] = await all(new DataLoader(rows, { batchSize: 5 }))
  expect([batch.label.dtype, batch.label.tolist(), batch.x.tolist()]).toEqual([
    'int64',
    [1, 0, 1, 1, 0],
    [0.5, 1.5, 2.5, 3.5, 4.5],
  ])
})

test('no more is read than is asked for', async () => {
  let read = 0
  const source = {
    name: 'counted',
    size: file.length,
    read: async (offset: number, length: number) => {
      read += length
      return file.subarray(offset, offset + length)
    },
    close: async () => {},
  }
  for await (const { label } of new ParquetDataset<{ label: number }>(source, { columns: ['label'] })) {
    expect(label).toBe(1)
    break
  }
  const some = read
  read = 0
  await all(new ParquetDataset(source))
  expect(read).toBeGreaterThan(some)
})

test('a file that is none, or damaged, and a column that is not there are refused', async () => {
  await expect(all(new ParquetDataset(readFileSync(new URL(import.meta.url))))).rejects.toThrow(
    'bytes: not a Parquet file, or damaged',
  )
  await expect(all(new ParquetDataset(file, { columns: ['y'] }))).rejects.toThrow('there is no column "y"')
  const torn = Uint8Array.from(file)
  torn.fill(0xff, 4, 40)
  await expect(all(new ParquetDataset(torn))).rejects.toThrow('rows 0 to 1 are damaged')
})

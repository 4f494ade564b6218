// Damaged files end in a value or in an error of gradus, in time and memory bounded by their size. A few of each here; as many
// as GRADUS_FUZZ says at length: GRADUS_FUZZ=100000 npx vitest run --project unit packages/data/test/fuzz.test.ts
import { Generator, setBackend, TensorError, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../src/image/index.ts'
import { readIdx } from '../src/index.ts'
import { CsvDataset } from '../src/readers/csv.ts'
import { damagedCsv, damagedIdx, damagedPng } from './fixtures/mutations.ts'

setBackend(referenceBackend())

const count = Number(process.env['GRADUS_FUZZ'] ?? 1500)
const seed = Number(process.env['GRADUS_FUZZ_SEED'] ?? 1)

/** The limit that images are read with. */
const maxPixels = 1 << 16

interface Format {
  make(random: Generator): Uint8Array
  read(file: Uint8Array): Promise<unknown>
  /** Whether a value is no larger than its file allows. */
  fits(value: unknown, file: Uint8Array): boolean
}

async function rowsOf(file: Uint8Array): Promise<unknown[]> {
  const rows: unknown[] = []
  const header = file.length % 2 === 0
  for await (const row of new CsvDataset(file, {
    header,
    columns: file.length % 3 === 0 ? 'number' : 'text',
  })) {
    rows.push(row)
  }
  return rows
}

const formats: Record<string, Format> = {
  IDX: {
    make: damagedIdx,
    read: (file) => readIdx(file, { maxBytes: 1 << 16 }),
    // a packed file may be a thousand times as large as it looks
    fits: (x, file) => (x as Tensor).numel() <= (file[0] === 0x1f ? 1 << 16 : file.length),
  },
  PNG: {
    make: damagedPng,
    read: (file) => decodeImage(file, { mode: 'unchanged', maxPixels }),
    fits: (x) => (x as Tensor).numel() <= 4 * maxPixels,
  },
  CSV: {
    make: damagedCsv,
    read: rowsOf,
    fits: (rows, file) => (rows as unknown[]).length <= file.length,
  },
}

describe.each(Object.entries(formats))('%s', (name, { make, read, fits }) => {
  test(`${count} damaged files are read or refused`, { timeout: 20_000 + 20 * count }, async () => {
    const random = new Generator(seed)
    let values = 0
    let slowest = 0
    let most = 0
    for (let i = 0; i < count; i++) {
      const file = make(random)
      const copy = Uint8Array.from(file)
      const before = performance.now()
      const held = process.memoryUsage().arrayBuffers
      try {
        const value = await read(file)
        values++
        if (!fits(value, file)) throw new Error('the value is larger than the file allows')
      } catch (error) {
        if (!(error instanceof TensorError)) {
          const bytes = Buffer.from(copy).toString('base64')
          throw new Error(`file ${i} of seed ${seed} ended in ${String(error)}: ${bytes}`, { cause: error })
        }
      }
      most = Math.max(most, process.memoryUsage().arrayBuffers - held)
      slowest = Math.max(slowest, performance.now() - before)
      if (Buffer.compare(file, copy) !== 0) throw new Error(`file ${i} of seed ${seed} was written to`)
    }
    if (process.env['GRADUS_FUZZ']) {
      console.log(
        `${name}: ${count} files, ${values} read, slowest ${slowest.toFixed(0)} ms, most ${most} bytes`,
      )
    }
    // both happen, or the files test nothing
    expect(values).toBeGreaterThan(count / 50)
    expect(values).toBeLessThan(count)
    expect(slowest).toBeLessThan(5000)
    // a megabyte of packed zeros is the largest that files of this size hold
    expect(most).toBeLessThan(1 << 24)
  })
})

import { defineOptions, listOf, text, withDefaults } from '@gradus/core/internal'
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { IterableDataset } from '../datasets/dataset.ts'
import { DataError } from './data-error.ts'
import { shared } from './lines.ts'
import { openReadable } from './random-access.ts'
import { checkReadable, nameOf, type ByteSource, type Readable } from './source.ts'

/** Options of {@link ParquetDataset}. */
export interface ParquetDatasetOptions {
  /** Names of the columns to read; all by default. */
  columns?: readonly string[]
}

const table = /* @__PURE__ */ defineOptions<ParquetDatasetOptions>({ columns: /* @__PURE__ */ listOf(text) })

/**
 * The rows of a Parquet file as objects, read by row groups: no more than one is in memory. In workers each gives its share of the
 * rows. hyparquet reads it; integers of 64 bits are bigints.
 *
 * @throws DataError for a file that is not Parquet, or damaged, with the rows, and for a column that is not there
 * @see https://parquet.apache.org/docs/file-format
 * @example
 * ```ts norun
 * import { ParquetDataset } from '@gradus/data/parquet'
 * const rows = new ParquetDataset('train.parquet', { columns: ['text', 'label'] })
 * for await (const { text, label } of new g.utils.data.DataLoader(rows, { batchSize: 32 })) …
 * ```
 */
export class ParquetDataset<T = Record<string, unknown>> extends IterableDataset<T> {
  readonly #from: Readable
  readonly #columns: readonly string[] | undefined

  constructor(from: Readable, options?: ParquetDatasetOptions) {
    super()
    checkReadable('ParquetDataset', from)
    this.#from = from
    this.#columns = withDefaults('ParquetDataset', table, options, {}).columns
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    const source = await openReadable(this.#from)
    try {
      for await (const row of shared(this.#rows(source))) yield row as T // as the user declares
    } finally {
      if (source !== this.#from) await source.close()
    }
  }

  async *#rows(source: ByteSource): AsyncGenerator<Record<string, unknown>, void> {
    const name = nameOf(this.#from)
    const file: AsyncBuffer = {
      byteLength: source.size,
      async slice(start, end = source.size) {
        const from = start < 0 ? Math.max(0, source.size + start) : start
        const bytes = await source.read(from, Math.max(0, Math.min(end, source.size) - from))
        // the buffer may be larger than the bytes, or shared
        return Uint8Array.from(bytes).buffer
      },
    }
    const metadata = await attempt(`${name}: not a Parquet file, or damaged`, () =>
      parquetMetadataAsync(file),
    )
    this.#checkColumns(metadata, name)
    const columns = this.#columns && { columns: [...this.#columns] }
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      const rows = await attempt(`${name}: rows ${rowStart} to ${rowEnd - 1} are damaged`, () =>
        parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd, ...columns }),
      )
      yield* rows
      rowStart = rowEnd
    }
  }

  #checkColumns(metadata: FileMetaData, name: string): void {
    const [, ...fields] = metadata.schema
    const known = fields.map((field) => field.name)
    const missing = this.#columns?.find((column) => !known.includes(column))
    if (missing === undefined) return
    throw new DataError(`${name}: there is no column ${JSON.stringify(missing)}`, {
      hint: `the columns are ${known.join(', ')}`,
    })
  }
}

async function attempt<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new DataError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

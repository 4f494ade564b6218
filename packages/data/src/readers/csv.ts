import { ArgumentError } from '@gradus/core'
import {
  defineOptions,
  either,
  flag,
  kind,
  oneOf,
  text as textKind,
  withDefaults,
} from '@gradus/core/internal'
import { encodingKind } from './encoding.ts'
import Papa from 'papaparse'
import { IterableDataset } from '../datasets/dataset.ts'
import { DataError, placeIn } from './data-error.ts'
import { shared, textOf } from './lines.ts'
import { checkReadable, nameOf, type Readable } from './source.ts'

/** What the fields of a column become. */
export type CsvColumn = 'text' | 'number' | 'integer' | 'boolean'

/** Options of {@link CsvDataset}. */
export interface CsvDatasetOptions {
  /** Whether the first row names the columns; true by default. Without names rows are arrays. */
  header?: boolean
  /**
   * What fields become: of one kind for all columns, or by name or place. 'text' by default: a table does not say what its
   * fields are.
   */
  columns?: CsvColumn | Readonly<Record<string, CsvColumn>>
  /** One character; ',' by default. */
  delimiter?: string
  /** One character; '"' by default. */
  quote?: string
  /** Lines that begin with this are passed over. */
  comment?: string
  /** As `TextDecoder` names it; 'utf-8' by default. */
  encoding?: string
}

/** A field after its conversion. */
export type CsvValue = string | number | boolean

/** A row: by name, or in order where the file has no header. */
export type CsvRow = Record<string, CsvValue> | CsvValue[]

const columnKind = /* @__PURE__ */ oneOf('text', 'number', 'integer', 'boolean')

const character = /* @__PURE__ */ kind<string>(
  'one character',
  (x) => typeof x === 'string' && x.length === 1,
)

const columnsKind = /* @__PURE__ */ kind<Readonly<Record<string, CsvColumn>>>(
  'an object of kinds by column',
  (x) =>
    typeof x === 'object' && x !== null && !Array.isArray(x) && Object.values(x).every(columnKind.accepts),
)

const table = /* @__PURE__ */ defineOptions<CsvDatasetOptions>({
  header: flag,
  columns: /* @__PURE__ */ either(columnKind, columnsKind),
  delimiter: character,
  quote: character,
  comment: textKind,
  encoding: encodingKind,
})

/** Characters of one row; a longer one has a quote that nothing closes. */
const longestRow = 1 << 24

/**
 * The rows of a table in a file of comma-separated values, read as they are asked for: a file may be larger than memory. A name
 * that ends in `.gz` is unpacked. In workers each gives its share of the rows. Rows are parsed by Papa Parse. Empty lines are passed
 * over; in a table of one column these are its empty fields.
 *
 * @throws DataError for a row with too many or too few fields, a quote that is not closed, and a field that is not of its column's
 *   kind; each with file, line and column
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @example
 * ```ts norun
 * import { CsvDataset } from '@gradus/data/csv'
 * const rows = new CsvDataset('iris.csv', { columns: { width: 'number', kind: 'text' } })
 * for await (const { width, kind } of new g.utils.data.DataLoader(rows, { batchSize: 32 })) …
 * ```
 */
export class CsvDataset<T = CsvRow> extends IterableDataset<T> {
  readonly #from: Readable
  readonly #options: Required<Omit<CsvDatasetOptions, 'comment'>> & { comment?: string }

  constructor(from: Readable, options?: CsvDatasetOptions) {
    super()
    checkReadable('CsvDataset', from)
    this.#from = from
    this.#options = withDefaults('CsvDataset', table, options, {
      header: true,
      columns: 'text' as const,
      delimiter: ',',
      quote: '"',
      encoding: 'utf-8',
    })
    if (this.#options.delimiter === this.#options.quote) {
      throw new ArgumentError('CsvDataset: delimiter and quote must differ')
    }
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for await (const row of shared(this.#rows())) yield row as T // as the user declares
  }

  async *#rows(): AsyncGenerator<CsvRow, void> {
    const name = nameOf(this.#from)
    const { header, columns } = this.#options
    let plan: Plan | null = null
    for await (const { fields, line } of this.#parsed(name)) {
      if (plan === null) {
        plan = planOf(header ? fields : null, fields.length, columns, placeIn(name, line))
        if (header) continue
      }
      yield converted(fields, plan, name, line)
    }
  }

  /** Rows as texts. */
  async *#parsed(name: string): AsyncGenerator<Row, void> {
    const { delimiter, quote, comment, encoding } = this.#options
    const parser = new Papa.Parser({ delimiter, quoteChar: quote, newline: '\n', comments: comment ?? false })
    let rest = ''
    let line = 1
    const take = function* (last: boolean): Generator<Row, void> {
      // Papa Parse leaves an unfinished row for the next piece
      const { data, errors, meta } = parser.parse(rest, 0, !last) as Papa.ParseResult<string[]>
      const faults = new Map(errors.map((error) => [error.row, error]))
      for (const [i, fields] of data.entries()) {
        const fault = faults.get(i)
        if (fault) throw new DataError(`${placeIn(name, line)}: ${fault.message.toLowerCase()}`)
        const height = 1 + newlinesIn(fields)
        fields[fields.length - 1] = fields[fields.length - 1].replace(/\r$/, '')
        if (fields.length > 1 || fields[0] !== '') yield { fields, line }
        line += height
      }
      rest = rest.slice(meta.cursor)
    }
    for await (const text of textOf(this.#from, encoding, () => line + rest.split('\n').length - 1)) {
      rest += text
      yield* take(false)
      if (rest.length > longestRow) {
        throw new DataError(
          `${placeIn(name, line)}: a row of more than ${longestRow} characters: a quote is not closed`,
        )
      }
    }
    yield* take(true)
  }
}

interface Row {
  readonly fields: string[]
  /** The line it begins in. */
  readonly line: number
}

const newlinesIn = (fields: readonly string[]): number =>
  fields.reduce((sum, field) => (field.includes('\n') ? sum + field.split('\n').length - 1 : sum), 0)

/** How rows become items. */
interface Plan {
  /** Null for arrays. */
  readonly names: readonly string[] | null
  readonly kinds: readonly CsvColumn[]
}

function planOf(
  names: readonly string[] | null,
  width: number,
  columns: CsvColumn | Readonly<Record<string, CsvColumn>>,
  place: string,
): Plan {
  const twice = names?.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new DataError(`${place}: two columns are called ${JSON.stringify(twice)}`)
  if (typeof columns === 'string') return { names, kinds: Array.from({ length: width }, () => columns) }
  const keys = names ?? Array.from({ length: width }, (_, i) => String(i))
  const missing = Object.keys(columns).find((key) => !keys.includes(key))
  if (missing !== undefined) {
    throw new DataError(`${place}: there is no column ${JSON.stringify(missing)}`, {
      hint: `the columns are ${keys.join(', ')}`,
    })
  }
  return { names, kinds: keys.map((key) => (Object.hasOwn(columns, key) ? columns[key] : 'text')) }
}

function converted(fields: readonly string[], { names, kinds }: Plan, name: string, line: number): CsvRow {
  if (fields.length !== kinds.length) {
    throw new DataError(
      `${placeIn(name, line)}: the row has ${fields.length} fields, ${names ? 'the header' : 'the first row'} has ${kinds.length}`,
    )
  }
  const values = fields.map((field, i) => {
    const value = valueOf(field, kinds[i])
    if (value !== null) return value
    const column = fields.slice(0, i).reduce((sum, before) => sum + before.length + 1, 1)
    const which = names ? JSON.stringify(names[i]) : String(i)
    throw new DataError(
      `${placeIn(name, line, column)}: ${JSON.stringify(field.slice(0, 40))} in column ${which} is no ${kinds[i]}`,
    )
  })
  return names ? Object.fromEntries(names.map((key, i) => [key, values[i]])) : values
}

/** Null for a field that is not of its kind. */
function valueOf(field: string, kind: CsvColumn): CsvValue | null {
  if (kind === 'text') return field
  const bare = field.trim()
  if (kind === 'boolean') {
    if (/^(true|1)$/i.test(bare)) return true
    return /^(false|0)$/i.test(bare) ? false : null
  }
  if (/^nan$/i.test(bare) && kind === 'number') return NaN
  const sign = /^([+-]?)inf(inity)?$/i.exec(bare)
  if (sign && kind === 'number') return sign[1] === '-' ? -Infinity : Infinity
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare)) return null
  const number = Number(bare)
  return kind === 'integer' && !Number.isSafeInteger(number) ? null : number
}

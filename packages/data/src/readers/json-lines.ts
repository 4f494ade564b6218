import { IterableDataset } from '../datasets/dataset.ts'
import { DataError, placeIn } from './data-error.ts'
import { linesOf, shared, type Line } from './lines.ts'
import { checkReadable, nameOf, type Readable } from './source.ts'

/**
 * A file with a JSON value on each line, read as values are asked for; empty lines are passed over. In workers each gives its share.
 *
 * @throws DataError for a line that is not JSON, with file, line and column
 * @see https://jsonlines.org
 * @example
 * const rows = new g.utils.data.JsonLinesDataset(new TextEncoder().encode('{"x": 1}\n{"x": 2}'))
 * const loader = new g.utils.data.DataLoader(rows, { batchSize: 2 })
 * for await (const { x } of loader) console.log(x.tolist()) // => [ 1, 2 ]
 */
export class JsonLinesDataset<T = unknown> extends IterableDataset<T> {
  readonly #from: Readable

  constructor(from: Readable) {
    super()
    checkReadable('JsonLinesDataset', from)
    this.#from = from
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    const name = nameOf(this.#from)
    for await (const line of shared(filled(linesOf(this.#from)))) yield parse(line, name) as T // as the user declares
  }
}

async function* filled(lines: AsyncIterable<Line>): AsyncGenerator<Line, void> {
  for await (const line of lines) if (line.text.trim() !== '') yield line
}

function parse({ text, number }: Line, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`${placeIn(name, number, columnIn(message, text))}: not JSON: ${message}`, { cause })
  }
}

/** The column that an engine's message speaks of; they word it differently, or leave it out at the end of the text. */
function columnIn(message: string, text: string): number | undefined {
  const position = /position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position) + 1
  const column = /column (\d+)/.exec(message)?.[1]
  if (column !== undefined) return Number(column)
  return /end of (JSON|data)/i.test(message) ? text.length + 1 : undefined
}

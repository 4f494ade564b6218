import { defineOptions, withDefaults } from '@gradus/core/internal'
import { encodingKind } from './encoding.ts'
import { IterableDataset } from '../datasets/dataset.ts'
import { getWorkerInfo } from '../workers/info.ts'
import { DataError, placeIn } from './data-error.ts'
import { checkReadable, nameOf, piecesOf, unpacked, type Readable } from './source.ts'

/** Options of {@link TextDataset}. */
export interface TextDatasetOptions {
  /** As `TextDecoder` names it; 'utf-8' by default. */
  encoding?: string
}

const table = /* @__PURE__ */ defineOptions<TextDatasetOptions>({ encoding: encodingKind })

/**
 * The lines of a text, without their ends (`\n` or `\r\n`), read as they are asked for: a file may be larger than memory. A name
 * that ends in `.gz` is unpacked. In workers each gives its share of the lines.
 *
 * @throws DataError for a file that cannot be read, and bytes that are not of the encoding, with the line
 * @example
 * const lines = new g.utils.data.TextDataset(new TextEncoder().encode('one\ntwo\n'))
 * for await (const line of lines) console.log(line)
 * // => one
 * //    two
 */
export class TextDataset extends IterableDataset<string> {
  readonly #from: Readable
  readonly #encoding: string

  constructor(from: Readable, options?: TextDatasetOptions) {
    super()
    checkReadable('TextDataset', from)
    this.#from = from
    this.#encoding = withDefaults('TextDataset', table, options, { encoding: 'utf-8' }).encoding
    // throws for an encoding that is not known
    void new TextDecoder(this.#encoding)
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for await (const { text } of shared(linesOf(this.#from, this.#encoding))) yield text
  }
}

/** One line, and its number from 1. */
export interface Line {
  readonly text: string
  readonly number: number
}

/** The lines of a file. */
export async function* linesOf(from: Readable, encoding = 'utf-8'): AsyncGenerator<Line, void> {
  let rest = ''
  let number = 0
  for await (const text of textOf(from, encoding, () => number + 1)) {
    const lines = text.split('\n')
    lines[0] = rest + lines[0]
    rest = lines.pop()! // split gives one part at least
    for (const line of lines) yield { text: withoutReturn(line), number: ++number }
  }
  if (rest !== '') yield { text: withoutReturn(rest), number: ++number }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

/**
 * A file's text, piece by piece, without a byte order mark.
 *
 * @param line - the line that a piece begins in, for errors
 */
export async function* textOf(
  from: Readable,
  encoding: string,
  line: () => number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const name = nameOf(from)
  const decode = (piece?: Uint8Array): string => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch (cause) {
      throw new DataError(
        `${placeIn(name, line() + newlinesBeforeFault(piece, encoding))}: the bytes are not ${encoding}`,
        {
          cause,
          hint: "name the text's encoding: { encoding: 'latin1' }",
        },
      )
    }
  }
  const pieces = /\.gz$/i.test(name) ? unpacked(piecesOf(from), 'gzip', name) : piecesOf(from)
  for await (const piece of pieces) yield decode(piece)
  yield decode()
}

/** Lines between the beginning of a piece and its first byte that cannot be decoded. */
function newlinesBeforeFault(piece: Uint8Array | undefined, encoding: string): number {
  if (piece === undefined) return 0
  const lenient = new TextDecoder(encoding).decode(piece)
  const fault = lenient.indexOf('\ufffd')
  return lenient.slice(0, Math.max(0, fault)).split('\n').length - 1
}

/** The items that this worker gives: every `numWorkers`-th, or all outside of workers. */
export async function* shared<T>(items: AsyncIterable<T>): AsyncGenerator<T, void> {
  const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 }
  let at = 0
  for await (const item of items) if (at++ % numWorkers === id) yield item
}

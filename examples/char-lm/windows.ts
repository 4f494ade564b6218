// From text to what a model is trained on: numbers for characters, a part held out, windows of consecutive characters.
import * as g from 'gradus'
import { UsageError } from '../program/options.ts'

/** The characters of a text, which are its Unicode code points, and their numbers in order of code point. */
export class Vocabulary {
  readonly #points: readonly number[]
  readonly #ids: ReadonlyMap<number, number>

  constructor(text: string) {
    const points = new Set<number>()
    for (const character of text) points.add(character.codePointAt(0)!)
    this.#points = [...points].sort((a, b) => a - b)
    this.#ids = new Map(this.#points.map((point, id) => [point, id]))
  }

  get size(): number {
    return this.#points.length
  }

  /** @throws RangeError for a character that the vocabulary's text does not have */
  encode(text: string): Int32Array {
    const ids = new Int32Array(text.length)
    let length = 0
    for (const character of text) {
      const id = this.#ids.get(character.codePointAt(0)!)
      if (id === undefined) throw new RangeError(`${JSON.stringify(character)} is not in the vocabulary`)
      ids[length++] = id
    }
    // characters outside the basic plane take two code units
    return ids.subarray(0, length)
  }

  decode(ids: Iterable<number>): string {
    let text = ''
    for (const id of ids) text += String.fromCodePoint(this.#points[id])
    return text
  }
}

/** `n` windows: what the model sees and what follows each of its characters. */
export interface Batch {
  /** [n, context], int32 */
  x: g.Tensor
  /** [n, context], int32: `x` one character later */
  y: g.Tensor
}

/** Every stretch of `context + 1` characters of a text. */
export class Windows {
  readonly ids: Int32Array
  readonly context: number

  constructor(ids: Int32Array, context: number) {
    this.ids = ids
    this.context = context
  }

  get count(): number {
    return Math.max(0, this.ids.length - this.context)
  }

  /** `n` windows drawn with replacement from the generator of `manualSeed`. */
  draw(n: number): Batch {
    return this.at(g.randint(0, this.count, [n]).tolist() as number[]) // a vector reads as an array of numbers
  }

  /** Batches of at most `n` windows, `total` in all, evenly spaced: the same ones in every call. */
  *spread(total: number, n: number): Generator<Batch> {
    const taken = Math.min(total, this.count)
    for (let first = 0; first < taken; first += n) {
      const length = Math.min(n, taken - first)
      yield this.at(Array.from({ length }, (_, i) => Math.floor(((first + i) * this.count) / taken)))
    }
  }

  /** The windows that begin at these characters. */
  at(starts: readonly number[]): Batch {
    const { ids, context } = this
    const gathered = (offset: number): g.Tensor => {
      const values = new Int32Array(starts.length * context)
      starts.forEach((start, row) =>
        values.set(ids.subarray(start + offset, start + offset + context), row * context),
      )
      return g.tensor(values).reshape(starts.length, context)
    }
    return { x: gathered(0), y: gathered(1) }
  }
}

/** A text made ready: its vocabulary, and the windows to train on and to measure with. */
export interface Dataset {
  vocabulary: Vocabulary
  characters: number
  train: Windows
  heldOut: Windows
}

/**
 * Holds out the last tenth of every document, and at least one window.
 *
 * @throws UsageError for a text with nothing to predict, or too short for a window in each part
 */
export function prepare(documents: readonly string[], context: number): Dataset {
  const text = documents.join('')
  const vocabulary = new Vocabulary(text)
  const encoded = documents.map((document) => vocabulary.encode(document))
  const characters = encoded.reduce((sum, ids) => sum + ids.length, 0)
  if (characters === 0) throw new UsageError('the text is empty: there is nothing to learn', 1)
  if (vocabulary.size === 1) {
    const count = characters === 1 ? 'is one character' : `is one character, ${characters} times`
    throw new UsageError(`the text ${count}: there is nothing to predict`, 1)
  }
  const needed = 2 * (context + 1)
  if (characters < needed) {
    const fitting = Math.floor(characters / 2) - 1
    const advice = fitting > 0 ? `use a longer text or --context ${fitting}` : 'use a longer text'
    throw new UsageError(
      `the text is too short: ${characters} characters, and a context of ${context} needs ${needed}; ${advice}`,
      1,
    )
  }

  const [train, heldOut] = split(encoded, context + 1)
  return {
    vocabulary,
    characters,
    train: new Windows(train, context),
    heldOut: new Windows(heldOut, context),
  }
}

function split(documents: readonly Int32Array[], least: number): [Int32Array, Int32Array] {
  const [train, heldOut] = cut(documents)
  if (heldOut.length >= least && train.length >= least) return [train, heldOut]
  // a short text is cut once, where both parts hold a window
  const all = concat(documents)
  return [all.subarray(0, all.length - least), all.subarray(all.length - least)]
}

function cut(documents: readonly Int32Array[]): [Int32Array, Int32Array] {
  const end = (ids: Int32Array): number => ids.length - Math.floor(ids.length / 10)
  return [
    concat(documents.map((ids) => ids.subarray(0, end(ids)))),
    concat(documents.map((ids) => ids.subarray(end(ids)))),
  ]
}

function concat(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

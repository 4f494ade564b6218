// A model that spells names, and what it is trained and measured with.
import * as g from 'gradus'
import type { Vocabulary } from '../char-lm/windows.ts'

/** What stands before a name and after it. */
export const edge = '\n'

/** Cross-entropy leaves out what stands here. */
const nothing = -100

/** Hidden state and cell of the LSTM. */
type State = [g.Tensor, g.Tensor]

/** From the letters so far to the scores of what comes next. */
export class Speller extends g.nn.Module {
  readonly letters: g.nn.Embedding
  readonly lstm: g.nn.LSTM
  readonly dropout = new g.nn.Dropout(0.2)
  readonly head: g.nn.Linear

  constructor(vocabulary: number, width: number) {
    super()
    this.letters = new g.nn.Embedding(vocabulary, 32)
    this.lstm = new g.nn.LSTM(32, width, { batchFirst: true })
    this.head = new g.nn.Linear(width, vocabulary)
  }

  /** Letters [n, t] to scores [n, t, vocabulary] and the state after each name's last letter. */
  forward(ids: g.Tensor, lengths?: readonly number[], state: State | null = null): [g.Tensor, State] {
    const [read, last] = this.lstm(this.letters(ids), state, lengths ? { lengths } : {})
    return [this.head(this.dropout(read)), last]
  }
}

/** Names side by side, as long as the longest. */
export interface NameBatch {
  /** [n, t], int32: the edge and the letters */
  x: g.Tensor
  /** [n, t], int32: `x` one letter later, the edge at last */
  y: g.Tensor
  lengths: number[]
}

/** Puts names into one batch, each with an edge at both ends. */
export function toBatch(names: readonly Int32Array[]): NameBatch {
  const lengths = names.map((name) => name.length - 1)
  const longest = Math.max(...lengths)
  const x = new Int32Array(names.length * longest)
  const y = new Int32Array(names.length * longest).fill(nothing)
  names.forEach((name, row) => {
    x.set(name.subarray(0, -1), row * longest)
    y.set(name.subarray(1), row * longest)
  })
  const shaped = (values: Int32Array): g.Tensor => g.tensor(values).view(names.length, longest)
  return { x: shaped(x), y: shaped(y), lengths }
}

/** The mean loss over the letters of a batch. */
export function lossOf(model: Speller, { x, y, lengths }: NameBatch): g.Tensor {
  const [scores] = model(x, lengths)
  return g.nn.functional.crossEntropy(scores.flatten(0, 1), y.flatten(), { ignoreIndex: nothing })
}

/** Mean loss over all letters of these names, and the share of letters that the model's first guess is. */
export function evaluate(model: Speller, names: readonly Int32Array[]): { loss: number; accuracy: number } {
  let [loss, right, letters] = [0, 0, 0]
  model.eval()
  g.noGrad(() => {
    for (let from = 0; from < names.length; from += 256) {
      const { x, y, lengths } = toBatch(names.slice(from, from + 256))
      const [scores] = model(x, lengths)
      const options = { ignoreIndex: nothing, reduction: 'sum' } as const
      loss += g.nn.functional.crossEntropy(scores.flatten(0, 1), y.flatten(), options).item()
      right += scores.argmax(2).eq(y).sum().item()
      letters += lengths.reduce((sum, length) => sum + length, 0)
    }
  })
  model.train()
  return { loss: loss / letters, accuracy: right / letters }
}

/** The share of letters that are the most frequent one. */
export function modeShare(names: readonly Int32Array[]): number {
  const counts = new Map<number, number>()
  const letters = names.flatMap((name) => [...name.subarray(1)])
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return Math.max(...counts.values()) / letters.length
}

/** New names, all spelled at once: a letter of each is drawn from `softmax(scores / temperature)`, until all have ended. */
export function makeUp(
  model: Speller,
  vocabulary: Vocabulary,
  { sample, temperature }: { sample: number; temperature: number },
): string[] {
  const [end] = vocabulary.encode(edge)
  const names = Array.from({ length: sample }, () => '')
  const open = new Set(names.keys())
  let next = g.full([sample, 1], end, { dtype: 'int32' })
  let state: State | null = null
  model.eval()
  // a model that has learned nothing may not end a name by itself
  for (let length = 0; length < 30 && open.size > 0; length++) {
    const [scores, after] = g.noGrad(() => model(next, undefined, state))
    state = after
    next = g.multinomial(g.softmax(scores.select(1, 0).div(temperature), 1), 1)
    const ids = [...next.flatten()]
    for (const i of open) {
      if (ids[i] === end) open.delete(i)
      else names[i] += vocabulary.decode([ids[i]])
    }
  }
  model.train()
  return names
}

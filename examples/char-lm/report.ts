import { printable } from '../program/printable.ts'
import { grouped, parameterCount, print } from '../program/run.ts'
import type { CharModel } from './model.ts'
import type { Corpus } from './text.ts'
import type { Dataset } from './windows.ts'

/** Prints what is about to be trained, and on what. */
export function introduce({ name, documents }: Corpus, data: Dataset, model: CharModel): void {
  const files = documents.length > 1 ? `${documents.length} files, ` : ''
  print(
    `Text:  ${printable(name)} (${files}${grouped(data.characters)} characters, ${data.vocabulary.size} different)`,
  )
  print(`Model: ${grouped(parameterCount(model))} parameters; the last tenth of the text is held out`)
  print()
}

/** The held-out loss beside that of a guess that knows only how many characters there are. */
export function comparison(loss: number, vocabulary: number): string {
  const baseline = Math.log(vocabulary)
  const numbers = `Held-out loss ${loss.toFixed(3)}; a uniform guess among ${vocabulary} characters has ln ${vocabulary} = ${baseline.toFixed(3)}.`
  const choices = Math.exp(loss)
  const meaning =
    loss < baseline
      ? `The model is as unsure of the next character as of ${choices.toFixed(1)} equally likely ones.`
      : 'The model predicts no better than such a guess: more --steps or another --lr may help.'
  return `${numbers}\n${meaning}`
}

// Trains a character-level language model on a text, shows how it goes, and prints a sample.
import { setImmediate } from 'node:timers/promises'
import * as g from 'gradus'
import { printable } from '../program/printable.ts'
import { print, runProgram } from '../program/run.ts'
import { watch } from '../program/watch.ts'
import { continueText, GPT, type CharModel } from './model.ts'
import { usage, type Options } from './options.ts'
import { comparison, introduce } from './report.ts'
import { ownMarkdown, readCorpus } from './text.ts'
import { evaluate, train } from './train.ts'
import { prepare, type Dataset } from './windows.ts'

await runProgram('char-lm', usage, async (options, interruption) => {
  const corpus = options.data === undefined ? ownMarkdown() : readCorpus(options.data)
  const data = prepare(corpus.documents, options.context)
  g.manualSeed(options.seed)
  const model = new GPT({
    vocabulary: data.vocabulary.size,
    context: options.context,
    width: options.width,
    layers: options.layers,
  })
  introduce(corpus, data, model)
  await watch(train(model, data, options), {
    steps: options.steps,
    unit: 'chars',
    baseline: Math.log(data.vocabulary.size),
    look: () => evaluate(model, data.heldOut),
    svg: options.svg,
    interruption,
  })
  print(`${comparison(evaluate(model, data.heldOut), data.vocabulary.size)}\n`)
  await sample(model, data, options)
})

async function sample(model: CharModel, { vocabulary, heldOut }: Dataset, options: Options): Promise<void> {
  const prompt = heldOut.ids.subarray(0, options.context)
  print(`Sample, continuing ${JSON.stringify(printable(vocabulary.decode(prompt)))}:\n`)
  let length = 0
  for (const id of continueText(model, prompt, options)) {
    process.stdout.write(printable(vocabulary.decode([id])))
    if (++length === options.sample) break
    // lets signals in, and the terminal draw
    await setImmediate()
  }
  print()
}

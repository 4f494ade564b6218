// Trains a character-level language model on a text, shows how it goes, and prints a sample.
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as g from 'gradus'
import { continueText, GPT, parameterCount, type CharModel } from './model.ts'
import { helpText, parseOptions, UsageError, type Options } from './options.ts'
import { isInteractive, progressOn } from './progress.ts'
import { comparison, lossCurve, printable } from './report.ts'
import { readCorpus, readMarkdown, repositoryRoot, type Corpus } from './text.ts'
import { evaluate, train, type History } from './train.ts'
import { prepare, type Dataset } from './windows.ts'

const { stdout } = process
const print = (line = ''): void => void stdout.write(`${line}\n`)

/** The signal that ended training early: the first one ends training, the next one the program. */
class Interruption {
  readonly #controller = new AbortController()
  #training = true
  #last = -Infinity
  exitCode = 0

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.on(name, () => this.#receive(constants.signals[name]))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  trainingEnded(): void {
    this.#training = false
  }

  #receive(signal: number): void {
    const now = performance.now()
    const isEcho = now - this.#last < 300
    this.#last = now
    // the terminal and the program that started this one may both send what was one Ctrl-C
    if (isEcho) return
    this.exitCode = 128 + signal
    if (!this.#training || this.signal.aborted) this.#leave()
    this.#controller.abort()
  }

  #leave(): never {
    // the cursor may be hidden and lines not wrapped, if a bar is drawn
    if (stdout.isTTY) stdout.write('\x1b[?25h\x1b[?7h')
    stdout.write('\n')
    process.exit(this.exitCode)
  }
}

async function main(): Promise<number> {
  // a reader that leaves early, such as head, is no error
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') {
    print(helpText())
    return 0
  }
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

  const interruption = new Interruption()
  const began = performance.now()
  const history = await trainWithProgress(model, data, options, interruption.signal)
  const seconds = (performance.now() - began) / 1000
  interruption.trainingEnded()

  const stopped = interruption.signal.aborted ? `Stopped after ${history.train.length} of` : 'Trained'
  print(`\n${stopped} ${options.steps} steps in ${seconds.toFixed(1)} s.\n`)
  report(history, model, data)
  await sample(model, data, options)
  return interruption.exitCode
}

function ownMarkdown(): Corpus {
  const root = repositoryRoot(dirname(fileURLToPath(import.meta.url)))
  if (root === null)
    throw new UsageError('this program stands outside its repository; name a text with --data FILE', 1)
  return readMarkdown(root)
}

function introduce({ name, documents }: Corpus, data: Dataset, model: CharModel): void {
  const files = documents.length > 1 ? `${documents.length} files, ` : ''
  const count = (n: number): string => n.toLocaleString('en-US')
  print(
    `Text:  ${printable(name)} (${files}${count(data.characters)} characters, ${data.vocabulary.size} different)`,
  )
  print(`Model: ${count(parameterCount(model))} parameters; the last tenth of the text is held out`)
  print()
}

async function trainWithProgress(
  model: CharModel,
  data: Dataset,
  { steps, 'batch-size': batchSize, lr }: Options,
  signal: AbortSignal,
): Promise<History> {
  const progress = progressOn(stdout, steps)
  try {
    return await train(model, data, { steps, batchSize, lr, signal, onStep: (step) => progress.show(step) })
  } finally {
    progress.stop()
  }
}

function report(history: History, model: CharModel, data: Dataset): void {
  if (history.train.length > 0) {
    const colors = isInteractive(stdout) && stdout.hasColors() && !process.env['NO_COLOR']
    const canvas = { columns: stdout.columns ?? 80, colors }
    print(`${lossCurve(history, Math.log(data.vocabulary.size), canvas)}\n`)
  }
  const loss = evaluate(model, data.heldOut)
  print(`${comparison(loss, data.vocabulary.size)}\n`)
}

async function sample(model: CharModel, { vocabulary, heldOut }: Dataset, options: Options): Promise<void> {
  const prompt = heldOut.ids.subarray(0, options.context)
  print(`Sample, continuing ${JSON.stringify(printable(vocabulary.decode(prompt)))}:\n`)
  let length = 0
  for (const id of continueText(model, prompt, options)) {
    stdout.write(printable(vocabulary.decode([id])))
    if (++length === options.sample) break
    // lets signals in, and the terminal draw
    await setImmediate()
  }
  print()
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`char-lm: ${error.message}\n`)
  process.exitCode = error.exitCode
}

// An LSTM that learns to spell names letter by letter, then makes up new ones: batches of names of different lengths, of
// which each is read to its own end. `--data DIR` reads names.txt from DIR, a name a line; without it, names are put together here.
import * as g from 'gradus'
import { Vocabulary } from './char-lm/windows.ts'
import { madeUpNames, readNames } from './names/lists.ts'
import { edge, evaluate, lossOf, makeUp, modeShare, Speller, toBatch } from './names/speller.ts'
import { learningRate, path, real, seed, whole } from './program/options.ts'
import { printable } from './program/printable.ts'
import { grouped, parameterCount, print, runProgram } from './program/run.ts'
import { svgOption } from './program/svg.ts'
import { watch, type Step } from './program/watch.ts'

const usage = {
  summary: 'Trains an LSTM to spell names, and makes up new ones.',
  command: 'npm run example names-lstm',
  options: {
    data: path('DIR', 'folder of names.txt, a name a line', 'names put together by the program'),
    epochs: whole(3, 10_000, 'passes over the names'),
    'batch-size': whole(64, 4096, 'names in a step'),
    width: whole(128, 4096, 'units of the LSTM'),
    lr: learningRate(0.005),
    seed: seed('of what is held out, initialisation, batches and new names'),
    sample: whole(20, 1000, 'names made up at the end'),
    temperature: real(0.8, 0.01, 100, 'of these: below 1 prefers what is likely'),
    svg: svgOption,
  },
}

await runProgram('names-lstm', usage, async (options, interruption) => {
  const names = options.data === undefined ? madeUpNames(8000, 11) : readNames(options.data)
  const vocabulary = new Vocabulary(edge + names.join(''))
  const spelled = names.map((name) => vocabulary.encode(edge + name + edge))
  g.manualSeed(options.seed)
  const [train, heldOut] = g.utils.data.randomSplit(
    { length: names.length, get: (i) => spelled[i] },
    [0.9, 0.1],
  )
  const loader = new g.utils.data.DataLoader(train, {
    batchSize: options['batch-size'],
    shuffle: true,
    collateFn: toBatch,
  })
  const model = new Speller(vocabulary.size, options.width)
  print(
    `Names: ${grouped(train.length)}, ${grouped(heldOut.length)} others held out, ${vocabulary.size} letters with the end`,
  )
  print(`Model: ${grouped(parameterCount(model))} parameters\n`)

  const steps = options.epochs * loader.length
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: options.lr, weightDecay: 0.01 })
  const scheduler = new g.optim.lrScheduler.CosineAnnealingLR(optimizer, steps)

  function* training(): Generator<Step> {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      for (const batch of loader) {
        optimizer.zeroGrad()
        const loss = lossOf(model, batch)
        loss.backward()
        const gradNorm = g.nn.utils.clipGradNorm_(model.parameters(), 1).item()
        optimizer.step()
        scheduler.step()
        yield {
          loss: loss.item(),
          items: batch.lengths.length,
          figures: [`epoch ${epoch}`, `grad ${gradNorm.toFixed(2)}`],
        }
      }
    }
  }

  const baseline = Math.log(vocabulary.size)
  const others = heldOut.indices.map((i) => spelled[i])
  await watch(training(), {
    steps,
    unit: 'names',
    baseline,
    look: () => evaluate(model, others.slice(0, 512)).loss,
    svg: options.svg,
    interruption,
  })

  const { loss, accuracy } = evaluate(model, others)
  print(
    `Held-out loss ${loss.toFixed(3)} a letter; a uniform guess among ${vocabulary.size} has ln ${vocabulary.size} = ${baseline.toFixed(3)}.`,
  )
  print(
    `Of ${(100 * accuracy).toFixed(1)} % of the letters the model's first guess is right; guessing the most frequent one, of ${(100 * modeShare(others)).toFixed(1)} %.\n`,
  )
  const known = new Set(names)
  const made = makeUp(model, vocabulary, options)
  print(`New names (those with * stand in the list):\n`)
  print(made.map((name) => printable(name) + (known.has(name) ? '*' : '')).join('  '))
})

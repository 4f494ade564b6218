// A GPT over characters in mixed precision: gradients of several micro-batches are accumulated into one step, float16 with
// a loss scale, clipping, warm-up and cosine. `--data FILE` reads a text; without it, the repository's Markdown is learned.
import * as g from 'gradus'
import { GPT } from './char-lm/model.ts'
import { comparison, introduce } from './char-lm/report.ts'
import { ownMarkdown, readCorpus } from './char-lm/text.ts'
import { evaluate, lossOf } from './char-lm/train.ts'
import { prepare } from './char-lm/windows.ts'
import { learningRate, oneOf, path, seed, UsageError, whole } from './program/options.ts'
import { print, runProgram } from './program/run.ts'
import { svgOption } from './program/svg.ts'
import { watch, type Step } from './program/watch.ts'

const usage = {
  summary: 'Trains a character-level GPT with accumulated gradients in mixed precision.',
  command: 'npm run example gpt-mixed',
  options: {
    data: path('FILE', 'text to learn, UTF-8', "the repository's own Markdown"),
    precision: oneOf('float16', ['float32', 'bfloat16', 'float16'], 'of products'),
    steps: whole(300, 1e7, 'optimizer steps'),
    'batch-size': whole(16, 65_536, 'windows in a step'),
    'micro-batches': whole(4, 65_536, 'parts of a step, one in memory at a time'),
    context: whole(48, 1024, 'characters the model sees at most'),
    width: whole(64, 4096, 'units of a layer'),
    layers: whole(2, 48, 'of the transformer'),
    lr: learningRate(0.005),
    seed: seed('of initialisation and batches'),
    svg: svgOption,
  },
}

await runProgram('gpt-mixed', usage, async (options, interruption) => {
  const { steps, lr, precision, context, 'batch-size': batchSize, 'micro-batches': microBatches } = options
  if (microBatches > batchSize)
    throw new UsageError(`${batchSize} windows cannot be split into ${microBatches} micro-batches`)
  const corpus = options.data === undefined ? ownMarkdown() : readCorpus(options.data)
  const data = prepare(corpus.documents, context)
  const vocabulary = data.vocabulary.size
  g.manualSeed(options.seed)
  const model = new GPT({ vocabulary, context, width: options.width, layers: options.layers })
  introduce(corpus, data, model)

  const params = model.parameters()
  const optimizer = new g.optim.AdamW(
    [
      { params: params.filter((p) => p.ndim >= 2), weightDecay: 0.1 },
      { params: params.filter((p) => p.ndim < 2), weightDecay: 0 },
    ],
    { lr, betas: [0.9, 0.95] },
  )
  const { CosineAnnealingLR, LinearLR, SequentialLR } = g.optim.lrScheduler
  const warmup = Math.ceil(steps / 20)
  const scheduler = new SequentialLR(
    optimizer,
    [
      new LinearLR(optimizer, { startFactor: 0.1, totalIters: warmup }),
      new CosineAnnealingLR(optimizer, Math.max(1, steps - warmup), { etaMin: lr / 20 }),
    ],
    [warmup],
  )
  const half = precision === 'float32' ? null : precision
  const scaler = new g.amp.GradScaler({ enabled: half === 'float16', growthInterval: 100 })
  const accumulator = new g.optim.GradAccumulator(optimizer, { scaler, scheduler, clipNorm: 1 })

  let skipped = 0
  function* training(): Generator<Step> {
    for (let step = 0; step < steps; step++) {
      const batch = data.train.draw(batchSize)
      const ys = batch.y.tensorSplit(microBatches)
      batch.x.tensorSplit(microBatches).forEach((x, part) => {
        const forward = (): { loss: g.Tensor; predicted: number } => lossOf(model, { x, y: ys[part] })
        const { loss, predicted } = half === null ? forward() : g.autocast({ dtype: half }, forward)
        accumulator.backward(loss, { weight: predicted })
      })
      const { loss, gradNorm, weight, stepped } = accumulator.step()
      if (!stepped) skipped++
      const scale = scaler.isEnabled() ? [`scale ${scaler.getScale()}`] : []
      yield { loss, items: weight, figures: [`grad ${gradNorm.toFixed(2)}`, ...scale] }
    }
  }

  await watch(training(), {
    steps,
    unit: 'chars',
    baseline: Math.log(vocabulary),
    look: () => evaluate(model, data.heldOut),
    svg: options.svg,
    interruption,
  })

  const overflow = scaler.isEnabled() ? `; steps skipped because gradients overflowed: ${skipped}` : ''
  print(`Trained in ${precision}; micro-batches a step: ${microBatches}${overflow}.`)
  print(comparison(evaluate(model, data.heldOut), vocabulary))
})

// A convolutional network on the images of a folder, which are read while it trains, cropped and flipped at random; it can be stopped
// and gone on with. `--data DIR` has a folder of PNG or JPEG files for each class; without it, pictures are drawn here.
import * as g from 'gradus'
import { ImageFolder } from '@gradus/data/image'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawPictures } from './images/drawn.ts'
import { locate } from './program/files.ts'
import { learningRate, path, seed, UsageError, whole } from './program/options.ts'
import { epochOf, resume, resumeOption } from './program/resume.ts'
import { grouped, parameterCount, print, runProgram } from './program/run.ts'
import { svgOption } from './program/svg.ts'
import { watch, type Step } from './program/watch.ts'

const usage = {
  summary: 'Trains a convolutional network to tell the images of a folder apart.',
  command: 'npm run example image-folder',
  options: {
    data: path('DIR', 'folder with a folder of images for each class', 'pictures drawn by the program'),
    epochs: whole(4, 10_000, 'passes over the images'),
    'batch-size': whole(32, 4096, 'images in a step'),
    size: whole(32, 512, 'pixels of a side that images are brought to', 8),
    lr: learningRate(0.01),
    seed: seed('of the split, initialisation, batches, crops and flips'),
    resume: resumeOption,
    svg: svgOption,
  },
}

const { compose, normalize, randomCrop, randomHorizontalFlip, resize, centerCrop, toFloat } =
  g.utils.data.transforms

await runProgram('image-folder', usage, async (options, interruption) => {
  const drawn = options.data === undefined ? mkdtempSync(join(tmpdir(), 'gradus-pictures-')) : undefined
  try {
    if (drawn !== undefined) drawPictures(drawn, 200, 32, 5)
    await train(drawn ?? locate(options.data!), options, interruption) // one of the two is there
  } finally {
    if (drawn !== undefined) rmSync(drawn, { recursive: true })
  }
})

type Options = Parameters<Parameters<typeof runProgram<typeof usage.options>>[2]>[0]
type Interruption = Parameters<Parameters<typeof runProgram>[2]>[1]

async function train(folder: string, options: Options, interruption: Interruption): Promise<void> {
  const { size, epochs } = options
  const whole = compose([resize(size), centerCrop(size), toFloat(), normalize(0.5, 0.25)])
  const varied = compose([
    resize(size),
    centerCrop(size),
    randomHorizontalFlip(),
    randomCrop(size, { padding: Math.ceil(size / 16) }),
    toFloat(),
    normalize(0.5, 0.25),
  ])
  g.manualSeed(options.seed)
  const open = (transform: g.utils.data.transforms.Transform): ImageFolder => {
    try {
      return new ImageFolder(folder, { transform })
    } catch (error) {
      if (error instanceof g.TensorError) throw new UsageError(error.message.split('\n')[0], 1)
      throw error
    }
  }
  const images = open(varied)
  const { classes } = images
  const parts = g.utils.data.randomSplit(images, [0.8, 0.2])
  const [part, rest] = parts.map(({ indices }) => indices) as [readonly number[], readonly number[]] // two fractions
  if (part.length === 0 || rest.length === 0)
    throw new UsageError('there are too few images to hold some out', 1)
  const test = await allOf(new g.utils.data.Subset(open(whole), rest))

  const block = (from: number, to: number) => [
    new g.nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new g.nn.BatchNorm2d(to),
    new g.nn.ReLU(),
    new g.nn.MaxPool2d(2),
  ]
  const model = new g.nn.Sequential(
    ...block(3, 16),
    ...block(16, 32),
    new g.nn.AdaptiveAvgPool2d(4),
    new g.nn.Flatten(),
    new g.nn.Linear(32 * 16, classes.length),
  )
  const loader = new g.utils.data.DataLoader(new g.utils.data.Subset(images, part), {
    batchSize: options['batch-size'],
    shuffle: true,
    // files are read while the step before trains
    prefetchFactor: 2,
  })
  const steps = epochs * loader.length
  const lossFn = new g.nn.CrossEntropyLoss()
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: options.lr })
  const scheduler = new g.optim.lrScheduler.CosineAnnealingLR(optimizer, steps)
  const run = await resume(options.resume, { model, optimizer, scheduler, loader }, interruption)
  print(
    `Images: ${grouped(part.length)} of ${classes.length} classes (${classes.join(', ')}), ${grouped(rest.length)} held out`,
  )
  print(`Model:  ${grouped(parameterCount(model))} parameters\n`)

  async function* training(): AsyncGenerator<Step> {
    let step = run.done
    for (let epoch = epochOf(step, loader.length); epoch <= epochs; epoch++) {
      for await (const [x, y] of loader) {
        optimizer.zeroGrad()
        const loss = lossFn(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        step++
        try {
          yield { loss: loss.item(), items: y.numel(), figures: [`epoch ${epoch}`] }
        } finally {
          await run.after(step)
        }
      }
    }
  }

  /** Loss on what is held out, and how many of it are told right. */
  const evaluate = (): { loss: number; correct: number } => {
    model.eval()
    const scores = g.noGrad(() => model(test.x))
    model.train()
    return { loss: lossFn(scores, test.y).item(), correct: scores.argmax(1).eq(test.y).sum().item() }
  }
  await watch(training(), {
    steps: steps - run.done,
    unit: 'images',
    baseline: Math.log(classes.length),
    look: () => evaluate().loss,
    svg: options.svg,
    interruption,
  })
  const { loss, correct } = evaluate()
  const share = ((100 * correct) / rest.length).toFixed(2)
  print(`Held-out loss ${loss.toFixed(4)}; a uniform guess has ${Math.log(classes.length).toFixed(4)}.`)
  print(`Held-out accuracy ${share} %: ${grouped(correct)} of ${grouped(rest.length)} images.`)
}

/** All images of a dataset as one batch. */
async function allOf(data: g.utils.data.Dataset<[g.Tensor, number]>): Promise<{ x: g.Tensor; y: g.Tensor }> {
  const loader = new g.utils.data.DataLoader(data, { batchSize: data.length, generator: new g.Generator(0) })
  try {
    for await (const [x, y] of loader) return { x, y }
  } catch (error) {
    if (error instanceof g.TensorError) throw new UsageError(error.message.split('\n')[0], 1)
    throw error
  }
  throw new UsageError('there are no images', 1)
}

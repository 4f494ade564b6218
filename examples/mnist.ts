// A convolutional network on MNIST, or other digits in files of its form, that can be stopped and gone on with.
// `--data DIR` reads the four files from DIR; without it, digits are drawn here, written in that form, and read.
import * as g from 'gradus'
import { drawnIdx, readIdxFolder, type BytePictures } from './digits/idx.ts'
import { learningRate, path, seed, whole } from './program/options.ts'
import { epochOf, resume, resumeOption } from './program/resume.ts'
import { grouped, parameterCount, print, runProgram } from './program/run.ts'
import { svgOption } from './program/svg.ts'
import { watch, type Step } from './program/watch.ts'

const usage = {
  summary: 'Trains a convolutional network to read the digits of MNIST.',
  command: 'npm run example mnist',
  options: {
    data: path('DIR', "folder of MNIST's four files", 'digits drawn by the program'),
    epochs: whole(3, 10_000, 'passes over the digits'),
    'batch-size': whole(64, 4096, 'digits in a step'),
    lr: learningRate(0.005),
    seed: seed('of initialisation, batches and dropout'),
    resume: resumeOption,
    svg: svgOption,
  },
}

/** Bytes as numbers from 0 to 1, with an axis for their one channel. */
const pixels = (images: g.Tensor): g.Tensor => images.to('float32').div(255).unsqueeze(1)

await runProgram('mnist', usage, async (options, interruption) => {
  const { train, test } = options.data === undefined ? await drawnIdx() : await readIdxFolder(options.data)
  const [count, height, width] = train.images.shape as [number, number, number] // three axes, as was checked
  g.manualSeed(options.seed)
  const model = new g.nn.Sequential(
    new g.nn.Conv2d(1, 8, 3, { padding: 1 }),
    new g.nn.ReLU(),
    new g.nn.MaxPool2d(2),
    new g.nn.Conv2d(8, 16, 3, { padding: 1 }),
    new g.nn.ReLU(),
    new g.nn.MaxPool2d(2),
    new g.nn.Flatten(),
    new g.nn.Dropout(0.25),
    new g.nn.Linear(16 * Math.floor(height / 4) * Math.floor(width / 4), 10),
  )
  const loader = new g.utils.data.DataLoader(new g.utils.data.TensorDataset(train.images, train.labels), {
    batchSize: options['batch-size'],
    shuffle: true,
  })
  const steps = options.epochs * loader.length
  const lossFn = new g.nn.CrossEntropyLoss()
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: options.lr })
  const scheduler = new g.optim.lrScheduler.CosineAnnealingLR(optimizer, steps)
  const run = await resume(options.resume, { model, optimizer, scheduler, loader }, interruption)
  print(
    `Digits: ${grouped(count)} of ${height} × ${width} pixels, ${grouped(test.labels.numel())} others to test with`,
  )
  print(`Model:  ${grouped(parameterCount(model))} parameters\n`)

  async function* training(): AsyncGenerator<Step> {
    let step = run.done
    for (let epoch = epochOf(step, loader.length); epoch <= options.epochs; epoch++) {
      for (const [images, labels] of loader) {
        optimizer.zeroGrad()
        const loss = lossFn(model(pixels(images)), labels.to('int64'))
        loss.backward()
        optimizer.step()
        scheduler.step()
        step++
        try {
          yield { loss: loss.item(), items: labels.numel(), figures: [`epoch ${epoch}`] }
        } finally {
          await run.after(step)
        }
      }
    }
  }

  const glimpse = {
    images: test.images.narrow(0, 0, Math.min(500, test.labels.numel())),
    labels: test.labels.narrow(0, 0, Math.min(500, test.labels.numel())),
  }
  await watch(training(), {
    steps: steps - run.done,
    unit: 'digits',
    baseline: Math.log(10),
    look: () => evaluate(model, glimpse).loss,
    svg: options.svg,
    interruption,
  })

  const { loss, correct } = evaluate(model, test)
  const total = test.labels.numel()
  print(`Test loss ${loss.toFixed(4)}; a uniform guess has ln 10 = ${Math.log(10).toFixed(4)}.`)
  print(
    `Test accuracy ${((100 * correct) / total).toFixed(2)} %: ${grouped(correct)} of ${grouped(total)} digits.`,
  )
})

/** Loss of a picture, and how many are read right. */
function evaluate(model: g.nn.Module & ((x: g.Tensor) => g.Tensor), { images, labels }: BytePictures) {
  const lossFn = new g.nn.CrossEntropyLoss({ reduction: 'sum' })
  model.eval()
  let [loss, correct] = [0, 0]
  g.noGrad(() => {
    const data = new g.utils.data.TensorDataset(images, labels)
    for (const [x, y] of new g.utils.data.DataLoader(data, {
      batchSize: 256,
      generator: new g.Generator(0),
    })) {
      const [scores, targets] = [model(pixels(x)), y.to('int64')]
      loss += lossFn(scores, targets).item()
      correct += scores.argmax(1).eq(targets).sum().item()
    }
  })
  model.train()
  return { loss: loss / labels.numel(), correct }
}

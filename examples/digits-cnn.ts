// A convolutional network on digits: batch normalisation, pooling, dropout, one cycle of the learning rate. `--data DIR`
// reads optdigits.tra and optdigits.tes from DIR; without it, digits of 28 × 28 pixels are drawn here.
import * as g from 'gradus'
import { drawnDigits } from './digits/drawn.ts'
import { readOptdigits, type Digits, type DigitSets } from './digits/optdigits.ts'
import { learningRate, path, seed, whole } from './program/options.ts'
import { grouped, parameterCount, print, runProgram } from './program/run.ts'
import { svgOption } from './program/svg.ts'
import { watch, type Step } from './program/watch.ts'

const usage = {
  summary: 'Trains a convolutional network to read digits.',
  command: 'npm run example digits-cnn',
  options: {
    data: path('DIR', 'folder of optdigits.tra and optdigits.tes', 'digits drawn by the program'),
    epochs: whole(6, 10_000, 'passes over the digits'),
    'batch-size': whole(64, 4096, 'digits in a step'),
    lr: learningRate(0.01),
    seed: seed('of initialisation, batches and dropout'),
    svg: svgOption,
  },
}

await runProgram('digits-cnn', usage, async (options, interruption) => {
  const { train, test } = options.data === undefined ? drawn() : readOptdigits(options.data)
  const [count, , height, width] = train.x.shape as [number, number, number, number] // [n, 1, height, width]
  g.manualSeed(options.seed)
  const block = (from: number, to: number) => [
    new g.nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new g.nn.BatchNorm2d(to),
    new g.nn.ReLU(),
    new g.nn.MaxPool2d(2),
  ]
  const model = new g.nn.Sequential(
    ...block(1, 16),
    ...block(16, 32),
    new g.nn.Flatten(),
    new g.nn.Dropout(0.25),
    new g.nn.Linear((32 * height * width) / 16, 10),
  )
  print(
    `Digits: ${grouped(count)} of ${height} × ${width} pixels, ${grouped(test.y.numel())} others to test with`,
  )
  print(`Model:  ${grouped(parameterCount(model))} parameters\n`)

  const loader = new g.utils.data.DataLoader(new g.utils.data.TensorDataset(train.x, train.y), {
    batchSize: options['batch-size'],
    shuffle: true,
  })
  const steps = options.epochs * loader.length
  const lossFn = new g.nn.CrossEntropyLoss()
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: options.lr, weightDecay: 0.01 })
  const scheduler = new g.optim.lrScheduler.OneCycleLR(optimizer, options.lr, { totalSteps: steps })

  function* training(): Generator<Step> {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      for (const [x, y] of loader) {
        optimizer.zeroGrad()
        const loss = lossFn(model(x), y)
        loss.backward()
        optimizer.step()
        const [lr] = scheduler.getLastLr()
        scheduler.step()
        yield { loss: loss.item(), items: y.numel(), figures: [`epoch ${epoch}`, `lr ${lr.toFixed(4)}`] }
      }
    }
  }

  /** Loss and share of digits that are read right. */
  const evaluate = (digits: Digits): { loss: number; correct: number } => {
    model.eval()
    const [loss, correct] = g.noGrad(() => {
      let [loss, correct] = [0, 0]
      for (const [x, y] of inOrder(digits)) {
        const scores = model(x)
        loss += lossFn(scores, y).item() * y.numel()
        correct += scores.argmax(1).eq(y).sum().item()
      }
      return [loss, correct]
    })
    model.train()
    return { loss: loss / digits.y.numel(), correct }
  }
  const glimpse = { x: test.x.slice(0, 500), y: test.y.slice(0, 500) }
  await watch(training(), {
    steps,
    unit: 'digits',
    baseline: Math.log(10),
    look: () => evaluate(glimpse).loss,
    svg: options.svg,
    interruption,
  })

  const { loss, correct } = evaluate(test)
  const total = test.y.numel()
  print(`Test loss ${loss.toFixed(4)}; a uniform guess has ln 10 = ${Math.log(10).toFixed(4)}.`)
  print(
    `Test accuracy ${((100 * correct) / total).toFixed(2)} %: ${grouped(correct)} of ${grouped(total)} digits.`,
  )
})

function* inOrder({ x, y }: Digits): Generator<[g.Tensor, g.Tensor]> {
  for (let from = 0; from < y.numel(); from += 256)
    yield [x.slice(from, from + 256), y.slice(from, from + 256)]
}

function drawn(): DigitSets {
  return { train: drawnDigits(4000, 28, 7), test: drawnDigits(1000, 28, 8) }
}

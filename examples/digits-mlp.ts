// An MLP on handwritten digits: shuffled loader, dropout, label smoothing, clipping, Nesterov momentum, StepLR.
// The same program in PyTorch prints the same losses. `--data DIR` reads optdigits.tra and optdigits.tes from DIR;
// without it, 8 × 8 digits are drawn here.
import * as g from 'gradus'
import { drawnDigits } from './digits/drawn.ts'
import { readOptdigits } from './digits/optdigits.ts'
import { path } from './program/options.ts'
import { runProgram } from './program/run.ts'

const usage = {
  summary: 'Trains a perceptron to read digits; prints the loss of every step and the test accuracy.',
  command: 'npm run example digits-mlp',
  options: { data: path('DIR', 'folder of optdigits.tra and optdigits.tes', 'digits drawn by the program') },
}

await runProgram('digits-mlp', usage, async ({ data }) => {
  const { train, test } =
    data === undefined
      ? { train: drawnDigits(4000, 8, 7), test: drawnDigits(500, 8, 8) }
      : readOptdigits(data)

  g.manualSeed(1)
  const model = new g.nn.Sequential(
    new g.nn.Linear(64, 128),
    new g.nn.ReLU(),
    new g.nn.Dropout(0.1),
    new g.nn.Linear(128, 10),
  )
  const lossFn = new g.nn.CrossEntropyLoss({ labelSmoothing: 0.05 })
  const optimizer = new g.optim.SGD(model.parameters(), {
    lr: 0.05,
    momentum: 0.9,
    nesterov: true,
    weightDecay: 1e-4,
  })
  const scheduler = new g.optim.lrScheduler.StepLR(optimizer, 1, { gamma: 0.7 })
  const loader = new g.utils.data.DataLoader(new g.utils.data.TensorDataset(train.x.flatten(1), train.y), {
    batchSize: 64,
    shuffle: true,
  })

  for (let epoch = 0; epoch < 3; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad()
      const loss = lossFn(model(x), y)
      loss.backward()
      g.nn.utils.clipGradNorm_(model.parameters(), 1)
      optimizer.step()
      console.log(loss.item())
    }
    scheduler.step()
  }

  model.eval()
  const correct = g.noGrad(() => model(test.x.flatten(1)).argmax(1).eq(test.y).to('float32').mean().item())
  console.log(`test accuracy ${correct}`)
})

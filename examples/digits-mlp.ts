// An MLP on handwritten digits: shuffled loader, dropout, label smoothing, clipping, Nesterov momentum, StepLR.
// The same program in PyTorch prints the same losses. `--data DIR` reads optdigits.tra and optdigits.tes from DIR;
// without it, 8 × 8 digits are drawn here.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as g from 'gradus'

const { values } = parseArgs({ options: { data: { type: 'string' } } })
const { train, test } = values.data === undefined ? drawnDigits() : readDigits(values.data)

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
const loader = new g.utils.data.DataLoader(new g.utils.data.TensorDataset(train.x, train.y), {
  batchSize: 64,
  shuffle: true,
})

for (let epoch = 0; epoch < 3; epoch++) {
  for (const [x, y] of loader) {
    optimizer.zeroGrad()
    const loss = lossFn(model(x!), y!)
    loss.backward()
    g.nn.utils.clipGradNorm_(model.parameters(), 1)
    optimizer.step()
    console.log(loss.item())
  }
  scheduler.step()
}

model.eval()
const correct = g.noGrad(() => model(test.x).argmax(1).eq(test.y).to('float32').mean().item())
console.log(`test accuracy ${correct}`)

interface Digits {
  x: g.Tensor
  y: g.Tensor
}

function readDigits(folder: string): { train: Digits; test: Digits } {
  const read = (name: string): Digits => {
    const path = join(folder, name)
    if (!existsSync(path)) {
      console.error(
        `digits-mlp: there is no ${path}; --data takes the folder with optdigits.tra and optdigits.tes`,
      )
      process.exit(1)
    }
    return digits(
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',').map(Number)),
    )
  }
  return { train: read('optdigits.tra'), test: read('optdigits.tes') }
}

/** Rows of 64 pixels from 0 to 16, then the digit. */
function digits(rows: number[][]): Digits {
  return {
    x: g.tensor(rows.map((row) => row.slice(0, 64))).div(16),
    y: g.tensor(
      rows.map((row) => row[64]!),
      { dtype: 'int64' },
    ),
  }
}

// seven-segment digits, moved by up to one pixel, with noise
function drawnDigits(): { train: Digits; test: Digits } {
  const segments = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f]
  const strokes: readonly [number, number, number, number][] = [
    [1, 1, 1, 3],
    [1, 3, 3, 3],
    [3, 3, 5, 3],
    [5, 1, 5, 3],
    [3, 1, 5, 1],
    [1, 1, 3, 1],
    [3, 1, 3, 3],
  ]
  const random = new g.Generator(7)
  const draw = (digit: number): number[] => {
    const [down, right] = [random.random() % 2, random.random() % 2]
    const pixels = Array.from({ length: 64 }, () => random.random() % 4)
    strokes.forEach(([top, left, bottom, end], s) => {
      if (!((segments[digit]! >> s) & 1)) return
      for (let r = top; r <= bottom; r++) {
        for (let c = left; c <= end; c++) pixels[(r + down) * 8 - 8 + c + right] = 10 + (random.random() % 7)
      }
    })
    return [...pixels, digit]
  }
  const rows = (count: number): number[][] => Array.from({ length: count }, (_, i) => draw(i % 10))
  return { train: digits(rows(4000)), test: digits(rows(500)) }
}

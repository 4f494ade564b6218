/*
 * A training run that can be cut anywhere: `resume-program FOLDER TO [CUT]` resumes from FOLDER if there is a checkpoint, trains up to micro-batch
 * TO, and saves one after micro-batch CUT and ends there. Its loader has two workers. Prints the loss of each micro-batch, then a digest of every state.
 */
import { createHash } from 'node:crypto'
import * as g from 'gradus'
import { Rows } from './resume-dataset.ts'

const [folder = '', to = '', cut = ''] = process.argv.slice(2)
const window = 4

g.manualSeed(1)
const model = new g.nn.Sequential(
  new g.nn.Linear(6, 16),
  new g.nn.GELU(),
  new g.nn.Dropout(0.1),
  new g.nn.LayerNorm(16),
  new g.nn.Linear(16, 3),
)
const optimizer = new g.optim.AdamW(model.parameters(), { lr: 0.01 })
const scheduler = new g.optim.lrScheduler.OneCycleLR(optimizer, 0.05, { totalSteps: 40 })
const scaler = new g.amp.GradScaler({ initScale: 1024, growthInterval: 3 })
const accumulator = new g.optim.GradAccumulator(optimizer, { scaler, scheduler, clipNorm: 1 })
const ema = new g.nn.AveragedModel(model, { avgFn: g.nn.emaAverage(0.9) })
const noise = new g.Generator(7)
const lossFn = new g.nn.CrossEntropyLoss()

const loader = new g.utils.data.DataLoader(new Rows(), {
  batchSize: 5,
  shuffle: true,
  numWorkers: 2,
  worker: new URL('./dataset.mjs', import.meta.url),
})

const parts = { model, optimizer, scheduler, scaler, accumulator, ema, noise, loader }
const checkpoints = new g.io.Checkpoints(folder, parts)
const resumed = await checkpoints.resume()

let step = resumed?.step ?? 0
train: for (;;) {
  for await (const { x, y } of loader) {
    const noisy = x.add(g.randn([5, 6], { generator: noise }).mul(0.1))
    const loss = g.autocast({ dtype: 'float16' }, () => lossFn(model(noisy), y))
    console.log(step, loss.item(), String(y.tolist()))
    accumulator.backward(loss.to('float32'), { weight: 5 })
    if (accumulator.microBatches === window) {
      accumulator.step()
      ema.updateParameters(model)
    }
    step++
    if (step === Number(cut)) await checkpoints.save({ step, metadata: { window } })
    if (step === Number(cut) || step === Number(to)) break train
  }
}
const states = [accumulator, optimizer, model, scheduler, scaler, ema].map((part) => part.stateDict())
const bytes = await g.io.toBytes([...states, g.tensor(noise.getState()), g.tensor(g.getRngState())])
console.log(createHash('sha256').update(bytes).digest('hex'))

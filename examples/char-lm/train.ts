// The training loop.
import * as g from 'gradus'
import type { Step } from '../program/watch.ts'
import type { CharModel } from './model.ts'
import type { Options } from './options.ts'
import type { Batch, Dataset, Windows } from './windows.ts'

const heldOutWindows = 128

/** Trains step by step, as it is iterated. */
export function* train(model: CharModel, data: Dataset, options: Options): Generator<Step> {
  const { steps, 'batch-size': batchSize, lr } = options
  const optimizer = new g.optim.AdamW(model.parameters(), { lr, weightDecay: 0.1 })
  const scheduler = new g.optim.lrScheduler.LambdaLR(optimizer, (step) => warmupThenCosine(step / steps))
  model.train()
  for (let step = 0; step < steps; step++) {
    optimizer.zeroGrad()
    const { loss, predicted } = lossOf(model, data.train.draw(batchSize))
    loss.backward()
    const gradNorm = g.nn.utils.clipGradNorm_(model.parameters(), 1).item()
    optimizer.step()
    scheduler.step()
    yield { loss: loss.item(), items: predicted, figures: [`grad ${gradNorm.toFixed(2)}`] }
  }
}

/** The mean loss over 128 windows spread over a text (all, if there are fewer), without gradients and dropout. */
export function evaluate(model: CharModel, windows: Windows): number {
  const wasTraining = model.training
  model.eval()
  const sum = g.noGrad(() => {
    let sum = 0
    for (const batch of windows.spread(heldOutWindows, heldOutWindows / 2)) {
      sum += lossOf(model, batch).loss.item() * batch.x.shape[0]
    }
    return sum
  })
  model.train(wasTraining)
  return sum / Math.min(heldOutWindows, windows.count)
}

/** The mean loss over a batch, and how many characters were predicted. */
export function lossOf(model: CharModel, { x, y }: Batch): { loss: g.Tensor; predicted: number } {
  const logits = model(x)
  const positions = logits.shape[1]
  const targets = y.slice(-positions, null, { axis: 1 }).flatten()
  return { loss: g.nn.functional.crossEntropy(logits.flatten(0, 1), targets), predicted: targets.numel() }
}

/**
 * The learning rate at a part of the run, as a factor: rises over the first twentieth, then falls to a twentieth along
 * half a cosine.
 */
export function warmupThenCosine(progress: number): number {
  const warmup = 0.05
  const floor = 0.05
  if (progress < warmup) return floor + (1 - floor) * (progress / warmup)
  const rest = (progress - warmup) / (1 - warmup)
  return floor + (1 - floor) * (0.5 + 0.5 * Math.cos(Math.PI * Math.min(1, rest)))
}

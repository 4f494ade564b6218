// The training loop.
import { setImmediate } from 'node:timers/promises'
import * as g from 'gradus'
import type { CharModel } from './model.ts'
import { UsageError } from './options.ts'
import type { Batch, Dataset, Windows } from './windows.ts'

/** What one step tells. */
export interface Step {
  /** Number of steps made, this one included. */
  step: number
  /** Loss of the batch, in nats for each character. */
  loss: number
  /** Loss of the latest look at the held-out text. */
  heldOut: number
  /** Norm of the gradient before clipping. */
  gradNorm: number
  /** Characters predicted in a second, over the latest seconds. */
  rate: number
}

/** Losses by step, and the held-out losses by the step they were measured after. */
export interface History {
  train: number[]
  heldOut: { step: number; loss: number }[]
}

/** How to train. */
export interface Training {
  steps: number
  batchSize: number
  lr: number
  /** Ends training after the step that is being made. */
  signal: AbortSignal
  onStep(step: Step): void
}

/** Steps between two looks at the held-out text: a sixteenth of the run, 50 at most. */
const stepsPerLook = (steps: number): number => Math.min(Math.ceil(steps / 16), 50)
const heldOutWindows = 128

/**
 * Trains until `steps` are made or `signal` is aborted.
 *
 * @throws UsageError if the loss is no longer a number
 */
export async function train(model: CharModel, data: Dataset, options: Training): Promise<History> {
  const { steps, batchSize, lr, signal } = options
  const optimizer = new g.optim.AdamW(model.parameters(), { lr, weightDecay: 0.1 })
  const scheduler = new g.optim.lrScheduler.LambdaLR(optimizer, (step) => warmupThenCosine(step / steps))
  const lookEvery = stepsPerLook(steps)
  const history: History = { train: [], heldOut: [] }
  const look = (): number => {
    const loss = evaluate(model, data.heldOut)
    history.heldOut.push({ step: history.train.length, loss })
    return loss
  }

  let heldOut = look()
  const speed = new Speed()
  model.train()
  for (let step = 1; step <= steps && !signal.aborted; step++) {
    optimizer.zeroGrad()
    const { loss, predicted } = lossOf(model, data.train.draw(batchSize))
    const value = loss.item()
    if (!Number.isFinite(value)) throw diverged(step, value, lr)
    loss.backward()
    const gradNorm = g.nn.utils.clipGradNorm_(model.parameters(), 1).item()
    optimizer.step()
    scheduler.step()

    history.train.push(value)
    if (step % lookEvery === 0 || step === steps) heldOut = look()
    options.onStep({ step, loss: value, heldOut, gradNorm, rate: speed.after(predicted) })
    // lets signals in, and the terminal draw
    await setImmediate()
  }
  return history
}

/** The mean loss over 128 windows spread over a text (all, if there are fewer), without gradients and dropout. */
export function evaluate(model: CharModel, windows: Windows): number {
  const wasTraining = model.training
  model.eval()
  const sum = g.noGrad(() => {
    let sum = 0
    for (const batch of windows.spread(heldOutWindows, heldOutWindows / 2)) {
      sum += lossOf(model, batch).loss.item() * batch.x.shape[0]!
    }
    return sum
  })
  model.train(wasTraining)
  return sum / Math.min(heldOutWindows, windows.count)
}

function lossOf(model: CharModel, { x, y }: Batch): { loss: g.Tensor; predicted: number } {
  const logits = model(x)
  const positions = logits.shape[1]!
  const targets = y.slice(1, -positions).flatten()
  return { loss: g.nn.functional.crossEntropy(logits.flatten(0, 1), targets), predicted: targets.numel() }
}

/** Rises over the first twentieth, then falls to a twentieth along half a cosine. */
function warmupThenCosine(progress: number): number {
  const warmup = 0.05
  const floor = 0.05
  if (progress < warmup) return floor + (1 - floor) * (progress / warmup)
  const rest = (progress - warmup) / (1 - warmup)
  return floor + (1 - floor) * (0.5 + 0.5 * Math.cos(Math.PI * Math.min(1, rest)))
}

const diverged = (step: number, loss: number, lr: number): UsageError =>
  new UsageError(`the loss became ${loss} at step ${step}: use a lower --lr than ${lr}`, 1)

/** Characters a second over the latest seconds: the mean since the start moves too late to show a change. */
class Speed {
  #marks: { time: number; total: number }[] = [{ time: performance.now(), total: 0 }]

  after(characters: number): number {
    const time = performance.now()
    const total = this.#marks.at(-1)!.total + characters
    this.#marks.push({ time, total })
    while (this.#marks.length > 2 && time - this.#marks[1]!.time > 3000) this.#marks.shift()
    const [oldest] = this.#marks
    return ((total - oldest!.total) / Math.max(1e-3, time - oldest!.time)) * 1000
  }
}

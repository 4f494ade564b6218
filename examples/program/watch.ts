// Follows a training loop: progress, the losses, and at the end their curve.
import { setImmediate } from 'node:timers/promises'
import { lossCurve, type History } from './chart.ts'
import type { Interruption } from './interruption.ts'
import { UsageError } from './options.ts'
import { isInteractive, progressOn, short, type Progress } from './progress.ts'
import { print } from './run.ts'
import { writeSvg } from './svg.ts'

/** What a training loop yields after each step of the optimizer. */
export interface Step {
  loss: number
  /** How many of `unit` the step learned from. */
  items: number
  /** More to show, such as `grad 0.51`. */
  figures?: readonly string[]
}

/** How to follow a loop. */
export interface Watching {
  /** Steps that the loop makes. */
  steps: number
  /** What a step learns from, in the plural. */
  unit: string
  /** Loss of a guess that knows nothing. */
  baseline: number
  /** Loss on what is held out, without gradients. */
  look(): number
  /** A file to draw the curve in, if one was named. */
  svg: string | undefined
  interruption: Interruption
}

/** Steps between two looks at what is held out: a sixteenth of the run, 50 at most. */
const stepsPerLook = (steps: number): number => Math.min(Math.ceil(steps / 16), 50)

/**
 * Runs a training loop to its end, or until a signal ends it, and prints how long it took and the curve of its losses.
 *
 * @throws UsageError if the loss is no longer a number, or the file of the curve cannot be written
 */
export async function watch(loop: Iterable<Step> | AsyncIterable<Step>, watching: Watching): Promise<void> {
  const { steps, baseline, svg, interruption } = watching
  const { stdout } = process
  const progress = progressOn(stdout, steps)
  const began = performance.now()
  interruption.trainingBegins()
  let history: History
  try {
    history = await follow(loop, watching, progress)
  } finally {
    progress.stop()
    interruption.trainingEnded()
  }

  const seconds = (performance.now() - began) / 1000
  const stopped = interruption.signal.aborted ? `Stopped after ${history.train.length} of` : 'Trained'
  print(`\n${stopped} ${steps} steps in ${seconds.toFixed(1)} s.\n`)
  if (history.train.length === 0) return
  const colors = isInteractive(stdout) && stdout.hasColors() && !process.env['NO_COLOR']
  print(`${lossCurve(history, baseline, { columns: stdout.columns ?? 80, colors })}\n`)
  if (svg !== undefined) print(`The curve is also in ${await writeSvg(svg, history, baseline)}\n`)
}

async function follow(
  loop: Iterable<Step> | AsyncIterable<Step>,
  { steps, unit, look, interruption: { signal } }: Watching,
  progress: Progress,
): Promise<History> {
  const lookEvery = stepsPerLook(steps)
  let heldOut = look()
  const history: History = { train: [], heldOut: [{ step: 0, loss: heldOut }] }
  const mean = new RunningMean()
  const speed = new Speed()
  // a signal may have come during the first look
  await setImmediate()
  if (signal.aborted) return history
  for await (const { loss, items, figures = [] } of loop) {
    const step = history.train.push(loss)
    if (!Number.isFinite(loss))
      throw new UsageError(`the loss became ${loss} at step ${step}: use a lower --lr`, 1)
    if (step % lookEvery === 0 || step === steps) {
      heldOut = look()
      history.heldOut.push({ step, loss: heldOut })
    }
    progress.show(step, [
      `loss ${mean.next(loss).toFixed(3)}`,
      `held out ${heldOut.toFixed(3)}`,
      `${short(speed.after(items))} ${unit}/s`,
      ...figures,
    ])
    // lets signals in, and the terminal draw
    await setImmediate()
    if (signal.aborted) break
  }
  return history
}

/** Mean of the latest losses: that of one batch jumps. */
class RunningMean {
  #mean = 0
  #weight = 0

  next(loss: number): number {
    this.#mean = 0.9 * this.#mean + 0.1 * loss
    this.#weight = 0.9 * this.#weight + 0.1
    return this.#mean / this.#weight
  }
}

/** Items a second over the latest seconds: the mean since the start moves too late to show a change. */
class Speed {
  #marks: { time: number; total: number }[] = [{ time: performance.now(), total: 0 }]

  after(items: number): number {
    const time = performance.now()
    const total = this.#marks.at(-1)!.total + items
    this.#marks.push({ time, total })
    while (this.#marks.length > 2 && time - this.#marks[1].time > 3000) this.#marks.shift()
    const [oldest] = this.#marks
    return ((total - oldest.total) / Math.max(1e-3, time - oldest.time)) * 1000
  }
}

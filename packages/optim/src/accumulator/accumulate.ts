import { Tensor, ValueError } from '@gradus/core'
import type { GradAccumulator } from './accumulator.ts'
import { weightOf } from './micro-batch.ts'
import type { MicroBatchOptions, StepResult } from './types.ts'
import { WindowError } from './window-guard.ts'

/** When a window of {@link accumulate} is complete: by one of the three. */
export type WindowBudget =
  | { microBatches: number; samples?: never; tokens?: never }
  | { samples: number; microBatches?: never; tokens?: never }
  | { tokens: number; microBatches?: never; samples?: never }

/** What the function of {@link accumulate} returns: a loss, and what it is a mean over. */
export type MicroBatchLoss = Tensor | ({ loss: Tensor } & MicroBatchOptions)

/**
 * Trains over a loader in windows, and yields what became of each. The last window, which may be partial, is among them,
 * so nothing is lost or carried into the next epoch.
 *
 * A window ends with the micro-batch that fills its budget: so many micro-batches, samples or tokens. The samples of a
 * micro-batch are the length of its first tensor, and the weight of a loss without one. With `tokens`, the weight is the number
 * of tokens that count, see {@link countTargets}. A window that was loaded has as many samples as its weight.
 *
 * @param fn - computes the loss of a micro-batch, without `backward()`
 * @throws ValueError for a budget that is not positive, or a loss without weight under `tokens`
 * @throws WindowError if the accumulator still has a window of an earlier loop
 * @example
 * const w = g.ones(1, { requiresGrad: true })
 * const accumulator = new g.optim.GradAccumulator(new g.optim.SGD([w], { lr: 0.1 }))
 * const loader = new g.utils.data.DataLoader(new g.utils.data.TensorDataset(g.ones(6)))
 * const steps = [...g.optim.accumulate(loader, { accumulator, microBatches: 4 }, ([x]) => w.mul(x).sum())]
 * steps.map((step) => step.microBatches) // => [4, 2]
 * steps.map((step) => step.gradNorm) // => [1, 1]
 */
export function* accumulate<B>(
  loader: Iterable<B>,
  options: { accumulator: GradAccumulator } & WindowBudget,
  fn: (batch: B) => MicroBatchLoss,
): Generator<StepResult, void> {
  const { accumulator, microBatches, samples, tokens } = options
  const budget = microBatches ?? samples ?? tokens
  if (budget === undefined || !(budget > 0)) {
    throw new ValueError(`a window has a positive budget, got ${budget}`, {
      hint: 'pass one of { microBatches }, { samples }, { tokens }',
    })
  }
  if (accumulator.microBatches > 0 && !accumulator.isRestored) {
    throw new WindowError(`${accumulator.microBatches} micro-batches of an earlier loop are in no step`, {
      hint: 'call flush() at the end of that loop, or discard()',
    })
  }
  let seen = accumulator.weight
  for (const batch of loader) {
    const given = fn(batch)
    const { loss, ...micro } = given instanceof Tensor ? { loss: given } : given
    if (micro.weight === undefined && tokens !== undefined) {
      throw new ValueError('a window by tokens needs the number of tokens that count in each micro-batch', {
        hint: 'return { loss, weight: countTargets(y) }',
      })
    }
    const size = micro.weight === undefined || samples !== undefined ? samplesIn(batch, micro.weight) : 0
    accumulator.backward(loss, { ...micro, weight: micro.weight ?? size })
    seen += size
    const filled = microBatches ? accumulator.microBatches : samples ? seen : accumulator.weight
    if (filled < budget) continue
    seen = 0
    yield accumulator.step()
  }
  const last = accumulator.flush()
  if (last) yield last
}

/** The length of the first tensor; where none is to be seen, the weight. */
function samplesIn(batch: unknown, weight?: number | Tensor): number {
  const parts: unknown[] =
    typeof batch === 'object' && batch !== null && !(batch instanceof Tensor) ? Object.values(batch) : [batch]
  const first = parts.find((x) => x instanceof Tensor && x.ndim > 0)
  if (first instanceof Tensor) return first.shape[0]
  if (weight !== undefined) return weightOf(weight)
  throw new ValueError('the number of samples of this micro-batch is not to be seen', {
    hint: 'return { loss, weight } from the function',
  })
}

/**
 * How many targets a cross-entropy is a mean over: those that are not ignored, or with class weights the sum of theirs.
 *
 * @param target - class numbers, any shape
 * @param options.ignoreIndex - the target that does not count; -100 by default
 * @param options.weight - [classes]
 * @example
 * g.optim.countTargets(g.tensor([3, -100, 1], { dtype: 'int64' })) // => 2
 */
export function countTargets(
  target: Tensor,
  { ignoreIndex = -100, weight = null }: { ignoreIndex?: number; weight?: Tensor | null } = {},
): number {
  const weights = weight?.detach().readSync()
  let count = 0
  for (const x of target.readSync()) {
    const c = Number(x)
    if (c !== ignoreIndex) count += weights ? Number(weights[c]) : 1
  }
  return count
}

/**
 * Steps of the optimizer in an epoch: what a schedule over a fixed number of steps counts, rather than micro-batches.
 *
 * @param length - micro-batches in an epoch: `loader.length`
 * @param microBatches - micro-batches in a window
 * @example
 * g.optim.stepsPerEpoch(10, 4) // => 3
 */
export const stepsPerEpoch = (length: number, microBatches: number): number =>
  Math.ceil(length / microBatches)

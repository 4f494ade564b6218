import { Tensor, ValueError } from '@gradus/core/functions'
import {
  anything,
  defineOptions,
  describeValue,
  integer,
  nullable,
  real,
  takeArgument,
  takeOptions,
  takeTensor,
} from '@gradus/core/internal'
import { GradAccumulator } from './accumulator.ts'
import { weightOf } from './micro-batch.ts'
import type { MicroBatchOptions, StepResult } from './types.ts'
import { WindowError } from './window-guard.ts'

/** When a window of {@link accumulate} is complete: by one of the three. */
export type WindowBudget =
  | { microBatches: number; samples?: never; tokens?: never }
  | { samples: number; microBatches?: never; tokens?: never }
  | { tokens: number; microBatches?: never; samples?: never }

const budgetOptions = /* @__PURE__ */ defineOptions<{
  accumulator?: GradAccumulator
  microBatches?: number
  samples?: number
  tokens?: number
}>({ accumulator: anything(), microBatches: real, samples: real, tokens: real })

/** A loss, and the weight of its mean: the result of the function of {@link accumulate}. */
export type MicroBatchLoss = Tensor | ({ loss: Tensor } & MicroBatchOptions)

/**
 * Trains over a loader in windows, and yields the result of each. The last window may be partial: nothing is lost, or
 * carried into the next epoch.
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
  const { accumulator, microBatches, samples, tokens } = takeOptions('accumulate', budgetOptions, options)
  const budgets = [microBatches, samples, tokens].filter((one) => one !== undefined)
  const [budget] = budgets
  if (budgets.length > 1 || !(budget > 0)) {
    const got = budgets.length > 1 ? describeValue(budgets) : budget
    throw new ValueError(`a window has a positive budget, got ${got}`, {
      hint: 'pass one of { microBatches }, { samples }, { tokens }',
    })
  }
  if (!(accumulator instanceof GradAccumulator)) {
    throw new ValueError(`accumulate takes { accumulator }, got ${describeValue(accumulator)}`)
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

const targetOptions = /* @__PURE__ */ defineOptions<{ ignoreIndex?: number; weight?: Tensor | null }>({
  ignoreIndex: integer(),
  weight: nullable(anything<Tensor>()),
})

/**
 * The denominator of a mean cross-entropy: the number of targets that are not ignored, or the sum of their class weights.
 *
 * @param target - class numbers, any shape
 * @param options.ignoreIndex - the target that does not count; -100 by default
 * @param options.weight - [classes]
 * @example
 * g.optim.countTargets(g.tensor([3, -100, 1], { dtype: 'int64' })) // => 2
 */
export function countTargets(
  target: Tensor,
  options?: { ignoreIndex?: number; weight?: Tensor | null },
): number {
  takeTensor('countTargets', 'target', target)
  const { ignoreIndex = -100, weight = null } = takeOptions('countTargets', targetOptions, options)
  const weights = weight?.detach().readSync()
  let count = 0
  for (const x of target.readSync()) {
    const c = Number(x)
    if (c !== ignoreIndex) count += weights ? Number(weights[c]) : 1
  }
  return count
}

/**
 * Steps of the optimizer in an epoch. Schedules count these, not micro-batches.
 *
 * @param length - micro-batches in an epoch: `loader.length`
 * @param microBatches - micro-batches in a window
 * @example
 * g.optim.stepsPerEpoch(10, 4) // => 3
 */
export function stepsPerEpoch(length: number, microBatches: number): number {
  takeArgument('stepsPerEpoch', 'length', integer(0), length)
  takeArgument('stepsPerEpoch', 'microBatches', integer(1), microBatches)
  return Math.ceil(length / microBatches)
}

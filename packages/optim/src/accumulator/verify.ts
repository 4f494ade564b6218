import { cat, getRngState, setGradEnabled, setRngState, Tensor, ValueError } from '@gradus/core/functions'
import { atLeast, functionKind, takeOptions, internals } from '@gradus/core/internal'
import { isBatchNorm, isDropout, layersOf } from './model-layers.ts'
import type { MicroBatchLoss } from './accumulate.ts'
import { printed } from './printed.ts'
import type { Model } from './types.ts'

/** Whether a model gives the same gradient in micro-batches as in one batch. */
export interface AccumulationReport {
  /** Whether the gradients agree to float32 rounding. */
  exact: boolean
  /** Norm of the difference of both gradients, over that of the big batch's. */
  difference: number
  /** Causes of a difference, each with a remedy. Empty where there is none. */
  reasons: string[]
  /** As a paragraph; `console.log` in Node shows it. */
  toString(): string
}

/** Options of {@link verifyAccumulation}. */
export interface VerifyOptions<B> {
  /** Relative difference that counts as equal; 1e-5 by default. */
  tolerance?: number
  /** Makes one batch of several; by default tensors are joined along axis 0. */
  concat?: (batches: readonly B[]) => B
}

const verifyOptions = {
  tolerance: /* @__PURE__ */ atLeast(0),
  concat: /* @__PURE__ */ functionKind<() => never>(),
}

/**
 * Compares the gradient of micro-batches with that of the one batch they make, and says why they differ: batch
 * normalisation, dropout, or a loss in which samples meet (contrastive losses, a mean over something else than `weight`).
 *
 * Gradients, buffers, modes and the default generator are as before afterwards; nothing is trained.
 *
 * @param batches - at least two micro-batches: arrays of tensors, or values that `concat` takes
 * @param lossFn - the loss of a micro-batch: a mean over its samples, or `{ loss, weight }`
 * @throws ValueError for fewer than two micro-batches
 * @example
 * const model = new g.nn.Sequential(new g.nn.Linear(2, 2), new g.nn.BatchNorm1d(2))
 * const batches = [[g.randn(4, 2)], [g.randn(4, 2)]]
 * const report = g.optim.verifyAccumulation(model, batches, (m, [x]) => m(x).square().mean())
 * report.exact // => false
 * report.reasons.length // => 1
 */
export function verifyAccumulation<M extends Model, B extends readonly Tensor[]>(
  model: M,
  batches: readonly B[],
  lossFn: (model: M, batch: B) => MicroBatchLoss,
  options?: VerifyOptions<B>,
): AccumulationReport {
  const { tolerance = 1e-5, concat = joined } = takeOptions<VerifyOptions<B>>(
    'verifyAccumulation',
    verifyOptions,
    options,
  )
  if (batches.length < 2) {
    throw new ValueError(`a split takes at least two micro-batches, got ${batches.length}`)
  }
  const whole = concat(batches)
  const [norms, dropouts] = [layersOf(model, isBatchNorm), layersOf(model, isDropout)]
  const compare = (frozen: (layer: Layer) => boolean): number =>
    undisturbed(model, frozen, () =>
      distance(gradientOf(model, [whole], lossFn), gradientOf(model, batches, lossFn)),
    )
  const difference = compare(() => false)
  const agrees = (x: number): boolean => x <= tolerance
  const reasons: string[] = []
  if (!agrees(difference)) {
    const without = compare((layer) => isDropout(layer))
    const bare = norms.length > 0 ? compare((layer) => isDropout(layer) || isBatchNorm(layer)) : without
    if (dropouts.length > 0 && without !== difference) {
      reasons.push(
        `dropout draws other numbers for micro-batches: equal in expectation only (${dropouts.join(', ')})`,
      )
    }
    if (norms.length > 0 && !agrees(without)) {
      reasons.push(
        `batch normalisation takes its statistics from each micro-batch: use GroupNorm or LayerNorm, or eval() these layers (${norms.join(', ')})`,
      )
    }
    if (!agrees(bare)) {
      reasons.push(
        'the loss of the batch is not the weighted mean of its parts: samples meet in it (a contrastive loss, a maximum), or weight is not what it is a mean over',
      )
    }
  }
  return printed({
    exact: agrees(difference),
    difference,
    reasons,
    toString: () =>
      agrees(difference)
        ? `accumulation is exact: relative difference ${difference.toExponential(1)}`
        : [
            `accumulation is not exact: relative difference ${difference.toExponential(1)}`,
            ...reasons.map((reason) => `  - ${reason}`),
          ].join('\n'),
  })
}

type Layer = ReturnType<Model['namedModules']>[number][1]

const joined = <B extends readonly Tensor[]>(batches: readonly B[]): B =>
  batches[0].map((_, i) => cat(batches.map((batch) => batch[i]))) as readonly Tensor[] as B // without `concat`, B is an array of tensors

/** Runs `fn` on a model with some layers in evaluation, and puts back everything that running it changed. */
function undisturbed(model: Model, frozen: (layer: Layer) => boolean, fn: () => number): number {
  const layers = model.namedModules().map(([, layer]) => layer)
  const modes = layers.map((layer) => layer.training)
  const buffers = model.buffers().map((x) => [x, x.detach().clone()] as const)
  const grads = model.parameters().map((p) => [p, internals(p).gradSlot] as const)
  for (const [, grad] of grads) grad?.storage.hold()
  const random = getRngState()
  const stopped = layers.filter(frozen)
  for (const layer of stopped) layer.training = false
  try {
    return fn()
  } finally {
    layers.forEach((layer, i) => (layer.training = modes[i]))
    for (const [p, grad] of grads) {
      internals(p).storeGrad(grad)
      grad?.storage.release()
    }
    setGradEnabled(false, () => buffers.forEach(([x, value]) => x.copy_(value)))
    setRngState(random)
  }
}

/** Σ wᵢ∇lᵢ / Σ wᵢ over batches, all parameters in one list of numbers. */
function gradientOf<M extends Model, B extends readonly Tensor[]>(
  model: M,
  batches: readonly B[],
  lossFn: (model: M, batch: B) => MicroBatchLoss,
): Float64Array {
  const params = model.parameters()
  const sum = new Float64Array(params.reduce((n, p) => n + p.numel(), 0))
  let total = 0
  for (const batch of batches) {
    for (const p of params) internals(p).storeGrad(null)
    const given = lossFn(model, batch)
    const { loss, weight = batch[0].shape[0], reduction } = given instanceof Tensor ? { loss: given } : given
    const w = Number(weight)
    total += w
    if (w === 0) continue
    loss.backward()
    let at = 0
    for (const p of params) {
      const grad = internals(p).gradSlot?.readSync()
      if (grad)
        for (let i = 0; i < grad.length; i++) sum[at + i] += Number(grad[i]) * (reduction === 'sum' ? 1 : w)
      at += p.numel()
    }
  }
  return sum.map((x) => x / total)
}

function distance(a: Float64Array, b: Float64Array): number {
  let [difference, norm] = [0, 0]
  a.forEach((x, i) => {
    difference += (x - b[i]) ** 2
    norm += x ** 2
  })
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm)
}

import { GradError, stack, ValueError, zerosLike, type Tensor } from '@gradus/core/functions'
import {
  aTensor,
  defineOptions,
  either,
  flag,
  listOf,
  nullable,
  takeArgument,
  takeOptions,
} from '@gradus/core/internal'
import { asList } from './as-list.ts'
import { backward as run, gradients } from './engine.ts'

/** Options of {@link grad}. */
export interface GradOptions {
  /** Gradients of the outputs, in order; may be left out for outputs of one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null
  /** Keeps saved values for another pass. Default: `createGraph`. */
  retainGraph?: boolean
  /** Records the pass itself, so that its results can be differentiated. */
  createGraph?: boolean
  /** Gives null for an input that the outputs do not depend on, instead of an error. */
  allowUnused?: boolean
  /** Gives zeros instead of null; implies `allowUnused`. */
  materializeGrads?: boolean
  /** `gradOutputs` have a leading batch axis: one pass per entry, results stacked. With `eye(n)` this is the Jacobian. */
  isGradsBatched?: boolean
}

const tensorOrTensors = /* @__PURE__ */ either(aTensor, /* @__PURE__ */ listOf(aTensor))
const someGradients = /* @__PURE__ */ listOf(/* @__PURE__ */ nullable(aTensor))
/** The kinds of {@link GradOptions}. */
const gradOptions = /* @__PURE__ */ defineOptions<GradOptions>({
  gradOutputs: /* @__PURE__ */ nullable(/* @__PURE__ */ either(aTensor, someGradients)),
  retainGraph: flag,
  createGraph: flag,
  allowUnused: flag,
  materializeGrads: flag,
  isGradsBatched: flag,
})

/**
 * Gradients of `outputs` with respect to `inputs`, as new tensors; no `.grad` is touched.
 *
 * @returns one gradient per input, null for one that is not used and `allowUnused`
 * @throws GradError with PyTorch's messages
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
 * @example
 * const x = g.tensor([3], { requiresGrad: true })
 * const [dx] = g.autograd.grad(x.mul(x).sum(), [x], { createGraph: true })
 * g.autograd.grad(dx.sum(), [x])[0].tolist() // => [2]
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions & { allowUnused?: false },
): Tensor[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): (Tensor | null)[]
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): (Tensor | null)[] {
  takeArgument('grad', 'outputs', tensorOrTensors, outputs)
  takeArgument('grad', 'inputs', tensorOrTensors, inputs)
  options = takeOptions('grad', gradOptions, options)
  const { createGraph = false, retainGraph = createGraph, materializeGrads = false } = options
  if (materializeGrads && options.allowUnused === false) {
    throw new ValueError(
      'Expected allowUnused to be true or not passed when materializeGrads: true, but got: allowUnused: false.',
    )
  }
  const roots = asList(outputs)
  const wanted = asList(inputs)
  const given = options.gradOutputs
  const seeds = given === undefined || given === null ? [] : isList(given) ? given : [given]
  const results = options.isGradsBatched
    ? batched(roots, wanted, seeds, retainGraph, createGraph)
    : gradients(roots, wanted, seeds, { retainGraph, createGraph })
  return results.map((g, i) => {
    if (g) return g
    if (materializeGrads) return zerosLike(wanted[i])
    if (!options.allowUnused) {
      throw new GradError(
        `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.`,
        { hint: 'in gradus: { allowUnused: true } gives null for it, { materializeGrads: true } zeros' },
      )
    }
    return null
  })
}

function batched(
  roots: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  retainGraph: boolean,
  createGraph: boolean,
): (Tensor | null)[] {
  const count = seeds.find((s) => s !== null)?.shape[0]
  if (count === undefined) throw new ValueError('isGradsBatched needs gradOutputs with a leading batch axis')
  const passes = Array.from({ length: count }, (_, b) =>
    gradients(
      roots,
      inputs,
      seeds.map((s) => s && s.select(0, b)),
      { retainGraph: retainGraph || b < count - 1, createGraph },
    ),
  )
  return inputs.map((x, i) => {
    const rows = passes.map((pass) => pass[i]!)
    return rows.some((r) => r !== null) ? stack(rows.map((r) => r ?? zerosLike(x))) : null
  })
}

/** Options of {@link backward}. */
export interface BackwardAllOptions {
  gradTensors?: readonly (Tensor | null)[]
  retainGraph?: boolean
  createGraph?: boolean
  inputs?: readonly Tensor[]
}

/** The kinds of {@link BackwardAllOptions}. */
const backwardAllOptions = /* @__PURE__ */ defineOptions<BackwardAllOptions>({
  gradTensors: someGradients,
  retainGraph: flag,
  createGraph: flag,
  inputs: /* @__PURE__ */ listOf(aTensor),
})

/**
 * Differentiates several tensors at once, adding to the `.grad` of the leaves.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.backward.html
 */
export function backward(tensors: Tensor | readonly Tensor[], options?: BackwardAllOptions): void {
  takeArgument('backward', 'tensors', tensorOrTensors, tensors)
  options = takeOptions('backward', backwardAllOptions, options)
  const roots = asList(tensors)
  run(roots, options, options.gradTensors ?? [])
}

const isList = (x: Tensor | readonly (Tensor | null)[]): x is readonly (Tensor | null)[] => Array.isArray(x)

import { GradError, onesLike, setGradEnabled, Tensor, ValueError, zerosLike } from '@gradus/core/functions'
import { defineOptions, flag, functionKind, takeArgument, withDefaults } from '@gradus/core/internal'
import { assemble, checkShapes, pull, rows, tensorsOf, variable } from './pull.ts'
import { requireGrad } from './tape.ts'

/** A tensor, or an array of them. */
export type Tensors = Tensor | readonly Tensor[]

/** `R` for a tensor, an array of `R` for an array of them. */
export type PerTensor<T extends Tensors, R> = T extends readonly Tensor[]
  ? { -readonly [K in keyof T]: R }
  : R

/** Options of the functions of `autograd.functional`. */
export interface FunctionalOptions {
  /** Records the computation, so that the results can be differentiated; false by default. */
  createGraph?: boolean
  /** Refuses an output that does not depend on an input, instead of giving zeros; false by default. */
  strict?: boolean
}

/** Options of {@link jacobian} and {@link hessian}. */
export interface JacobianOptions extends FunctionalOptions {
  /** Taken for PyTorch's sake: the result is the same. Not together with `strict`. */
  vectorize?: boolean
}

const functionalOptions = /* @__PURE__ */ defineOptions<FunctionalOptions>({
  createGraph: flag,
  strict: flag,
})
const jacobianOptions = /* @__PURE__ */ defineOptions<JacobianOptions, FunctionalOptions>(
  { vectorize: flag },
  functionalOptions,
)
const defaults = { createGraph: false, strict: false }
const body = /* @__PURE__ */ functionKind<(...inputs: Tensor[]) => Tensors>()

type Fn<O extends Tensors> = (...inputs: Tensor[]) => O

interface Traced {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly single: { readonly input: boolean; readonly output: boolean }
}

/** Runs `fn` on inputs to differentiate by. */
function trace(call: string, fn: Fn<Tensors>, inputs: Tensors, linked: boolean, strict: boolean): Traced {
  takeArgument(call, 'fn', body, fn)
  const variables = tensorsOf(inputs, 'inputs', call).map((x) => variable(x, linked))
  const given = fn(...variables)
  const outputs = tensorsOf(given, 'outputs of the user-provided function', call)
  if (strict) {
    outputs.forEach((y, i) => {
      if (y.requiresGrad) return
      throw new GradError(
        `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
      )
    })
  }
  return {
    inputs: variables,
    outputs,
    single: { input: inputs instanceof Tensor, output: given instanceof Tensor },
  }
}

const unlinked = (x: Tensor, createGraph: boolean): Tensor => (createGraph ? x : x.detach())
const results = (list: readonly Tensor[], single: boolean, createGraph: boolean): Tensors => {
  const own = list.map((x) => unlinked(x, createGraph))
  return single ? own[0]! : own
}

/** Zeros for null, unless strict. */
const filled = (
  grads: readonly (Tensor | null)[],
  like: readonly Tensor[],
  strict: boolean,
  message: (i: number) => string,
): Tensor[] =>
  grads.map((g, i) => {
    if (g !== null) return g
    if (strict) throw new GradError(`${message(i)} This is not allowed in strict mode.`)
    return zerosLike(like[i]!)
  })

const independent = (i: number): string =>
  `The output of the user-provided function is independent of input ${i}.`

/** With strict and createGraph, each result must depend on the inputs. */
function checkLinked(list: readonly Tensor[], strict: boolean, createGraph: boolean, what: string): void {
  if (!strict || !createGraph) return
  list.forEach((x, i) => {
    if (x.requiresGrad) return
    throw new GradError(
      `The ${what} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when createGraph: true.`,
    )
  })
}

/**
 * The Jacobian of `fn`: per output and input a tensor of shape `[...output.shape, ...input.shape]`, one pass per element of
 * the outputs.
 *
 * @returns a tensor; an array per input for an array of inputs; an array per output of these for an array of outputs
 * @throws GradError for inputs or outputs that are not tensors, and with `strict` for what is independent
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
 * @example
 * g.autograd.functional.jacobian((x) => x.mul(x), g.tensor([1, 2])).tolist() // => [[2, 0], [0, 4]]
 */
export function jacobian<O extends Tensors, const I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  options?: JacobianOptions,
): PerTensor<O, PerTensor<I, Tensor>> {
  const settings = withDefaults('jacobian', jacobianOptions, options, defaults)
  const { createGraph, strict } = settings
  if (strict && settings.vectorize) {
    throw new ValueError(
      'jacobian: strict: true and vectorize: true are not supported together. Set one of them to false.',
    )
  }
  const all = setGradEnabled(true, () => {
    const traced = trace('jacobian', fn, inputs, createGraph, strict)
    const { single } = traced
    const perOutput = traced.outputs.map((y, i) => {
      const byElement = rows(y, traced.inputs, { retainGraph: true, createGraph })
      if (strict) {
        for (const row of byElement) {
          row.forEach((g, k) => {
            if (g === null)
              throw new GradError(
                `Output ${i} of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
              )
          })
          checkLinked(row as readonly Tensor[], strict, createGraph, 'jacobian') // none is null
        }
      }
      return results(assemble(y, traced.inputs, byElement), single.input, createGraph)
    })
    return single.output ? perOutput[0] : perOutput
  })
  // the nesting follows what was given, as the type says
  return all as PerTensor<O, PerTensor<I, Tensor>>
}

function oneElement(call: string, outputs: readonly Tensor[], single: boolean): Tensor {
  if (!single) throw new GradError(`The function given to ${call} should return a single Tensor`)
  const y = outputs[0]!
  if (y.numel() !== 1)
    throw new GradError(
      `The Tensor returned by the function given to ${call} should contain a single element`,
    )
  return y
}

function dependent(list: readonly Tensor[], strict: boolean): void {
  if (!strict) return
  list.forEach((x, i) => {
    if (x.requiresGrad) return
    throw new GradError(
      `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
    )
  })
}

/**
 * The Hessian of a function with one number as its result: per pair of inputs a tensor of shape `[...a.shape, ...b.shape]`.
 *
 * @throws GradError for a function that gives more than one element, and with `strict` for what is independent
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html
 * @example
 * g.autograd.functional.hessian((x) => x.pow(3).sum(), g.tensor([1, 2])).tolist() // => [[6, 0], [0, 12]]
 */
export function hessian<const I extends Tensors>(
  fn: Fn<Tensor>,
  inputs: I,
  options?: JacobianOptions,
): PerTensor<I, PerTensor<I, Tensor>> {
  const { createGraph, strict, vectorize } = withDefaults('hessian', jacobianOptions, options, defaults)
  takeArgument('hessian', 'fn', body, fn)
  const list = tensorsOf(inputs, 'inputs', 'hessian')
  const scalar = (...xs: Tensor[]): Tensor => {
    const given: unknown = fn(...xs)
    const outputs = tensorsOf(given, 'outputs of the user-provided function', 'hessian')
    return oneElement('hessian', outputs, given instanceof Tensor).reshape([])
  }
  const first = (...xs: Tensor[]): Tensor[] => {
    const given: readonly Tensor[] = xs
    const jac: readonly Tensor[] = jacobian(scalar, given, { createGraph: true })
    dependent(jac, strict)
    return [...jac]
  }
  const blocks = jacobian(first, list, { createGraph, strict, vectorize })
  const result = inputs instanceof Tensor ? blocks[0]![0] : blocks
  return result as PerTensor<I, PerTensor<I, Tensor>> // the nesting follows the inputs, as the type says
}

/** `v`, or one where it may be left out. */
function vectorFor(like: readonly Tensor[], v: unknown, call: string, missing: string): readonly Tensor[] {
  if (v === undefined || v === null) {
    if (like.length !== 1 || like[0]!.numel() !== 1) throw new GradError(missing)
    return [onesLike(like[0]!)]
  }
  const list = tensorsOf(v, 'v', call)
  checkShapes(list, like)
  return list
}

const forInputs =
  'The vector v can only be left out if the input to the user-provided function is a single Tensor with a single element.'

/**
 * The product of a vector with the Jacobian of `fn`: the gradients by the inputs, with `v` as those of the outputs.
 *
 * @param v - shaped like the outputs; may be left out for a single number
 * @returns the outputs and the product
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html
 * @example
 * const [, product] = g.autograd.functional.vjp((x) => x.mul(x), g.tensor([1, 2]), g.tensor([1, 10]))
 * product.tolist() // => [2, 40]
 */
export function vjp<O extends Tensors, const I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  v?: Tensors | null,
  options?: FunctionalOptions,
): [outputs: O, product: PerTensor<I, Tensor>] {
  const { createGraph, strict } = withDefaults('vjp', functionalOptions, options, defaults)
  return setGradEnabled(true, () => {
    const { inputs: xs, outputs, single } = trace('vjp', fn, inputs, createGraph, strict)
    const seeds = vectorFor(
      outputs,
      v,
      'vjp',
      'The vector v can only be left out if the user-provided function returns a single Tensor with a single element.',
    )
    const raw = pull(outputs, xs, seeds, { retainGraph: createGraph, createGraph })
    const product = filled(raw, xs, strict, independent)
    checkLinked(product, strict, createGraph, 'jacobian')
    // both have the nesting of what was given
    return [results(outputs, single.output, createGraph), results(product, single.input, createGraph)] as [
      O,
      PerTensor<I, Tensor>,
    ]
  })
}

const unforward = (i: number): string =>
  `The gradient with respect to the input is independent of entry ${i} in the gradOutputs when using the double backward trick to compute forward mode gradients.`

/**
 * The product of the Jacobian of `fn` with a vector, by differentiating a backward pass.
 *
 * @param v - shaped like the inputs; may be left out for a single number
 * @returns the outputs and the product
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html
 * @example
 * const [, product] = g.autograd.functional.jvp((x) => x.mul(x), g.tensor([1, 2]), g.tensor([1, 10]))
 * product.tolist() // => [2, 40]
 */
export function jvp<O extends Tensors, const I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  v?: Tensors | null,
  options?: FunctionalOptions,
): [outputs: O, product: PerTensor<O, Tensor>] {
  const { createGraph, strict } = withDefaults('jvp', functionalOptions, options, defaults)
  const vector = vectorFor(tensorsOf(inputs, 'inputs', 'jvp'), v, 'jvp', forInputs)
  return setGradEnabled(true, () => {
    const { inputs: xs, outputs, single } = trace('jvp', fn, inputs, createGraph, strict)
    const seeds = outputs.map((y) => requireGrad(zerosLike(y.detach())))
    const back = pull(outputs, xs, seeds, { retainGraph: true, createGraph: true })
    filled(back, xs, strict, independent)
    const raw = pull(back, seeds, vector, { retainGraph: createGraph, createGraph })
    const product = filled(raw, outputs, strict, unforward)
    checkLinked(product, strict, createGraph, 'jacobian')
    // both have the nesting of the outputs
    return [results(outputs, single.output, createGraph), results(product, single.output, createGraph)] as [
      O,
      PerTensor<O, Tensor>,
    ]
  })
}

/** Output and gradient of a function with one number as its result, for products with its Hessian. */
function gradientOf(
  call: string,
  fn: Fn<Tensor>,
  inputs: Tensors,
  createGraph: boolean,
  strict: boolean,
): { xs: readonly Tensor[]; y: Tensor; gradient: readonly Tensor[] } {
  const { inputs: xs, outputs, single } = trace(call, fn, inputs, createGraph, strict)
  const y = oneElement(call, outputs, single.output)
  const raw = pull([y], xs, [onesLike(y.detach())], { retainGraph: true, createGraph: true })
  const gradient = filled(raw, xs, strict, independent)
  dependent(gradient, strict)
  return { xs, y, gradient }
}

/**
 * The product of a vector with the Hessian of a function with one number as its result.
 *
 * @param v - shaped like the inputs; may be left out for a single number
 * @returns the output and the product
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html
 * @example
 * const [, product] = g.autograd.functional.vhp((x) => x.pow(3).sum(), g.tensor([1, 2]), g.tensor([1, 10]))
 * product.tolist() // => [6, 120]
 */
export function vhp<const I extends Tensors>(
  fn: Fn<Tensor>,
  inputs: I,
  v?: Tensors | null,
  options?: FunctionalOptions,
): [output: Tensor, product: PerTensor<I, Tensor>] {
  const { createGraph, strict } = withDefaults('vhp', functionalOptions, options, defaults)
  const vector = vectorFor(tensorsOf(inputs, 'inputs', 'vhp'), v, 'vhp', forInputs)
  return setGradEnabled(true, () => {
    const { xs, y, gradient } = gradientOf('vhp', fn, inputs, createGraph, strict)
    const raw = pull(gradient, xs, vector, { retainGraph: createGraph, createGraph })
    const product = filled(raw, xs, strict, (i) => `The hessian is independent of input ${i}.`)
    checkLinked(product, strict, createGraph, 'hessian')
    const given = results(product, inputs instanceof Tensor, createGraph)
    return [unlinked(y, createGraph), given as PerTensor<I, Tensor>] // it has the nesting of the inputs
  })
}

/**
 * The product of the Hessian of a function with one number as its result with a vector. {@link vhp} gives the same in less
 * time, since the Hessian of a function twice continuously differentiable is symmetric.
 *
 * @param v - shaped like the inputs; may be left out for a single number
 * @returns the output and the product
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html
 * @example
 * const [, product] = g.autograd.functional.hvp((x) => x.pow(3).sum(), g.tensor([1, 2]), g.tensor([1, 10]))
 * product.tolist() // => [6, 120]
 */
export function hvp<const I extends Tensors>(
  fn: Fn<Tensor>,
  inputs: I,
  v?: Tensors | null,
  options?: FunctionalOptions,
): [output: Tensor, product: PerTensor<I, Tensor>] {
  const { createGraph, strict } = withDefaults('hvp', functionalOptions, options, defaults)
  const vector = vectorFor(tensorsOf(inputs, 'inputs', 'hvp'), v, 'hvp', forInputs)
  return setGradEnabled(true, () => {
    const { xs, y, gradient } = gradientOf('hvp', fn, inputs, createGraph, strict)
    const seeds = gradient.map((x) => requireGrad(zerosLike(x.detach())))
    const back = pull(gradient, xs, seeds, { retainGraph: true, createGraph: true })
    filled(back, xs, strict, (i) => `The hessian is independent of input ${i}.`)
    const raw = pull(back, seeds, vector, { retainGraph: createGraph, createGraph })
    const product = filled(raw, xs, strict, unforward)
    checkLinked(product, strict, createGraph, 'hessian')
    const given = results(product, inputs instanceof Tensor, createGraph)
    return [unlinked(y, createGraph), given as PerTensor<I, Tensor>] // it has the nesting of the inputs
  })
}

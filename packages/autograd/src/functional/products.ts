import { GradError, onesLike, setGradEnabled, Tensor, zerosLike } from '@gradus/core/functions'
import { withDefaults } from '@gradus/core/internal'
import { pull } from '../pull.ts'
import { requireGrad } from '../tape.ts'
import {
  checkLinked,
  checkShapes,
  defaults,
  dependent,
  filled,
  type Fn,
  functionalOptions,
  type FunctionalOptions,
  independent,
  oneElement,
  type PerTensor,
  results,
  type Tensors,
  tensorsOf,
  trace,
  unlinked,
} from './trace.ts'

/** `v`, or one where it may be left out. */
function vectorFor(like: readonly Tensor[], v: unknown, call: string, missing: string): readonly Tensor[] {
  if (v === undefined || v === null) {
    if (like.length !== 1 || like[0].numel() !== 1) throw new GradError(missing)
    return [onesLike(like[0])]
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

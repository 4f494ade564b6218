import { GradError, setGradEnabled, Tensor, ValueError } from '@gradus/core/functions'
import { takeArgument, withDefaults } from '@gradus/core/internal'
import { assemble, rows } from '../pull.ts'
import {
  body,
  checkLinked,
  defaults,
  dependent,
  type Fn,
  jacobianOptions,
  type JacobianOptions,
  oneElement,
  type PerTensor,
  results,
  type Tensors,
  tensorsOf,
  trace,
} from './trace.ts'

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
  const result = inputs instanceof Tensor ? blocks[0][0] : blocks
  return result as PerTensor<I, PerTensor<I, Tensor>> // the nesting follows the inputs, as the type says
}

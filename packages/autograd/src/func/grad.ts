import { GradError, isGradEnabled, setGradEnabled, Tensor } from '@gradus/core/functions'
import { describeValue, takeArgument, withDefaults } from '@gradus/core/internal'
import { pull } from '../pull.ts'
import {
  type AnyFn,
  type Argnums,
  transformOptions,
  defaults,
  body,
  trace,
  settle,
  nested,
  zerosFor,
  type Picked,
  type TransformOptions,
} from './trace.ts'

/**
 * A function that gives the gradients of `fn` instead of its result.
 *
 * Arguments may be tensors, and arrays and plain objects of them. Transforms nest: `grad(grad(fn))` is the second
 * derivative.
 *
 * @returns gradients in the nesting of the argument; with `hasAux`, `[gradients, aux]`
 * @throws GradError if `fn` does not return a tensor of no axes
 * @see https://pytorch.org/docs/stable/generated/torch.func.grad.html
 * @example
 * const slope = g.func.grad((x) => x.pow(3).sum())
 * slope(g.tensor([1, 2])).tolist() // => [3, 12]
 */
export function grad<A extends readonly unknown[], R, const N extends Argnums = 0, H extends boolean = false>(
  fn: (...args: A) => R,
  options?: TransformOptions<N, H>,
): (
  ...args: A
) => H extends true ? [Picked<A, N>, R extends readonly [unknown, infer X] ? X : never] : Picked<A, N> {
  const settings = withDefaults('grad', transformOptions, options, defaults)
  const { hasAux } = settings
  const both = transformed('grad', fn, settings)
  return (...args) => {
    const [gradients, value] = both(args)
    // with hasAux the value is [output, aux]
    const result = hasAux ? [gradients, (value as readonly unknown[])[1]] : gradients
    return result as never // the nesting follows argnums and hasAux, as the type says
  }
}

/**
 * {@link grad} together with the result of `fn`.
 *
 * @returns `[gradients, output]`; with `hasAux`, `[gradients, [output, aux]]`
 * @see https://pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
 * @example
 * const [slope, value] = g.func.gradAndValue((x) => x.mul(x).sum())(g.tensor([1, 2]))
 * slope.tolist() // => [2, 4]
 */
export function gradAndValue<
  A extends readonly unknown[],
  R,
  const N extends Argnums = 0,
  H extends boolean = false,
>(fn: (...args: A) => R, options?: TransformOptions<N, H>): (...args: A) => [Picked<A, N>, R] {
  const both = transformed(
    'gradAndValue',
    fn,
    withDefaults('gradAndValue', transformOptions, options, defaults),
  )
  return (...args) => both(args) as [Picked<A, N>, R] // the nesting follows argnums
}

function transformed(
  call: string,
  fn: unknown,
  { argnums, hasAux }: typeof defaults,
): (args: readonly unknown[]) => [unknown, unknown] {
  const run = takeArgument(call, 'fn', body, fn) as AnyFn // it is called with what the caller gives
  return (args) => {
    const recording = isGradEnabled()
    return setGradEnabled(true, () => {
      const traced = trace(call, run, args, argnums, hasAux, recording)
      const { output, variables, linked, chosen } = traced
      if (!(output instanceof Tensor))
        throw new GradError(
          `${call}(f)(...args): Expected f(...args) to return a Tensor, got ${describeValue(output)}`,
        )
      if (output.ndim !== 0) {
        throw new GradError(
          `${call}(f)(...args): Expected f(...args) to return a scalar Tensor, got tensor with ${output.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
        )
      }
      const raw = pull([output], variables, [null], { retainGraph: linked, createGraph: linked })
      const gradients = nested(chosen, zerosFor(raw, variables), argnums)
      const value = settle(hasAux ? [output, traced.aux] : output, linked)
      return [settle(gradients, linked), value]
    })
  }
}

import type { Tensor } from '@gradus/core/functions'
import { GradError, isGradEnabled, setGradEnabled, ValueError } from '@gradus/core/functions'
import { takeArgument, withDefaults } from '@gradus/core/internal'
import { pull } from '../pull.ts'
import { mapTensors, tensorsIn } from './tensors-in.ts'
import {
  type AnyFn,
  type Traced,
  auxOption,
  body,
  trace,
  settle,
  nested,
  zerosFor,
  pushforward,
  type AuxOption,
} from './trace.ts'

/**
 * The result of `fn`, and a function from the gradients of the result to those of `primals`: it may be called many times.
 *
 * @param primals - the arguments of `fn`, in an array
 * @returns `[output, pullback]`; with `hasAux`, `[output, pullback, aux]`. `pullback` takes what has the nesting of the
 *   output and gives an array with an entry per primal, or the entry alone for one primal
 * @see https://pytorch.org/docs/stable/generated/torch.func.vjp.html
 * @example
 * const [, pullback] = g.func.vjp((x) => x.mul(x), [g.tensor([1, 2])])
 * pullback(g.tensor([1, 10])).tolist() // => [2, 40]
 */
export function vjp<const A extends readonly unknown[], R, H extends boolean = false>(
  fn: (...args: A) => R,
  primals: A,
  options?: AuxOption<H>,
): H extends true
  ? R extends readonly [infer O, infer X]
    ? [output: O, pullback: Pullback<O, A>, aux: X]
    : never
  : [output: R, pullback: Pullback<R, A>] {
  const { hasAux } = withDefaults('vjp', auxOption, options, { hasAux: false })
  const run = takeArgument('vjp', 'fn', body, fn) as AnyFn // it is called with the primals
  const recording = isGradEnabled()
  checkPrimals('vjp', primals)
  const places = primals.map((_, i) => i)
  const traced = setGradEnabled(true, () => trace('vjp', run, primals, places, hasAux, recording))
  const { variables, outputs, output, aux, linked, chosen } = traced
  const pullback = (cotangents: unknown): unknown => {
    const seeds = tensorsIn(cotangents)
    checkCount('vjp', 'cotangents', seeds.length, outputs.length)
    const createGraph = isGradEnabled() && (linked || seeds.some((s) => s.requiresGrad))
    const raw = pull(outputs, variables, seeds, { retainGraph: true, createGraph })
    const values = nested(chosen, zerosFor(raw, variables), places)
    // an entry per primal
    const list = settle(values, createGraph) as readonly unknown[]
    return list.length === 1 ? list[0] : list
  }
  const result = [settle(output, linked), pullback, ...(hasAux ? [settle(aux, linked)] : [])]
  return result as never // as the type says
}

/** From the gradients of an output to those of the arguments. */
export type Pullback<O, A extends readonly unknown[]> = (
  cotangents: O,
) => A extends readonly [infer X] ? X : { -readonly [K in keyof A]: A[K] }

function checkCount(call: string, what: string, got: number, expected: number): void {
  if (got !== expected)
    throw new ValueError(
      `${call}: ${what} should have ${expected} tensors, as many as what they belong to, got ${got}`,
    )
}

function push(
  traced: Traced,
  { back, seeds }: ReturnType<typeof pushforward>,
  tangents: readonly Tensor[],
  createGraph: boolean,
): unknown {
  const raw = pull(back, seeds, tangents, { retainGraph: true, createGraph })
  const values = zerosFor(raw, traced.outputs)
  let at = 0
  return settle(
    mapTensors(traced.output, () => values[at++]),
    createGraph,
  )
}

/**
 * The result of `fn`, and its derivative along `tangents`. It differentiates a backward pass, and so takes the time of
 * two: there is no forward mode.
 *
 * @param primals - the arguments of `fn`, in an array
 * @param tangents - in the nesting of the primals
 * @returns `[output, derivative]`; with `hasAux`, `[output, derivative, aux]`
 * @see https://pytorch.org/docs/stable/generated/torch.func.jvp.html
 * @example
 * const [, along] = g.func.jvp((x) => x.mul(x), [g.tensor([1, 2])], [g.tensor([1, 10])])
 * along.tolist() // => [2, 40]
 */
export function jvp<const A extends readonly unknown[], R, H extends boolean = false>(
  fn: (...args: A) => R,
  primals: A,
  tangents: A,
  options?: AuxOption<H>,
): H extends true
  ? R extends readonly [infer O, infer X]
    ? [output: O, derivative: O, aux: X]
    : never
  : [output: R, derivative: R] {
  const { hasAux } = withDefaults('jvp', auxOption, options, { hasAux: false })
  const run = takeArgument('jvp', 'fn', body, fn) as AnyFn // it is called with the primals
  checkPrimals('jvp', primals)
  const recording = isGradEnabled()
  return setGradEnabled(true, () => {
    const places = primals.map((_, i) => i)
    const traced = trace('jvp', run, primals, places, hasAux, recording)
    const given = tensorsIn(tangents)
    checkCount('jvp', 'tangents', given.length, traced.variables.length)
    const linked = recording && (traced.linked || given.some((t) => t.requiresGrad))
    const derivative = push(traced, pushforward(traced), given, linked)
    const { output, aux } = traced
    const result = [settle(output, linked), derivative, ...(hasAux ? [settle(aux, linked)] : [])]
    return result as never // as the type says
  })
}

function checkPrimals(call: string, primals: unknown): void {
  if (!Array.isArray(primals)) {
    throw new GradError(
      `${call}(f, primals, …): Expected primals to be an array. E.g. it should be valid to call f(...primals).`,
    )
  }
}

/**
 * The result of `fn`, and its derivative at `primals` as a function of tangents: {@link jvp} for many tangents, of which
 * only the first pass is done once.
 *
 * @param primals - the arguments of `fn`, in an array
 * @see https://pytorch.org/docs/stable/generated/torch.func.linearize.html
 * @example
 * const [, along] = g.func.linearize((x) => x.mul(x), [g.tensor([1, 2])])
 * along(g.tensor([1, 10])).tolist() // => [2, 40]
 */
export function linearize<const A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  primals: A,
): [output: R, along: (...tangents: A) => R] {
  const run = takeArgument('linearize', 'fn', body, fn) as AnyFn // it is called with the primals
  checkPrimals('linearize', primals)
  const recording = isGradEnabled()
  return setGradEnabled(true, () => {
    const places = primals.map((_, i) => i)
    const traced = trace('linearize', run, primals, places, false, recording)
    const forward = pushforward(traced)
    const along = (...tangents: A): R => {
      const given = tensorsIn(tangents)
      checkCount('linearize', 'tangents', given.length, traced.variables.length)
      const createGraph = isGradEnabled() && (traced.linked || given.some((t) => t.requiresGrad))
      return push(traced, forward, given, createGraph) as R // it has the nesting of the output
    }
    return [settle(traced.output, traced.linked) as R, along] // detached tensors in the same nesting
  })
}

import type { Tensor } from '@gradus/core/functions'
import { GradError, ValueError, zerosLike } from '@gradus/core/functions'
import { defineOptions, either, flag, functionKind, integer, listOf } from '@gradus/core/internal'
import { leafOf, pull, reachesOthers, variable } from '../pull.ts'
import { mapTensors, tensorsIn } from './tensors-in.ts'

/** The arguments that `argnums` picks out of `A`. */
export type Picked<A extends readonly unknown[], N> = N extends number
  ? A[N]
  : N extends readonly number[]
    ? { -readonly [K in keyof N]: A[N[K] & number] }
    : never

/** Options of {@link hessian}. */
export interface ArgnumsOption<N> {
  /** Which arguments to differentiate by: the place of one, or an array of places; 0 by default. */
  argnums?: N
}

/** Options of {@link grad} and its kin. */
export interface TransformOptions<N, H> extends ArgnumsOption<N> {
  /** Whether `fn` returns `[output, aux]`, of which `aux` is handed on as it is; false by default. */
  hasAux?: H
}

/** Options of {@link vjp} and {@link jvp}. */
export interface AuxOption<H> {
  /** Whether `fn` returns `[output, aux]`, of which `aux` is handed on as it is; false by default. */
  hasAux?: H
}

export type Argnums = number | readonly number[]

export const argnumsOption = /* @__PURE__ */ defineOptions<ArgnumsOption<Argnums>>({
  argnums: /* @__PURE__ */ either(
    /* @__PURE__ */ integer(),
    /* @__PURE__ */ listOf(/* @__PURE__ */ integer()),
  ),
})
export const transformOptions = /* @__PURE__ */ defineOptions<
  TransformOptions<Argnums, boolean>,
  ArgnumsOption<Argnums>
>({ hasAux: flag }, argnumsOption)
export const auxOption = /* @__PURE__ */ defineOptions<AuxOption<boolean>>({ hasAux: flag })
export const defaults: { argnums: Argnums; hasAux: boolean } = { argnums: 0, hasAux: false }
export const body = /* @__PURE__ */ functionKind<(...args: never) => unknown>()

export type AnyFn = (...args: readonly unknown[]) => unknown

export interface Traced {
  /** The chosen arguments, with a variable for each tensor. */
  readonly chosen: readonly unknown[]
  readonly variables: readonly Tensor[]
  readonly output: unknown
  readonly outputs: readonly Tensor[]
  readonly aux: unknown
  /** Whether something outside can be differentiated by: the results then stay part of its graph. */
  readonly linked: boolean
}

/** Runs `fn` with variables in place of the tensors of some arguments. */
export function trace(
  call: string,
  fn: AnyFn,
  args: readonly unknown[],
  argnums: Argnums,
  hasAux: boolean,
  recording: boolean,
): Traced {
  const places = typeof argnums === 'number' ? [argnums] : argnums
  const given = [...args]
  const variables: Tensor[] = []
  const own: Tensor[] = []
  const chosen = places.map((n) => {
    const at = n < 0 ? n + args.length : n
    if (at < 0 || at >= args.length)
      throw new ValueError(`Got argnum=${n}, but only ${args.length} positional inputs`)
    return (given[at] = mapTensors(args[at], (x) => {
      const v = variable(x, recording)
      variables.push(v)
      if (v.isLeaf) own.push(v)
      return v
    }))
  })
  const raw = fn(...given)
  if (hasAux && !(Array.isArray(raw) && raw.length === 2)) {
    throw new GradError(
      `${call}(f)(...args): output of function f should be an array: [output, aux] if hasAux is true`,
    )
  }
  // an array of two, as was looked at
  const [output, aux] = hasAux ? (raw as [unknown, unknown]) : [raw, undefined]
  const outputs = tensorsIn(output)
  const linked = recording && reachesOthers([...outputs, ...tensorsIn(aux)], own)
  return { chosen, variables, output, outputs, aux, linked }
}

export const settle = (value: unknown, linked: boolean): unknown =>
  linked ? value : mapTensors(value, (x) => x.detach())

/** `values` in the nesting of the chosen arguments, one where one place was asked for. */
export function nested(chosen: readonly unknown[], values: readonly Tensor[], argnums: Argnums): unknown {
  let at = 0
  const list = chosen.map((tree) => mapTensors(tree, () => values[at++]))
  return typeof argnums === 'number' ? list[0] : list
}

export const zerosFor = (grads: readonly (Tensor | null)[], like: readonly Tensor[]): Tensor[] =>
  grads.map((g, i) => g ?? zerosLike(like[i].detach()))

/** The derivative along tangents of what was traced, by differentiating a backward pass. */
export function pushforward({ outputs, variables }: Traced): {
  readonly back: readonly (Tensor | null)[]
  readonly seeds: readonly Tensor[]
} {
  const seeds = outputs.map((y) => leafOf(zerosLike(y.detach())))
  const back = pull(outputs, variables, seeds, { retainGraph: true, createGraph: true })
  return { back, seeds }
}

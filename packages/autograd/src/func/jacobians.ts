import type { Tensor } from '@gradus/core/functions'
import { isGradEnabled, setGradEnabled, zeros } from '@gradus/core/functions'
import { takeArgument, withDefaults } from '@gradus/core/internal'
import { jacobianOf } from '../pull.ts'
import { mapTensors } from './tensors-in.ts'
import {
  type AnyFn,
  type Traced,
  type Argnums,
  argnumsOption,
  transformOptions,
  defaults,
  body,
  trace,
  settle,
  nested,
  pushforward,
  type Picked,
  type TransformOptions,
  type ArgnumsOption,
} from './trace.ts'

/** The Jacobians of one output by each variable. */
type Blocks = (traced: Traced, y: Tensor, i: number) => Tensor[]

function jacobians(
  call: string,
  fn: unknown,
  { argnums, hasAux }: typeof defaults,
  blocksOf: (traced: Traced) => Blocks,
): (...args: readonly unknown[]) => unknown {
  const run = takeArgument(call, 'fn', body, fn) as AnyFn // it is called with what the caller gives
  return (...args) => {
    const recording = isGradEnabled()
    return setGradEnabled(true, () => {
      const traced = trace(call, run, args, argnums, hasAux, recording)
      const { output, aux, linked, chosen } = traced
      const blocks = blocksOf(traced)
      let at = 0
      const result = mapTensors(output, (y) => nested(chosen, blocks(traced, y, at++), argnums))
      const own = settle(result, linked)
      return hasAux ? [own, settle(aux, linked)] : own
    })
  }
}

/**
 * A function that gives the Jacobian of `fn`, by a backward pass per element of the output.
 *
 * @returns per tensor of the output and of the chosen arguments, one of shape `[...output.shape, ...argument.shape]`; with
 *   `hasAux`, `[jacobian, aux]`
 * @see https://pytorch.org/docs/stable/generated/torch.func.jacrev.html
 * @example
 * g.func.jacrev((x) => x.mul(x))(g.tensor([1, 2])).tolist() // => [[2, 0], [0, 4]]
 */
export function jacrev<
  A extends readonly unknown[],
  R,
  const N extends Argnums = 0,
  H extends boolean = false,
>(fn: (...args: A) => R, options?: TransformOptions<N, H>): (...args: A) => WithAux<R, Picked<A, N>, H> {
  const settings = withDefaults('jacrev', transformOptions, options, defaults)
  const run = jacobians(
    'jacrev',
    fn,
    settings,
    () => (traced, y) => jacobianOf(y, traced.variables, { retainGraph: true, createGraph: traced.linked }),
  )
  return (...args) => run(...args) as never // as the type says
}

/** `I` in place of each tensor of `O`. */
export type Jacobian<O, I> = O extends Tensor
  ? I
  : O extends readonly unknown[] | { readonly [key: string]: unknown }
    ? { -readonly [K in keyof O]: Jacobian<O[K], I> }
    : never

/** The Jacobian of what a function returns, and `aux` as it is where there is one. */
export type WithAux<R, I, H> = H extends true
  ? R extends readonly [infer O, infer X]
    ? [Jacobian<O, I>, X]
    : never
  : Jacobian<R, I>

/**
 * {@link jacrev} by a pass per element of the arguments: less work where they are fewer than those of the output. Each pass
 * differentiates a backward pass: there is no forward mode.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.func.jacfwd.html
 * @example
 * g.func.jacfwd((x) => x.mul(x))(g.tensor([1, 2])).tolist() // => [[2, 0], [0, 4]]
 */
export function jacfwd<
  A extends readonly unknown[],
  R,
  const N extends Argnums = 0,
  H extends boolean = false,
>(fn: (...args: A) => R, options?: TransformOptions<N, H>): (...args: A) => WithAux<R, Picked<A, N>, H> {
  const settings = withDefaults('jacfwd', transformOptions, options, defaults)
  const run = jacobians('jacfwd', fn, settings, columns)
  return (...args) => run(...args) as never // as the type says
}

function columns(traced: Traced): Blocks {
  const { back, seeds } = pushforward(traced)
  const options = { retainGraph: true, createGraph: traced.linked }
  // per variable and output: the Jacobian with the axes of the output last
  const turned = traced.variables.map((_, k) => {
    const b = back[k] ?? null
    return b === null ? null : jacobianOf(b, seeds, options)
  })
  return (_, y, i) =>
    traced.variables.map((x, k) => {
      const block = turned[k]?.[i]
      if (block === undefined) return zeros([...y.shape, ...x.shape], { dtype: y.dtype })
      const axes = [...block.shape.keys()]
      return block.permute([...axes.slice(x.ndim), ...axes.slice(0, x.ndim)])
    })
}

/**
 * A function that gives the Hessian of `fn`: the Jacobian of its Jacobian.
 *
 * @returns in the nesting of the output, and twice that of the chosen arguments
 * @see https://pytorch.org/docs/stable/generated/torch.func.hessian.html
 * @example
 * g.func.hessian((x) => x.pow(3).sum())(g.tensor([1, 2])).tolist() // => [[6, 0], [0, 12]]
 */
export function hessian<A extends readonly unknown[], R, const N extends Argnums = 0>(
  fn: (...args: A) => R,
  options?: ArgnumsOption<N>,
): (...args: A) => Jacobian<Jacobian<R, Picked<A, N>>, Picked<A, N>> {
  const { argnums } = withDefaults('hessian', argnumsOption, options, defaults)
  takeArgument('hessian', 'fn', body, fn)
  const run = jacrev(jacrev(fn, { argnums }) as AnyFn, { argnums }) as AnyFn // called with the same arguments
  return (...args) => run(...args) as never // as the type says
}

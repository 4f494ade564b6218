import { keep, type Shape, type Tensor } from '@gradus/core/functions'
import { escape, outsideScope, internals } from '@gradus/core/internal'
import { completed, initial, type GivenOptions, type Options } from './options.ts'
import type { ParamState } from './state-dict.ts'
import { stateDType } from './state-dtype.ts'

/** A tensor of an optimizer's state: float, of the parameter's shape and all zeros where nothing else is said. */
export interface StateTensor<O> {
  /** Whether a parameter has it under these options; always by default. */
  when?(options: O, p: Tensor): boolean
  shape?(p: Tensor): Shape
  /** Whether a loaded state may lack it. */
  readonly optional?: boolean
  /** The first value of its elements. */
  first?(options: O): number
}

/** Numbers of one parameter's state. `step` counts updates; the others belong to the optimizer. */
export type Counters = Record<string, number>

/**
 * An optimizer without its update: its options, and the state that it keeps for each parameter.
 *
 * Members that take options are methods, so that an optimizer of any options is one of `{ lr: number }`.
 */
export interface Declaration<O> {
  /** The name that it prints: a minifier changes those of classes. */
  readonly name: string
  readonly options: Options<O>
  /** Refuses options that exclude each other. */
  check?(options: O): void
  /** Refuses parameters that it cannot train. */
  checkParameter?(p: Tensor): void
  /** Whether weight decay shrinks the parameter, where no option decides; otherwise it is added to the gradient. */
  readonly decoupled?: boolean
  /** The first counters of a parameter; `step` alone by default. */
  counters?(options: O): Counters
  readonly state: Readonly<Record<string, StateTensor<O>>>
  /** Whether parameters have their state before the first step. */
  readonly eager?: boolean
}

/**
 * All options of an optimizer: the given ones, and defaults for the rest.
 *
 * @throws ArgumentError, and the errors of `check`
 */
export function optionsOf<O extends object>(declaration: Declaration<O>, given?: GivenOptions<O>): O {
  const options = completed(declaration.name, declaration.options, given, initial(declaration.options))
  declaration.check?.(options)
  return options
}

/** The counters that the state of a parameter begins with. */
export const firstCounters = <O>({ counters }: Declaration<O>, options: O): Counters =>
  counters ? counters(options) : { step: 0 }

/**
 * The state of `p`, completed with the tensors that are missing.
 *
 * @returns `names`: of the tensors that it has under these options, as declared; `fresh`: whether one was missing
 */
export function stateOf<O>(
  all: Map<Tensor, ParamState>,
  declaration: Declaration<O>,
  options: O,
  p: Tensor,
): { own: ParamState; names: string[]; fresh: boolean } {
  const known = all.get(p)
  const own = known ?? firstCounters(declaration, options)
  const names: string[] = []
  let fresh = false
  for (const name in declaration.state) {
    const wanted = declaration.state[name]
    if (wanted.when?.(options, p) === false) continue
    names.push(name)
    if (own[name]) continue
    own[name] = stateTensor(p, wanted.shape?.(p) ?? p.shape, wanted.first?.(options) ?? 0)
    fresh = true
  }
  if (!known && Object.keys(own).length > 0) all.set(p, own)
  return { own, names, fresh }
}

const stateTensor = (p: Tensor, shape: Shape, first: number): Tensor =>
  keep(escape(outsideScope(() => internals(p).make(shape, stateDType(p)).fill_(first))))

import type { Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import type { DType, Program } from '@gradus/core/backend'
import * as f from '@gradus/core/formula'
import { optionsOf, stateOf, type Declaration, type StateTensor } from './declaration.ts'
import { programOf, valuesOf, type Update } from './formula-program.ts'
import { Optimizer } from './optimizer.ts'
import type { GivenOptions } from './options.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import { stateDType } from './state-dtype.ts'
import type { Updates } from './updates.ts'

/** The arguments of a direction. */
export interface Followed<O, S extends string> {
  readonly p: Tensor
  /** The gradient in the dtype of the state. */
  readonly g: Tensor
  /** The tensors of the state, which the direction brings up to date. Which of them there are is the declaration's to say. */
  readonly state: Readonly<Record<S, Tensor>>
  /** The number of this step, from 1 on. */
  readonly step: number
  readonly options: O
}

/** An optimizer that steps along a direction: `p = (1 - lr · weightDecay) p - rate · direction`. */
export interface Directed<O, S extends string> extends Declaration<O> {
  readonly state: Readonly<Record<S, StateTensor<O>>>
  direction(followed: Followed<O, S>): { direction: Tensor; rate: number }
}

/** A declaration whose state is not known by name. */
type AnyDirected<O> = Directed<O, string>

/** Declares an optimizer by its direction. */
/* @__NO_SIDE_EFFECTS__ */
export function directed<O, S extends string>(declaration: Directed<O, S>): AnyDirected<O> {
  return declaration
}

/** Optimizers whose step is computed by tensor operations, and then taken by one program. */
export abstract class DirectedOptimizer<O extends { lr: number; weightDecay: number }> extends Optimizer<O> {
  declare protected readonly declaration: AnyDirected<O>
  private readonly programs = new Map<DType, Program>()

  constructor(declaration: AnyDirected<O>, params: ParamsInput<O>, options?: GivenOptions<O>) {
    super(params, optionsOf(declaration, options), declaration)
  }

  protected update(group: ParamGroup<O>, params: readonly Tensor[], updates: Updates): void {
    for (const p of params) {
      const { own } = stateOf(this.state, this.declaration, group, p)
      const step = Number(own['step'] ?? 0) + 1
      if ('step' in own) own['step'] = step
      // an update has the parameters with a gradient
      const g = internals(p).gradSlot!.to(stateDType(p))
      // the counters are no concern of a direction
      const state = own as Readonly<Record<string, Tensor>>
      const { direction, rate } = this.declaration.direction({ p, g, state, step, options: group })
      const update = moved(p, direction, rate, 1 - group.lr * group.weightDecay)
      let program = this.programs.get(p.dtype)
      if (!program) this.programs.set(p.dtype, (program = programOf(update)))
      updates.add(program, [p, direction], [p], valuesOf(update))
    }
  }
}

const moved = (p: Tensor, direction: Tensor, rate: number, shrink: number): Update => ({
  p: p.dtype,
  g: direction.dtype,
  state: stateDType(p),
  names: [],
  acting: { factor: rate, negated: false, penalty: false, shrink },
  numbers: {},
  formula: (tensors) => ({ p: f.sub(tensors['p'], tensors['g']) }),
})

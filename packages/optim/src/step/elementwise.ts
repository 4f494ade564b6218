import type { Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import type { DType, Expr, Program } from '@gradus/core/backend'
import { optionsOf, stateOf, type Counters, type Declaration, type StateTensor } from './declaration.ts'
import { keyOf, programOf, valuesOf, type Acting, type Numbers, type Terms } from './formula-program.ts'
import { Optimizer } from './optimizer.ts'
import type { GivenOptions } from './options.ts'
import type { ParamGroup, ParamsInput } from './param-group.ts'
import type { ParamState } from './state-dict.ts'
import { stateDType } from './state-dtype.ts'
import type { Updates } from './updates.ts'

/** An optimizer by its formula. */
export interface Elementwise<O, S extends string, N extends Numbers> extends Declaration<O> {
  /** The formula reads and writes these. */
  readonly state: Readonly<Record<S, StateTensor<O>>>
  /**
   * The numbers of a step, and flags that choose its formula.
   *
   * @param counters - of the parameter, with its `step` from 1 on; assigned values stay in its state
   * @param fresh - whether a tensor of the state was made just now
   */
  numbers(options: O, counters: Counters, fresh: boolean): N
  /**
   * The next parameter and state. The gradient comes negated under `maximize`, and with the penalty of weight decay; where
   * weight decay is decoupled the parameter comes shrunk instead.
   */
  formula(tensors: Readonly<Record<'p' | 'g' | S, Expr>>, numbers: Terms<N>): Readonly<Record<'p' | S, Expr>>
}

/** A declaration whose states and numbers are not known by name. */
type AnyElementwise<O> = Elementwise<O, string, Numbers>

/** Declares an optimizer by its formula. */
/* @__NO_SIDE_EFFECTS__ */
export function elementwise<O, S extends string, N extends Numbers>(
  declaration: Elementwise<O, S, N>,
): AnyElementwise<O> {
  return declaration
}

/** Numbers and program that parameters of a group share as long as their dtypes and counters are the same. */
interface Round {
  readonly p: DType
  readonly g: DType
  readonly fresh: boolean
  readonly counters: readonly number[]
  readonly after: Counters
  readonly program: Program
  readonly values: readonly number[]
}

/** Options that act before the formula, where an optimizer has them. */
interface ActingOptions {
  readonly lr: number
  readonly maximize?: boolean
  readonly weightDecay?: number
  readonly decoupledWeightDecay?: boolean
}

/** Optimizers whose step is one program over the elements, run once over all parameters. */
export abstract class ElementwiseOptimizer<O extends ActingOptions> extends Optimizer<O> {
  declare protected readonly declaration: AnyElementwise<O>
  private readonly programs = new Map<string, Program>()

  constructor(declaration: AnyElementwise<O>, params: ParamsInput<O>, options?: GivenOptions<O>) {
    super(params, optionsOf(declaration, options), declaration)
  }

  protected override takesFactor(): boolean {
    return true
  }

  protected update(group: ParamGroup<O>, params: readonly Tensor[], updates: Updates): void {
    const { scalars } = this
    let round: Round | null = null
    for (const p of params) {
      const { own, names, fresh } = stateOf(this.state, this.declaration, group, p)
      // an update has the parameters with a gradient
      const g = internals(p).gradSlot!
      const isSame =
        round?.p === p.dtype &&
        round.g === g.dtype &&
        round.fresh === fresh &&
        scalars.every((name, i) => own[name] === round!.counters[i])
      if (!isSame) round = this.roundOf(group, p, g, own, names, fresh)
      const { program, values, after } = round!
      Object.assign(own, after)
      // made by stateOf, or loaded and checked
      const tensors = names.map((name) => own[name] as Tensor)
      updates.add(program, [p, g, ...tensors], [p, ...tensors], values)
    }
  }

  private roundOf(
    group: ParamGroup<O>,
    p: Tensor,
    g: Tensor,
    own: ParamState,
    names: readonly string[],
    fresh: boolean,
  ): Round {
    const { declaration, scalars, programs } = this
    const counters = scalars.map((name) => Number(own[name]))
    const after: Counters = Object.fromEntries(scalars.map((name, i) => [name, counters[i]]))
    if ('step' in after) after['step']++
    const update = {
      p: p.dtype,
      g: g.dtype,
      state: stateDType(p),
      names,
      acting: this.acting(group),
      numbers: declaration.numbers(group, after, fresh),
      formula: declaration.formula,
    }
    const key = keyOf(update)
    let program = programs.get(key)
    if (!program) programs.set(key, (program = programOf(update)))
    return { p: p.dtype, g: g.dtype, fresh, counters, after, program, values: valuesOf(update) }
  }

  private acting({ lr, maximize = false, weightDecay = 0, decoupledWeightDecay }: ActingOptions): Acting {
    const decoupled = decoupledWeightDecay ?? this.declaration.decoupled ?? false
    return {
      factor: this.gradFactor !== 1 && this.gradFactor,
      negated: maximize,
      penalty: weightDecay !== 0 && !decoupled && weightDecay,
      shrink: weightDecay !== 0 && decoupled && 1 - lr * weightDecay,
    }
  }
}

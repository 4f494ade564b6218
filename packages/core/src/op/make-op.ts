import { intercepted, located } from './dispatch.ts'
import { interceptors, type CallInputs } from './modes.ts'
import type { AnyOp, Autocast, FormulaOf, GradRule, WholeRule } from './declaration.ts'
import type { Call } from './tape.ts'
import type { Tensor } from '../tensor/tensor.ts'

type Invoke = AnyOp['invoke']

/** The part of an op that its declaration gives; {@link makeOp} adds the rest of {@link AnyOp}. */
export interface OpParts {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs?: readonly string[]
  readonly aux?: readonly string[]
  readonly autocast?: Autocast
  readonly elementwise?: boolean
  readonly inplace?: boolean
  readonly isView?: boolean
  readonly index?: readonly string[]
  /** Computes the results of a call and puts it on the tape. */
  run(op: AnyOp, inputs: CallInputs, attrs: unknown): readonly Tensor[]
  rule?(i: number, call: Call): GradRule | null
  whole?(call: Call): WholeRule | null
  formula?(inputs: CallInputs): FormulaOf | null
}

const out: readonly string[] = ['out']
const none: readonly string[] = []

/**
 * Makes an op. Every call of every op passes here: through the interceptors, and with errors that name the call.
 *
 * @param callable - makes the function that users call out of the op's `invoke`
 */
/*@__NO_SIDE_EFFECTS__*/
export function makeOp<C extends (...args: never[]) => unknown>(
  parts: OpParts,
  callable: (invoke: Invoke) => C,
): AnyOp & C {
  const run: Invoke = (inputs, attrs) => {
    try {
      return parts.run(op, inputs, attrs)
    } catch (error) {
      throw located(error, op, inputs, attrs)
    }
  }
  const invoke: Invoke = (inputs, attrs) =>
    interceptors().length > 0 ? intercepted(op, inputs, attrs, run) : run(inputs, attrs)
  const op: AnyOp & C = Object.assign(callable(invoke), {
    inputs: parts.inputs,
    outputs: parts.outputs ?? out,
    aux: parts.aux ?? none,
    autocast: parts.autocast ?? 'keep',
    elementwise: parts.elementwise ?? false,
    inplace: parts.inplace ?? false,
    isView: parts.isView ?? false,
    index: parts.index ?? none,
    invoke,
    rule: (i: number, call: Call) => parts.rule?.(i, call) ?? null,
    whole: (call: Call) => parts.whole?.(call) ?? null,
    formula: (inputs: CallInputs) => parts.formula?.(inputs) ?? null,
  })
  // the name of a function cannot be assigned, only defined
  return Object.defineProperty(op, 'name', { value: parts.name })
}

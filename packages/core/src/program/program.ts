import type { DType, Num } from '../base/dtype.ts'
import { bytesOf, numOf } from '../base/dtype.ts'
import { nodesOf, type Expr } from './expr.ts'

/** Which axes an operand spans: both groups, the outer ones, or none (one element for all positions). */
export type Over = 'all' | 'outer' | 'scalar'

export type Combine = 'sum' | 'prod' | 'max' | 'min' | 'and' | 'or'

/** A value folded over the inner axes, once per outer position. It may use reductions before it. */
export interface Reduction {
  readonly combine: Combine
  readonly value: Expr
  /**
   * Bool, of reductions before it. Where it is false the pass is left out, and nothing may read the result: for what few rows need.
   * One for all reductions of a level.
   */
  readonly when?: Expr
}

/** The parts of a {@link Program}. */
export interface ProgramSpec {
  readonly inputs: readonly { readonly dtype: DType; readonly over: Over }[]
  /** Types of the numbers given at each call. A number that a caller chose is never part of the program. */
  readonly params?: readonly Num[]
  readonly reductions?: readonly Reduction[]
  readonly outputs: readonly { readonly dtype: DType; readonly value: Expr; readonly over: 'all' | 'outer' }[]
  /** Conditions (bool) that no element may meet. The first one met is thrown as an IndexError with its text. */
  readonly checks?: readonly { readonly fail: Expr; readonly error: string }[]
}

/**
 * A loop over elements as immutable data: what a backend runs.
 *
 * Without reductions it is a map. With reductions whose outputs span the outer axes it is a reduction; with both kinds of
 * output a row kernel. The reference backend's interpretation is the definition.
 *
 * An output may alias an input only with the same offset and strides; core copies otherwise.
 */
export class Program {
  readonly inputs: ProgramSpec['inputs']
  readonly params: readonly Num[]
  readonly reductions: readonly Reduction[]
  readonly outputs: ProgramSpec['outputs']
  readonly checks: NonNullable<ProgramSpec['checks']>
  /** Dtypes of the inputs, then of the outputs. The operands of every call are compared with them. */
  readonly operands: readonly { readonly dtype: DType; readonly bytes: number; readonly over: Over }[]
  /** Per reduction: 1 + the highest level it uses. Each level is a pass over the row. */
  readonly levels: readonly number[]
  /** The code that backends compiled from it, by {@link Backend.slot}. */
  readonly compiled: unknown[] = []

  constructor(spec: ProgramSpec) {
    this.inputs = spec.inputs
    this.params = spec.params ?? []
    this.reductions = spec.reductions ?? []
    this.outputs = spec.outputs
    this.checks = spec.checks ?? []
    this.levels = levelsOf(this.reductions)
    this.operands = [...spec.inputs, ...spec.outputs].map(({ dtype, over }) => {
      return { dtype, bytes: bytesOf(dtype), over }
    })
    this.verify()
  }

  private verify(): void {
    const fail = (what: string): never => {
      throw new TypeError(`malformed program: ${what}`)
    }
    this.reductions.forEach(({ value, when }, at) => {
      this.verifyNodes(value, at, fail)
      if (this.reductions.some((r, i) => r.when !== when && this.levels[i] === this.levels[at]))
        fail('reductions of one level have one condition')
      if (!when) return
      this.verifyNodes(when, at, fail)
      if (when.type !== 'bool') fail('the condition of a reduction is not bool')
      if (spansInner(when, this.inputs)) fail('the condition of a reduction depends on inner positions')
    })
    for (const { value, over, dtype } of this.outputs) {
      this.verifyNodes(value, this.reductions.length, fail)
      if (value.type !== numOf(dtype)) fail(`an output of dtype ${dtype} is computed in ${value.type}`)
      if (over === 'outer' && spansInner(value, this.inputs))
        fail('an outer output depends on inner positions')
    }
    for (const { fail: condition } of this.checks) {
      this.verifyNodes(condition, this.reductions.length, fail)
      if (condition.type !== 'bool') fail('a check is not bool')
    }
  }

  private verifyNodes(root: Expr, reductions: number, fail: (what: string) => never): void {
    for (const e of nodesOf([root])) {
      if (e.op === 'input') {
        const input = this.inputs[e.i]
        if (!input) fail(`input ${e.i} is used and ${this.inputs.length} are declared`)
        else if (numOf(input.dtype) !== e.type)
          fail(`input ${e.i} of dtype ${input.dtype} is used as ${e.type}`)
      } else if (e.op === 'param') {
        if (this.params[e.i] !== e.type)
          fail(`param ${e.i} is used as ${e.type}, declared ${this.params[e.i]}`)
      } else if (e.op === 'reduced') {
        if (e.i >= reductions) fail(`reduction ${e.i} is used before it is there`)
        else if (this.reductions[e.i].value.type !== e.type) fail(`reduction ${e.i} is used as ${e.type}`)
      }
    }
  }
}

/** Whether a value differs from one inner position to another. */
export function spansInner(value: Expr, inputs: Program['inputs']): boolean {
  return nodesOf([value]).some(
    (e) => (e.op === 'input' && inputs[e.i].over === 'all') || (e.op === 'index' && e.of.of === 'inner'),
  )
}

function levelsOf(reductions: readonly Reduction[]): number[] {
  const levels: number[] = []
  for (const { value, when } of reductions) {
    let level = 0
    for (const e of nodesOf(when ? [value, when] : [value]))
      if (e.op === 'reduced') level = Math.max(level, levels[e.i] ?? 0)
    levels.push(level + 1)
  }
  return levels
}

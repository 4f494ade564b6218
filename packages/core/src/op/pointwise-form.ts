import type { DType, Num } from '../base/dtype.ts'
import type { Autocast } from './declaration.ts'
import { input, nodesOf, param, type Expr } from '../program/expr.ts'

export interface PointwiseSpec {
  /**
   * The dtype of the result: the promoted dtype, the promoted dtype made floating, bool, or the dtype of the first operand.
   * Operands are converted to the promoted (or floating) dtype first, for every kind of result.
   */
  readonly result: 'promote' | 'float' | 'bool' | 'first'
  /** Operand names; `x` by default. */
  readonly inputs?: readonly string[]
  /** Operands that are conditions: bool, and no part of promotion. */
  readonly conditions?: readonly string[]
  /** How many numbers follow the operands: coefficients, never part of promotion. */
  readonly params?: number
  readonly autocast?: Autocast
  /**
   * Gradients by hand, as formulas over the gradient, the operands, the result, and the params. They replace a derived
   * gradient that is less stable, slower, or has another subgradient. Say why beside it.
   */
  readonly grads?: Readonly<
    Record<string, (g: Expr, x: readonly Expr[], out: Expr, params: readonly Expr[]) => Expr | null>
  >
  /** Refuses dtypes, before anything runs. */
  readonly accept?: (dtype: DType) => void
  /** Conditions no element may meet, per compute dtype. */
  readonly checks?: (x: readonly Expr[], dtype: DType) => { fail: Expr; error: string }[]
}

/** Receives operands, then params, in the type they are computed in. */
export type Formula = (...terms: Expr[]) => Expr

/** A declared formula: its operands, and those it reads. */
export class PointwiseForm {
  readonly name: string
  readonly spec: PointwiseSpec
  readonly formula: Formula
  /** Operands by name. */
  readonly names: readonly string[]
  /** Per operand: whether it is a condition. */
  readonly conditions: readonly boolean[]

  constructor(name: string, spec: PointwiseSpec, formula: Formula) {
    this.name = name
    this.spec = spec
    this.formula = formula
    this.names = spec.inputs ?? ['x']
    this.conditions = this.names.map((operand) => spec.conditions?.includes(operand) ?? false)
  }

  /** Operands as inputs of a program that is computed in `type`. */
  symbols(type: Num): Expr[] {
    return this.names.map((_, i) => input(i, this.conditions[i] ? 'bool' : type))
  }

  /** The coefficients. Their positions are far from those of operands that are numbers, so that the two never meet. */
  coefficients(type: Num): Expr[] {
    return Array.from({ length: this.spec.params ?? 0 }, (_, k) => param(64 + k, type))
  }

  /** Positions of the operands that the formula or its checks read. */
  reads(type: Num, dtype: DType): Set<number> {
    const symbols = this.symbols(type)
    const roots = [this.formula(...symbols, ...this.coefficients(type))]
    for (const { fail } of this.spec.checks?.(symbols, dtype) ?? []) roots.push(fail)
    return new Set(nodesOf(roots).flatMap((e) => (e.op === 'input' ? [e.i] : [])))
  }
}

import {
  constant, convert, input, nodesOf, numOf, param, Program, reduced, spansInner, substitute, type Axis, type Expr,
} from '@gradus/core/backend' // prettier-ignore
import { formulas, partialDType, type Form } from './form.ts'

/** The second half of a program that is reduced in parts. */
export interface Combining {
  /** Folds the parts of each reduction over its one inner axis, then computes the outputs. */
  readonly program: Program
  /** Which inputs of the whole program follow the parts. */
  readonly inputs: readonly number[]
  /** Axes whose lengths are params here, after those of the whole program: its own inner axis is another. */
  readonly lengths: readonly Axis[]
}

/** Splits a program of one level whose outputs are all outer: its partial results, of a form, are the first inputs here. */
export function combiningOf(whole: Program, mode: Form['mode']): Combining {
  const inputs = whole.inputs.flatMap(({ over }, i) => (over === 'all' ? [] : [i]))
  const dtypes = (of: Form['mode']) => whole.reductions.map((r) => partialDType(r.combine, r.value.type, of))
  const parts = dtypes(mode)
  // single sums are added up in double
  const totals = dtypes('row').map(numOf)
  const asked = nodesOf(formulas(whole)).filter((e) => e.op === 'size')
  const move = (e: Expr): Expr | undefined => {
    if (e.op === 'size') return param(whole.params.length + asked.indexOf(e), 'i32')
    if (e.op === 'reduced') return convert(reduced(e.i, totals[e.i]), e.type)
    if (e.op === 'input') return input(parts.length + inputs.indexOf(e.i), e.type)
    return undefined
  }
  const program = new Program({
    inputs: [
      ...parts.map((dtype) => ({ dtype, over: 'all' as const })),
      ...inputs.map((i) => whole.inputs[i]),
    ],
    params: [...whole.params, ...asked.map(() => 'i32' as const)],
    reductions: whole.reductions.map(({ combine }, r) => ({
      combine,
      value: convert(input(r, numOf(parts[r])), totals[r]),
    })),
    outputs: whole.outputs.map((o) => ({ ...o, value: substitute(o.value, move) })),
    // params of elements are made where the elements are read; the numbers of the other params stay
    checks: whole.checks.map(({ fail, error }) => ({
      fail: spansInner(fail, whole.inputs) ? constant(0, 'bool') : substitute(fail, move),
      error,
    })),
  })
  return { program, inputs, lengths: asked.flatMap((e) => (e.op === 'size' ? [e.of] : [])) }
}

import { convert, input, numOf, Program, reduced, substitute, type Expr } from '@gradus/core/backend'
import { partialDType } from './form.ts'

/** The second half of a program that is reduced in parts. */
export interface Combining {
  /** Folds the parts of each reduction over its one inner axis, then computes the outputs. */
  readonly program: Program
  /** Which inputs of the whole program follow the parts. */
  readonly inputs: readonly number[]
}

/** Splits a program of one level whose outputs are all outer: its partial results are the first inputs here. */
export function combiningOf(whole: Program): Combining {
  const inputs = whole.inputs.flatMap(({ over }, i) => (over === 'all' ? [] : [i]))
  const parts = whole.reductions.map(({ combine, value }) => partialDType(combine, value.type))
  const move = (e: Expr): Expr | undefined => {
    if (e.op === 'reduced') return convert(reduced(e.i, numOf(parts[e.i])), e.type)
    if (e.op === 'input') return input(parts.length + inputs.indexOf(e.i), e.type)
    return undefined
  }
  const program = new Program({
    inputs: [...parts.map((dtype) => ({ dtype, over: 'all' as const })), ...inputs.map((i) => whole.inputs[i])],
    params: whole.params,
    reductions: whole.reductions.map(({ combine }, r) => ({ combine, value: input(r, numOf(parts[r])) })),
    outputs: whole.outputs.map((o) => ({ ...o, value: substitute(o.value, move) })),
    checks: whole.checks.flatMap(({ fail, error }) =>
      // those of elements are made where the elements are read
      spansElements(fail, whole) ? [] : [{ fail: substitute(fail, move), error }],
    ),
  })
  return { program, inputs }
}

function spansElements(e: Expr, whole: Program): boolean {
  if (e.op === 'input') return whole.inputs[e.i].over === 'all'
  if (e.op === 'index') return e.of.of === 'inner'
  return 'x' in e && ['c' in e ? e.c : e.x, e.x, 'y' in e ? e.y : e.x].some((child) => spansElements(child, whole))
}

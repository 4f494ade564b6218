import { gradient } from '../program/derivative.ts'
import { input, nodesOf, substitute, type Expr } from '../program/expr.ts'
import type { SavedFrom } from './declaration.ts'
import type { Formula, PointwiseForm, PointwiseSpec } from './pointwise-form.ts'

/** The gradient of one operand as a pointwise op: its operands are g, then the saved values. */
export interface DerivedGradient {
  readonly save: readonly SavedFrom[]
  readonly name: string
  readonly spec: PointwiseSpec
  readonly formula: Formula
}

/** The key of a gradient: the operand, and whether the op makes a result or writes its first operand. */
export interface Wanted {
  readonly i: number
  readonly inplace: boolean
}

/** Derives the gradient of an operand; null where there is none. */
export function deriveGradient(form: PointwiseForm, wanted: Wanted): DerivedGradient | null {
  if (form.spec.result === 'bool' || form.conditions[wanted.i]) return null
  const count = form.names.length
  // instantiated once over symbols, to see which values it reads
  const probe = gradientOf(form, wanted, input(count, 'f32'), form.symbols('f32'), form.coefficients('f32'))
  if (probe === null) return null
  const read = new Set(nodesOf([probe]).flatMap((e) => (e.op === 'input' ? [e.i] : [])))
  const save: SavedFrom[] = []
  for (let j = 0; j < count; j++) if (read.has(j)) save.push({ from: 'input', i: j })
  if (read.has(count + 1)) save.push({ from: 'output', i: 0 })
  const nameOf = (s: SavedFrom): string => (s.from === 'output' ? 'out' : form.names[s.i])
  return {
    save,
    name: `${form.name}Backward`,
    spec: {
      result: 'float',
      inputs: ['g', ...save.map(nameOf)],
      conditions: save.filter((s) => s.from === 'input' && form.conditions[s.i]).map(nameOf),
      params: form.spec.params ?? 0,
    },
    formula: (g, ...terms) => backward(form, wanted, save, g, terms),
  }
}

/** The gradient as a function of its operands: saved values, then coefficients. */
function backward(
  form: PointwiseForm,
  wanted: Wanted,
  save: readonly SavedFrom[],
  g: Expr,
  terms: readonly Expr[],
): Expr {
  const count = form.names.length
  const operands = form.symbols(g.type)
  const coefficients = form.coefficients(g.type)
  const seed = input(count, g.type)
  const values = new Map<Expr, Expr>([[seed, g]])
  save.forEach((s, k) => values.set(s.from === 'output' ? input(count + 1, g.type) : operands[s.i], terms[k]))
  coefficients.forEach((c, k) => values.set(c, terms[save.length + k]))
  return substitute(gradientOf(form, wanted, seed, operands, coefficients)!, (e) => values.get(e))
}

/** d formula / d operand i · g, with the result itself as input `count + 1` wherever it occurs. */
function gradientOf(
  { names, spec, formula }: PointwiseForm,
  { i, inplace }: Wanted,
  g: Expr,
  operands: readonly Expr[],
  params: readonly Expr[],
): Expr | null {
  const out = input(operands.length + 1, g.type)
  const byHand = spec.grads?.[names[i]]
  if (byHand) return byHand(g, operands, out, params)
  const root = formula(...operands, ...params)
  const [value] = gradient(root, g, [operands[i]])
  if (!value) return null
  const reads = 'x' in root && (inplace || !recomputed.has(root.op))
  return reads ? substitute(value, (e) => (e === root ? out : undefined)) : value
}

// PyTorch does not keep the results of these ops, and programs write them in place afterwards. So the gradients compute the
// result again. The in-place form reads its result rather than a copy of the overwritten values.
const recomputed: ReadonlySet<string> = /* @__PURE__ */ new Set(['div', 'erfinv'])

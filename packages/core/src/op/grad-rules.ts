import type {
  AnyOp,
  GradRule,
  Meta,
  RecordedCall,
  SavedFrom,
  Vjp,
  WholeRule,
  WholeVjp,
} from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'

/*
 * Declarations name the values that a gradient reads; the tape counts positions. This turns names into positions, once per op.
 */

type Names = Pick<AnyOp, 'name' | 'inputs' | 'outputs' | 'aux'>

/** A vjp as the op keeps it: by names that its declaration has checked. */
export type AnyVjps = { readonly [input: string]: Vjp<string, unknown> | null } | AnyWholeVjp
type AnyWholeVjp = WholeVjp<string, string, unknown>

function sourceOf(op: Names, name: string): SavedFrom {
  for (const [from, names] of [
    ['input', op.inputs],
    ['output', op.outputs],
    ['aux', op.aux],
  ] as const) {
    const i = names.indexOf(name)
    if (i >= 0) return { from, i }
  }
  throw new TypeError(`${op.name} saves '${name}', which it does not have`)
}

/** The gradient of one input. */
export function ruleOf(op: Names, vjp: Vjp<string, unknown> | null): GradRule | null {
  if (!vjp) return null
  const save = vjp.save.map((name) => sourceOf(op, name))
  return {
    save,
    grad: (g, saved, call) => vjp.grad(g, byName(vjp.save, save, saved, call), call.attrs, metasOf(op, call)),
  }
}

/** The gradients of all inputs at once. */
export function wholeRuleOf(op: Names, vjp: AnyWholeVjp): WholeRule {
  const save = vjp.save.map((name) => sourceOf(op, name))
  return {
    save,
    all(g, saved, needs, call) {
      const needed = Object.fromEntries(op.inputs.map((name, i) => [name, needs[i]]))
      const grads = vjp.all(g, byName(vjp.save, save, saved, call), needed, call.attrs, metasOf(op, call))
      return op.inputs.map((name) => grads[name] ?? null)
    },
  }
}

/** Whether one function yields all gradients. */
export const isWhole = (vjp: AnyVjps): vjp is AnyWholeVjp => typeof vjp['all'] === 'function'

// an optional input that was absent in the call is not among the saved values
function byName(
  names: readonly string[],
  save: readonly SavedFrom[],
  saved: readonly Tensor[],
  { inputMeta }: RecordedCall,
): Record<string, Tensor> {
  const record: Record<string, Tensor> = {}
  let next = 0
  for (let k = 0; k < names.length; k++) {
    const { from, i } = save[k]
    if (from !== 'input' || inputMeta[i]) record[names[k]] = saved[next++]
  }
  return record
}

function metasOf(op: Names, { inputMeta, outputMeta }: RecordedCall): Record<string, Meta> {
  const metas: Record<string, Meta> = {}
  op.inputs.forEach((name, i) => {
    const meta = inputMeta[i]
    if (meta) metas[name] = meta
  })
  op.outputs.forEach((name, i) => (metas[name] = outputMeta[i]))
  return metas
}

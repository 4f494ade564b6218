import { intercepted, located, tapeOf } from './dispatch.ts'
import { Layout, layoutLike } from '../base/layout.ts'
import { GradError } from '../base/errors.ts'
import { interceptors, type CallInputs } from './modes.ts'
import {
  slotOf,
  type AnyOp,
  type Autocast,
  type GradRule,
  type Meta,
  type Named,
  type OpSpec,
  type Vjp,
  type WholeRule,
  type WholeVjp,
} from './declaration.ts'
import { scope } from '../tensor/storage.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** An op declared with {@link defineOp}: called with its inputs by name. */
export interface Op<I extends string, O extends string, A> extends AnyOp {
  (inputs: Named<I, Tensor>, attrs: A): [O] extends ['out'] ? Tensor : Record<O, Tensor>
}

/**
 * Declares an op: shapes, dtype, autocast class, kernel or view or decomposition, and gradients, in one place.
 * Everything else (tape, autocast, conformance, gradcheck, golden tests) reads the declaration.
 *
 * @example
 * const triangle = defineOp({
 *   name: 'triangle', inputs: ['x'],
 *   infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
 *   decompose: ({ x }) => x.mul(x.add(1)).div(2),
 * })
 */
/*@__NO_SIDE_EFFECTS__*/
export function defineOp<
  const I extends string,
  const O extends string = 'out',
  const X extends string = never,
  A = void,
>(spec: OpSpec<I, O, X, A>): Op<I, O, A> {
  const optional = new Set(spec.inputs.filter((n) => n.endsWith('?')).map((n) => n.slice(0, -1)))
  const inputs: readonly string[] = spec.inputs.map((n) => n.replace('?', ''))
  const outputs: readonly string[] = spec.outputs ?? ['out']
  const aux: readonly string[] = spec.aux ?? []
  const many = spec.outputs !== undefined
  const names = [...outputs, ...aux]
  const single = !many && aux.length === 0

  const call = (given: Named<I, Tensor>, attrs: A): unknown => {
    // the record has exactly these names: Named<I, Tensor>
    const record = given as Record<string, Tensor | null>
    const results = op.invoke(
      inputs.map((n) => record[n] ?? null),
      attrs,
    )
    return many ? Object.fromEntries(outputs.map((n, i) => [n, results[i]])) : results[0]
  }

  const run = (list: CallInputs, attrs: unknown): readonly Tensor[] => {
    for (let i = 0; i < inputs.length; i++) {
      if (list[i] === null && !optional.has(inputs[i])) {
        throw new TypeError(`${spec.name}: ${inputs[i]} is missing`)
      }
    }
    try {
      // attributes come from `call`, or from an interceptor that passed them on
      return execute(list, attrs as A)
    } catch (error) {
      throw located(error, op, list, attrs)
    }
  }

  const execute = (list: CallInputs, attrs: A): readonly Tensor[] => {
    const tape = tapeOf(list)
    // the list has one tensor per name, null only where optional
    const tensors = byName(inputs, list) as Named<I, Tensor>
    if (spec.decompose && (!spec.kernel || (tape !== null && !spec.vjp))) {
      const made = scope(() => spec.decompose!(tensors, attrs))
      // one tensor, or one by the name of each output
      return many ? outputs.map((n) => (made as Record<string, Tensor>)[n]) : [made as Tensor]
    }
    // a call always has a tensor, or there would be no backend to run on
    const like = (list[0] ?? list.find((x) => x !== null)) as Tensor
    if (spec.view) {
      const out = like.alias(spec.view(like.layout, attrs))
      tape?.record({ op, inputs: list, attrs, outputs: [out], aux: [] })
      return [out]
    }
    if (tape !== null && !spec.vjp && !spec.index && spec.differentiable !== false)
      throw noDerivative(spec.name)
    if (!spec.infer || !spec.kernel)
      throw new TypeError(`${spec.name} has neither kernel, view nor decomposition`)
    const inferred = spec.infer(tensors, attrs)
    if (single) {
      // Results<O, X> is one Meta when there is nothing but `out`
      const out = allocate(like, inferred as Meta)
      // and the record of results has that one name
      spec.kernel(like.storage.backend, tensors, { out } as Record<O | X, Tensor>, attrs)
      const results = [out]
      tape?.record({ op, inputs: list, attrs, outputs: results, aux: none })
      return results
    }
    // otherwise it is a record by name
    const metas = inferred as Record<string, Meta>
    const results = names.map((n) => allocate(like, metas[n]))
    // by construction the record has the names of outputs and aux
    const record = Object.fromEntries(names.map((n, i) => [n, results[i]])) as Record<O | X, Tensor>
    spec.kernel(like.storage.backend, tensors, record, attrs)
    const result = results.slice(0, outputs.length)
    const saved = results.slice(outputs.length)
    // nobody outside sees them: what the tape does not keep goes at once
    for (const x of saved) if (!x.storage.scoped) x.storage.escaped = false
    tape?.record({ op, inputs: list, attrs, outputs: result, aux: saved })
    for (const { storage } of saved)
      if (!storage.scoped && !storage.escaped && storage.holds === 0) storage.free()
    return result
  }

  const op: Op<I, O, A> = Object.assign(
    // `call` is typed by the shape of its result, which only the declaration knows
    call as (given: Named<I, Tensor>, attrs: A) => [O] extends ['out'] ? Tensor : Record<O, Tensor>,
    {
      inputs,
      outputs,
      aux,
      autocast: spec.autocast ?? ('keep' satisfies Autocast),
      elementwise: false,
      inplace: false,
      isView: spec.view !== undefined,
      index: spec.index ?? [],
      invoke: (list: CallInputs, attrs: unknown): readonly Tensor[] =>
        interceptors().length > 0 ? intercepted(op, list, attrs, run) : run(list, attrs),
      rule: (i: number): GradRule | null => rules[i] ?? null,
      whole: (): WholeRule | null => wholeRule,
    },
  )
  // `name` of a function is read-only
  Object.defineProperty(op, 'name', { value: spec.name })

  // declarations are typed by the names of the op; the tape works by position, so the names are let go here
  const whole = isWhole(spec.vjp) ? (spec.vjp as WholeVjp<string, string, unknown>) : null
  const each = spec.vjp as Vjps | undefined // by name where it is not whole
  const rules = whole ? [] : inputs.map((name) => ruleOf(op, each?.[name] ?? null))
  const wholeRule = whole ? wholeRuleOf(op, whole) : null
  return op
}

// a gradient that quietly stopped here would be a wrong number
const noDerivative = (name: string): GradError =>
  new GradError(`the derivative of ${name} is not implemented`, {
    hint: 'differentiate once only, or take the operand out of the graph with detach()',
  })

const none: readonly Tensor[] = []

type Vjps = Record<string, Vjp<string, unknown> | null>

const allocate = (like: Tensor, { shape, dtype, layout }: Meta): Tensor =>
  like.makeAs(layout ? layoutLike(layout) : Layout.of(shape), dtype)

const isWhole = (vjp: unknown): boolean => typeof vjp === 'object' && vjp !== null && 'all' in vjp

function byName(names: readonly string[], list: CallInputs): Record<string, Tensor | null> {
  const record: Record<string, Tensor | null> = {}
  names.forEach((name, i) => {
    const x = list[i]
    record[name] = typeof x === 'object' ? (x ?? null) : null
  })
  return record
}

function metasOf(
  op: AnyOp,
  call: { inputMeta: readonly (Meta | null)[]; outputMeta: readonly Meta[] },
): Record<string, Meta> {
  const metas: Record<string, Meta> = {}
  op.inputs.forEach((name, i) => {
    const meta = call.inputMeta[i]
    if (meta) metas[name] = meta
  })
  op.outputs.forEach((name, i) => (metas[name] = call.outputMeta[i]!))
  return metas
}

// an optional input that was absent in the call is not among the saved values
function savedByName(
  names: readonly string[],
  slots: readonly number[],
  saved: readonly Tensor[],
  inputMeta: readonly (Meta | null)[],
): Record<string, Tensor> {
  const record: Record<string, Tensor> = {}
  let next = 0
  names.forEach((name, i) => {
    const slot = slots[i]
    if (slot >= 100 || inputMeta[slot]) record[name] = saved[next++]!
  })
  return record
}

function ruleOf(op: AnyOp, vjp: Vjp<string, unknown> | null): GradRule | null {
  if (!vjp) return null
  const save = vjp.save.map((name) => slotOf(op, name))
  return {
    save,
    grad: (g, saved, call) =>
      vjp.grad(g, savedByName(vjp.save, save, saved, call.inputMeta), call.attrs, metasOf(op, call)),
  }
}

function wholeRuleOf(op: AnyOp, vjp: WholeVjp<string, string, unknown>): WholeRule {
  const save = vjp.save.map((name) => slotOf(op, name))
  return {
    save,
    all(g, saved, needs, call) {
      const grads = vjp.all(
        g,
        savedByName(vjp.save, save, saved, call.inputMeta),
        Object.fromEntries(op.inputs.map((n, i) => [n, needs[i]])),
        call.attrs,
        metasOf(op, call),
      )
      return op.inputs.map((n) => grads[n] ?? null)
    },
  }
}

/** Declares an op over a list of tensors, as `cat`: its gradient with respect to each is a function of the position. */
/*@__NO_SIDE_EFFECTS__*/
export function defineListOp<A>(spec: {
  readonly name: string
  readonly autocast?: Autocast
  infer(list: readonly Meta[], attrs: A): Meta
  kernel(on: Tensor['storage']['backend'], list: readonly Tensor[], out: Tensor, attrs: A): void
  vjp(g: Tensor, i: number, metas: readonly Meta[], attrs: A): Tensor
}): AnyOp & ((list: readonly Tensor[], attrs: A) => Tensor) {
  const run = (list: CallInputs, attrs: unknown): readonly Tensor[] => {
    // a list op is called with tensors alone, and with its own attributes
    const tensors = list as readonly Tensor[]
    // attributes come from `call`, or from an interceptor that passed them on
    const attributes = attrs as A
    try {
      const meta = spec.infer(tensors, attributes)
      const out = tensors[0].make(meta.shape, meta.dtype)
      spec.kernel(out.storage.backend, tensors, out, attributes)
      tapeOf(list)?.record({ op, inputs: list, attrs, outputs: [out], aux: [] })
      return [out]
    } catch (error) {
      throw located(error, op, list, attrs)
    }
  }
  const call = (list: readonly Tensor[], attrs: A): Tensor => op.invoke(list, attrs)[0]
  const op: AnyOp & typeof call = Object.assign(call, {
    inputs: ['tensors'],
    outputs: ['out'],
    aux: [],
    autocast: spec.autocast ?? 'promote',
    elementwise: false,
    inplace: false,
    isView: false,
    index: [],
    invoke: (list: CallInputs, attrs: unknown): readonly Tensor[] =>
      interceptors().length > 0 ? intercepted(op, list, attrs, run) : run(list, attrs),
    rule: (i: number): GradRule => ({
      save: [],
      // every input of a list op is a tensor, and `attrs` is what the call was made with
      grad: (g, _, recorded) => spec.vjp(g, i, recorded.inputMeta as readonly Meta[], recorded.attrs as A),
    }),
  })
  Object.defineProperty(op, 'name', { value: spec.name })
  return op
}

import { isFloat } from '../base/dtype.ts'
import { tapeOf } from './dispatch.ts'
import { internals } from './internals.ts'
import { Layout, layoutLike } from '../base/layout.ts'
import { ArgumentError, GradError } from '../base/errors.ts'
import { describeValue } from '../base/describe.ts'
import { isTensor } from '../tensor/kind.ts'
import { isWhole, ruleOf, wholeRuleOf, type AnyVjps } from './grad-rules.ts'
import { makeOp } from './make-op.ts'
import type { AnyOp, GradRule, Meta, Named, OpSpec, WholeRule } from './declaration.ts'
import type { CallInputs } from './modes.ts'
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
  // declarations are typed by the names of the op; calls go by position, so the names are let go here
  const op = new NamedOp(spec as AnySpec)
  type Results = [O] extends ['out'] ? Tensor : Record<O, Tensor>
  return makeOp(op, (invoke) => (given: Named<I, Tensor>, attrs: A): Results => {
    // the record has the names of `I`, and the results are one tensor or have the names of `O`
    return op.results(invoke(op.list(given as Tensors), attrs)) as Results
  })
}

/** A declaration without its names in the types. */
type AnySpec = OpSpec<string, string, string, unknown>
type Tensors = Named<string, Tensor>

/** The call of an op by name: the declaration that {@link makeOp} receives. */
class NamedOp {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly aux: readonly string[]
  readonly autocast: AnySpec['autocast']
  readonly isView: boolean
  readonly index: readonly string[] | undefined
  private readonly spec: AnySpec
  private readonly optional: readonly boolean[]
  private readonly many: boolean
  private readonly rules: readonly (GradRule | null)[]
  private readonly wholeRule: WholeRule | null

  constructor(spec: AnySpec) {
    this.spec = spec
    this.name = spec.name
    this.optional = spec.inputs.map((name) => name.endsWith('?'))
    this.inputs = spec.inputs.map((name) => name.replace('?', ''))
    this.outputs = spec.outputs ?? ['out']
    this.aux = spec.aux ?? []
    this.many = spec.outputs !== undefined
    this.autocast = spec.autocast
    this.isView = spec.view !== undefined
    this.index = spec.index
    const vjp: AnyVjps = spec.vjp ?? {}
    this.wholeRule = isWhole(vjp) ? wholeRuleOf(this, vjp) : null
    this.rules = isWhole(vjp) ? [] : this.inputs.map((name) => ruleOf(this, vjp[name] ?? null))
  }

  /** Inputs by position. */
  list(given: Tensors): CallInputs {
    return this.inputs.map((name) => given[name] ?? null)
  }

  /** The results as the caller gets them: the only one, or a record by name. */
  results(list: readonly Tensor[]): Tensor | Record<string, Tensor> {
    return this.many ? Object.fromEntries(this.outputs.map((name, i) => [name, list[i]])) : list[0]
  }

  rule(i: number): GradRule | null {
    return this.rules[i] ?? null
  }

  whole(): WholeRule | null {
    return this.wholeRule
  }

  run(op: AnyOp, inputs: CallInputs, attrs: unknown): readonly Tensor[] {
    const { spec } = this
    const tensors = this.named(inputs)
    const tape = tapeOf(inputs)
    if (spec.decompose && (!spec.kernel || (tape !== null && !spec.vjp)))
      return this.decomposed(tensors, attrs)
    // a call always has a tensor, or there would be no backend to run on
    const like = (inputs[0] ?? inputs.find((x) => x !== null)) as Tensor
    if (spec.view) {
      const outputs = [internals(like).alias(spec.view(like.layout, attrs))]
      tape?.record({ op, inputs, attrs, outputs, aux: none })
      return outputs
    }
    const results = this.computed(like, tensors, attrs)
    // a gradient that quietly stopped here would be a wrong number; none flows through integers and booleans
    const isStopped = tape !== null && !spec.vjp && !spec.index && spec.differentiable !== false
    if (isStopped && results.some((x) => isFloat(x.dtype))) throw noDerivative(this.name)
    if (this.aux.length === 0) {
      tape?.record({ op, inputs, attrs, outputs: results, aux: none })
      return results
    }
    const outputs = results.slice(0, this.outputs.length)
    const aux = results.slice(this.outputs.length)
    // no caller sees aux results: those that the tape does not keep are freed at once
    for (const { storage } of aux) if (!storage.scoped) storage.escaped = false
    tape?.record({ op, inputs, attrs, outputs, aux })
    for (const { storage } of aux)
      if (!storage.scoped && !storage.escaped && storage.holds === 0) storage.free()
    return outputs
  }

  private decomposed(tensors: Tensors, attrs: unknown): readonly Tensor[] {
    // a record where the declaration names outputs, and else one tensor
    const made = scope(() => this.spec.decompose!(tensors, attrs) as Tensor | Record<string, Tensor>)
    // and `many` says which
    return this.many ? this.outputs.map((name) => (made as Record<string, Tensor>)[name]) : [made as Tensor]
  }

  /** Outputs, then aux results. */
  private computed(like: Tensor, tensors: Tensors, attrs: unknown): readonly Tensor[] {
    const { spec, outputs, aux } = this
    if (!spec.infer || !spec.kernel)
      throw new TypeError(`${spec.name} has neither kernel, view nor decomposition`)
    // a declaration that names no results yields one Meta, one with names a record
    const inferred = spec.infer(tensors, attrs) as Meta | Record<string, Meta>
    if (!this.many && aux.length === 0) {
      // this one names none, and its kernel writes `out`
      const out = allocate(like, inferred as Meta)
      spec.kernel(like.storage.backend, tensors, { out }, attrs)
      return [out]
    }
    const metas = inferred as Record<string, Meta> // by the names of outputs and aux results
    const results = [...outputs, ...aux].map((name): [string, Tensor] => [name, allocate(like, metas[name])])
    spec.kernel(like.storage.backend, tensors, Object.fromEntries(results), attrs)
    return results.map(([, x]) => x)
  }

  private named(list: CallInputs): Tensors {
    const record: Record<string, Tensor> = {}
    for (let i = 0; i < this.inputs.length; i++) {
      const x = list[i]
      if (!isTensor(x) && !(x === null && this.optional[i]))
        throw new ArgumentError(`${this.name}: ${this.inputs[i]} must be a tensor, got ${describeValue(x)}`)
      // null only for an optional input, whose rules know of it
      record[this.inputs[i]] = x as Tensor
    }
    return record
  }
}

const noDerivative = (name: string): GradError =>
  new GradError(`the derivative of ${name} is not implemented`, {
    hint: 'differentiate once only, or take the operand out of the graph with detach()',
  })

const none: readonly Tensor[] = []

const allocate = (like: Tensor, { shape, dtype, layout }: Meta): Tensor =>
  internals(like).makeAs(layout ? layoutLike(layout) : Layout.of(shape), dtype)

import { ArgumentError } from '../base/errors.ts'
import { describeValue } from '../base/describe.ts'
import { isTensor } from '../tensor/kind.ts'
import type { View } from '../backend/types.ts'
import { codeOf } from '../base/dtype.ts'
import { tapeOf, tapeOfWrite } from './dispatch.ts'
import { ShapeError } from '../base/errors.ts'
import { makeOp, type OpParts } from './make-op.ts'
import type { CallInputs } from './modes.ts'
import { internals } from './internals.ts'
import type { AnyOp, Autocast, FormulaOf, GradRule } from './declaration.ts'
import {
  bind,
  numbersOf,
  readable,
  refuseOverlap,
  resultLayout,
  resultShape,
  viewAs,
  type Operand,
} from './operands.ts'
import { PointwiseForm, type Formula, type PointwiseSpec } from './pointwise-form.ts'
import { deriveGradient } from './pointwise-gradient.ts'
import { variantFor } from './pointwise-program.ts'
import type { Layout } from '../base/layout.ts'
import { layoutLike, sameShape } from '../base/layout.ts'
import type { Tensor } from '../tensor/tensor.ts'

export type { Operand } from './operands.ts'
export type { Formula, PointwiseSpec } from './pointwise-form.ts'

/** A pointwise op: called with its operands. */
export interface PointwiseOp extends AnyOp {
  (...operands: readonly Operand[]): Tensor
  /** With coefficients: `op.with([alpha], x, y)`. */
  with(params: readonly number[], ...operands: readonly Operand[]): Tensor
  /** Writes the result into the first operand. */
  into(...operands: readonly Operand[]): Tensor
  /** {@link PointwiseOp.into} with coefficients. */
  intoWith(params: readonly number[], ...operands: readonly Operand[]): Tensor
}

/**
 * Declares a pointwise op by its formula. Broadcasting, promotion, kernels on every backend, the in-place form and the
 * gradient, to any order, follow from it.
 *
 * @example
 * const { add, div, exp, neg } = g.formula
 * const silu = g.definePointwise('silu', { result: 'float' }, (x) => div(x, add(exp(neg(x)), 1)))
 * silu(g.tensor([0, 1])).tolist() // => [0, 0.7311]
 */
/*@__NO_SIDE_EFFECTS__*/
export function definePointwise(name: string, spec: PointwiseSpec, formula: Formula): PointwiseOp {
  return new Pointwise(new PointwiseForm(name, spec, formula), false).op
}

/** One form of an op: out of place, or in place on the first operand. */
class Pointwise implements OpParts {
  readonly op: PointwiseOp
  readonly name: string
  readonly inputs: readonly string[]
  readonly autocast: Autocast
  readonly elementwise = true
  readonly inplace: boolean
  private readonly form: PointwiseForm
  private readonly variants = new Map<number, FormulaOf>()
  private readonly rules: (GradRule | null | undefined)[] = []

  constructor(form: PointwiseForm, inplace: boolean) {
    this.form = form
    this.inplace = inplace
    this.name = inplace ? `${form.name}_` : form.name
    this.inputs = form.names
    this.autocast = inplace ? 'keep' : (form.spec.autocast ?? 'keep')
    let twin: PointwiseOp | undefined
    this.op = makeOp(this, (invoke) => {
      const call = (...operands: readonly Operand[]): Tensor => invoke(operands, noParams)[0]
      const write = (operands: readonly Operand[], params: readonly number[]): Tensor =>
        (twin ??= new Pointwise(this.form, true).op).invoke(operands, params)[0]
      return Object.assign(call, {
        with: (params: readonly number[], ...operands: readonly Operand[]): Tensor =>
          invoke(operands, params)[0],
        into: (...operands: readonly Operand[]): Tensor => write(operands, noParams),
        intoWith: (params: readonly number[], ...operands: readonly Operand[]): Tensor =>
          write(operands, params),
      })
    })
  }

  run(_op: AnyOp, inputs: CallInputs, attrs: unknown): readonly Tensor[] {
    // a pointwise op is called with operands and, as its attributes, params; interceptors keep the kinds of both
    const [operands, params] = [inputs as readonly Operand[], attrs as readonly number[]]
    let like: Tensor | null = null
    let same = true
    let key = 0
    for (const x of operands) {
      if (isTensor(x)) {
        key = key * 32 + codeOf(x.dtype) * 2 + (x.layout.shape.length > 0 ? 1 : 0)
        if (like === null) like = x
        else if (x.layout !== like.layout) same = false
      } else if (typeof x === 'number') key = key * 32 + (Number.isInteger(x) ? 20 : 21)
      else if (typeof x === 'boolean') key = key * 32 + 22
      else throw notAnOperand(this.name, this.inputs, operands)
    }
    if (like === null) throw new ArgumentError(`${this.name} needs a tensor among its operands`)
    if (this.inplace && like !== operands[0])
      throw new ArgumentError(
        `${this.name} writes its first operand: it must be a tensor, got ${describeValue(operands[0])}`,
      )
    let variant = this.variants.get(key)
    if (!variant) this.variants.set(key, (variant = variantFor(this.form, operands, this.inplace)))
    const result = this.inplace
      ? this.write(operands, params, variant, like)
      : this.produce(operands, params, variant, like, same)
    return [result]
  }

  private produce(
    operands: readonly Operand[],
    params: readonly number[],
    variant: FormulaOf,
    like: Tensor,
    same: boolean,
  ): Tensor {
    const tape = tapeOf(operands)
    let layout: Layout
    if (same)
      layout = like.layout.contiguous && like.layout.offset === 0 ? like.layout : layoutLike(like.layout)
    else layout = resultLayout(operands)
    const out = internals(like).makeAs(layout, variant.dtype)
    const views = this.views(operands, variant, layout, same)
    views.push(out)
    like.storage.backend.run(variant.program, [bind(layout.shape, views, numbersOf(operands, params))])
    tape?.record({
      op: this.op,
      inputs: operands,
      attrs: params,
      outputs: [out],
      aux: [],
    })
    return out
  }

  private write(
    operands: readonly Operand[],
    params: readonly number[],
    variant: FormulaOf,
    like: Tensor,
  ): Tensor {
    const target = like
    const shape = resultShape(operands)
    if (!sameShape(shape, target.shape)) {
      throw new ShapeError(
        `output with shape [${target.shape.join(', ')}] doesn't match the broadcast shape [${shape.join(', ')}]`,
        { hint: `an in-place operation cannot grow its target; use ${this.form.name}()` },
      )
    }
    refuseOverlap(target)
    const recorded = tapeOfWrite(target, operands)?.write({
      op: this.op,
      inputs: operands,
      attrs: params,
      outputs: [target],
      aux: [],
    })
    const detached = operands.map((x, i) => (i > 0 && typeof x === 'object' ? readable(x, target) : x))
    const views = this.views(detached, variant, target.layout, false)
    views.push(target)
    target.storage.backend.run(variant.program, [bind(target.shape, views, numbersOf(operands, params))])
    internals(target).counter.value++
    recorded?.()
    return target
  }

  private views(operands: readonly Operand[], variant: FormulaOf, layout: Layout, same: boolean): View[] {
    const views: View[] = []
    for (const i of variant.tensors) {
      const x = operands[i] as Tensor // the variant was made for tensors at these positions
      views.push(same || x.layout === layout ? x : viewAs(x, layout))
    }
    return views
  }

  formula(inputs: CallInputs): FormulaOf {
    return variantFor(this.form, inputs as readonly Operand[], this.inplace) // its operands, as in run
  }

  rule(i: number): GradRule | null {
    const known = this.rules[i]
    return known === undefined ? (this.rules[i] = this.derived(i)) : known
  }

  private derived(i: number): GradRule | null {
    const derived = deriveGradient(this.form, { i, inplace: this.inplace })
    if (derived === null) return null
    const { save, name, spec, formula } = derived
    const op = definePointwise(name, spec, formula)
    return {
      save,
      // operands that are numbers are not saved as tensors: the gradient takes them as numbers
      grad: (g, saved, call) => {
        let next = 0
        const operands = save.map(
          ({ from, i }): Operand => (from === 'input' ? call.numbers[i] : null) ?? saved[next++],
        )
        // attributes of a pointwise call are its params
        return op.with(call.attrs as readonly number[], g, ...operands)
      },
    }
  }
}

const noParams: readonly number[] = []

function notAnOperand(call: string, names: readonly string[], operands: readonly unknown[]): ArgumentError {
  const at = operands.findIndex((x) => typeof x !== 'number' && typeof x !== 'boolean' && !isTensor(x))
  return new ArgumentError(
    `${call}: ${names[at] ?? names.at(-1)} must be a tensor or a number, got ${describeValue(operands[at])}`,
  )
}

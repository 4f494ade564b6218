import type { View } from '../backend/types.ts'
import {
  canCast,
  codeOf,
  dtypeOfNum,
  isFloat,
  numOf,
  resultType,
  type DType,
  type Num,
} from '../base/dtype.ts'
import { intercepted, located, tapeOf, tapeOfWrite } from './dispatch.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { interceptors, type CallInputs } from './modes.ts'
import type { AnyOp, Autocast, GradRule } from './declaration.ts'
import { gradient } from '../program/derivative.ts'
import { convert, input, nodesOf, param, roundTo, substitute, type Expr } from '../program/expr.ts'
import {
  bind,
  numbersOf,
  operandOf,
  readable,
  refuseOverlap,
  resultLayout,
  resultShape,
  viewAs,
  type Operand,
} from './operands.ts'
import { Program } from '../program/program.ts'
import type { Layout } from '../base/layout.ts'
import { layoutLike, sameShape } from '../base/layout.ts'
import type { Tensor } from '../tensor/tensor.ts'

export type { Operand } from './operands.ts'

export interface PointwiseSpec {
  /**
   * The dtype of the result: promoted operands, the same made floating, bool, or that of the first operand.
   * Operands are converted to the promoted (or floating) dtype first, whatever the result is.
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
   * Gradients by hand, as formulas over the gradient, the operands, the result, and the params:
   * where the derived one is less stable, slower, or has another subgradient. Say why beside it.
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

interface Variant {
  program: Program
  dtype: DType
  /** Which operands are tensors: the program's inputs, in order. */
  tensors: readonly number[]
}

/** What the gradient of one operand is: a pointwise op over g and some of the operands and the result. */
interface Derived {
  /** Slots: operands by position, 100 the result. */
  save: readonly number[]
  op: PointwiseOp
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
  return new Pointwise(name, spec, formula, false).callable
}

/** The functions behind one op; `callable` is what is exported. */
class Pointwise {
  readonly callable: PointwiseOp
  private readonly name: string
  private readonly spec: PointwiseSpec
  private readonly formula: Formula
  private readonly inplace: boolean
  private readonly names: readonly string[]
  private readonly conditions: readonly boolean[]
  private readonly variants = new Map<number, Variant>()
  private readonly rules: (GradRule | null | undefined)[] = []
  private twin: Pointwise | undefined

  constructor(name: string, spec: PointwiseSpec, formula: Formula, inplace: boolean) {
    this.name = name
    this.spec = spec
    this.formula = formula
    this.inplace = inplace
    this.names = spec.inputs ?? ['x']
    this.conditions = this.names.map((n) => spec.conditions?.includes(n) ?? false)
    this.callable = this.makeCallable()
  }

  private makeCallable(): PointwiseOp {
    const { names, spec } = this
    const twin = (): Pointwise => (this.twin ??= new Pointwise(this.name, spec, this.formula, true))
    const call = (...operands: readonly Operand[]): Tensor => this.call(operands, noParams)
    Object.defineProperty(call, 'name', { value: this.inplace ? `${this.name}_` : this.name })
    return Object.assign(call, {
      inputs: names,
      outputs: ['out'],
      aux: [],
      autocast: this.inplace ? 'keep' : (spec.autocast ?? ('keep' satisfies Autocast)),
      elementwise: true,
      inplace: this.inplace,
      isView: false,
      index: [],
      with: (params: readonly number[], ...operands: readonly Operand[]): Tensor =>
        this.call(operands, params),
      into: (...operands: readonly Operand[]): Tensor => twin().call(operands, noParams),
      intoWith: (params: readonly number[], ...operands: readonly Operand[]): Tensor =>
        twin().call(operands, params),
      // attributes of a pointwise call are its params
      invoke: (inputs: CallInputs, attrs: unknown) => [
        // and its inputs are operands
        this.call(inputs as readonly Operand[], attrs as readonly number[]),
      ],
      rule: (i: number): GradRule | null => this.rule(i),
    })
  }

  private call(operands: readonly Operand[], params: readonly number[]): Tensor {
    if (interceptors().length > 0) {
      // booleans among the operands pass through unseen: CallInputs has tensors and numbers
      const run = (list: CallInputs, attrs: unknown) => [
        // an interceptor passes on operands for operands, and params for params
        this.run(list as readonly Operand[], attrs as readonly number[]),
      ]
      return intercepted(this.callable, operands, params, run)[0]
    }
    return this.run(operands, params)
  }

  private run(operands: readonly Operand[], params: readonly number[]): Tensor {
    let like: Tensor | null = null
    let same = true
    let key = this.inplace ? 1 : 0
    for (const x of operands) {
      if (typeof x === 'object') {
        key = key * 32 + codeOf(x.dtype) * 2 + (x.layout.shape.length > 0 ? 1 : 0)
        if (like === null) like = x
        else if (x.layout !== like.layout) same = false
      } else key = key * 32 + 20 + (typeof x === 'boolean' ? 2 : Number.isInteger(x) ? 0 : 1)
    }
    if (like === null) throw new TypeError(`${this.name} needs a tensor among its operands`)
    try {
      let variant = this.variants.get(key)
      if (!variant) this.variants.set(key, (variant = this.compile(operands)))
      return this.inplace
        ? this.write(operands, params, variant, like)
        : this.produce(operands, params, variant, like, same)
    } catch (error) {
      throw located(error, this.callable, operands, null)
    }
  }

  private produce(
    operands: readonly Operand[],
    params: readonly number[],
    variant: Variant,
    like: Tensor,
    same: boolean,
  ): Tensor {
    const tape = tapeOf(operands)
    let layout: Layout
    if (same)
      layout = like.layout.contiguous && like.layout.offset === 0 ? like.layout : layoutLike(like.layout)
    else layout = resultLayout(operands)
    const out = like.makeAs(layout, variant.dtype)
    const views = this.views(operands, variant, layout, same)
    views.push(out)
    like.storage.backend.run(variant.program, [bind(layout.shape, views, numbersOf(operands, params))])
    tape?.record({
      op: this.callable,
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
    variant: Variant,
    like: Tensor,
  ): Tensor {
    const target = operands[0]
    if (target !== like || typeof target !== 'object')
      throw new TypeError(`${this.name}_ writes its first operand`)
    const shape = resultShape(operands)
    if (!sameShape(shape, target.shape)) {
      throw new ShapeError(
        `output with shape [${target.shape.join(', ')}] doesn't match the broadcast shape [${shape.join(', ')}]`,
        { hint: `an in-place operation cannot grow its target; use ${this.name}()` },
      )
    }
    refuseOverlap(target)
    const recorded = tapeOfWrite(target, operands)?.write({
      op: this.callable,
      inputs: operands,
      attrs: params,
      outputs: [target],
      aux: [],
    })
    const detached = operands.map((x, i) => (i > 0 && typeof x === 'object' ? readable(x, target) : x))
    const views = this.views(detached, variant, target.layout, false)
    views.push(target)
    target.storage.backend.run(variant.program, [bind(target.shape, views, numbersOf(operands, params))])
    target.counter.value++
    recorded?.()
    return target
  }

  private views(operands: readonly Operand[], variant: Variant, layout: Layout, same: boolean): View[] {
    const views: View[] = []
    for (const i of variant.tensors) {
      const x = operands[i] as Tensor // the variant was made for tensors at these positions
      views.push(same || x.layout === layout ? x : viewAs(x, layout))
    }
    return views
  }

  /** The program for operands of these dtypes. */
  private compile(operands: readonly Operand[]): Variant {
    const { spec } = this
    const promoted = resultType(operands.flatMap((x, i) => (this.conditions[i] ? [] : [operandOf(x)])))
    const compute = spec.result === 'float' && !isFloat(promoted) ? 'float32' : promoted
    spec.accept?.(compute)
    const num = numOf(compute)
    const first = operands[0] as Tensor // only looked at for `first` and in place, where operand 0 is a tensor
    const natural = spec.result === 'bool' ? 'bool' : spec.result === 'first' ? first.dtype : compute
    if (this.inplace && !canCast(natural, first.dtype)) {
      throw new DTypeError(`result type ${natural} can't be cast to the desired output type ${first.dtype}`, {
        hint: `use ${this.name}() and keep its result, or convert with .to('${natural}') first`,
      })
    }
    const dtype = this.inplace ? first.dtype : natural
    const used = this.reads(num)
    const inputs: { dtype: DType; over: 'all' }[] = []
    const tensors: number[] = []
    const params: Num[] = []
    const terms = operands.map((x, i): Expr => {
      const type = this.conditions[i] ? 'bool' : num
      if (typeof x !== 'object') {
        params.push(type)
        return param(params.length - 1, type)
      }
      // what the formula does not read is no operand of the program: `copy_` reads only its source
      if (!used.has(i)) return input(i, type)
      tensors.push(i)
      inputs.push({ dtype: x.dtype, over: 'all' })
      const value = convert(input(inputs.length - 1, numOf(x.dtype)), type)
      // an operand of another dtype is first rounded to the dtype the op runs in
      return this.conditions[i] || x.dtype === compute || compute === 'float64'
        ? value
        : rounded(value, x.dtype, compute)
    })
    const coefficients = Array.from({ length: spec.params ?? 0 }, () => {
      params.push(num)
      return param(params.length - 1, num)
    })
    const value = this.formula(...terms, ...coefficients)
    const checks = spec.checks?.(terms, compute) ?? []
    const program = new Program({
      inputs,
      params,
      outputs: [{ dtype, value: convert(value, numOf(dtype)), over: 'all' }],
      checks,
    })
    return { program, dtype, tensors }
  }

  /** Positions of the operands that the formula or its checks read. */
  private reads(num: Num): Set<number> {
    const symbols = this.symbols(num)
    const dtype = dtypeOfNum[num]
    const roots = [this.formula(...symbols, ...this.coefficients(num))]
    for (const { fail } of this.spec.checks?.(symbols, dtype) ?? []) roots.push(fail)
    return new Set(nodesOf(roots).flatMap((e) => (e.op === 'input' ? [e.i] : [])))
  }

  private rule(i: number): GradRule | null {
    const known = this.rules[i]
    if (known !== undefined) return known
    const derived = this.derive(i)
    if (derived === null) return (this.rules[i] = null)
    const { save, op } = derived
    return (this.rules[i] = {
      save,
      // numbers among the operands are not saved as tensors: they take part again as numbers
      grad: (g, saved, call) => {
        let next = 0
        const operands = save.map((slot): Operand => call.numbers[slot] ?? saved[next++])
        // attributes of a pointwise call are its params
        return op.with(call.attrs as readonly number[], g, ...operands)
      },
    })
  }

  private derive(i: number): Derived | null {
    if (this.spec.result === 'bool' || this.conditions[i]) return null
    const count = this.names.length
    // instantiated once over symbols to see what it reads
    const probe = this.gradientOf(i, input(count, 'f32'), this.symbols('f32'), this.coefficients('f32'))
    if (probe === null) return null
    const used = nodesOf([probe])
    const slots: number[] = []
    for (let j = 0; j < count; j++) if (used.some((e) => e.op === 'input' && e.i === j)) slots.push(j)
    if (used.some((e) => e.op === 'input' && e.i === count + 1)) slots.push(100)
    const conditions = slots.filter((s) => this.conditions[s]).map((s) => this.names[s])
    const backward: Formula = (g, ...terms) => {
      const operands = this.symbols(g.type)
      const values = new Map<Expr, Expr>([[input(count, g.type), g]])
      slots.forEach((slot, k) =>
        values.set(slot === 100 ? input(count + 1, g.type) : operands[slot], terms[k]),
      )
      const coefficients = this.coefficients(g.type)
      coefficients.forEach((c, k) => values.set(c, terms[slots.length + k]))
      const value = this.gradientOf(i, input(count, g.type), operands, coefficients)!
      return substitute(value, (e) => values.get(e))
    }
    const op = new Pointwise(
      `${this.name}Backward`,
      {
        result: 'float',
        inputs: ['g', ...slots.map((s) => (s === 100 ? 'out' : this.names[s]))],
        conditions,
        params: this.spec.params ?? 0,
      },
      backward,
      false,
    ).callable
    return { save: slots, op }
  }

  private symbols(type: Num): Expr[] {
    return this.names.map((_, j) => input(j, this.conditions[j] ? 'bool' : type))
  }

  // far from the positions of operands that are numbers, so that the two never meet
  private coefficients(type: Num): Expr[] {
    return Array.from({ length: this.spec.params ?? 0 }, (_, k) => param(64 + k, type))
  }

  /** d formula / d operand i · g, with the result itself as input `count + 1` wherever it occurs. */
  private gradientOf(i: number, g: Expr, operands: readonly Expr[], params: readonly Expr[]): Expr | null {
    const out = input(operands.length + 1, g.type)
    const byHand = this.spec.grads?.[this.names[i]]
    if (byHand) return byHand(g, operands, out, params)
    const root = this.formula(...operands, ...params)
    const [value] = gradient(root, g, [operands[i]])
    if (!value) return null
    return 'x' in root ? substitute(value, (e) => (e === root ? out : undefined)) : value
  }
}

const noParams: readonly number[] = []

const rounded = (value: Expr, from: DType, to: DType): Expr =>
  numOf(to) === 'f32' && to === 'float32' && numOf(from) !== 'f64' ? value : roundTo(value, to)

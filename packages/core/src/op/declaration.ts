import type { Backend, View } from '../backend/types.ts'
import type { DType } from '../base/dtype.ts'
import type { Layout, Shape } from '../base/layout.ts'
import type { Program } from '../program/program.ts'
import type { Call } from './tape.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * How autocast treats an op: `lower` runs it in half precision, `fp32` in float32, `fp32-dtype` passes `dtype: 'float32'`
 * where none is given, `promote` casts to the widest input, `keep` leaves it alone, `banned` refuses it.
 */
export type Autocast = 'lower' | 'fp32' | 'fp32-dtype' | 'promote' | 'keep' | 'banned'

/** Shape and dtype without data: all that shape rules see. */
export interface Meta {
  readonly shape: Shape
  readonly dtype: DType
  /** Whose memory order a result takes where that is dense; row-major by default. */
  readonly layout?: Layout
}

/** A record by input name; a name ending in `?` may be null. */
export type Named<Names extends string, T> = {
  readonly [N in Names as N extends `${infer Bare}?` ? Bare : N]: N extends `${string}?` ? T | null : T
}
type Bare<Names extends string> = Names extends `${infer B}?` ? B : Names

/** The gradient of one input: the values it reads, and the function that computes it. */
export interface Vjp<S extends string, A> {
  /** Names of inputs, outputs (`out`) or aux results; saved only when this gradient is wanted. */
  readonly save: readonly S[]
  readonly grad: (g: Tensor, saved: Record<S, Tensor>, attrs: A, meta: Record<string, Meta>) => Tensor
}

/** All gradients of an op at once, where one kernel yields several. Outputs without a gradient arrive as zeros. */
export interface WholeVjp<I extends string, S extends string, A> {
  readonly save: readonly S[]
  readonly all: (
    g: readonly Tensor[],
    saved: Record<S, Tensor>,
    needs: Record<Bare<I>, boolean>,
    attrs: A,
    meta: Record<string, Meta>,
  ) => Partial<Record<Bare<I>, Tensor | null>>
}

// Functions, and marked: bundlers then drop the declaration of an op that nobody uses. Of an arrow they forget the mark.

/** All gradients at once, with the names of the saved values: `savingAll(['x', 'rstd'], ([g], { x, rstd }, needs) => …)`. */
/*@__NO_SIDE_EFFECTS__*/
export function savingAll<I extends string, const S extends string, A = unknown>(
  save: readonly S[],
  all: WholeVjp<I, S, A>['all'],
): WholeVjp<I, S, A> {
  return { save, all }
}

/** Names the values that a vjp saves: `saving(['y'], (g, { y }) => g.mul(y))`. */
/*@__NO_SIDE_EFFECTS__*/
export function saving<const S extends string, A = unknown>(
  save: readonly S[],
  grad: Vjp<S, A>['grad'],
): Vjp<S, A> {
  return { save, grad }
}

/** A vjp that reads no values: `(g) => g`, or one that needs only attributes and shapes. */
/*@__NO_SIDE_EFFECTS__*/
export function plain<A = unknown>(
  grad: (g: Tensor, attrs: A, meta: Record<string, Meta>) => Tensor,
): Vjp<never, A> {
  return { save: [], grad: (g, _saved, attrs, meta) => grad(g, attrs, meta) }
}

/** The type of an op's attributes; see {@link attributes}. */
export interface Attributes<A> {
  /** Never there: carries the type. */
  readonly type?: A
}

/** The attributes an op takes besides its tensors: `attrs: attributes<{ axis: number }>()`. */
/*@__NO_SIDE_EFFECTS__*/
export function attributes<A>(): Attributes<A> {
  return {}
}

type Results<O extends string, X extends string> = [O | X] extends ['out'] ? Meta : Record<O | X, Meta>

/**
 * The declaration of an op: the single place it exists.
 *
 * It has a `kernel`, a `view` or a `decompose`. An op with a kernel, a `decompose` and no vjp runs the decomposition while its
 * call is recorded, and otherwise the kernel. So the kernels of vjps serve gradients of gradients too.
 *
 * @typeParam I - input names; one ending in `?` may be null
 * @typeParam O - output names; `out` by default
 * @typeParam X - aux names: results of the kernel that are saved for the vjp and never returned
 * @typeParam A - attributes
 */
export interface OpSpec<I extends string, O extends string, X extends string, A> {
  readonly name: string
  readonly inputs: readonly I[]
  readonly attrs?: Attributes<A>
  readonly outputs?: readonly O[]
  readonly aux?: readonly X[]
  readonly autocast?: Autocast
  /** False for a result that no gradient flows through by its nature, as a random draw. An op without a vjp throws otherwise. */
  readonly differentiable?: boolean
  /** The outputs are positions, int32 where PyTorch has int64. */
  readonly index?: readonly NoInfer<O>[]
  /** Shape and dtype rule, and all checking of arguments. Not for views, whose layout says it. */
  infer?(inputs: Named<NoInfer<I>, Meta>, attrs: NoInfer<A>): Results<NoInfer<O>, NoInfer<X>>
  kernel?(
    on: Backend,
    inputs: Named<NoInfer<I>, View>,
    out: Record<NoInfer<O> | NoInfer<X>, View>,
    attrs: NoInfer<A>,
  ): void
  /** The new layout of the first input; throws if there is none. */
  view?(x: Layout, attrs: NoInfer<A>): Layout
  decompose?(
    inputs: Named<NoInfer<I>, Tensor>,
    attrs: NoInfer<A>,
  ): [NoInfer<O>] extends ['out'] ? Tensor : Record<NoInfer<O>, Tensor>
  readonly vjp?:
    | { readonly [K in Bare<NoInfer<I>>]: Vjp<Bare<NoInfer<I>> | NoInfer<O> | NoInfer<X>, NoInfer<A>> | null }
    | WholeVjp<NoInfer<I>, Bare<NoInfer<I>> | NoInfer<O> | NoInfer<X>, NoInfer<A>>
}

/** The source of a saved value: the `i`-th of the inputs, outputs or aux results of the call. */
export interface SavedFrom {
  readonly from: 'input' | 'output' | 'aux'
  readonly i: number
}

/** The gradient of one input of one call, ready to run. */
export interface GradRule {
  readonly save: readonly SavedFrom[]
  readonly grad: (g: Tensor, saved: readonly Tensor[], call: RecordedCall) => Tensor
}

/** All gradients of one call at once. */
export interface WholeRule {
  readonly save: readonly SavedFrom[]
  readonly all: (
    g: readonly Tensor[],
    saved: readonly Tensor[],
    needs: readonly boolean[],
    call: RecordedCall,
  ) => readonly (Tensor | null)[]
}

/** The part of a {@link Call} that stays on the tape: no tensors. */
export interface RecordedCall {
  readonly op: AnyOp
  readonly attrs: unknown
  readonly numbers: readonly (number | null)[]
  readonly inputMeta: readonly (Meta | null)[]
  readonly outputMeta: readonly Meta[]
}

/** A pointwise op as a program: for operands of the dtypes of one call, numbers among them as params. */
export interface FormulaOf {
  readonly program: Program
  /** Of the result. */
  readonly dtype: DType
  /** Which operands are tensors: the program's inputs, in order. */
  readonly tensors: readonly number[]
}

/** An op as dispatch, tape, autocast and tests see it: data with answers, never asked for its name. */
export interface AnyOp {
  readonly name: string
  /** Names of the inputs, without `?`. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly aux: readonly string[]
  readonly autocast: Autocast
  /** Operands are broadcast together and promoted. */
  readonly elementwise: boolean
  /** Writes its first input. */
  readonly inplace: boolean
  readonly isView: boolean
  /** Outputs that are positions: int32 where PyTorch has int64. */
  readonly index: readonly string[]
  /** Calls the op, through interceptors and the tape. */
  invoke(inputs: Call['inputs'], attrs: unknown): readonly Tensor[]
  /** How input `i` of this call is differentiated; null where it is not. */
  rule(i: number, call: Call): GradRule | null
  /** Set where one rule serves all inputs. */
  whole?(call: Call): WholeRule | null
  /** The formula of a pointwise op for operands as these; null for another op. */
  formula(inputs: Call['inputs']): FormulaOf | null
}

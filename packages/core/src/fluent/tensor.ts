import { copyKey, thisCopy } from '../base/copy.ts'
import type { Backend } from '../backend/types.ts'
import { bytesOf, isFloat, isInteger, type DType, type TypedArray } from '../base/dtype.ts'
import { flag } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import { ArgumentError, GradError, TensorError, ValueError } from '../base/errors.ts'
import { checkGrad, warnOfGrad } from './check-grad.ts'
import { BasicMethods } from './basic-methods.ts'
import type { Methods } from './methods.ts'
import { describe, formatTensor } from '../tensor/format.ts'
import { decode, nest, toValue, type HostArray } from '../tensor/elements.ts'
import { toJSON, type TensorJSON } from '../tensor/json.ts'
import { isGradEnabled } from '../op/modes.ts'
import { Layout, type Shape } from '../base/layout.ts'
import { normalizeAxis } from '../base/shape.ts'
import { checkBackward } from './backward-arguments.ts'
import { primitiveOf } from '../tensor/primitive.ts'
import { Storage, escape, type VersionCounter } from '../tensor/storage.ts'
import type { TensorInternals } from '../op/internals.ts'
import {
  currentTape,
  isStale,
  ownerOf,
  type BackwardOptions,
  type GradNode,
  type HookHandle,
  type Tape,
} from '../op/tape.ts'

/** Nested arrays of a tensor's elements. */
export type NestedValues = number | boolean | NestedValues[]

/**
 * An array of numbers of one dtype, with shape, and with a gradient if asked for.
 *
 * Methods are PyTorch's in camelCase; those ending in `_` write in place. A tensor may share memory with others: views
 * (`transpose`, `select`, `slice`, …) and `detach()` do.
 *
 * @see https://pytorch.org/docs/stable/tensors.html
 * @example
 * const x = g.tensor([[1, 2], [3, 4]])
 * x.matmul(x).tolist() // => [[7, 10], [15, 22]]
 */
export class Tensor extends BasicMethods {
  /** Memory, which views share. Like layout and dtype replaced only by assigning to {@link Tensor.data}. */
  storage: Storage
  /** How the elements lie in it. */
  layout: Layout
  /** The type of the elements. */
  dtype: DType
  protected readonly counter: TensorInternals['counter']
  protected ownTape: TensorInternals['ownTape'] = null
  protected node: TensorInternals['node'] = null
  protected outputIndex: TensorInternals['outputIndex'] = 0
  protected viewOf: TensorInternals['viewOf'] = null
  protected gradSlot: TensorInternals['gradSlot'] = null
  protected tapeData: TensorInternals['tapeData'] = null

  constructor(storage: Storage, layout: Layout, dtype: DType, counter: VersionCounter = { value: 0 }) {
    super()
    this.storage = storage
    this.layout = layout
    this.dtype = dtype
    this.counter = counter
  }

  /** Which copy of the package made it: tensors of two have two memories, and are not taken for each other's. */
  get [copyKey](): object {
    return thisCopy
  }

  // ---- shape

  // not a frozen array: map, filter and join of one take five times as long, and every op reads shapes
  /** Sizes of the axes: an array that tensors of one layout share, not to be written to. */
  get shape(): Shape {
    return this.layout.shape
  }

  /** A copy of the shape, or the length of one axis. */
  size(): Shape
  size(axis: number): number
  size(axis?: number): Shape | number {
    if (axis === undefined) return [...this.layout.shape]
    return this.layout.shape[normalizeAxis(axis, this.ndim)]
  }

  /** Number of axes; 0 for a scalar. */
  get ndim(): number {
    return this.layout.shape.length
  }

  /** Number of axes: see {@link ndim}. */
  dim(): number {
    return this.layout.shape.length
  }

  /** Number of elements. */
  numel(): number {
    return this.layout.size
  }

  /** Steps between neighbours along each axis, in elements: a copy. */
  stride(): readonly number[] {
    return [...this.layout.strides]
  }

  /** Where in its storage the first element lies, in elements. */
  storageOffset(): number {
    return this.layout.offset
  }

  /** Whether the elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return this.layout.contiguous
  }

  /** Bytes of one element. */
  elementSize(): number {
    return bytesOf(this.dtype)
  }

  /** Bytes of all elements together, as if they lay without gaps. */
  get nbytes(): number {
    return this.numel() * bytesOf(this.dtype)
  }

  /** Whether the dtype is float16, bfloat16, float32 or float64. */
  isFloatingPoint(): boolean {
    return isFloat(this.dtype)
  }

  /** The backend that owns the memory and computes with it. */
  get backend(): Backend {
    return this.storage.backend
  }

  // ---- making others

  protected make(shape: Shape, dtype: DType): Tensor {
    return this.makeAs(Layout.of(shape), dtype)
  }

  protected makeAs(layout: Layout, dtype: DType): Tensor {
    return new Tensor(new Storage(this.storage.backend, layout.size * bytesOf(dtype)), layout, dtype)
  }

  protected makeFrom(data: TypedArray, shape: Shape, dtype: DType): Tensor {
    const x = this.make(shape, dtype)
    x.storage.backend.write(x.storage.block, data)
    return x
  }

  protected alias(layout: Layout, made: 'default' | 'several' = 'default'): Tensor {
    const view = new Tensor(this.storage, layout, this.dtype, this.counter)
    const base = ownerOf(this)
    const own = base === this ? 'default' : (this.viewOf?.creation ?? 'default')
    const untracked = own === 'no-grad' || own === 'custom'
    const fresh = !isGradEnabled() && base.ownTape !== null ? 'no-grad' : made
    view.viewOf = { base, creation: untracked || fresh === 'default' ? own : fresh, history: base.node }
    return view
  }

  /** The same data outside the graph: shares memory and version counter, so in-place writes through it are noticed. */
  detach(): Tensor {
    return new Tensor(this.storage, this.layout, this.dtype, this.counter)
  }

  /** The same data with a version counter of its own: writes through it are not noticed by the tape. */
  get data(): Tensor {
    return new Tensor(this.storage, this.layout, this.dtype)
  }

  /** Assigning makes this tensor stand for the memory of another: whoever holds it sees the new values. */
  set data(value: Tensor) {
    this.storage = value.storage
    this.layout = value.layout
    this.dtype = value.dtype
    this.counter.value++
  }

  // ---- reading

  /**
   * The elements in row-major order, copied. float16 and bfloat16 come as Float32Array, bool as bytes, int64 as bigint.
   *
   * @throws BackendError on a backend that cannot answer synchronously; use `read()`
   */
  readSync(): HostArray {
    return decode(this.rawSync(), this.dtype)
  }

  /** The elements in row-major order, copied; works on every backend. */
  async read(): Promise<HostArray> {
    return decode(await this.storage.backend.read(this), this.dtype)
  }

  protected rawSync(): TypedArray {
    const { backend } = this.storage
    if (!backend.readSync) {
      throw new TensorError(`the ${backend.name} backend cannot be read synchronously`, {
        hint: 'await x.read()',
      })
    }
    return backend.readSync(this)
  }

  /**
   * The only element: a number, or a boolean for bool, which TypeScript has to be told: `x.item<boolean>()`.
   *
   * @throws ValueError if there is not exactly one
   * @example
   * g.tensor([1.5]).item() // => 1.5
   * g.tensor([1, 2]).gt(1).any().item() // => true
   */
  item<T extends number | boolean = number>(): NoInfer<T> {
    if (this.numel() !== 1) {
      throw new ValueError(`a Tensor with ${this.numel()} elements cannot be converted to Scalar`, {
        where: `item(x: ${describe(this.dtype, this.shape)})`,
        hint: 'reduce it first (sum, mean, …), or use tolist()',
      })
    }
    // a boolean for bool alone, as the caller says who names it
    return toValue(this.readSync()[0], this.dtype) as NoInfer<T>
  }

  /** Nested arrays of numbers, or of booleans for bool; a plain value for a scalar. */
  tolist(): NestedValues {
    const values = Array.from<number | bigint, number | boolean>(this.readSync(), (x) =>
      toValue(x, this.dtype),
    )
    return nest(values, this.shape)
  }

  /**
   * The numbers of a one-dimensional integer tensor, so that `for (const i of ix)` runs over positions.
   *
   * @throws TypeError for any other tensor: `unbind(0)` gives its parts
   */
  *[Symbol.iterator](): Generator<number, void> {
    if (this.ndim !== 1 || !isInteger(this.dtype)) {
      const what = `only one-dimensional integer tensors iterate, got ${describe(this.dtype, this.shape)}`
      throw new ArgumentError(what, { hint: 'x.unbind(0) gives its parts' })
    }
    for (const x of this.readSync()) yield Number(toValue(x, this.dtype))
  }

  /** A number or text for JavaScript's operators, where nothing is lost by it: see `primitive.ts`. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' ? this.toString() : primitiveOf(this, hint)
  }

  /**
   * The tensor as `JSON.stringify` writes it: dtype, shape and the bytes of its elements. {@link fromJSON} reads it back,
   * also inside arrays and objects, such as a `stateDict()`.
   */
  toJSON(): TensorJSON {
    return toJSON(this.rawSync(), this.shape, this.dtype)
  }

  // ---- gradients

  protected get tape(): Tape | null {
    return this.ownTape ?? (isStale(this) ? ownerOf(this).ownTape : null)
  }

  /** Whether `backward()` brings a gradient here. */
  get requiresGrad(): boolean {
    return this.tape !== null
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value)
  }

  /**
   * Makes this tensor a leaf that accumulates gradients, or no longer one.
   *
   * @throws GradError for an integer tensor, or a result of recorded operations
   */
  requiresGrad_(value = true): this {
    if (value !== true && value !== false) takeArgument('requiresGrad_', 'value', flag, value)
    if (value === this.requiresGrad) return this
    if (value) currentTape().leaf(this)
    else {
      if (this.gradFn) {
        throw new GradError(
          "you can only change requiresGrad of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use x.detach().",
        )
      }
      this.ownTape = null
    }
    return this
  }

  /** Made by the user rather than by a recorded operation. */
  get isLeaf(): boolean {
    return this.gradFn === null
  }

  /** The recorded operation that made this tensor. */
  get gradFn(): GradNode | null {
    return this.tape?.historyOf(this) ?? null
  }

  /** The gradient that `backward()` accumulated: null before, and after `zeroGrad()`. Assign null or a tensor of this shape. */
  get grad(): Tensor | null {
    if (this.gradSlot === null && this.tape !== null && !this.isLeaf) warnOfGrad()
    return this.gradSlot === null ? null : escape(this.gradSlot)
  }

  set grad(value: Tensor | null) {
    if (value !== null) checkGrad(this, value)
    this.storeGrad(value)
  }

  protected clearGrad(setToNone = true): void {
    if (setToNone) this.storeGrad(null)
    else if (this.gradSlot !== null) this.storeGrad(this.gradSlot.detach().zero_())
  }

  protected storeGrad(value: Tensor | null): void {
    const before = this.gradSlot
    value?.storage.hold()
    this.gradSlot = value
    before?.storage.release()
  }

  /**
   * Differentiates this tensor with respect to every leaf it was computed from, adding to their `.grad`.
   *
   * @param gradient - of this shape; may be left out for a single element
   * @throws GradError with PyTorch's messages: no graph, freed graph, missing or misshapen gradient, changed saved value
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.backward.html
   */
  backward(gradient?: Tensor | null, options: Omit<BackwardOptions, 'gradient'> = {}): void {
    checkBackward(gradient, options)
    if (this.tape === null) {
      throw new GradError('element 0 of tensors does not require grad and does not have a grad_fn', {
        where: `backward(x: ${describe(this.dtype, this.shape)})`,
        hint: 'nothing it was computed from requires a gradient, or it was computed under noGrad',
      })
    }
    this.tape.backward(this, { ...options, gradient: gradient ?? null })
  }

  /** Keeps the gradient of a tensor that is not a leaf in its `.grad`. */
  retainGrad(): void {
    if (this.tape === null) throw new GradError("can't retainGrad() on Tensor that has requiresGrad: false")
    this.tape.retainGrad(this)
  }

  /**
   * Calls `fn` with the gradient of this tensor, once per backward, before it is accumulated. A returned tensor replaces it.
   *
   * @throws GradError if no gradient flows here
   */
  registerHook(fn: (grad: Tensor) => Tensor | null | void): HookHandle {
    if (this.tape === null)
      throw new GradError("cannot register a hook on a tensor that doesn't require gradient")
    return this.tape.hook(this, fn)
  }

  /** Calls `fn` with this leaf after its `.grad` was updated. */
  registerPostAccumulateGradHook(fn: (x: Tensor) => void): HookHandle {
    if (this.tape === null)
      throw new GradError("cannot register a hook on a tensor that doesn't require gradient")
    return this.tape.postAccumulateHook(this, fn)
  }

  // ---- printing

  /** PyTorch's text: `tensor([1., 2.])`. */
  override toString(): string {
    const data = this.storage.freed ? null : this.readSync()
    if (data === null) return `tensor(freed, ${describe(this.dtype, this.shape)})`
    const gradFn = this.gradFn?.name
    return formatTensor({
      shape: this.shape,
      dtype: this.dtype,
      at: (i) => (this.dtype === 'bool' ? data[i] !== 0 : data[i]),
      ...(gradFn === undefined ? { requiresGrad: this.requiresGrad } : { gradFn }),
    })
  }

  /** `Tensor`, where JavaScript names the class of an object. */
  get [Symbol.toStringTag](): string {
    return 'Tensor'
  }

  /** The text that `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

// install.ts adds these methods, and every entry of core but `functions` imports it
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the interface only merges
export interface Tensor extends Methods {}

import type { DType, TypedArray } from '../base/dtype.ts'
import type { Layout } from '../base/layout.ts'
import type { Program } from '../program/program.ts'

/** Memory that a backend gave out. Only the backend reads its fields. */
export interface Block {
  readonly bytes: number
}

/** Elements as a backend sees them. A tensor is a view, and so is a tensor's storage under another layout. */
export interface View {
  readonly storage: { readonly block: Block }
  readonly dtype: DType
  readonly layout: Layout
}

/**
 * One execution of a program. Operands are its inputs, then its outputs. An operand that spans all axes has the shape
 * `[...outer, ...inner]`, an operand over the outer axes has the shape `outer`, and a scalar has `[]`.
 */
export interface Binding {
  readonly outer: readonly number[]
  readonly inner: readonly number[]
  readonly operands: readonly View[]
  readonly params: readonly number[]
}

/** A map program run on a routine's result: its first input and its output are the result, then come `operands`. */
export interface Epilogue {
  readonly program: Program
  readonly operands: readonly View[]
  readonly params: readonly number[]
}

/** Windows over the trailing spatial axes; one entry per axis. */
export interface Window {
  readonly stride: readonly number[]
  /** Before and after each axis alike. */
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
}

export interface Memory {
  /** Bytes of blocks that are in use. */
  readonly live: number
  /** Most bytes that were ever in use at once. */
  readonly peak: number
  /** Bytes held from the system; at least `live`. */
  readonly resident: number
  /** Bytes of blocks moved out to make room, or 0. */
  readonly evicted: number
}

/**
 * A backend runs programs and routines. Views may have any strides (0 and negative too) unless a member says otherwise, and
 * results of half precision and small integers are rounded on store. The reference backend is the definition.
 *
 * **Time.** Calls take effect in the order in which they are made. A backend may run a call later, on another thread or
 * device, with memory of its own. At the call it takes the block, dtype and layout of each view, the params, and a copy of
 * the data of `write`: the program may change all of them afterwards. `free` is such a call: calls before it still have the
 * block.
 *
 * **Answers.** `read` and `readSync` alone give elements, and give them as the calls before have left them. `alloc` and
 * `memory` count on the host. A backend that cannot wait for its device leaves `readSync` out. The ops that need values on
 * the host then throw a BackendError: `hostReaders()` of `@gradus/core/internal` lists them.
 *
 * **Refusals.** Wrong sizes, dtypes and layouts are refused at once, with a BackendError: the functions of `check.ts` and
 * `check-routine.ts` do that. Elements may be wrong too: an index out of bounds in `gather` and `scatter`, or a check of a
 * program. That is an IndexError. A backend that runs calls at once throws it from the call. Any other backend throws it from
 * the next `read` or `readSync`, of any block. It is thrown once. If several calls failed before that read, the first counts.
 * A call that fails writes nothing, in none of its bindings. Calls after it run, on the elements that were there before.
 */
export interface Backend {
  readonly name: string
  /** Index into {@link Program.compiled}: unique per backend, from {@link nextSlot}. */
  readonly slot: number
  /** Uninitialised memory. Throws a BackendError at once where there is none. */
  alloc(bytes: number): Block
  free(block: Block): void
  /** Copies raw elements in, from the beginning of the block. `data` may change once the call has returned. */
  write(block: Block, data: TypedArray): void
  /** A copy of the elements in row-major order. Half precision comes as its 16 bits, bool as bytes. */
  read(x: View): Promise<TypedArray>
  readSync?(x: View): TypedArray
  memory(): Memory

  run(program: Program, bindings: readonly Binding[]): void

  /** `[...b, m, k] · [...b, k, n] → out [...b, m, n]`; batch axes are equal already (stride 0 where broadcast). All of one dtype. */
  matmul(x: View, y: View, out: View, options?: { accumulate?: boolean; epilogue?: Epilogue }): void
  /**
   * Cross-correlation over the trailing axes. x `[n, c, ...d]`, weight `[o, c / groups, ...k]`, out `[n, o, ...e]`.
   * `forward` writes `out`, with `bias[o]` added where there is one (of the dtype of `out`); `input` and `weight` write the
   * gradient of that operand from the others.
   */
  conv(
    pass: 'forward' | 'input' | 'weight',
    x: View,
    weight: View,
    out: View,
    window: Window,
    groups: number,
    bias?: View,
  ): void
  /**
   * Windows over the trailing `kernel.length` axes of x `[..., ...d]`. `max` writes values and, as positions in the flat
   * spatial plane, `indices`; padding never wins and NaN does. `sum` adds, padding counts as 0. `spread` writes x as the
   * transpose of `sum`: each output's value added to every position of its window.
   */
  pool(kind: 'max', x: View, out: View, kernel: readonly number[], window: Window, indices: View): void
  pool(kind: 'sum' | 'spread', x: View, out: View, kernel: readonly number[], window: Window): void
  /** `out[p] = x[p with index[p] at axis]`; `index` has the shape of `out`. An index out of bounds is an IndexError. */
  gather(x: View, index: View, axis: number, out: View): void
  /** `out[p with index[p] at axis] ∘= source[p]`, in row-major order of p. `index` and `source` have one shape. An index out of bounds is an IndexError. */
  scatter(kind: Scatter, source: View, index: View, axis: number, out: View): void
  /** Running fold along `axis`, in the dtype of `out`. `max` and `min` also write the position of each extreme, the last of equals. */
  scan(kind: Scan, x: View, axis: number, out: View, indices?: View): void
  /** Stable order along `axis`; NaN counts as largest. `values` and `indices` (int32 or int64) have the shape of x. */
  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void
  /**
   * Fills `out`, float32 and contiguous, with the numbers that core's samplers draw: uniform in [first, second), normal of mean
   * and deviation (from 16 elements on), bernoulli of a probability. `state` is memory of the host, the bytes of
   * `Generator.getState`. It has moved on when the call returns, because the program may save it or draw from it next; `out`
   * may be filled later. Core draws on the host where a backend has no `random`.
   */
  random?:
    | ((distribution: Distribution, state: Uint8Array, out: View, first: number, second: number) => void)
    | undefined
  /** Any strides and dtype to any strides and dtype, shapes equal. */
  copy(x: View, out: View): void
}

export type Scatter = 'set' | 'sum' | 'prod' | 'max' | 'min'
export type Distribution = 'uniform' | 'normal' | 'bernoulli'
export type Scan = 'sum' | 'prod' | 'max' | 'min' | 'logsumexp'

let slots = 0

/** The next free {@link Backend.slot}. */
export const nextSlot = (): number => slots++

import type { TypedArray, DType } from '../base/dtype.ts'
import type { Layout, Shape } from '../base/layout.ts'
import type { VersionCounter } from '../tensor/storage.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { GradNode, Tape, ViewInfo } from './tape.ts'

/** The parts of a tensor that programs have no use for: its class keeps them protected, so that editors do not offer them. */
export interface TensorInternals {
  /** Counts in-place writes; shared with views and `detach()`. */
  readonly counter: VersionCounter
  /** The tape of a leaf that requires a gradient, or of a result. Use {@link TensorInternals.tape}. */
  ownTape: Tape | null
  /** The operation that made this tensor, if it was recorded. */
  node: GradNode | null
  /** Which result of that operation it is. */
  outputIndex: number
  /** Where a view came from. */
  viewOf: ViewInfo | null
  /** The accumulated gradient, as gradus itself reads and writes it: see {@link Tensor.grad}. */
  gradSlot: Tensor | null
  /** Hooks and the like, kept by the tape. */
  tapeData: unknown
  /** The tape this tensor is on, or null. A view is on it once its base was given a history. */
  readonly tape: Tape | null
  /** A new, uninitialised tensor on the same backend, row-major. */
  make(shape: Shape, dtype: DType): Tensor
  /** A new, uninitialised tensor with a dense layout at offset 0. */
  makeAs(layout: Layout, dtype: DType): Tensor
  /** A new tensor of elements as they lie in memory, row-major, on the same backend. */
  makeFrom(data: TypedArray, shape: Shape, dtype: DType): Tensor
  /** A view of this storage; `several` when it is one of the results of an operation that makes many. */
  alias(layout: Layout, made?: 'default' | 'several'): Tensor
  /** The elements as they lie in memory: half precision as 16-bit words. */
  rawSync(): TypedArray
  /** Replaces the gradient as gradus itself does it: a dropped gradient that the user never saw is freed. */
  storeGrad(value: Tensor | null): void
  /** Forgets the gradient, or with `setToNone: false` fills it with zeros. `zeroGrad()` calls it for each parameter. */
  clearGrad(setToNone?: boolean): void
}

/** The same tensor with its internals in sight. */
export function internals(x: Tensor): TensorInternals {
  // the class declares each of them, by the types above
  return x as unknown as TensorInternals
}

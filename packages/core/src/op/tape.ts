import { GradError } from '../base/errors.ts'
import { internals } from './internals.ts'
import type { AnyOp } from './declaration.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Where a view came from. */
export interface ViewInfo {
  /** The tensor that owns the storage, never a view itself. */
  readonly base: Tensor
  /** How it was made. It decides whether the tape allows writes through the view. */
  readonly creation: 'default' | 'no-grad' | 'several' | 'custom'
  /** The history of the base when the view got its own. A recorded write to the base replaces it, so the view's is stale. */
  history: GradNode | null
}

/** The tensor whose history a write to `x` changes: the base of a view, as long as both are in one memory; or itself. */
export function ownerOf(x: Tensor): Tensor {
  const base = internals(x).viewOf?.base
  return base !== undefined && base.storage === x.storage ? base : x
}

/** Whether the view's history is stale: a recorded write to the base has replaced the history it was made from. */
export function isStale(x: Tensor): boolean {
  const { viewOf } = internals(x)
  return (
    viewOf !== null && viewOf.history !== internals(viewOf.base).node && viewOf.base.storage === x.storage
  )
}

/** One recorded operation, as the tape sees it. */
export interface Call {
  readonly op: AnyOp
  /** By position of `op.inputs`; null for an absent optional one, a number for a plain operand. */
  readonly inputs: readonly (Tensor | number | boolean | null)[]
  readonly attrs: unknown
  readonly outputs: readonly Tensor[]
  /** Results of the kernel that are saved and never returned, by position of `op.aux`. */
  readonly aux: readonly Tensor[]
}

export interface BackwardOptions {
  /** Gradient of the root, of its shape; 1 for a scalar. */
  gradient?: Tensor | null
  /** Keeps saved values for another backward. Default: `createGraph`. */
  retainGraph?: boolean
  /** Records the backward itself, for gradients of gradients. */
  createGraph?: boolean
  /** Accumulate into these leaves only. */
  inputs?: readonly Tensor[]
}

/** A node of the graph, as far as core prints and compares it. */
export interface GradNode {
  /** As PyTorch prints it: `MulBackward0`. */
  readonly name: string
  /** By position of the operation's inputs: the numbers among them, null for tensors. */
  readonly numbers?: readonly (number | null)[]
}

/** A handle to take a hook away again. */
export interface HookHandle {
  remove(): void
}

/**
 * A recorder of operations, which also differentiates them. Core calls it; `@gradus/autograd` has one. A tensor that requires a
 * gradient carries its tape, so nothing is registered anywhere.
 */
export interface Tape {
  record(call: Call): void
  /**
   * Checks an in-place operation on `call.outputs[0]` before it runs, and keeps the history and the values that it is
   * about to overwrite. The caller calls the result after the operation: it makes the operation the history of the target.
   */
  write(call: Call): () => void
  /** The current history of a tensor: a view's node is made anew when its base was written. */
  historyOf(x: Tensor): GradNode | null
  backward(root: Tensor, options: BackwardOptions): void
  /** Makes `x` a leaf that accumulates gradients. */
  leaf(x: Tensor): void
  hook(x: Tensor, fn: (grad: Tensor) => Tensor | null | void): HookHandle
  postAccumulateHook(x: Tensor, fn: (x: Tensor) => void): HookHandle
  retainGrad(x: Tensor): void
  /** @throws GradError where the tape cannot follow a write to `x` */
  checkWrite(x: Tensor): void
  /** Gives `x` the history of `view`, one of its own views that it becomes. */
  adopt(x: Tensor, view: Tensor): void
}

let fallback: Tape | null = null

/**
 * The tape that `requiresGrad_()` and the option `requiresGrad` use. `gradus` sets it; a program on `@gradus/core` and
 * `@gradus/autograd` calls `requireGrad(x)` instead and need not.
 */
export function setTape(tape: Tape): void {
  fallback = tape
}

/** @throws GradError when no tape was set */
export function currentTape(): Tape {
  if (fallback === null) {
    throw new GradError('this program has no autograd', {
      hint: "make the leaf with requireGrad(x) from '@gradus/autograd', or import 'gradus'",
    })
  }
  return fallback
}

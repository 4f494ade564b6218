import { asStrided, type Tensor } from '@gradus/core/functions'
import { internals, isStale, ownerOf, type Tape } from '@gradus/core/internal'
import { accumulatorOf } from './accumulate.ts'
import { CopySlices } from './copy-slices.ts'
import { differentiable, type Edge, type Node } from './node.ts'
import { withinTape } from './modes.ts'
import { refuseView } from './views.ts'

/**
 * Where the gradient of a tensor goes: the operation that made it, or its accumulation if it is a leaf.
 *
 * @throws GradError for a view that the tape does not follow, once a recorded write has changed its base
 */
export function edgeOf(x: Tensor): Edge | null {
  if (internals(x).tape === null) return null
  if (isStale(x)) refuseView(x, 'read')
  const node = historyOf(x)
  return node ? { node, index: internals(x).outputIndex } : { node: accumulatorOf(x), index: 0 }
}

/** The node of a tensor. A view gets a new node if its base was written since: the same elements of the present base. */
export function historyOf(x: Tensor): Node | null {
  if (isStale(x)) renew(x)
  return internals(x).node as Node | null // nodes are made by this package alone
}

/** Gives a stale view the history of its elements of the base. */
function renew(x: Tensor): void {
  const { layout } = x
  const { viewOf } = internals(x)
  if (viewOf === null || viewOf.creation === 'no-grad' || viewOf.creation === 'custom') return
  const { base } = viewOf
  withinTape(true, () => {
    const again = asStrided(base, layout.shape, layout.strides, layout.offset)
    // the base has a history, so that the view of it was recorded
    const node = internals(again).node as Node
    moveRetained(x, node, internals(again).outputIndex)
    internals(x).ownTape = internals(base).ownTape
    internals(x).node = node
    internals(x).outputIndex = internals(again).outputIndex
    viewOf.history = internals(base).node
  })
}

/** A gradient kept by `retainGrad()` is that of the latest value of the tensor. */
function moveRetained(x: Tensor, to: Node, index: number): void {
  const from = internals(x).node as Node | null // nodes are made by this package alone
  for (const [at, kept] of from?.retained ?? []) {
    if (kept !== x) continue
    from?.retained?.delete(at)
    to.retain(index, x)
  }
}

/** Gives a result the node that made it. */
export function attach(x: Tensor, node: Node, index: number, tape: Tape): void {
  if (!differentiable(x)) return
  internals(x).ownTape = tape
  internals(x).node = node
  internals(x).outputIndex = index
}

/** Gives a tensor the history of one of its own views, which it becomes. */
export function adopt(x: Tensor, view: Tensor): void {
  const node = internals(view).node as Node | null // nodes are made by this package alone
  if (node === null) return
  moveRetained(x, node, internals(view).outputIndex)
  internals(x).ownTape = internals(view).ownTape
  internals(x).node = node
  internals(x).outputIndex = internals(view).outputIndex
}

/** The history that a write replaces. */
export interface Overwritten {
  /** Where the gradient of the target's owner goes. */
  readonly edge: Edge | null
  /** Where that of a written view goes, if hooks wait for it there. */
  readonly hooked: Edge | null
}

/** The history that a write to `target` is about to replace: asked for before the write. */
export function overwrittenBy(target: Tensor): Overwritten {
  const owner = ownerOf(target)
  const own = owner === target ? null : edgeOf(target)
  return { edge: edgeOf(owner), hooked: own?.node.hooks?.get(own.index)?.size ? own : null }
}

/** Makes the operation that wrote `target` the history of its owner; `by.input` says which of its inputs the target was. */
export function rebase(
  target: Tensor,
  was: Overwritten,
  by: { readonly node: Node; readonly output: number; readonly input: number },
  tape: Tape,
): void {
  const owner = ownerOf(target)
  const { node, output, input } = by
  if (owner === target) {
    moveRetained(owner, node, output)
    attach(owner, node, output, tape)
    return
  }
  const slices = new CopySlices(owner, target.layout, { node, input, base: was.edge, view: was.hooked })
  moveRetained(owner, slices, 0)
  attach(owner, slices, 0, tape)
  historyOf(target) // a gradient that it retains is that of the new value
}

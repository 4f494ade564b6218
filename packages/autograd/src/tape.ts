import {
  GradError,
  type AnyOp,
  type BackwardOptions,
  type Call,
  type HookHandle,
  type Tape,
  type Tensor,
} from '@gradus/core'
import { accumulatorOf } from './accumulate.ts'
import { CopySlices } from './copy-slices.ts'
import { backward } from './engine.ts'
import type { Node } from './node.ts'
import { edgeOf, historyOf } from './history.ts'
import { differentiable, OpNode, type Edge, type Save } from './node.ts'
import { SavedTensor } from './saved.ts'

const isTensor = (x: Call['inputs'][number] | undefined): x is Tensor => typeof x === 'object' && x !== null

/** Gives results the node that made them. */
function attach(x: Tensor, node: Node, index: number): void {
  if (!differentiable(x)) return
  x.ownTape = tape
  x.node = node
  x.outputIndex = index
}

/** Edges of the inputs that a rule can differentiate. */
function edgesOf(call: Call): readonly (Edge | null)[] | null {
  const { op, inputs } = call
  const whole = op.whole?.(call)
  let any = false
  const edges: (Edge | null)[] = []
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]
    const flows = isTensor(x) && x.tape !== null && differentiable(x) && (whole || op.rule(i, call) !== null)
    const edge = flows ? edgeOf(x) : null
    any ||= edge !== null
    edges.push(edge)
  }
  return any ? edges : null
}

function record(call: Call): void {
  if (!call.outputs.some(differentiable)) return
  const edges = edgesOf(call)
  if (!edges) return
  // outputs are saved after they have their history: gradients of gradients pass through them
  const node = new OpNode(call, edges, (slot) => {
    const x = valueAt(call, slot)
    return x && new SavedTensor(x)
  })
  for (let i = 0; i < call.outputs.length; i++) attach(call.outputs[i]!, node, i)
}

function valueAt(call: Call, slot: number): Tensor | null {
  const x = slot >= 200 ? call.aux[slot - 200] : slot >= 100 ? call.outputs[slot - 100] : call.inputs[slot]
  return isTensor(x) ? x : null
}

const inPlaceOn = (what: string): GradError =>
  new GradError(`${what} that requires grad is being used in an in-place operation.`, {
    hint: 'wrap the write in noGrad(() => …), or use the operation without _',
  })

/** Refuses what autograd cannot follow, and keeps a copy of the old value if some gradient reads it. */
function before(op: AnyOp, target: Tensor, inputs: Call['inputs'], attrs: unknown): Tensor | null {
  const base = target.viewOf?.base
  if (base) {
    const { creation } = target.viewOf ?? { creation: 'default' }
    if (creation === 'several') {
      const made = target.node?.name.replace(/Backward\d*$/, '') ?? 'Unbind'
      throw new GradError(
        `Output ${target.outputIndex} of ${made} is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`,
      )
    }
    if (creation === 'no-grad') {
      throw new GradError(
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
      )
    }
    if (base.ownTape !== null && historyOf(base) === null) throw inPlaceOn('a view of a leaf Variable')
  } else if (target.ownTape !== null && historyOf(target) === null) throw inPlaceOn('a leaf Variable')
  const call: Call = { op, inputs, attrs, outputs: [target], aux: [] }
  const reads = inputs.some(
    (x, i) =>
      isTensor(x) &&
      x.tape !== null &&
      op.rule(i, call)?.save.some((slot) => sharesValue(call, slot, target)),
  )
  return reads ? valueBefore(target) : null
}

/** A copy of a tensor with its history: what it was before a write. */
function valueBefore(target: Tensor): Tensor {
  const node = historyOf(target)
  const copy = target.detach().clone()
  if (node) attach(copy, node, target.outputIndex)
  return copy
}

/** Whether a saved slot is the target itself, before it is written. */
const sharesValue = (call: Call, slot: number, target: Tensor): boolean => {
  const x = slot < 100 ? call.inputs[slot] : null
  return (
    isTensor(x) &&
    x.storage === target.storage &&
    x.layout.offset === target.layout.offset &&
    x.layout.liesAs(target.layout)
  )
}

function rebase(call: Call, target: Tensor, previous: Tensor | null): void {
  const owner = target.viewOf?.base ?? target
  const flowing = edgesOf(call)
  if (!flowing && owner.tape === null) return
  // a write that nothing flows through, as zero_(), ends the history of what it overwrites
  const edges = flowing ?? call.inputs.map(() => null)
  const save: Save = (slot) => {
    const x = valueAt(call, slot)
    if (!x) return null
    if (previous && sharesValue(call, slot, target)) return new SavedTensor(previous)
    // an input in the same memory was overwritten: its version before the write makes backward say so
    return new SavedTensor(
      x,
      x.storage === target.storage && slot < 100 ? x.counter.value - 1 : x.counter.value,
    )
  }
  const own = new OpNode(call, edges, save)
  const node = owner === target ? own : new CopySlices(owner, target.layout, edgeOf(owner), own)
  moveRetained(owner, node)
  attach(owner, node, 0)
}

// a retained gradient is that of the latest value
function moveRetained(x: Tensor, to: Node): void {
  const from = x.node as Node | null // nodes are made by this package alone
  for (const [index, kept] of from?.retained ?? []) {
    if (kept !== x) continue
    from?.retained?.delete(index)
    to.retain(0, x)
  }
}

/** What records operations on tensors that require a gradient; see {@link Tape}. */
export const tape: Tape = {
  before,
  record,
  rebase,
  historyOf,
  backward: (root: Tensor, options: BackwardOptions) => backward([root], options),
  leaf(x) {
    if (!differentiable(x)) {
      throw new GradError('Only Tensors of floating point and complex dtype can require gradients', {
        hint: `this one is ${x.dtype}; convert it with .to('float32')`,
      })
    }
    x.ownTape = tape
  },
  hook(x, fn): HookHandle {
    const edge = edgeOf(x)
    if (!edge) throw new GradError("cannot register a hook on a tensor that doesn't require gradient")
    return edge.node.addHook(edge.index, fn)
  },
  postAccumulateHook(x, fn): HookHandle {
    if (historyOf(x))
      throw new GradError('post accumulate grad hooks cannot be registered on non-leaf tensors')
    const hooks = accumulatorOf(x).postHooks
    const own = (v: Tensor): void => fn(v)
    hooks.add(own)
    return { remove: () => void hooks.delete(own) }
  },
  retainGrad(x) {
    const node = historyOf(x)
    node?.retain(x.outputIndex, x)
  },
}

/**
 * Makes a tensor a leaf: `backward()` then adds gradients to its `.grad`. Returns the tensor.
 *
 * @throws GradError for an integer or bool tensor
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html
 * @example
 * const w = requireGrad(g.tensor([2, 3]))
 * w.mul(w).sum().backward()
 * w.grad?.tolist() // => [4, 6]
 */
export function requireGrad(x: Tensor): Tensor {
  if (x.tape === null) tape.leaf(x)
  return x
}

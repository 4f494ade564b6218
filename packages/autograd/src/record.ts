import type { Tensor } from '@gradus/core/functions'
import type { Call, SavedFrom, Tape } from '@gradus/core/internal'
import { internals } from '@gradus/core/internal'
import { attach, edgeOf, overwrittenBy, rebase } from './history.ts'
import { differentiable, OpNode, type Edge } from './node.ts'
import { SavedTensor } from './saved.ts'
import { checkWrite } from './views.ts'

const isTensor = (x: Call['inputs'][number] | undefined): x is Tensor => typeof x === 'object' && x !== null

/** Edges of the inputs that a rule can differentiate; null if there are none. */
function edgesOf(call: Call): readonly (Edge | null)[] | null {
  const { op, inputs } = call
  const whole = op.whole?.(call)
  let any = false
  const edges: (Edge | null)[] = []
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]
    const flows =
      isTensor(x) && internals(x).tape !== null && differentiable(x) && (whole || op.rule(i, call) !== null)
    const edge = flows ? edgeOf(x) : null
    any ||= edge !== null
    edges.push(edge)
  }
  return any ? edges : null
}

function valueAt(call: Call, { from, i }: SavedFrom): Tensor | null {
  const x = from === 'input' ? call.inputs[i] : from === 'output' ? call.outputs[i] : call.aux[i]
  return isTensor(x) ? x : null
}

/** Gives the results of an operation their history, if a gradient flows through it. */
export function record(call: Call, tape: Tape): void {
  if (!call.outputs.some(differentiable)) return
  const edges = edgesOf(call)
  if (!edges) return
  const node = new OpNode(call, edges)
  for (let i = 0; i < call.outputs.length; i++) attach(call.outputs[i], node, i, tape)
  // outputs are saved after they have their history: gradients of gradients pass through them
  node.save((source) => {
    const x = valueAt(call, source)
    return x && new SavedTensor(x)
  })
}

const nothing = (): void => {}

/**
 * Checks an in-place operation, and keeps the values and the history that it is about to overwrite. The result gives the
 * target its new history, once it is written.
 *
 * @throws GradError where the tape cannot follow the write
 */
export function write(call: Call, tape: Tape): () => void {
  const target = call.outputs[0]
  checkWrite(target)
  if (!differentiable(target)) return nothing
  const flowing = edgesOf(call)
  const was = overwrittenBy(target)
  if (flowing === null && was.edge === null) return nothing
  // a write that passes no gradient, as zero_(), ends the history of the overwritten elements
  const node = new OpNode(call, flowing ?? call.inputs.map(() => null))
  const copies = new Map<Tensor, Tensor>()
  const before = new Map<SavedFrom, SavedTensor>()
  for (const source of node.reads) {
    const x = source.from === 'input' ? valueAt(call, source) : null
    if (x !== null)
      before.set(source, new SavedTensor(x.storage === target.storage ? copyOf(x, copies, tape) : x))
  }
  return () => {
    rebase(target, was, { node, output: 0, input: 0 }, tape)
    node.save((source) => (source.from === 'input' ? (before.get(source) ?? null) : new SavedTensor(target)))
  }
}

/** A value that is about to be overwritten, with its history. */
function copyOf(x: Tensor, copies: Map<Tensor, Tensor>, tape: Tape): Tensor {
  let copy = copies.get(x)
  if (copy === undefined) {
    const edge = edgeOf(x)
    copy = x.detach().clone()
    if (edge) attach(copy, edge.node, edge.index, tape)
    copies.set(x, copy)
  }
  return copy
}

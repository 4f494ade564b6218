import { GradError, type BackwardOptions, type Storage, type Tensor } from '@gradus/core/functions'
import { escape, outsideScope, sameShape, scope, internals } from '@gradus/core/internal'
import { AccumulateGrad } from './accumulate.ts'
import type { Node } from './node.ts'
import { type Edge } from './node.ts'
import { edgeOf } from './history.ts'
import { withinTape } from './modes.ts'

interface Run {
  readonly retainGraph: boolean
  readonly createGraph: boolean
  /** Leaves that may be accumulated into; null for all. */
  readonly into: ReadonlySet<Node> | null
  /** Gradients to hand out instead of accumulating: per node, the outputs asked for and where they go. */
  readonly capture: ReadonlyMap<Node, ReadonlyMap<number, number>>
  /** Nodes on a path to the wanted gradients; null for all. */
  readonly needed: ReadonlySet<Node> | null
  readonly captured: (Tensor | null)[]
}

/** Nodes that are ready, the latest made first: a binary heap. */
class ReadyQueue {
  private readonly heap: Node[] = []

  get size(): number {
    return this.heap.length
  }

  push(node: Node): void {
    const { heap } = this
    let i = heap.push(node) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent].order >= node.order) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = node
  }

  pop(): Node {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()!
    if (heap.length > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && heap[child + 1].order > heap[child].order) child++
        if (heap[child].order <= last.order) break
        heap[i] = heap[child]!
        i = child
      }
      heap[i] = last
    }
    return top
  }
}

/** Gradients on their way, and who still needs their memory. */
class Pending {
  private readonly buffers = new Map<Node, (Tensor | null)[]>()
  private readonly users = new Map<Storage, number>()
  private readonly sums = new Set<Tensor>()

  add({ node, index }: Edge, g: Tensor, createGraph: boolean): void {
    let grads = this.buffers.get(node)
    if (!grads) this.buffers.set(node, (grads = node.outputs.map(() => null)))
    const before = grads[index]
    if (!before) {
      grads[index] = g
      this.use(g)
    } else if (!createGraph && this.sums.has(before)) before.add_(g)
    else {
      const sum = before.add(g)
      this.sums.add(sum)
      grads[index] = sum
      this.use(sum)
      this.drop(before)
    }
  }

  take(node: Node): (Tensor | null)[] {
    const grads = this.buffers.get(node) ?? node.outputs.map(() => null)
    this.buffers.delete(node)
    return grads
  }

  use(g: Tensor): void {
    this.users.set(g.storage, (this.users.get(g.storage) ?? 0) + 1)
  }

  /** Frees the memory of a gradient that nothing else uses. */
  drop(g: Tensor): void {
    const { storage } = g
    const left = (this.users.get(storage) ?? 1) - 1
    if (left > 0) this.users.set(storage, left)
    else {
      this.users.delete(storage)
      if (!storage.escaped && storage.holds === 0) storage.free()
    }
  }

  isShared(g: Tensor): boolean {
    return (this.users.get(g.storage) ?? 0) > 1
  }
}

/** Accumulates the gradients of `roots` into the leaves they were computed from. */
export function backward(
  roots: readonly Tensor[],
  options: BackwardOptions,
  seeds: readonly (Tensor | null)[] = [options.gradient ?? null],
): void {
  const createGraph = options.createGraph ?? false
  const into = options.inputs ? new Set(options.inputs.map(targetOf)) : null
  const edges = roots.map(rootEdge)
  execute(edges, roots, seeds, {
    retainGraph: options.retainGraph ?? createGraph,
    createGraph,
    into,
    needed: into ? nodesTowards(edges, into) : null,
    capture: new Map(),
    captured: [],
  })
}

function targetOf(x: Tensor): Node {
  const edge = edgeOf(x)
  if (!edge) throw new GradError('One of the differentiated Tensors does not require grad')
  if (!(edge.node instanceof AccumulateGrad)) edge.node.retain(edge.index, x)
  return edge.node
}

/** Gradients of `roots` with respect to `inputs`, without touching any `.grad`; null where they do not depend on one. */
export function gradients(
  roots: readonly Tensor[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  options: { retainGraph: boolean; createGraph: boolean },
): (Tensor | null)[] {
  const capture = new Map<Node, Map<number, number>>()
  const twins: [number, number][] = []
  inputs.forEach((x, i) => {
    const edge = edgeOf(x)
    if (!edge) throw new GradError('One of the differentiated Tensors does not require grad')
    const at = capture.get(edge.node) ?? new Map<number, number>()
    const first = at.get(edge.index)
    if (first === undefined) capture.set(edge.node, at.set(edge.index, i))
    else twins.push([i, first])
  })
  const edges = roots.map(rootEdge)
  const captured: (Tensor | null)[] = inputs.map(() => null)
  const needed = nodesTowards(edges, new Set(capture.keys()))
  execute(edges, roots, seeds, { ...options, into: new Set(), needed, capture, captured })
  for (const [i, first] of twins) captured[i] = captured[first]!
  return captured
}

function rootEdge(root: Tensor, i: number): Edge {
  const edge = edgeOf(root)
  if (!edge) throw new GradError(`element ${i} of tensors does not require grad and does not have a grad_fn`)
  return edge
}

function seedOf(root: Tensor, seed: Tensor | null, i: number): Tensor {
  if (seed === null) {
    if (root.numel() !== 1) {
      throw new GradError('grad can be implicitly created only for scalar outputs', {
        hint: `the output is ${root.dtype}[${root.shape.join(', ')}]: reduce it to a number, or pass its gradient`,
      })
    }
    return internals(root).make(root.shape, root.dtype).fill_(1)
  }
  if (!sameShape(seed.shape, root.shape)) {
    throw new GradError(
      `Mismatch in shape: gradOutputs[${i}] has a shape of [${seed.shape.join(', ')}] and output[${i}] has a shape of [${root.shape.join(', ')}].`,
    )
  }
  return seed.to(root.dtype)
}

/** Nodes from which one of the targets can be reached. */
function nodesTowards(edges: readonly Edge[], targets: ReadonlySet<Node>): Set<Node> {
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack = edges.map((e) => e.node)
  while (stack.length > 0) {
    const node = stack.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    order.push(node)
    for (const edge of node.edges) if (edge) stack.push(edge.node)
  }
  const needed = new Set<Node>()
  // inputs of a node were made before it
  order.sort(
    (a, b) => (a instanceof AccumulateGrad ? -1 : a.order) - (b instanceof AccumulateGrad ? -1 : b.order),
  )
  for (const node of order) {
    if (targets.has(node) || node.edges.some((e) => e && needed.has(e.node))) needed.add(node)
  }
  return needed
}

function dependencies(edges: readonly Edge[], needed: ReadonlySet<Node> | null): Map<Node, number> {
  const counts = new Map<Node, number>()
  const stack: Node[] = []
  for (const { node } of edges) {
    if (counts.has(node)) continue
    stack.push(node)
    counts.set(node, 0)
  }
  const seen = new Set<Node>(stack)
  while (stack.length > 0) {
    for (const edge of stack.pop()!.edges) {
      if (!edge || (needed && !needed.has(edge.node))) continue
      counts.set(edge.node, (counts.get(edge.node) ?? 0) + 1)
      if (!seen.has(edge.node)) {
        seen.add(edge.node)
        stack.push(edge.node)
      }
    }
  }
  return counts
}

function execute(
  edges: readonly Edge[],
  roots: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  run: Run,
): void {
  withinTape(run.createGraph, () =>
    scope(() => {
      const grads = roots.map((root, i) => seedOf(root, seeds[i] ?? null, i))
      walk(edges, grads, run)
      return run.captured
    }),
  )
}

function walk(edges: readonly Edge[], seeds: readonly Tensor[], run: Run): void {
  const waiting = dependencies(edges, run.needed)
  const pending = new Pending()
  const ready = new ReadyQueue()
  edges.forEach((edge, i) => pending.add(edge, seeds[i], true))
  for (const node of new Set(edges.map((e) => e.node))) if (waiting.get(node) === 0) ready.push(node)

  while (ready.size > 0) {
    const node = ready.pop()
    const grads = pending.take(node)
    const arrived = [...grads]
    if (node.hooks !== null || node.retained !== null) applyHooks(node, grads)
    for (const [index, slot] of run.capture.get(node) ?? [])
      run.captured[slot] = keep(grads[index] ?? null, pending)
    const skip = run.needed && !leadsOn(node, run)
    const results = skip ? [] : scope(() => apply(node, grads, run, pending))
    node.edges.forEach((edge, i) => {
      if (!edge || !waiting.has(edge.node) || skip) return
      const g = results[i]
      if (g) pending.add(edge, g, run.createGraph)
      const left = waiting.get(edge.node)! - 1
      waiting.set(edge.node, left)
      if (left === 0) ready.push(edge.node)
    })
    for (const g of arrived) if (g) pending.drop(g)
  }
}

// gradients that are handed out are never freed
function keep(g: Tensor | null, pending: Pending): Tensor | null {
  if (g) pending.use(g)
  return g
}

const leadsOn = (node: Node, run: Run): boolean =>
  node instanceof AccumulateGrad
    ? run.into === null || run.into.has(node)
    : node.edges.some((e) => e && run.needed!.has(e.node))

type Apply = () => readonly (Tensor | null)[]

let watch: ((node: Node, apply: Apply) => ReturnType<Apply>) | null = null

/** Has `next` run the gradients of each operation; null to run them directly. */
export function watchApply(next: typeof watch): void {
  watch = next
}

function apply(
  node: Node,
  grads: readonly (Tensor | null)[],
  run: Run,
  pending: Pending,
): readonly (Tensor | null)[] {
  const { needed } = run
  if (!(node instanceof AccumulateGrad)) {
    const needs = node.edges.map((e) => e !== null && (needed === null || needed.has(e.node)))
    if (watch !== null) return watch(node, () => node.apply(grads, run.retainGraph, needs))
    return node.apply(grads, run.retainGraph, needs)
  }
  if (run.into !== null && !run.into.has(node)) return []
  const g = grads[0]
  // a gradient that is also on its way elsewhere, or that the user gave, is copied
  return node.apply(
    [g && (pending.isShared(g) || g.storage.escaped) ? g.clone() : (g ?? null)],
    run.retainGraph,
  )
}

function applyHooks(node: Node, grads: (Tensor | null)[]): void {
  for (const [index, hooks] of node.hooks ?? []) {
    for (const { fn: hook } of hooks) {
      const g = grads[index]
      if (!g) continue
      const replacement = outsideScope(() => hook(g), g)
      if (replacement === undefined || replacement === null) continue
      checkReplacement(hook.name || 'hook', g, replacement)
      grads[index] = replacement
    }
  }
  for (const [index, x] of node.retained ?? []) {
    const g = grads[index]
    const { gradSlot } = internals(x)
    if (g) internals(x).storeGrad(gradSlot ? gradSlot.add(g) : escape(g))
  }
}

function checkReplacement(name: string, g: Tensor, replacement: Tensor): void {
  if (!sameShape(g.shape, replacement.shape))
    throw new GradError(`hook '${name}' has changed the size of value`)
  if (g.dtype !== replacement.dtype) {
    throw new GradError(
      `hook '${name}' has changed the type of value (was ${g.dtype} got ${replacement.dtype})`,
    )
  }
}

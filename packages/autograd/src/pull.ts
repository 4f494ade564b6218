import { eye, stack, type Tensor, view, zeros, zerosLike } from '@gradus/core/functions'
import { AccumulateGrad } from './accumulate.ts'
import { gradients } from './engine.ts'
import { edgeOf } from './history.ts'
import type { Node } from './node.ts'
import { requireGrad } from './tape.ts'

/** How `vmap` takes part, while its function runs. */
export interface Lifting {
  /** A tensor as one sample, outside the graphs of that level. */
  leaf(x: Tensor): Tensor
  /** Whether a tensor is one sample, rather than the same for all. */
  isOwn(x: Tensor): boolean
  /** Whether something outside of `vmap` can be differentiated by. */
  isLinked(x: Tensor): boolean
}

let lifting: Lifting | null = null

/** Replaces {@link Lifting}; returns the one before. */
export function setLifting(next: Lifting | null): Lifting | null {
  const before = lifting
  lifting = next
  return before
}

/** A leaf with the values of a tensor. */
export const leafOf = (x: Tensor): Tensor => requireGrad(lifting === null ? x.detach() : lifting.leaf(x))

/**
 * A tensor to differentiate by: gradients with respect to it are those of what is computed from it, and of nothing else
 * that was computed from `x`.
 *
 * @param linked - whether it stays part of the graph of `x`
 */
export const variable = (x: Tensor, linked: boolean): Tensor =>
  linked && x.requiresGrad && lifting?.isOwn(x) !== false ? view(x, x.shape) : leafOf(x)

/** Gradients of `outputs` by `inputs`; null for those that no output depends on. */
export function pull(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  seeds: readonly (Tensor | null)[],
  options: { retainGraph: boolean; createGraph: boolean },
): (Tensor | null)[] {
  const roots: Tensor[] = []
  const given: (Tensor | null)[] = []
  outputs.forEach((y, i) => {
    if (y === null || !y.requiresGrad) return
    roots.push(y)
    given.push(seeds[i] ?? null)
  })
  return roots.length === 0 ? inputs.map(() => null) : gradients(roots, inputs, given, options)
}

/** Per element of `y`, its gradients by `inputs`: the rows of the Jacobian, of which the last pass may free the graph. */
export function rows(
  y: Tensor,
  inputs: readonly Tensor[],
  options: { retainGraph: boolean; createGraph: boolean },
): (Tensor | null)[][] {
  const count = y.numel()
  const units = eye(count, { dtype: y.dtype })
  return Array.from({ length: count }, (_, i) =>
    pull([y], inputs, [units.select(0, i).reshape(y.shape)], {
      ...options,
      retainGraph: options.retainGraph || i < count - 1,
    }),
  )
}

/** The Jacobian of `y` by each input, of shape `[...y.shape, ...input.shape]`; zero where `y` does not depend on it. */
export const jacobianOf = (
  y: Tensor,
  inputs: readonly Tensor[],
  options: { retainGraph: boolean; createGraph: boolean },
): Tensor[] => assemble(y, inputs, rows(y, inputs, options))

/** Stacks {@link rows}. */
export const assemble = (
  y: Tensor,
  inputs: readonly Tensor[],
  byElement: readonly (readonly (Tensor | null)[])[],
): Tensor[] =>
  inputs.map((x, k) => {
    const shape = [...y.shape, ...x.shape]
    if (byElement.length === 0) return zeros(shape, { dtype: x.dtype })
    return stack(byElement.map((row) => row[k] ?? zerosLike(x))).reshape(shape)
  })

/** Whether the graph of one of `tensors` ends at a leaf that is not among `own`. */
export function reachesOthers(tensors: readonly Tensor[], own: readonly Tensor[]): boolean {
  const stack: Node[] = []
  for (const x of tensors) {
    if (lifting?.isLinked(x) === true) return true
    const edge = edgeOf(x)
    if (edge !== null) stack.push(edge.node)
  }
  const mine = new Set(own)
  const seen = new Set<Node>()
  while (stack.length > 0) {
    const node = stack.pop()!
    if (seen.has(node)) continue
    seen.add(node)
    if (node instanceof AccumulateGrad && !mine.has(node.variable)) return true
    for (const edge of node.edges) if (edge !== null) stack.push(edge.node)
  }
  return false
}

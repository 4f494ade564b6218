import { asStrided, setGradEnabled, type Tensor } from '@gradus/core'
import { accumulatorOf } from './accumulate.ts'
import type { Edge, Node } from './node.ts'

/** Where the gradient of a tensor goes: the operation that made it, or its accumulation if it is a leaf. */
export function edgeOf(x: Tensor): Edge | null {
  if (x.tape === null) return null
  const node = historyOf(x)
  return node ? { node, index: x.outputIndex } : { node: accumulatorOf(x), index: 0 }
}

/** The node of a tensor. A view whose base was written since gets a new one: the same elements of the base as it is now. */
export function historyOf(x: Tensor): Node | null {
  const { viewOf } = x
  if (viewOf && viewOf.version !== x.counter.value && viewOf.base.ownTape !== null) {
    const before = setGradEnabled(true)
    try {
      const again = asStrided(viewOf.base, x.layout.shape, x.layout.strides, x.layout.offset)
      x.ownTape = viewOf.base.ownTape
      x.node = again.node
      x.outputIndex = again.outputIndex
      viewOf.version = x.counter.value
    } finally {
      setGradEnabled(before)
    }
  }
  return x.node as Node | null // nodes are made by this package alone
}

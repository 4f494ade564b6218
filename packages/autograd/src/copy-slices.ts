import { asStrided, layoutLike, Layout, type Meta, type Tensor } from '@gradus/core'
import { Node, type Edge } from './node.ts'

/**
 * The history of a tensor one of whose views was written in place: the gradient passes outside the view, and inside it
 * goes through the operation that wrote.
 */
export class CopySlices extends Node {
  readonly name = 'CopySlices'
  readonly edges: readonly (Edge | null)[]
  readonly outputs: readonly Meta[]
  private readonly base: Layout
  private readonly view: Layout
  private readonly write: Node

  /** @param write - the node of the in-place operation; its first input is the view */
  constructor(base: Tensor, view: Layout, edge: Edge | null, write: Node) {
    super()
    this.outputs = [{ shape: base.shape, dtype: base.dtype }]
    this.base = layoutLike(base.layout)
    this.view = new Layout(view.shape, view.strides, view.offset - base.layout.offset)
    this.write = write
    this.edges = [edge, ...write.edges.slice(1)]
  }

  apply([g]: readonly (Tensor | null)[], keep: boolean): readonly (Tensor | null)[] {
    if (!g) return this.edges.map(() => null)
    const whole = g.makeAs(this.base, g.dtype).copy_(g)
    const part = asStrided(whole, this.view.shape, this.view.strides, this.view.offset)
    const [through, ...others] = this.write.apply([part.clone()], keep)
    part.copy_(through ?? 0)
    return [whole, ...others]
  }
}

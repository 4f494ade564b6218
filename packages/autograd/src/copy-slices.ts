import { asStrided, Layout, type Meta, type Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import { Node, type Edge } from './node.ts'

/** The operation that wrote a view, and its place in the graph. */
export interface SliceWrite {
  /** Its one output is the view. */
  readonly node: Node
  /** Which of its inputs the view was. */
  readonly input: number
  /** Where the gradient of the old base goes. */
  readonly base: Edge | null
  /** Where the gradient of the old view goes, if hooks wait for it there. Otherwise it goes with the base. */
  readonly view: Edge | null
}

/**
 * The history of a tensor after a write through one of its views. The gradient passes unchanged outside the view. Inside the
 * view it goes through the operation that wrote.
 */
export class CopySlices extends Node {
  readonly name = 'CopySlices'
  readonly edges: readonly (Edge | null)[]
  readonly outputs: readonly Meta[]
  private readonly base: Layout
  private readonly view: Layout
  private readonly write: SliceWrite

  constructor(base: Tensor, view: Layout, write: SliceWrite) {
    super()
    const { layout } = base
    this.outputs = [{ shape: base.shape, dtype: base.dtype }]
    // offsets are counted from the first element of the base
    this.base = new Layout(layout.shape, layout.strides)
    this.view = new Layout(view.shape, view.strides, view.offset - layout.offset)
    this.write = write
    const others = write.node.edges.filter((_, i) => i !== write.input)
    this.edges = [write.base, write.view, ...others]
  }

  apply(
    [g]: readonly (Tensor | null)[],
    keep: boolean,
    needs: readonly boolean[],
  ): readonly (Tensor | null)[] {
    if (!g) return this.edges.map(() => null)
    const { node, input, view } = this.write
    const whole = this.spread(g).copy_(g)
    const { shape, strides, offset } = this.view
    const part = asStrided(whole, shape, strides, offset)
    const [base, hooked, ...rest] = needs
    const inputs = node.apply([part.clone()], keep, rest.toSpliced(input, 0, (base || hooked) ?? false))
    const through = inputs[input] ?? null
    const others = inputs.filter((_, i) => i !== input)
    part.copy_(view === null ? (through ?? 0) : 0)
    return [whole, view === null ? null : through, ...others]
  }

  /** An unwritten tensor whose elements lie as those of the base do, gaps included. */
  private spread(g: Tensor): Tensor {
    const { shape, strides, dense } = this.base
    if (dense) return internals(g).makeAs(this.base, g.dtype)
    const length = (this.base.span()?.to ?? -1) + 1
    return asStrided(internals(g).make([length], g.dtype).zero_(), shape, strides, 0)
  }
}

import { isGradEnabled, type Meta, type Tensor } from '@gradus/core/functions'
import { layoutLike, outsideScope, internals } from '@gradus/core/internal'
import { Node, type Edge } from './node.ts'

/** The end of the graph at a leaf: adds each gradient that arrives to its `.grad`. */
export class AccumulateGrad extends Node {
  readonly name = 'AccumulateGrad'
  readonly edges: readonly (Edge | null)[] = []
  readonly variable: Tensor
  readonly postHooks = new Set<(x: Tensor) => void>()

  constructor(variable: Tensor) {
    super(Number.MAX_SAFE_INTEGER) // runs as soon as it is ready
    this.variable = variable
  }

  get outputs(): readonly Meta[] {
    return [this.variable]
  }

  apply([g]: readonly (Tensor | null)[], _keep = false): readonly (Tensor | null)[] {
    if (g) this.accumulate(g)
    return []
  }

  // PyTorch's accumulate_grad.h: the first gradient is taken over if nobody else has it, later ones are added in place
  // unless a graph of the gradient itself is wanted
  private accumulate(g: Tensor): void {
    const { variable } = this
    const before = internals(variable).gradSlot
    if (before === null) internals(variable).storeGrad(this.owned(g))
    else if (isGradEnabled()) internals(variable).storeGrad(before.add(g))
    else before.add_(g)
    for (const hook of this.postHooks) {
      const result: unknown = outsideScope(() => hook(variable), variable)
      if (result !== undefined && result !== null)
        throw new TypeError('Tensor post accumulate grad hooks should return None.')
    }
  }

  private owned(g: Tensor): Tensor {
    const wanted = layoutLike(this.variable.layout)
    const free = !g.storage.escaped && g.storage.holds === 0 && internals(g).viewOf === null
    if (free && g.layout.liesAs(wanted)) return isGradEnabled() ? g : g.detach()
    const copy = internals(g).makeAs(wanted, g.dtype)
    return copy.copy_(g)
  }
}

/** The node at which the gradients of a leaf end: one per leaf, made when first asked for. */
export function accumulatorOf(leaf: Tensor): AccumulateGrad {
  // the tape alone writes tapeData, and of leaves only this
  return (internals(leaf).tapeData ??= new AccumulateGrad(leaf)) as AccumulateGrad
}

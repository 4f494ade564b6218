import { requireGrad } from '@gradus/autograd'
import { keep, Tensor } from '@gradus/core/functions'
import { escape, flag, internals, takeArgument } from '@gradus/core/internal'
import { tensor } from './arguments.ts'

/**
 * A tensor that a module trains: found by `parameters()` where it is a field of a module, and a leaf that accumulates
 * gradients.
 *
 * It shares memory with the tensor it is made of.
 *
 * @param data - floating, unless `requiresGrad` is false
 * @param requiresGrad - true by default
 * @throws GradError for an integer tensor that is to require a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 * @example
 * const scale = new g.nn.Parameter(g.ones(3))
 * scale.requiresGrad // => true
 */
export class Parameter extends Tensor {
  /** No tensor is a parameter, whatever members the two share. */
  declare protected readonly brand: 'Parameter'

  constructor(data: Tensor, requiresGrad = true) {
    takeArgument('Parameter', 'data', tensor, data)
    takeArgument('Parameter', 'requiresGrad', flag, requiresGrad)
    super(data.storage, data.layout, data.dtype, internals(data).counter)
    // a module keeps its parameters, wherever it was made
    keep(escape<Tensor>(this))
    if (requiresGrad) requireGrad(this)
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`
  }
}

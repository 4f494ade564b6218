import { GradError, type BackwardOptions, type HookHandle, type Tensor } from '@gradus/core/functions'
import { internals, takeTensor } from '@gradus/core/internal'
import type { Tape } from '@gradus/core/internal'
import { accumulatorOf } from './accumulate.ts'
import { backward } from './engine.ts'
import { adopt, edgeOf, historyOf } from './history.ts'
import { differentiable } from './node.ts'
import { record, write } from './record.ts'
import { checkWrite } from './views.ts'

/** The recorder of operations on tensors that require a gradient; see {@link Tape}. */
export const tape: Tape = {
  record: (call) => record(call, tape),
  write: (call) => write(call, tape),
  historyOf,
  backward: (root: Tensor, options: BackwardOptions) => backward([root], options),
  leaf(x) {
    if (!differentiable(x)) {
      throw new GradError('Only Tensors of floating point and complex dtype can require gradients', {
        hint: `this one is ${x.dtype}; convert it with .to('float32')`,
      })
    }
    internals(x).ownTape = tape
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
    node?.retain(internals(x).outputIndex, x)
  },
  checkWrite,
  adopt,
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
  takeTensor('requireGrad', 'x', x)
  if (internals(x).tape === null) tape.leaf(x)
  return x
}

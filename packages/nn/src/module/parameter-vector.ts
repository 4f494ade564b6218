import { noGrad } from '@gradus/autograd'
import { ArgumentError, cat, ShapeError, Tensor } from '@gradus/core/functions'
import { aTensor, describeValue, listOf, takeArgument, takeTensor } from '@gradus/core/internal'

const tensors = /* @__PURE__ */ listOf(aTensor)

/** The parameters that a function was given, each looked at. A tensor alone iterates, but over numbers. */
function takeParameters(call: string, given: Iterable<Tensor>): readonly Tensor[] {
  const isIterable = typeof given === 'object' && given !== null && Symbol.iterator in given
  if (!isIterable || given instanceof Tensor || ArrayBuffer.isView(given))
    throw new ArgumentError(`${call}: parameters must be an iterable of tensors, got ${describeValue(given)}`)
  return takeArgument(call, 'parameters', tensors, [...given])
}

/**
 * The elements of all parameters, one after the other. Gradients flow back.
 *
 * @throws ShapeError for no parameters
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 * @example
 * g.nn.parametersToVector(new g.nn.Linear(3, 2).parameters()).shape // => [8]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const list = takeParameters('parametersToVector', parameters)
  return cat(list.map((p) => p.reshape([p.numel()])))
}

/**
 * Copies the elements of a vector into parameters: the reverse of {@link parametersToVector}.
 *
 * @throws ShapeError unless there are as many elements as in all parameters; nothing was copied then
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  takeTensor('vectorToParameters', 'vector', vector)
  const list = takeParameters('vectorToParameters', parameters)
  const count = list.reduce((sum, p) => sum + p.numel(), 0)
  if (vector.ndim !== 1 || vector.numel() !== count) {
    throw new ShapeError(
      `expected a vector of ${count} elements, but got a tensor of shape [${vector.shape.join(', ')}]`,
    )
  }
  noGrad(() => {
    let start = 0
    for (const p of list) {
      p.copy_(vector.detach().narrow(0, start, p.numel()).reshape(p.shape))
      start += p.numel()
    }
  })
}

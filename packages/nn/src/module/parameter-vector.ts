import { noGrad } from '@gradus/autograd'
import { cat, ShapeError, type Tensor } from '@gradus/core/functions'

/**
 * The elements of all parameters, one after the other. Gradients flow back.
 *
 * @throws ShapeError for no parameters
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 * @example
 * g.nn.parametersToVector(new g.nn.Linear(3, 2).parameters()).shape // => [8]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat([...parameters].map((p) => p.reshape([p.numel()])))
}

/**
 * Copies the elements of a vector into parameters: the reverse of {@link parametersToVector}.
 *
 * @throws ShapeError unless there are as many elements as in all parameters; nothing was copied then
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const list = [...parameters]
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

import { warn } from '../base/warnings.ts'
import { GradError } from '../base/errors.ts'
import { sameShape } from '../base/layout.ts'
import { Storage } from '../tensor/storage.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Checks an assigned gradient; undefined comes from JavaScript alone.
 *
 * @throws GradError with PyTorch's messages if `x.grad = value` cannot be
 */
export function checkGrad(x: Tensor, value: Tensor | undefined): void {
  // asked of the storage: the class of tensors imports this file
  if (!(value?.storage instanceof Storage)) {
    throw new GradError(`assigned grad expected to be a Tensor or None but got grad of type ${typeof value}`)
  }
  if (!sameShape(value.shape, x.shape)) {
    throw new GradError(
      `attempting to assign a gradient of size '[${value.shape.join(', ')}]' to a tensor of size '[${x.shape.join(', ')}]'. Please ensure that the gradient and the tensor are the same size`,
    )
  }
  if (value.dtype !== x.dtype) {
    throw new GradError(
      `attempting to assign a gradient with dtype '${value.dtype}' to a tensor with grad_dtype '${x.dtype}'`,
    )
  }
}

/** Says that the gradient of a result is read, which no backward pass has filled. */
export const warnOfGrad = (): void =>
  warn(
    'the .grad of a tensor that is not a leaf is read: it is only filled after retainGrad(). ' +
      'If a leaf was meant, read its .grad instead.',
  )

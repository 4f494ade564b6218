import { isInteger, resultType as promoted, type DType } from '../../base/dtype.ts'
import { sameShape } from '../../base/layout.ts'
import { ValueError } from '../../base/errors.ts'
import { operandOf, type Operand } from '../../op/operands.ts'
import { hostNumber, readsValues } from '../../op/host-values.ts'
import { takeOperand, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const isNonzeroValue = /* @__PURE__ */ readsValues('isNonzero')

/**
 * Whether the one element of a tensor is not zero.
 *
 * @throws ValueError unless there is one element
 * @see https://pytorch.org/docs/stable/generated/torch.is_nonzero.html
 * @example
 * g.isNonzero(g.tensor([0.5])) // => true
 */
export function isNonzero(x: Tensor): boolean {
  takeTensor('isNonzero', 'x', x)
  if (x.numel() !== 1)
    throw new ValueError(
      `Boolean value of Tensor with ${x.numel() === 0 ? 'no values' : 'more than one value'} is ambiguous`,
    )
  return hostNumber(isNonzeroValue, x) !== 0
}

/**
 * Whether the dtype of a tensor has negative numbers: all but uint8 and bool.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.is_signed.html
 * @example
 * g.isSigned(g.tensor([1], { dtype: 'uint8' })) // => false
 */
export function isSigned(x: Tensor): boolean {
  takeTensor('isSigned', 'x', x)
  return x.dtype !== 'bool' && (x.dtype !== 'uint8' || !isInteger(x.dtype))
}

/**
 * Whether a tensor was made in inference mode: false, since those made in `inferenceMode` are ordinary ones here.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.is_inference.html
 * @example
 * g.isInference(g.ones(2)) // => false
 */
export function isInference(x: Tensor): boolean {
  takeTensor('isInference', 'x', x)
  return false
}

/**
 * Whether two tensors are the same elements of the same memory: of one shape, strides and offset.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.is_set_to.html
 * @example
 * const x = g.ones(2)
 * g.isSetTo(x, x.view([2])) // => true
 */
export function isSetTo(x: Tensor, other: Tensor): boolean {
  takeTensor('isSetTo', 'x', x)
  takeTensor('isSetTo', 'other', other)
  const [a, b] = [x.layout, other.layout]
  return (
    x.storage === other.storage &&
    a.offset === b.offset &&
    sameShape(a.shape, b.shape) &&
    sameShape(a.strides, b.strides)
  )
}

/**
 * The dtype of an operation on two operands: PyTorch's promotion, in which a number gives way to a tensor of its category.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.result_type.html
 * @example
 * g.resultType(g.tensor([1], { dtype: 'int32' }), 1.5) // => 'float32'
 */
export function resultType(x: Operand, y: Operand): DType {
  takeOperand('resultType', 'x', x)
  takeOperand('resultType', 'y', y)
  return promoted([operandOf(x), operandOf(y)])
}

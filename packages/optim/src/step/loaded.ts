import { isFloat, Tensor, ValueError, type Shape } from '@gradus/core/functions'
import { sameShape } from '@gradus/core/backend'
import { describeValue } from '@gradus/core/internal'
import { stateDType } from './state-dtype.ts'

const size = (shape: Shape): string => `[${shape.join(', ')}]`

/** The tensor of a state that is loaded: floating, and of this shape. A copy in the dtype of the parameter's state. */
export function loadedTensor(value: unknown, shape: Shape, p: Tensor, name: string, at: string): Tensor {
  if (!(value instanceof Tensor)) {
    throw new ValueError(`${name} of ${at} is a tensor, the loaded state has ${describeValue(value)}`)
  }
  if (!sameShape(value.shape, shape)) {
    throw new ValueError(
      `${name} of ${at} has shape ${size(shape)}, the loaded state has one of shape ${size(value.shape)}`,
      { hint: 'the state belongs to another model, or to parameters in another order' },
    )
  }
  if (!isFloat(value.dtype)) {
    throw new ValueError(`${name} of ${at} is floating, the loaded state has one of dtype ${value.dtype}`)
  }
  return value.detach().clone().to(stateDType(p))
}

/** The number of a state that is loaded: finite, or in a tensor of one element. */
export function loadedNumber(value: unknown, name: string, at: string): number {
  const number = value instanceof Tensor && value.numel() === 1 ? value.item() : value
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new ValueError(`${name} of ${at} is a finite number, the loaded state has ${describeValue(value)}`)
  }
  return number
}

import type { Tensor } from '@gradus/core/functions'
import { isHalf, type DType } from '@gradus/core/backend'

/** The dtype of a parameter's state: its own, and float32 for half precision, whose small updates would be lost. */
export const stateDType = (p: Tensor): DType => (isHalf(p.dtype) ? 'float32' : p.dtype)
